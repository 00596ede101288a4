"""Brings records' texts into a collection: only those whose text or links have changed are embedded again."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from app.chatbot.retrieval import chunks, late
from app.chatbot.retrieval.embed import Embedder, Embedding
from app.chatbot.retrieval.vectors import Point, Vectors, point_id
from app.shared.contract import CrmPort, Document

Ref = tuple[str, int]
Progress = Callable[[int, int], None]  # done, of how many
BATCH = 32  # records a step: half a second of embedding at most on a small host


class Canceled(Exception):
    """The rebuild was stopped by its caller; the old collection still serves."""


def key(ref: Ref) -> str:
    return f"{ref[0]}:{ref[1]}"


def write(port: CrmPort, embedder: Embedder, vectors: Vectors, refs: Sequence[Ref]) -> int:
    """Bring these records up to date. Returns how many were embedded. Raises EmbedderError, VectorsError."""
    documents = port.documents(refs)
    known = vectors.known([key(ref) for ref in refs])
    points: list[Point] = []
    gone: list[str] = []
    embedded = 0
    for document in documents:
        record = key((document.object, document.id))
        parts = chunks.split(document)
        digest = _digest(document, parts)
        old_digest, old_count = known.get(record, ("", 0))
        if parts and digest == old_digest:
            continue
        gone += [point_id(record, number) for number in range(len(parts), old_count)]
        if parts:
            points += _points(document, record, parts, digest, embedder)
            embedded += 1
    if points or gone:
        vectors.write(points, gone)
    return embedded


def write_all(
    port: CrmPort,
    embedder: Embedder,
    vectors: Vectors,
    refs: Sequence[Ref],
    progress: Progress | None,
    cancelled: Callable[[], bool],
) -> int:
    """Bring many records in, telling how far it is. Raises Canceled, and as `write` does."""
    embedded = 0
    for done in range(0, len(refs), BATCH):
        if cancelled():
            raise Canceled
        embedded += write(port, embedder, vectors, refs[done : done + BATCH])
        if progress:
            progress(min(done + BATCH, len(refs)), len(refs))
    return embedded


def all_refs(port: CrmPort) -> list[Ref]:
    """Every living record with a searchable text, newest first."""
    refs: list[Ref] = []
    while page := port.document_refs(refs[-1] if refs else None):
        refs += page
    return refs


def _points(document: Document, record: str, parts: list[chunks.Chunk], digest: str, embedder: Embedder) -> list[Point]:
    texts = [_with_title(document, part) for part in parts]
    found = embedder.embed(texts)
    sections = _sections(parts, texts, found)
    links = _links(document, record)
    return [
        Point(record, part.number, one.vector, links, digest, len(parts), sections.get(part.number, ""))
        for part, one in zip(parts, found, strict=True)
    ]


def _sections(parts: list[chunks.Chunk], texts: list[str], found: Sequence[Embedding]) -> dict[int, str]:
    """The words of each section, packed, by the number of its first chunk; a word counts in one chunk alone."""
    sections: dict[int, list[Any]] = {}
    for part, text, one in zip(parts, texts, found, strict=True):
        if one.tokens:
            start = part.fresh and len(text) - len(part.text) + part.fresh
            first = part.number - part.number % late.SECTION
            sections.setdefault(first, []).append(late.telling(text, one.tokens, start))
    return {first: late.pack(late.joined(words)) for first, words in sections.items()}


def _with_title(document: Document, part: chunks.Chunk) -> str:
    """What is embedded: a note's title says what its paragraphs are about."""
    return f"{document.title}. {part.text}" if document.title else part.text


def _links(document: Document, record: str) -> dict[str, str]:
    """What the record belongs to, by kind; it belongs to itself too."""
    return {link.object: key((link.object, link.id)) for link in document.links} | {document.object: record}


def _digest(document: Document, parts: list[chunks.Chunk]) -> str:
    content = "\x1f".join((*_links(document, "").values(), *(_with_title(document, part) for part in parts)))
    return hashlib.sha256(content.encode()).hexdigest()[:32]
