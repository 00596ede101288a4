"""The words of a text as full text knows them: cut, folded and stemmed here, so that both engines index the same.

A word is a run of letters and digits, with the marks that belong to its letters. It is folded as every text key is
(casefolded NFKC), then accents go: "Café" is "cafe". Its term is the stem of that, as of an English word. An engine
gets terms alone, apart by spaces, and cuts, folds and stems nothing itself.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Any

from app.shared.db import text_key

LONGEST = 100  # characters of a word
BOUND = 500_000  # bytes of the terms of one text: PostgreSQL indexes no more than a megabyte of it
Span = tuple[int, int]
_RUN = re.compile("x+")
_STEMMING = Lock()  # a stemmer keeps the word that it is at


class _Letters(dict[int, str]):
    """For `str.translate`: what is part of a word stays, accents go, all else parts words."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if _is_accent(letter):
            kept = ""
        else:
            kept = letter if letter.isalnum() or unicodedata.category(letter)[0] == "M" else " "
        self[code] = kept
        return kept


def _is_accent(letter: str) -> bool:
    """Marks above, below and through letters, Hebrew and Arabic points. Not what makes another letter: the voicing of
    kana, the vowels of India and of South-East Asia.
    """
    kind = unicodedata.combining(letter)
    return kind == 1 or 10 <= kind <= 35 or kind >= 200


class _Shape(dict[int, str]):
    """For `str.translate`: an x for each character of a word, a blank for each other, so that places stay."""

    def __missing__(self, code: int) -> str:
        self[code] = " " if _LETTERS[code] == " " else "x"
        return self[code]


_LETTERS = _Letters()
_SHAPE = _Shape()


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    """As of an English word, by Snowball; what is short, or not of a-z alone, is its own stem."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    with _STEMMING:
        return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def words(text: str) -> list[str]:
    """The words of a text, folded, in their order, each at most `LONGEST` characters."""
    if text.isascii():
        found = text.lower().translate(_LETTERS).split()
    else:
        apart = unicodedata.normalize("NFD", text_key(text) or "").translate(_LETTERS)
        found = unicodedata.normalize("NFC", apart).split()
    return [word[:LONGEST] for word in found]


def term(word: str) -> str:
    """The term of a folded word."""
    return _stem(word)


def terms(text: str) -> str:
    """What an index holds of a text: the term of every word in its place, then each word whose term is another.

    The words themselves are there for one that is still being typed: "integratio" begins "integration", not "integr".
    """
    found = words(text)
    stems = [_stem(word) for word in found]
    more = dict.fromkeys(word for word, cut in zip(found, stems, strict=True) if word != cut)
    return _bounded(" ".join([*stems, *more]))


def _bounded(text: str) -> str:
    if len(text) * 4 <= BOUND or len(text.encode()) <= BOUND:
        return text
    return text.encode()[:BOUND].decode("utf-8", "ignore").rpartition(" ")[0]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a text is searched for: terms, and the beginning of a word that is still being typed."""

    terms: tuple[str, ...]
    beginning: str = ""  # holds instead of the last term, too

    def has(self, word: str) -> bool:
        """Whether a folded word is one of those wanted."""
        return _stem(word) in self.terms or bool(self.beginning and self._begins(word))

    def _begins(self, word: str) -> bool:
        return word.startswith(self.beginning) or _stem(word).startswith(self.beginning)


def holds(indexed: Sequence[str], wanted: Wanted) -> bool:
    """What both engines answer: whether every wanted term stands among the terms of a document, in any of its parts."""
    every = {item for part in indexed for item in part.split()}
    *certain, last = wanted.terms
    unfinished = bool(wanted.beginning) and any(item.startswith(wanted.beginning) for item in every)
    return every.issuperset(certain) and (last in every or unfinished)


# --- quoting ---------------------------------------------------------------------------------------------------------


def marked(text: str, wanted: Wanted, *, start: str, stop: str, length: int) -> tuple[str, int]:
    """A piece of about `length` words of the text, around the most wanted ones; and how many different ones it has."""
    spans = [match.span() for match in _RUN.finditer(text.translate(_SHAPE))]
    known: dict[str, bool] = {}
    hits = [place for place, (begin, end) in enumerate(spans) if _is_wanted(text[begin:end], wanted, known)]
    first, count = _best([text[begin:end] for begin, end in spans], hits, length)
    return _piece(text, spans[first : first + length], {spans[hit] for hit in hits}, start, stop), count


def _is_wanted(word: str, wanted: Wanted, known: dict[str, bool]) -> bool:
    if word not in known:
        known[word] = any(wanted.has(part) for part in words(word))
    return known[word]


def _best(written: Sequence[str], hits: Sequence[int], length: int) -> tuple[int, int]:
    """Where the piece with the most different wanted words begins, and how many it has."""
    best, most = 0, 0
    for place, hit in enumerate(hits):
        near = {written[other].lower() for other in hits[place : bisect_left(hits, hit + length)]}
        if len(near) > most:
            best, most = hit, len(near)
    return max(0, min(best - length // 3, len(written) - length)), most


def _piece(text: str, spans: Sequence[Span], chosen: Set[Span], start: str, stop: str) -> str:
    """The text from the first of these words to the last, the chosen ones marked, with "…" where it goes on."""
    if not spans:
        return text.strip()[:LONGEST]
    before = text[: spans[0][0]]
    is_cut = any(map(str.isalnum, before))
    cut, place = ("…", len(before)) if is_cut else ("", 0)
    for begin, end in spans:
        word = text[begin:end]
        cut += text[place:begin] + (f"{start}{word}{stop}" if (begin, end) in chosen else word)
        place = end
    rest = text[place:]
    return cut + ("…" if any(map(str.isalnum, rest)) else rest)
