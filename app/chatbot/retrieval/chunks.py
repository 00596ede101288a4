"""Records' texts as chunks: a few sentences each, so that a quote is short and a vector means one thing.

Chunks overlap: each sentence stands in one with what follows it and in one with what goes before. A summary of a
meeting says ten things in ten sentences, and the vector of all of them means none of them (see `bench/retrieval`).
"""

import re
from dataclasses import dataclass

from app.shared.contract import Document

VERSION = 3  # part of the collection's name: a change of the rules below builds the index anew
MAX_WORDS = 110  # all-MiniLM reads 256 word pieces; a chunk of this size fits
ENOUGH_WORDS = 24  # two sentences, or more where they are short
MIN_WORDS = 5  # shorter texts (a city, an industry) mean nothing to a vector; full text finds them
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"'“‘(A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Chunk:
    number: int
    text: str
    fresh: int = 0  # the character from which on it says what the chunk before doesn't


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph; a text without sentence ends is one."""
    return [part for part in _SENTENCE_END.split(text.strip()) if part]


def _pieces(text: str) -> list[str]:
    """The sentences of a text; runs of words where a sentence is too long for a chunk, with its paragraph's break."""
    pieces: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        own: list[str] = []
        for sentence in sentences(paragraph):
            words = sentence.split()
            runs = [" ".join(words[start : start + MAX_WORDS]) for start in range(0, len(words), MAX_WORDS)]
            own += runs if len(runs) > 1 else [sentence]
        if pieces and own:
            own[0] = "\n\n" + own[0]
        pieces += own
    return pieces


def split(document: Document) -> list[Chunk]:
    """The chunks of a document, in order; none where it has no text to speak of."""
    text = (document.text or "").strip()
    if len(text.split()) < MIN_WORDS:
        return []
    pieces = _pieces(text)
    sizes = [len(piece.split()) for piece in pieces]
    chunks: list[Chunk] = []
    end = 0
    for start in range(len(pieces)):
        reached = _reach(sizes, start)
        if reached > end:  # else it would only repeat the end of the chunk before
            known = len(_joined(pieces[start:end])) if end > start else 0
            chunks.append(Chunk(len(chunks), _joined(pieces[start:reached]), known))
            end = reached
    return chunks


def _reach(sizes: list[int], start: int) -> int:
    """Where the chunk that begins with this sentence ends: after two sentences and enough words, while they fit."""
    end, words = start + 1, sizes[start]
    while end < len(sizes) and (end < start + 2 or words < ENOUGH_WORDS) and words + sizes[end] <= MAX_WORDS:
        words += sizes[end]
        end += 1
    return end


def _joined(pieces: list[str]) -> str:
    joined = pieces[0].lstrip()
    for piece in pieces[1:]:
        joined += piece if piece.startswith("\n") else f" {piece}"
    return joined
