"""Records' texts as chunks: a few paragraphs each, so that a quote is short and a vector means one thing."""

import re
from dataclasses import dataclass

from app.shared.contract import Document

VERSION = 1  # part of the collection's name: a change of the rules below builds the index anew
MAX_WORDS = 110  # all-MiniLM reads 256 word pieces; a paragraph of this size fits
MIN_WORDS = 5  # shorter texts (a city, an industry) mean nothing to a vector; full text finds them
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"'“‘(A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Chunk:
    number: int
    text: str


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph; a text without sentence ends is one."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part]


def _pieces(text: str) -> list[str]:
    """Paragraphs, and sentences where a paragraph is too long, and runs of words where a sentence is."""
    pieces: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        if len(paragraph.split()) <= MAX_WORDS:
            pieces.append(paragraph.strip())
            continue
        for sentence in sentences(paragraph):
            words = sentence.split()
            pieces += [" ".join(words[start : start + MAX_WORDS]) for start in range(0, len(words), MAX_WORDS)]
    return [piece for piece in pieces if piece]


def split(document: Document) -> list[Chunk]:
    """The chunks of a document, in order; none where it has no text to speak of."""
    text = (document.text or "").strip()
    if len(text.split()) < MIN_WORDS:
        return []
    chunks: list[str] = []
    for piece in _pieces(text):
        if chunks and len(chunks[-1].split()) + len(piece.split()) <= MAX_WORDS:
            chunks[-1] += "\n\n" + piece
        else:
            chunks.append(piece)
    return [Chunk(number, chunk) for number, chunk in enumerate(chunks)]
