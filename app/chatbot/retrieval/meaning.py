"""What an embedding of the question finds: the nearest chunks, and how well each record's words fit it."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.chatbot.retrieval import chunks, late
from app.chatbot.retrieval.embed import Embedder
from app.chatbot.retrieval.vectors import Links, Neighbour, Vectors
from app.shared.contract import Document

Ref = tuple[str, int]
CHUNKS = 240  # how far the ranking of chunks is read: a record has several, which overlap
FIRST = 4  # sections of a record that are looked at beside the one with its nearest chunk
UNREAD = 4  # records that are read while the question waits, where they have changed a moment ago


class Meaning:
    """Raises EmbedderError and VectorsError from each method, as making one does. Blocks."""

    def __init__(self, text: str, embedder: Embedder, vectors: Vectors, links: Links) -> None:
        asked = embedder.embed([text])[0]
        self._embedder, self._vectors, self._dimension = embedder, vectors, len(asked.vector)
        self._question: Any = late.telling(text, asked.tokens) if asked.tokens else ()
        self.near: Sequence[Neighbour] = vectors.search(asked.vector, CHUNKS, links)

    def fits(self, documents: Sequence[Document], nearest: Mapping[Ref, Neighbour]) -> dict[Ref, float]:
        """How well the best section of each record fits; of none where the model tells no words.

        What isn't in the collection yet is read now, as far as that is quick.
        """
        if not len(self._question):
            return {}
        known = self._stored([(item.object, item.id) for item in documents], nearest)
        missing = [item for item in documents if (item.object, item.id) not in known and item.text]
        return known | self._read(missing[:UNREAD])

    def _stored(self, refs: Sequence[Ref], nearest: Mapping[Ref, Neighbour]) -> dict[Ref, float]:
        names = {f"{name}:{id}": (name, id) for name, id in refs}
        wanted = {(record, section * late.SECTION) for record in names for section in range(FIRST)}
        for ref in refs:
            if found := nearest.get(ref):
                wanted.add((found.record, found.number - found.number % late.SECTION))
        best: dict[Ref, float] = {}
        for record, packed in self._vectors.words(sorted(wanted)):
            fit = late.fit(self._question, late.unpack(packed, self._dimension))
            best[names[record]] = max(fit, best.get(names[record], 0.0))
        return best

    def _read(self, documents: Sequence[Document]) -> dict[Ref, float]:
        texts = [(document.text or "")[: 8 * chunks.MAX_WORDS] for document in documents]
        found = self._embedder.embed(texts)
        return {
            (document.object, document.id): late.fit(self._question, late.telling(text, one.tokens))
            for document, text, one in zip(documents, texts, found, strict=True)
            if one.tokens
        }
