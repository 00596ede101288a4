"""Grouped queries as SQL: rows reduced by what stands in the table, then by what that leads to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, literal_column, select, true

from app.crm.query import grouping, measures
from app.crm.query.grouping import Draft, Key, Reduced
from app.crm.query.measures import Column, Sum
from app.crm.query.pages import Rows, rows
from app.crm.query.scope import Scope
from app.crm.query.source import Source
from app.crm.query.suggestions import Collector
from app.shared.contract import Query

Expression = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """A grouped query over its rows, each key and measure read against them."""

    source: Source
    wanted: Rows
    drafts: Sequence[Draft]
    sums: Sequence[Sum]

    @property
    def scope(self) -> Scope:
        return self.source.scope


@dataclass(frozen=True, slots=True)
class Level:
    """Groups as a SELECT: p<key>_<part> identify one, a<key>_<n> go along, o<key> gives the order; then aggregates."""

    statement: Select[Any]
    keys: Sequence[Key]

    @property
    def parts(self) -> list[str]:
        return [f"p{place}_{part}" for place, key in enumerate(self.keys) for part in range(len(key.parts))]

    def along(self, place: int) -> list[str]:
        return [f"a{place}_{number}" for number in range(len(self.keys[place].along))]

    def order(self, place: int) -> str:
        return f"p{place}_0" if self.keys[place].order is None else f"o{place}"


def plan(scope: Scope, query: Query, errors: Collector) -> Plan:
    """What is bad about rows, keys and measures is left to `errors`."""
    source = Source(scope, scope.object(query.object))
    wanted = rows(source, query, errors)
    drafts = errors.each(partial(grouping.draft, source), query.group_by)
    sums = errors.each(partial(measures.build, source), query.measures)
    return Plan(source, wanted, drafts, sums)


def reduce(
    plan: Plan,
    columns: Sequence[Column],
    errors: Collector,
    *,
    by: Mapping[str, Expression] | None = None,
    where: Sequence[ColumnElement[bool]] = (),
    name: str = "g",
) -> Level:
    """The groups with these aggregates. `by`: further columns that the rows are grouped by, under their names."""
    merges = any(draft.merges for draft in plan.drafts)
    apart = _distinct(plan) if merges else {}
    by = dict(by or {})
    raw = _first(plan, [column for column in columns if column.name not in apart], {**by, **apart}, where, name)
    reduced = Reduced(plan.scope, plan.source.spec, raw, _links(plan, raw))
    keys = [key for place, draft in enumerate(plan.drafts) if (key := errors.run(partial(_key, reduced, draft, place)))]
    return Level(_second(reduced, keys, columns, by, apart, merges=merges), keys)


def _distinct(plan: Plan) -> dict[str, Expression]:
    """The inputs of distinct counts, which can't be merged: the rows are grouped by them too."""
    return {
        f"m{place}": item.input
        for place, item in enumerate(plan.sums)
        if item.fn == "count_distinct" and item.input is not None
    }


def _first(
    plan: Plan,
    columns: Sequence[Column],
    by: Mapping[str, Expression],
    where: Sequence[ColumnElement[bool]],
    alias: str,
) -> FromClause:
    """The rows grouped by raw values. Groups are named by their labels: PostgreSQL takes parameters for different."""
    raw = {f"k{place}_{n}": part for place, draft in enumerate(plan.drafts) for n, part in enumerate(draft.raw)}
    least = {f"l{place}_{n}": part for place, draft in enumerate(plan.drafts) for n, part in enumerate(draft.least)}
    names = {**raw, **by}
    chosen = [part.label(name) for name, part in names.items()]
    chosen += [func.min(part).label(name) for name, part in least.items()]
    chosen += [column.over_rows.label(column.name) for column in columns]
    statement = select(*(chosen or [func.count().label("one")])).select_from(plan.source.clause)
    statement = statement.where(*plan.wanted.conditions, *where)
    if names:
        statement = statement.group_by(*(literal_column(name) for name in names))
    return statement.subquery(alias)


def _links(plan: Plan, raw: FromClause) -> dict[str, Expression]:
    return {draft.link.name: raw.c[f"k{place}_0"] for place, draft in enumerate(plan.drafts) if draft.link}


def _key(reduced: Reduced, draft: Draft, place: int) -> Key:
    columns = reduced.table.c
    raw = [columns[f"k{place}_{number}"] for number in range(len(draft.raw))]
    return draft.finish(reduced, raw, [columns[f"l{place}_{number}"] for number in range(len(draft.least))])


def _second(
    reduced: Reduced,
    keys: Sequence[Key],
    columns: Sequence[Column],
    by: Mapping[str, Expression],
    apart: Mapping[str, Expression],
    *,
    merges: bool,
) -> Select[Any]:
    """What the raw values lead to; grouped again where several may lead to the same."""
    raw = reduced.table.c
    names = {f"p{place}_{n}": part for place, key in enumerate(keys) for n, part in enumerate(key.parts)}
    names |= {name: raw[name] for name in by}
    least = {f"a{place}_{n}": part for place, key in enumerate(keys) for n, part in enumerate(key.along)}
    least |= {f"o{place}": key.order for place, key in enumerate(keys) if key.order is not None}
    folded = {column.name: column.merge(raw[column.name]) for column in columns if column.name not in apart}
    folded |= {name: func.count(raw[name].distinct()) for name in apart}
    if not merges:
        chosen = {**names, **least, **{column.name: raw[column.name] for column in columns}}
        return select(*_labelled(chosen)).select_from(reduced.clause)
    chosen = {**names, **{name: func.min(part) for name, part in least.items()}, **folded}
    by_names: list[Expression] = [literal_column(name) for name in names]
    return select(*_labelled(chosen)).select_from(reduced.clause).group_by(*by_names)


def _labelled(columns: Mapping[str, Expression]) -> list[Any]:
    return [part.label(name) for name, part in columns.items()] or [literal_column("1").label("one")]


def same(level: Level, one: FromClause, parts: Sequence[Expression]) -> ColumnElement[bool]:
    """That a group has these parts; empty ones are equal."""
    pairs = zip(level.parts, parts, strict=True)
    return and_(true(), *(one.c[name].is_not_distinct_from(part) for name, part in pairs))


def members(scope: Scope, query: Query, level: Level, groups: FromClause) -> Select[Any]:
    """The ids of the records in these groups of the query."""
    errors = Collector()
    again = plan(scope, query, errors)
    keys = [draft.finish(again.source, draft.raw, draft.least) for draft in again.drafts]
    here = same(level, groups, [part for key in keys for part in key.parts])
    found = select(again.source.table.c.id).select_from(again.source.clause).where(*again.wanted.conditions)
    return found.where(select(literal_column("1")).select_from(groups).where(here).exists())


def narrowed(plan: Plan, condition: ColumnElement[bool]) -> Plan:
    """The plan over fewer rows."""
    return replace(plan, wanted=replace(plan.wanted, conditions=(*plan.wanted.conditions, condition)))
