"""Dates and moments compared with days and periods.

A day or period is a span: `eq` and `during` mean inside it, `gt` after its end, `lt` before its start, `gte` and `lte`
take it in. A moment is compared with the span's midnights in the principal's time zone, so an index serves.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, literal

from app.crm.query import lists, periods, values
from app.crm.query.source import Leaf
from app.crm.query.suggestions import bad
from app.crm.query.values import Field
from app.shared.types import UtcDateTime

Sql = ColumnElement[bool]
MOST_PERIODS = 1_000  # of one list, those that touch joined
_DAY = timedelta(days=1)


def compare(leaf: Leaf, field: Field, op: str, value: Any) -> Sql:
    if leaf.field.type == "datetime":
        moment = values.moment(field, value, leaf.scope.zone)
        if moment is not None:
            return _with_moment(leaf.key, op, moment)
    return _in_span(leaf, op, values.span(field, value, leaf.scope.today))


def among(leaf: Leaf, field: Field, wanted: Sequence[Any]) -> Sql:
    """In one of these days and periods, or at one of these moments. Raises Invalid for too many separate periods."""
    if len(wanted) == 1:
        return compare(leaf, field, "eq", wanted[0])
    moments, spans = _read(leaf, field, wanted)
    found = [lists.each_among(leaf.key, moments, UtcDateTime())] if moments else []
    if leaf.field.type == "date":
        days = [first for first, after in spans if after - first == _DAY]
        found += [lists.among(leaf.scope, leaf.key, days, Date())] if days else []
        spans = [span for span in spans if span[1] - span[0] != _DAY]
    joined = _joined(spans)
    if len(joined) > MOST_PERIODS:
        reason = f"{field.path} {field.op}: a list holds at most {MOST_PERIODS:,} separate periods."
        raise bad(field.path, reason, op=field.op)
    return lists.any_of([*found, *(_in_span(leaf, "eq", span) for span in joined)])


def _read(leaf: Leaf, field: Field, wanted: Sequence[Any]) -> tuple[list[datetime], list[periods.Span]]:
    """The moments of a list, then its days and periods; each once."""
    moments: dict[datetime, None] = {}
    spans: dict[periods.Span, None] = {}
    for value in wanted:
        moment = values.moment(field, value, leaf.scope.zone) if leaf.field.type == "datetime" else None
        if moment is None:
            spans[values.span(field, value, leaf.scope.today)] = None
        else:
            moments[moment] = None
    return list(moments), list(spans)


def _joined(spans: Iterable[periods.Span]) -> list[periods.Span]:
    """The spans in their order, those that touch as one."""
    found: list[periods.Span] = []
    for first, after in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(after, found[-1][1]))
        else:
            found.append((first, after))
    return found


def _in_span(leaf: Leaf, op: str, span: periods.Span) -> Sql:
    if leaf.field.type == "date":
        first, after = (literal(day, Date()) for day in span)
        return _within(leaf.key, op, first, after)
    zone = leaf.scope.zone
    bounds = (literal(periods.midnight(day, zone), UtcDateTime()) for day in span)
    return _within(leaf.key, op, *bounds)


def _within(column: ColumnElement[Any], op: str, first: ColumnElement[Any], after: ColumnElement[Any]) -> Sql:
    if op == "eq":
        return and_(column >= first, column < after)
    if op in ("gt", "gte"):
        return column >= (after if op == "gt" else first)
    return column < (first if op == "lt" else after)


def _with_moment(column: ColumnElement[Any], op: str, moment: datetime) -> Sql:
    value = literal(moment, UtcDateTime())
    if op == "eq":
        return column == value
    if op in ("gt", "gte"):
        return column > value if op == "gt" else column >= value
    return column < value if op == "lt" else column <= value
