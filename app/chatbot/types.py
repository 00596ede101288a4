"""What passes between the parts of the assistant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, Protocol

from app.shared.contract import Principal, Query, Ref

Mode = Literal["exact", "search", "model", "none"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the answer. `value` is a JSON number (money in major units; a rate in percent)."""

    label: str
    value: float | int | str | None
    unit: str | None = None  # a currency, "%", or nothing


@dataclass(frozen=True, slots=True)
class Passage:
    """A quote from one record's text, with where it stands."""

    ref: Ref
    text: str
    score: float
    date: datetime | date | None = None
    author: str | None = None
    links: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that it can answer: offered where it abstains, or where this one may have been meant by itself."""

    question: str
    query: Query | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a question may lean on: the record or list in view, and the queries of the turns before it."""

    record: Ref | None = None
    view: Query | None = None
    history: tuple["Turn", ...] = ()  # oldest first


@dataclass(frozen=True, slots=True)
class Turn:
    question: str
    answer: Mapping[str, Any]  # the finished answer as JSON


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, before it gets its conversation and message ids."""

    text: str
    mode: Mode
    figures: tuple[Figure, ...] = ()
    rows: tuple[Mapping[str, Any], ...] = ()  # records or groups as JSON, at most 50
    columns: tuple[Mapping[str, Any], ...] = ()  # how to show the rows: name, label, type
    query: Query | None = None
    url: str | None = None
    chips: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    readings: tuple[Suggestion, ...] = ()
    unread: tuple[str, ...] = ()
    citations: tuple[Ref, ...] = ()
    proposals: tuple[Mapping[str, Any], ...] = ()
    model: str | None = None
    notes: tuple[str, ...] = field(default=())  # what was left out, fell back or was assumed, in sentences


class Retriever(Protocol):
    """Hybrid search over what was said or written. Blocks: call it from a worker thread."""

    def search(
        self,
        principal: Principal,
        text: str,
        *,
        links: Sequence[tuple[str, int]] = (),
        objects: Sequence[str] = (),
        since: date | None = None,
        until: date | None = None,
        beside: tuple[str, int] | None = None,
        limit: int = 8,
    ) -> Sequence[Passage]:
        """Passages, best first. `links`: only of records that are, or belong to, one of these (object, id).

        `beside`: the record in view; among passages that answer alike, its own come first.
        """
        ...
