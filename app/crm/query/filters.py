"""Filters as SQL: conditions, And, Or, Not, Related, full text."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    exists,
    false,
    literal_column,
    or_,
    select,
    true,
)

from app.crm.query import conditions
from app.crm.query.conditions import negate
from app.crm.query.source import Leaf, Many, Source, resolve
from app.crm.query.suggestions import Collector, bad
from app.crm.query.values import MOST_ITEMS
from app.shared.contract import And, Condition, Filter, Not, Or, Related, Text

Sql = ColumnElement[bool]
DEEPEST = 50  # levels of a filter
MOST = 500  # conditions of a filter
MOST_VALUES = 15_000  # of all its lists


def compiled(source: Source, filter: Filter, errors: Collector) -> Sql:
    """The filter as a condition on the source, to which it may join. What is bad is left to `errors`."""
    size, depth = _measure(filter)
    if depth > DEEPEST or size > MOST:
        reason = f"The filter is too large: at most {MOST} conditions, {DEEPEST} levels deep."
        errors.run(lambda: _raise(bad("where", reason)))
        return false()
    if (count := _count_values(filter)) > MOST_VALUES:
        reason = f"The filter holds {count:,} values in its lists: at most {MOST_VALUES:,} in all."
        errors.run(lambda: _raise(bad("where", reason)))
        return false()
    return _sql(source, filter, errors)


def _count_values(filter: Filter) -> int:
    """How many values stand in lists; one list alone that is too long is left to its field's own error."""
    found = [len(filter.value)] if isinstance(filter, Condition) and isinstance(filter.value, list | tuple) else []
    inner = [_count_values(item) for item in _inner(filter)]
    return sum(min(count, MOST_ITEMS) for count in found) + sum(inner)


def _raise(error: Exception) -> None:
    raise error


def _measure(filter: Filter) -> tuple[int, int]:
    """How many nodes a filter has, and how many levels; counted without recursion, since it may be hostile."""
    size = depth = 0
    level: Sequence[Filter] = [filter]
    while level and depth <= DEEPEST:
        size, depth = size + len(level), depth + 1
        level = [inner for item in level for inner in _inner(item)]
    return size, depth


def _inner(filter: Filter) -> Sequence[Filter]:
    if isinstance(filter, And | Or):
        return filter.items
    if isinstance(filter, Not):
        return [filter.item]
    return [filter.where] if isinstance(filter, Related) and filter.where is not None else []


def _sql(source: Source, filter: Filter, errors: Collector) -> Sql:
    if isinstance(filter, And):
        return and_(true(), *(_sql(source, item, errors) for item in filter.items))
    if isinstance(filter, Or):
        return or_(false(), *(_sql(source, item, errors) for item in filter.items))
    if isinstance(filter, Not):
        return negate(_sql(source, filter.item, errors))
    if isinstance(filter, Text):
        return text(source, filter.text)
    found = errors.run(
        lambda: _related(source, filter, errors) if isinstance(filter, Related) else _condition(source, filter, errors)
    )
    return false() if found is None else found


def _condition(source: Source, condition: Condition, errors: Collector) -> Sql:
    end = resolve(source, condition.field)
    if isinstance(end, Leaf):
        return conditions.compiled(end, condition)
    if end.rest:
        return _any(end, condition.model_copy(update={"field": end.rest}), errors)
    return _relation(end, condition, errors)


def _relation(end: Many, condition: Condition, errors: Collector) -> Sql:
    """A condition on a to-many relation itself: whether it holds these records, or any at all."""
    by_id = condition.model_copy(update={"field": "id"})
    if condition.op == "empty":
        return negate(_any(end, None, errors)) if condition.value in (None, True, "true") else _any(end, None, errors)
    if condition.op in ("eq", "in"):
        return _any(end, by_id, errors)
    if condition.op in ("ne", "not_in"):
        positive = by_id.model_copy(update={"op": "eq" if condition.op == "ne" else "in"})
        return negate(_any(end, positive, errors))
    raise bad(end.path, f"{end.path} holds many records: it can be asked by eq, ne, in, not_in, empty, or over a path.")


def _related(source: Source, related: Related, errors: Collector) -> Sql:
    end = resolve(source, related.relation)
    if isinstance(end, Leaf) or end.rest:
        reason = f"{related.relation!r} is no relation to many records: expected, say, deals or company.deals."
        raise bad(related.relation, reason)
    found = _any(end, related.where, errors)
    return negate(found) if related.quantifier == "none" else found


def _any(end: Many, where: Filter | None, errors: Collector) -> Sql:
    """Some living, visible record points back here and satisfies the filter."""
    scope = end.source.scope
    inner = Source(scope, end.object)
    seen = scope.seen(end.object.name, inner.table)
    wanted = true() if where is None else _sql(inner, where, errors)
    points_here = inner.link(end.link) == end.source.table.c.id
    statement: Select[Any] = select(literal_column("1")).select_from(inner.clause).where(points_here, seen, wanted)
    return exists(statement.correlate_except(*_tables(inner)))


def _tables(source: Source) -> list[FromClause]:
    return [source.table, *(joined for joined, _ in source.joins)]


def text(source: Source, words: str) -> Sql:
    """Records whose searchable text holds every word, the last one perhaps unfinished; the trash has no such text."""
    from app.crm import fulltext  # narrows its hits by this door's `visible`, so it comes after it

    found = fulltext.matching(source.scope.connection, source.spec.name, words)
    return false() if found is None else source.table.c.id.in_(found)
