"""Vectors behind one interface: the embedded engine (Qdrant Edge) or a Qdrant server. Blocking."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from app.shared.outgoing import Allowed, Bounds, target

READ_SECONDS = 5  # between two pieces of the Qdrant server's answer
LARGEST = 64_000_000  # bytes of the Qdrant server's answer
_PLACE, _STATE, _WORDS = ["record", "number"], ["record", "digest", "count"], ["record", "words"]  # of a payload
_NAMESPACE = uuid.UUID("8f6f4c0e-2a40-4f6b-9d0a-5f1f7b3f6a11")


Links = Mapping[str, Sequence[str]]  # what a search is narrowed to, by kind: {"companies": ["companies:3"]}
NO_LINKS: Links = {}


class VectorsError(Exception):
    """The engine can't serve now; the message says why. Full text serves alone."""


@dataclass(frozen=True, slots=True)
class Point:
    """One chunk: its record (`activities:12`), its number there, what it belongs to, and its vector of length 1."""

    record: str
    number: int
    vector: list[float]
    links: Mapping[str, str]  # by kind: {"companies": "companies:3", "notes": "notes:12"}, itself included
    digest: str  # of the whole record's text and links: the same digest needs no new vectors
    count: int  # chunks of the record
    words: str = ""  # those of its section, packed; the first chunk of a section carries them

    @property
    def id(self) -> str:
        return point_id(self.record, self.number)

    @property
    def payload(self) -> dict[str, Any]:
        return {
            "record": self.record,
            "number": self.number,
            **self.links,
            "digest": self.digest,
            "count": self.count,
        } | ({"words": self.words} if self.words else {})


def point_id(record: str, number: int) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{record}#{number}"))


@dataclass(frozen=True, slots=True)
class Neighbour:
    record: str
    number: int
    score: float  # cosine, -1 to 1


