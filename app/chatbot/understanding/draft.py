"""What the scanners find in a question, before it is known which object it asks about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.chatbot.understanding.meanings import (
    FieldWord,
    Item,
    KindWord,
    Meaning,
    NumberWord,
    ObjectWord,
    PeriodWord,
    Word,
)


@dataclass(slots=True)
class Compare:
    """`field op number`; without fields the object's main measure is meant."""

    at: int
    fields: tuple[FieldWord, ...]
    op: str
    low: NumberWord
    high: NumberWord | None = None


@dataclass(slots=True)
class CountBound:
    """`more than 3 deals`: a bound on how many related records there are."""

    at: int
    noun: Item
    op: str
    low: float
    high: float | None = None


@dataclass(slots=True)
class Time:
    at: int
    period: PeriodWord
    fields: tuple[FieldWord, ...] = ()  # the date field named beside it
    negated: bool = False


@dataclass(slots=True)
class Mention:
    """A value, a record or a stage kind that narrows the records."""

    at: int
    item: Item
    meanings: tuple[Meaning, ...]
    negated: bool = False


@dataclass(slots=True)
class Presence:
    """`with X`, `without X`, where X is a field or a kind of record."""

    at: int
    item: Item
    start: int
    negated: bool


@dataclass(slots=True)
class Grouping:
    at: int
    item: Item | None
    bucket: str | None = None


@dataclass(slots=True)
class Ranking:
    """A superlative: which way, of what sort (level, size, most, rank, time), how many, and by what."""

    at: int
    descending: bool
    sort: str
    count: int | None = None
    nth: int = 1  # "the second biggest": that one alone
    by: Item | None = None  # the field or the counted noun
    money: bool = False  # "the most money": by the main amount


@dataclass(slots=True)
class Draft:
    """Everything found, by kind, with positions in items."""

    items: list[Item]
    taken: list[bool]
    compares: list[Compare] = field(default_factory=list)
    bounds: list[CountBound] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    groups: list[Grouping] = field(default_factory=list)
    nouns: list[tuple[int, Item]] = field(default_factory=list)  # words for objects and fields that stand free
    ranking: Ranking | None = None
    sort: Grouping | None = None
    order: str = ""  # asc or desc, where the direction of a sort is said
    sorts: bool = False  # all of them in the order of the ranking: "sort by lowest"
    aggregates: list[str] = field(default_factory=list)  # count, sum, avg, min, max, much, rate, share
    asks: list[str] = field(default_factory=list)  # who, where, when, which, what, list
    head: int | None = None  # the position that the question word or aggregate points to
    trend: bool = False
    versus: bool = False
    gap: bool = False  # by how much one side is above the other
    elapsed: bool = False  # the days from or until a date, rather than the date
    causes: list[tuple[int, str]] = field(default_factory=list)  # "because of price": where, and what
    distinct: bool = False
    me: list[tuple[int, bool]] = field(default_factory=list)
    pronouns: list[tuple[int, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)  # words whose reach can't be told
    share_from: int | None = None
    share_at: int = -1
    late: list[int] = field(default_factory=list)  # where "overdue" stands
    coming: int | None = None  # where "next" or "upcoming" stands
    sum_bound: Compare | None = None  # "reps who won more than 200k": a bound on what the records of each add up to
    coming_count: int | None = None  # how many of them
    today: date = date.min
    moment: str = ""  # the time of asking, as a Query's value
    yes_no: bool = False

    def item(self, at: int) -> Item | None:
        return self.items[at] if 0 <= at < len(self.items) else None

    def free(self, at: int) -> Item | None:
        """The item at this position where nothing has taken it yet."""
        item = self.item(at)
        return None if item is None or self.taken[at] else item

    def take(self, *positions: int) -> None:
        for at in positions:
            self.taken[at] = True

    def word(self, at: int, *tags: str) -> Word | None:
        item = self.free(at)
        return item.word(*tags) if item else None

    def untaken(self) -> Iterator[tuple[int, Item]]:
        for at, item in enumerate(self.items):
            if not self.taken[at]:
                yield at, item

    def skip(self, at: int, step: int = 1, *extra: str) -> int:
        """The next position from `at` that isn't filler (nor one of the extra tags)."""
        while 0 <= at < len(self.items) and is_filler(self.items[at], *extra):
            at += step
        return at


def is_filler(item: Item, *extra: str) -> bool:
    """Whether an item can carry nothing: it is a filler word and nothing of the catalog or the data."""
    if not item.meanings or any(not isinstance(one, Word) for one in item.meanings):
        return False
    return item.word("filler", "possessive", *extra) is not None


def is_content(item: Item) -> bool:
    """Whether an item speaks of the records: an object, field, value, name or stage."""
    return any(not isinstance(one, Word | NumberWord | PeriodWord) for one in item.meanings)


def is_plural(item: Item) -> bool:
    """Whether a noun is written in the plural."""
    return item.text.lower().endswith(("s", "people"))


def fields_of(item: Item | None) -> tuple[FieldWord, ...]:
    return item.of(FieldWord) if item else ()


def objects_of(item: Item | None) -> tuple[str, ...]:
    return tuple(one.object for one in item.of(ObjectWord)) if item else ()


def kinds_of(item: Item | None) -> Sequence[KindWord]:
    return item.of(KindWord) if item else ()
