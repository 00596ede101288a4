"""What a stretch of words may mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """A generic English word, by its part in a question (see `english`)."""

    tag: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class ObjectWord:
    """A kind of record: "companies"."""

    object: str


@dataclass(frozen=True, slots=True)
class InverseWord:
    """A name for the records that link back to one of their kind: "subsidiaries"."""

    object: str
    field: str


@dataclass(frozen=True, slots=True)
class FieldWord:
    """A field of an object: "industry"."""

    object: str
    field: str
    exact: bool = True  # its label, name or a declared synonym; False: a part of its label


@dataclass(frozen=True, slots=True)
class ValueWord:
    """A value of a field: an option, a stage, a tag, or a text that records hold."""

    object: str
    field: str
    value: Any
    label: str
    declared: bool = True  # from the catalog; False: seen in the data


@dataclass(frozen=True, slots=True)
class KindWord:
    """The kinds of stages: open, won, lost."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntityWord:
    """A record called by its name."""

    object: str
    id: int
    label: str


@dataclass(frozen=True, slots=True)
class NumberWord:
    value: float | int
    currency: str | None = None
    percent: bool = False


@dataclass(frozen=True, slots=True)
class PeriodWord:
    """Days from `first` to the day before `after`; None: without an end. `during` is the Query's own name for it."""

    first: date | None
    after: date | None
    label: str
    during: str | None = None
    bucket: str | None = None  # the calendar unit that it is: day, week, month, quarter, year
    yearless: bool = False  # a month or day written without its year


Meaning = Word | ObjectWord | InverseWord | FieldWord | ValueWord | KindWord | EntityWord | NumberWord | PeriodWord


@dataclass(frozen=True, slots=True)
class Item:
    """A stretch of the question with everything that it may mean."""

    text: str
    start: int
    end: int  # exclusive, in tokens
    meanings: tuple[Meaning, ...] = ()
    guess: str | None = None  # what a misspelling was taken for
    quoted: bool = False

    def of(self, kind: type[Any]) -> tuple[Any, ...]:
        """Its meanings of one kind."""
        return tuple(meaning for meaning in self.meanings if isinstance(meaning, kind))

    def word(self, *tags: str) -> Word | None:
        """Its first generic meaning with one of these tags."""
        return next((word for word in self.of(Word) if word.tag in tags), None)

    @property
    def known(self) -> bool:
        return bool(self.meanings)