class Vectors(Protocol):
    """One collection. Every method raises VectorsError where the engine can't serve."""

    is_new: bool  # the collection was not there, and has just been made: empty

    def known(self, records: Sequence[str]) -> dict[str, tuple[str, int]]:
        """The digest and the number of chunks of each record that is in the collection."""
        ...

    def write(self, points: Sequence[Point], gone: Sequence[str]) -> None:
        """Insert or replace points; delete points by id. Durable once it returns."""
        ...

    def search(self, vector: Sequence[float], limit: int, links: Links = NO_LINKS) -> list[Neighbour]:
        """The nearest chunks, nearest first; with `links`, only of records that belong to one of each kind."""
        ...

    def words(self, chunks: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
        """The records and packed words of those of these chunks (record, number) that carry some."""
        ...

    def count(self) -> int: ...
    def close(self) -> None: ...
    def delete(self) -> None:
        """Delete the whole collection."""
        ...


def _digests(payloads: Iterable[Any]) -> dict[str, tuple[str, int]]:
    return {payload["record"]: (payload["digest"], payload["count"]) for payload in payloads if payload}


def _words(payloads: Iterable[Any]) -> list[tuple[str, str]]:
    return [(payload["record"], payload["words"]) for payload in payloads if payload and "words" in payload]


def _neighbours(hits: Iterable[Any]) -> list[Neighbour]:
    return [Neighbour(hit.payload["record"], hit.payload["number"], hit.score) for hit in hits]


class EdgeVectors:
    """Qdrant Edge in a folder. It admits one process; exact scan, so recall is that of the vectors themselves."""

    def __init__(self, folder: Path, dimension: int) -> None:
        try:
            import qdrant_edge
        except ImportError as error:
            raise VectorsError("The embedded vector engine has no build for this machine.") from error
        self._edge = qdrant_edge
        self._indexed: set[str] = set()
        self._folder = folder
        try:
            self.is_new = not ((folder / "edge_config.json").exists() or any(folder.glob("segments/*")))
            if self.is_new:
                self._shard = self._create(folder, dimension)
            else:
                self._shard = qdrant_edge.EdgeShard.load(str(folder))
        except Exception as error:  # the engine raises bare exceptions
            raise VectorsError(f"The embedded vector engine can't open its folder: {error}.") from error

    def _create(self, folder: Path, dimension: int) -> Any:
        edge = self._edge
        folder.mkdir(parents=True, exist_ok=True)
        vectors = edge.EdgeVectorParams(size=dimension, distance=edge.Distance.Cosine)
        return edge.EdgeShard.create(str(folder), edge.EdgeConfig(vectors=vectors, max_search_threads=1))

    def _index(self, points: Sequence[Point]) -> None:
        """A keyword index on each kind of link, made when the first point with it comes."""
        for kind in {kind for point in points for kind in point.links} - self._indexed:
            self._shard.update(
                self._edge.UpdateOperation.create_field_index(kind, self._edge.PayloadSchemaType.Keyword)
            )
            self._indexed.add(kind)

    def known(self, records: Sequence[str]) -> dict[str, tuple[str, int]]:
        found = self._retrieve([point_id(record, 0) for record in records], _STATE)
        return _digests(item.payload for item in found)

    def _retrieve(self, ids: list[str], fields: list[str]) -> Any:
        try:
            return self._shard.retrieve(ids, self._edge.PayloadSelector.Include(fields), False)
        except Exception as error:
            raise VectorsError(f"The embedded vector engine refused a look-up: {error}.") from error

    def words(self, chunks: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
        return _words(item.payload for item in self._retrieve([point_id(*chunk) for chunk in chunks], _WORDS))

    def write(self, points: Sequence[Point], gone: Sequence[str]) -> None:
        edge = self._edge
        try:
            if gone:
                self._shard.update(edge.UpdateOperation.delete_points(list(gone)))
            if points:
                self._index(points)
                items = [edge.Point(point.id, point.vector, point.payload) for point in points]
                self._shard.update(edge.UpdateOperation.upsert_points(items))
            self._shard.flush()
        except Exception as error:
            raise VectorsError(f"The embedded vector engine refused a write: {error}.") from error

    def search(self, vector: Sequence[float], limit: int, links: Links = NO_LINKS) -> list[Neighbour]:
        edge = self._edge
        must = [edge.FieldCondition(key=kind, match=edge.MatchAny(any=list(any_of))) for kind, any_of in links.items()]
        request = edge.SearchRequest(
            query=edge.Query.Nearest(list(vector)),
            limit=limit,
            filter=edge.Filter(must=must) if must else None,
            with_payload=edge.PayloadSelector.Include(_PLACE),
        )
        try:
            found = self._shard.search(request)
        except Exception as error:
            raise VectorsError(f"The embedded vector engine refused a search: {error}.") from error
        return _neighbours(found)

    def count(self) -> int:
        return int(self._shard.count(self._edge.CountRequest(exact=True)))

    def close(self) -> None:
        self._shard.close()

    def delete(self) -> None:
        self._shard.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _with_port(url: str) -> str:
    """The address with the port that the client of Qdrant takes where none is named."""
    there = target(url)
    named = urlsplit(url).port or 6333
    return f"{there.scheme}://{f'[{there.host}]' if ':' in there.host else there.host}:{named}"


class QdrantVectors:
    """A collection of a Qdrant server, over HTTP."""

    def __init__(self, url: str, name: str, dimension: int) -> None:
        from qdrant_client import QdrantClient, models

        from app.shared.outgoing import clients

        self._models = models
        self._name = name
        self._indexed: set[str] = set()
        allowed, bounds = (
            Allowed.only(_with_port(url)),
            Bounds(connect=READ_SECONDS, read=READ_SECONDS, total=60, size=LARGEST),
        )
        safely = clients.options(allowed, bounds) | {"timeout": READ_SECONDS}  # it wants a whole number for itself too
        self._client = QdrantClient(url=url, check_compatibility=False, **safely)
        try:
            self.is_new = bool(self._call(self._ensure, dimension))
        except VectorsError:
            self._client.close()
            raise

    def _call(self, action: Any, *args: Any, **kwargs: Any) -> Any:
        from qdrant_client.http.exceptions import ApiException

        from app.shared.outgoing import clients

        try:
            return action(*args, **kwargs)
        except (ApiException, clients.Failure, OSError, ValueError) as error:  # ValueError: what isn't its JSON
            said = " ".join(str(error).split())[:200].rstrip(".")
            raise VectorsError(f"The Qdrant server doesn't answer as it should: {said}.") from error

    def _ensure(self, dimension: int) -> bool:
        """Make the collection where there is none. Gives whether it was made."""
        models = self._models
        if self._client.collection_exists(self._name):
            return False
        self._client.create_collection(
            self._name, vectors_config=models.VectorParams(size=dimension, distance=models.Distance.COSINE)
        )
        return True

    def _index(self, points: Sequence[Point]) -> None:
        """A keyword index on each kind of link, made when the first point with it comes."""
        for kind in {kind for point in points for kind in point.links} - self._indexed:
            self._call(self._client.create_payload_index, self._name, kind, self._models.PayloadSchemaType.KEYWORD)
            self._indexed.add(kind)

    def known(self, records: Sequence[str]) -> dict[str, tuple[str, int]]:
        ids = [point_id(record, 0) for record in records]
        found = self._call(self._client.retrieve, self._name, ids, with_payload=_STATE)
        return _digests(item.payload for item in found)

    def words(self, chunks: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
        ids = [point_id(*chunk) for chunk in chunks]
        found = self._call(self._client.retrieve, self._name, ids, with_payload=_WORDS)
        return _words(item.payload for item in found)

    def write(self, points: Sequence[Point], gone: Sequence[str]) -> None:
        models = self._models
        if gone:
            self._call(self._client.delete, self._name, models.PointIdsList(points=list(gone)), wait=True)
        if points:
            self._index(points)
            items = [models.PointStruct(id=item.id, vector=item.vector, payload=item.payload) for item in points]
            self._call(self._client.upsert, self._name, items, wait=True)

    def search(self, vector: Sequence[float], limit: int, links: Links = NO_LINKS) -> list[Neighbour]:
        models = self._models
        must = [models.FieldCondition(key=kind, match=models.MatchAny(any=list(ids))) for kind, ids in links.items()]
        answer = self._call(
            self._client.query_points,
            self._name,
            query=list(vector),
            query_filter=models.Filter(must=must) if must else None,
            limit=limit,
            with_payload=_PLACE,
        )
        return _neighbours(answer.points)

    def count(self) -> int:
        return int(self._call(self._client.count, self._name, exact=True).count)

    def close(self) -> None:
        self._client.close()

    def delete(self) -> None:
        self._call(self._client.delete_collection, self._name)
        self._client.close()
