"""Known spellings by first letter and length, so that a misspelt word is compared with those few that it may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

_SHORTEST = 5  # letters: shorter names need exactness
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_ALIKE = 3  # letters by which a name that merely looks alike may be longer or shorter


def allowed_edits(length: int) -> int:
    """How many slips of the pen a name of so many letters forgives."""
    return 0 if length < _SHORTEST else 1 if length < 8 else 2 if length < 14 else 3


class Spellings:
    """The keys that a misspelling may stand for."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, int], dict[str, None]] = defaultdict(dict)

    def add(self, key: str) -> None:
        if len(key) >= _SHORTEST:
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
