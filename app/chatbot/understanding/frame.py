"""A question as a frame: what is asked of which records. A follow-up keeps, narrows or swaps parts of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from app.chatbot.types import Suggestion
from app.chatbot.understanding.meanings import EntityWord, PeriodWord
from app.shared.contract import And, Condition, Filter, Group, Measure, Query

Shape = Literal["list", "count", "measure", "median", "rate", "share", "lookup", "groups", "pace"]


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `slot` is the path that it constrains: a follow-up with the same slot swaps it."""

    filter: Filter
    slot: str
    label: str = ""  # the words for it in an answer: a name, a value, a period
    at: int = -1  # where in the question it stands
    period: PeriodWord | None = None
    negated: bool = False
    kind: bool = False  # open, won or lost, whatever the stage is called
    entity: EntityWord | None = None  # the record that it names
    chip: str = ""  # how a list's chip says it, where no question's words made it


@dataclass(frozen=True, slots=True)
class Having:
    """A bound on a group's measure: more than 10 won deals."""

    op: str  # gt, gte, lt, lte, eq, between
    low: float
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What is asked, independent of how it was put."""

    object: str
    shape: Shape
    terms: tuple[Term, ...] = ()
    measure: Measure = field(default_factory=Measure)
    groups: tuple[Group, ...] = ()
    sort: str | None = None  # lists: the field to sort by
    descending: bool = True
    ranked: bool = False  # a superlative or a top-n was asked
    limit: int | None = None
    nth: int = 1  # of the ranking, that one alone
    gap: bool = False  # of a comparison the difference is asked for
    elapsed: bool = False  # of a lookup's date, the days between it and today
    today: date | None = None
    brief: bool = False  # of what a lookup asks, what isn't recorded is left out
    having: Having | None = None
    asked: tuple[str, ...] = ()  # the fields that were asked about
    record: EntityWord | None = None  # the one record that a lookup is about
    versus: tuple[Term, ...] = ()  # the sides of a comparison: alternatives for one slot
    part: tuple[Term, ...] = ()  # a share's further conditions
    yes_no: bool = False
    notes: tuple[str, ...] = ()  # what was assumed, in sentences

    def where(self, extra: Sequence[Term] = ()) -> Filter | None:
        """The conditions as one filter."""
        filters = tuple(term.filter for term in (*self.terms, *extra))
        if len(filters) > 1:
            return And(items=filters)
        return filters[0] if filters else None

    def rows_query(self, extra: Sequence[Term] = ()) -> Query:
        """The records that the question is about."""
        sort = ((("-" if self.descending else "") + self.sort),) if self.sort else ()
        return Query(object=self.object, where=self.where(extra), sort=sort, limit=self.limit or 50)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a question was read as. `exact` has a frame, `search` a text, `none` says why and offers other readings."""

    kind: Literal["exact", "search", "none"]
    frame: Frame | None = None
    query: Query | None = None
    text: str = ""
    objects: tuple[str, ...] = ()
    links: tuple[EntityWord, ...] = ()
    since: date | None = None
    until: date | None = None
    must: tuple[str, ...] = ()  # search: words that a passage must have, by their stem
    unread: tuple[str, ...] = ()
    readings: tuple[Suggestion, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    kept: tuple[Term, ...] = ()  # exact: conditions of the question before that hold on, though nothing says so


def condition(path: str, op: str, value: object = None) -> Condition:
    """A condition from plain values."""
    return Condition.model_validate({"field": path, "op": op, "value": value})
