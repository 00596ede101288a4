"""The median, exactly, through a door that only counts and sorts: halve the range until what is left is one page."""

from __future__ import annotations

from typing import Any

from app.chatbot.exact import phrases, rows
from app.chatbot.exact.asker import Asker
from app.chatbot.types import Answer
from app.chatbot.understanding.frame import Frame, Term, condition
from app.shared.contract import Measure, Money, Query
from app.shared.values import as_json

_PAGE = 1000  # values that are read at once
_HALVINGS = 80


def median(asker: Asker, frame: Frame) -> Answer:
    """The middle value of those that there are; of two the mean."""
    _, many = phrases.nouns(asker.catalog, frame)
    spec, path = asker.spec(frame), frame.measure.field or ""
    shown = rows.record_columns(spec, (path,))
    page = asker.page(frame.rows_query(), shown)
    label = f"Median {phrases.field_label(asker.catalog, spec, path).lower()}"
    where = phrases.conditions(asker.catalog, frame)
    value = middle(asker, frame, path)
    text = f"{label} of {many}{where}: {rows.shown(value)}."
    if value is None:
        text = f"There is no {label.lower()}: no {many}{where} have one."
    if isinstance(value, tuple):
        text = f"There is no {label.lower()}: the amounts of {many}{where} are in several currencies."
        return Answer(text, "none", unread=("median",))
    made = rows.record_rows(page.records, shown)
    return Answer(text, "exact", rows.figures(label, value), made, rows.columns(asker.catalog, spec, shown))


def middle(asker: Asker, frame: Frame, path: str) -> Any:
    """The middle value of a field over the frame's records; None where there is none, several of several currencies."""
    known = _rows(frame, "empty", False, path)
    count = asker.number(known)
    lowest = asker.total(known, Measure(fn="min", field=path)) if count else None
    if not count or isinstance(lowest, tuple):
        return lowest
    low, high = (_at(asker, frame, path, known, rank) for rank in ((count - 1) // 2, count // 2))
    return low if low == high else _mean(low, high)


def _at(asker: Asker, frame: Frame, path: str, known: Query, rank: int) -> Any:
    """The value at this rank, from 0, in ascending order."""
    low, high = (asker.total(known, Measure.model_validate({"fn": fn, "field": path})) for fn in ("min", "max"))
    first, last, below = _number(low), _number(high), 0
    for _ in range(_HALVINGS):
        inside = _between(asker, frame, path, first, last)
        if inside <= _PAGE or first == last:
            break
        middle = (first + last) / 2
        lower = _between(asker, frame, path, first, middle)
        if rank - below < lower:
            last = middle
        else:
            first, below = _next(asker, frame, path, middle), below + lower
    found = asker.page(_range(frame, path, first, last).model_copy(update={"limit": _PAGE}), (path,))
    return found.records[min(rank - below, len(found.records) - 1)].values[path]


def _next(asker: Asker, frame: Frame, path: str, above: float) -> float:
    """The lowest value above this one."""
    return _number(asker.total(_rows(frame, "gt", above, path), Measure(fn="min", field=path)))


def _range(frame: Frame, path: str, first: float, last: float) -> Query:
    return _rows(frame, "between", [first, last], path).model_copy(update={"sort": (path,)})


def _rows(frame: Frame, op: str, value: object, path: str) -> Query:
    """The frame's rows whose value is so."""
    return frame.rows_query((Term(condition(path, op, value), path),)).model_copy(update={"sort": (), "limit": 50})


def _between(asker: Asker, frame: Frame, path: str, first: float, last: float) -> int:
    return asker.number(_range(frame, path, first, last).model_copy(update={"sort": ()}))


def _number(value: Any) -> float:
    found = as_json(value)
    assert isinstance(found, int | float)
    return found


def _mean(low: Any, high: Any) -> Any:
    if isinstance(low, Money):
        return Money((low.minor + high.minor) / 2, low.currency) if isinstance(low.minor, int) else low
    return (low + high) / 2
