"""Known spellings by first letter and length, so that a misspelt word is compared with those few that it may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

SHORTEST = 5  # letters: shorter names need exactness
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_ALIKE = 3  # letters by which a name that merely looks alike may be longer or shorter


def allowed_edits(length: int) -> int:
    """How many slips of the pen a name of so many letters forgives."""
    return 0 if length < SHORTEST else 1 if length < 8 else 2 if length < 14 else 3


def slip(key: str, word: str) -> bool:
    """A letter left out, one too many, or two neighbours changed about: "dels", "loast", "deasl"; never one put for
    another in so short a word."""
    return left_out(key, word) or left_out(word, key) or swapped(key, word)


def left_out(key: str, word: str) -> bool:
    return len(word) == len(key) + 1 and any(word[:at] + word[at + 1 :] == key for at in range(len(word)))


def swapped(key: str, word: str) -> bool:
    differing = [at for at in range(len(key)) if key[at] != word[at]] if len(key) == len(word) else []
    first, last = (differing[0], differing[-1]) if len(differing) == 2 else (0, 0)
    return last == first + 1 and key[first] == word[last] and key[last] == word[first]


class Spellings:
    """The keys that a misspelling may stand for."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)

    def add(self, key: str) -> None:
        if len(key) >= SHORTEST:
            self._keys[key[0], len(key)][key] = None

    def remove(self, key: str) -> None:
        if key:
            self._keys[key[0], len(key)].pop(key, None)

    def near(self, key: str) -> list[str]:
        """Those of the same first letter whose length differs by no more than the slips that are forgiven, and those
        in which nothing but the first letter is wrong."""
        edits = allowed_edits(len(key))
        if not edits:
            return []
        return [*self._alike(key, edits), *(other for other in _first_wrong(key) if self._has(other))]

    def alike(self, key: str) -> list[str]:
        """Those of the same first letter and about the same length."""
        return list(self._alike(key, _ALIKE)) if key else []

    def longer(self, key: str) -> list[str]:
        """Those of the same first letter with one letter more."""
        return list(self._keys.get((key[:1], len(key) + 1), ())) if len(key) == SHORTEST - 1 else []

    def _alike(self, key: str, span: int) -> Iterator[str]:
        for length in range(len(key) - span, len(key) + span + 1):
            yield from self._keys.get((key[0], length), ())

    def _has(self, key: str) -> bool:
        return key in self._keys.get((key[:1], len(key)), ())


def _first_wrong(key: str) -> Iterator[str]:
    """Every word that is one slip at the first letter away, and so begins with another one."""
    others = [key[1:], key[1] + key[0] + key[2:], *(letter + key for letter in _LETTERS)]
    for word in dict.fromkeys([*others, *(letter + key[1:] for letter in _LETTERS)]):
        if word[:1] != key[0]:
            yield word
