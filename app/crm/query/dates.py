"""Dates and moments compared with days and periods.

A day or period is a span: `eq` and `during` mean inside it, `gt` after its end, `lt` before its start, `gte` and `lte`
take it in. A moment is compared with the span's midnights in the principal's time zone, so an index serves.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, literal

from app.crm.query import periods, values
from app.crm.query.source import Leaf
from app.crm.query.values import Field
from app.shared.types import UtcDateTime

Sql = ColumnElement[bool]


def compare(leaf: Leaf, field: Field, op: str, value: Any) -> Sql:
    if leaf.field.type == "datetime":
        moment = values.moment(field, value, leaf.scope.zone)
        if moment is not None:
            return _with_moment(leaf.key, op, moment)
    first, after = values.span(field, value, leaf.scope.today)
    if leaf.field.type == "date":
        return _within(leaf.key, op, literal(first, Date()), literal(after, Date()))
    zone = leaf.scope.zone
    bounds = (literal(periods.midnight(day, zone), UtcDateTime()) for day in (first, after))
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
