"""Long lists in SQL: one parameter however many values, no chain of alternatives that is as deep as it is long.

SQLite takes at most 1,000 levels of an expression and 32,766 parameters, PostgreSQL 65,535 parameters.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, bindparam, false, func, literal, or_, select
from sqlalchemy.sql.elements import Grouping
from sqlalchemy.types import TypeEngine

from app.crm.query.scope import Scope

Sql = ColumnElement[bool]
_FEW = 100  # values that are parameters of their own: the planner sees how many they are


def among(scope: Scope, column: ColumnElement[Any], wanted: Iterable[Any], type: TypeEngine[Any]) -> Sql:
    """Whether the column equals one of these texts, days or integers."""
    values = list(dict.fromkeys(wanted))
    if not values:
        return false()
    if len(values) <= _FEW:
        return each_among(column, values, type)
    if not scope.is_sqlite:
        return column == any_(literal(values, ARRAY(type)))
    rows = func.json_each(json.dumps(values, default=date.isoformat)).table_valued("value")
    return column.in_(select(rows.c.value))


def each_among(column: ColumnElement[Any], values: Sequence[Any], type: TypeEngine[Any]) -> Sql:
    """The same with a parameter for each value, which keeps every bit of a fraction."""
    return column.in_(bindparam(None, list(values), type, unique=True, expanding=True)) if values else false()


class _Pair(Grouping[bool]):
    """Two alternatives in brackets. Without an operator to be seen, for else they were joined to those around them."""

    inherit_cache = True
    operator = None


def any_of(conditions: Sequence[Sql]) -> Sql:
    """One of the conditions holds: joined in pairs, so that even thousands are a few levels deep."""
    level = list(conditions) or [false()]
    while len(level) > 1:
        pairs = [level[start : start + 2] for start in range(0, len(level), 2)]
        level = [pair[0] if len(pair) == 1 else _Pair(or_(*pair)) for pair in pairs]
    return level[0]
