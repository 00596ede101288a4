"""What an answer must be: each expectation says whether an answer is right, given what it abstains from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Number:
    """The first figure."""

    value: float

    def holds(self, answer: Any, _seen: Any) -> bool:
        found = answer.figures[0].value if answer.figures else None
        return isinstance(found, int | float) and abs(found - self.value) <= max(0.006, abs(self.value) * 1e-6)


@dataclass(frozen=True)
class Names:
    """The labels of the rows, in any order; more than 50 are compared by the first figure."""

    values: frozenset[str]

    def holds(self, answer: Any, _seen: Any) -> bool:
        if len(self.values) > 50:
            return Number(len(self.values)).holds(answer, None)
        return {row["label"] for row in answer.rows} == self.values


@dataclass(frozen=True)
class Order:
    """The labels of the rows in their order; `values` may hold sets where there are ties."""

    values: tuple[str, ...]

    def holds(self, answer: Any, _seen: Any) -> bool:
        return tuple(row["label"] for row in answer.rows) == self.values


@dataclass(frozen=True)
class Pairs:
    """Groups with their measure. Rows without a key are not compared."""

    values: Mapping[str, float]

    def holds(self, answer: Any, _seen: Any) -> bool:
        found = {}
        for row in answer.rows:
            numbers = [
                value for key, value in row.items() if key not in ("id", "label") and isinstance(value, int | float)
            ]
            if not row["label"].startswith("No ") and numbers:
                found[row["label"]] = numbers[-1]
        return found.keys() == self.values.keys() and all(
            abs(found[key] - value) < 0.006 for key, value in self.values.items()
        )


@dataclass(frozen=True)
class Says:
    """Words that the sentence must hold."""

    words: tuple[str, ...]

    def holds(self, answer: Any, _seen: Any) -> bool:
        return all(word.lower() in answer.text.lower() for word in self.words)


@dataclass(frozen=True)
class Rows:
    """How many records the answer is about."""

    count: int

    def holds(self, answer: Any, _seen: Any) -> bool:
        return Number(self.count).holds(answer, None) and len(answer.rows) == min(self.count, 50)


@dataclass(frozen=True)
class Abstains:
    """No reading is right: any number would be made up."""

    def holds(self, answer: Any, _seen: Any) -> bool:
        return bool(answer.mode == "none")


@dataclass(frozen=True)
class Unanswered:
    """It abstains, or quotes what was written: no number, no list."""

    def holds(self, answer: Any, _seen: Any) -> bool:
        return answer.mode in ("none", "search")


@dataclass(frozen=True)
class Searches:
    """A search over the texts of these named records, for these words."""

    named: frozenset[str]
    words: tuple[str, ...] = ()

    def holds(self, answer: Any, seen: Any) -> bool:
        if answer.mode != "search" or not seen:
            return False
        text, labels = seen[-1]
        return labels == self.named and all(word in text.lower() for word in self.words)


def names(values: Iterable[str]) -> Names:
    return Names(frozenset(values))
