"""Which collection serves: a small pointer file in `instance/index/`; a new one is built beside and switched to."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from app.chatbot.retrieval import chunks
from app.chatbot.retrieval.embed import OLLAMA
from app.chatbot.retrieval.vectors import EdgeVectors, QdrantVectors, Vectors
from app.shared.config import Settings


@dataclass(frozen=True, slots=True)
class Collection:
    """`name` says by what it was made; `seq` is the journal's position up to which it is complete."""

    name: str
    engine: str  # "embedded", or the Qdrant server's address
    model: str
    dimension: int
    chunker: int
    seq: int = 0
    complete: bool = False

    @property
    def embed_name(self) -> str:
        """The embedding model as a choice names it; "" for the built-in one."""
        return self.model.removeprefix(OLLAMA) if self.model.startswith(OLLAMA) else ""

    def fits(self, settings: Settings, model: str) -> bool:
        return (self.engine, self.model, self.chunker) == (engine(settings), model, chunks.VERSION)


def engine(settings: Settings) -> str:
    return settings.qdrant_url or "embedded"


def new(settings: Settings, model: str, dimension: int) -> Collection:
    """A collection that doesn't exist yet. The name's first part is a namespace that some servers ask for."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in model.lower())
    name = f"crm.{plain}-{dimension}-{chunks.VERSION}-{secrets.token_hex(3)}"
    return Collection(name, engine(settings), model, dimension, chunks.VERSION)


def open_vectors(settings: Settings, collection: Collection) -> Vectors:
    """Raises VectorsError where the engine can't serve."""
    if settings.qdrant_url:
        return QdrantVectors(settings.qdrant_url, collection.name, collection.dimension)
    return EdgeVectors(_folder(settings) / collection.name, collection.dimension)


def load(settings: Settings) -> Collection | None:
    """The collection that serves, or None where there is none yet or its pointer can't be read (it is derived data)."""
    try:
        return Collection(**json.loads(_pointer(settings).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def save(settings: Settings, collection: Collection) -> None:
    """Point to this collection, atomically."""
    _folder(settings).mkdir(parents=True, exist_ok=True)
    draft = _pointer(settings).with_suffix(".draft")
    with draft.open("w") as file:
        json.dump(asdict(collection), file)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(_pointer(settings))


def unfinished(collection: Collection) -> Collection:
    return replace(collection, complete=False)


def reached(collection: Collection, seq: int) -> Collection:
    return replace(collection, seq=seq, complete=True)


def _folder(settings: Settings) -> Path:
    return settings.instance / "index"


def _pointer(settings: Settings) -> Path:
    return _folder(settings) / "current.json"
