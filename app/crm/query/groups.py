"""Grouped answers: one statement for the groups and the totals, one more for amounts of several currencies."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import CTE, ColumnElement, Engine, func, literal_column, select, true

from app.crm.query import conversion, having, measures, reduction
from app.crm.query.conversion import Conversion
from app.crm.query.measures import Column, Tally
from app.crm.query.reduction import Level, Plan
from app.crm.query.scope import Scope
from app.crm.query.suggestions import Collector, bad, hint
from app.shared.contract import GroupRow, Groups, Measure, Query, Value

Expression = ColumnElement[Any]
# Objects whose amounts were found in several currencies: their figures are read so that they can be taken apart.
_several: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()


@dataclass(slots=True)
class Found:
    """One group as it was read."""

    parts: tuple[Any, ...]
    along: list[list[Any]]
    tallies: list[Tally]


@dataclass(frozen=True, slots=True)
class Statement:
    """The groups of a plan, those of them that are asked for, and by what they are put in order."""

    plan: Plan
    query: Query
    level: Level
    columns: Sequence[Column]
    groups: CTE
    passing: CTE
    order: Sequence[Expression]
    several: bool  # currencies can be taken apart
    conversion: Conversion | None

    @property
    def codes(self) -> tuple[str, ...] | None:
        return None if self.conversion is None else self.conversion.codes

    @property
    def is_narrowed(self) -> bool:
        return self.passing is not self.groups

    @property
    def counts_other_currencies(self) -> list[str]:
        return [column.name for column in self.columns if column.name.startswith("x")]


@dataclass(frozen=True, slots=True)
class Read:
    """What a statement found. `is_mixed`: amounts in several currencies, which it couldn't take apart."""

    groups: list[Found]
    totals: list[Tally]
    count: int
    is_mixed: bool = False


def run(scope: Scope, query: Query) -> Groups:
    """The answer's query names its measures: a count where the question named none."""
    query = query if query.measures else query.model_copy(update={"measures": (Measure(),)})
    if query.cursor is not None:
        raise bad("cursor", "Groups have no pages: ask for more of them by limit.")
    statement, read = _answer(scope, query)
    totals = _over_rows(statement) if _needs_rows(statement) else read.totals
    shown = tuple(_row(statement, group) for group in read.groups)
    values = tuple(_value(statement, place, tally) for place, tally in enumerate(totals))
    rates = () if statement.conversion is None else statement.conversion.rates
    return Groups(query, shown, values, read.count, rates)


def _answer(scope: Scope, query: Query) -> tuple[Statement, Read]:
    """Read as if there were one currency, which is one pass; anew where there turn out to be several."""
    known = _several.setdefault(scope.connection.engine, set())
    statement = _checked(scope, query, several=query.object in known)
    read = _read(statement)
    if read.is_mixed:
        known.add(query.object)
        statement = _checked(scope, query, several=True)
        read = _read(statement)
    return statement, read


def _checked(scope: Scope, query: Query, *, several: bool) -> Statement:
    errors = Collector()
    plan = reduction.plan(scope, query, errors)
    used = None if errors.errors else errors.run(lambda: conversion.conversion(plan, query))
    statement = _statement(plan, query, errors, several, used)
    errors.check()
    return statement


def _statement(
    plan: Plan, query: Query, errors: Collector, several: bool, used: Conversion | None, name: str = "found"
) -> Statement:
    columns = _columns(plan, query, several, used)
    level = reduction.reduce(plan, columns, errors)
    groups = level.statement.cte(name).prefix_with("MATERIALIZED")  # read twice: else SQLite might group twice
    passing, order = groups, list[Expression]()
    if len(level.keys) == len(query.group_by) and len(plan.sums) == len(query.measures):  # none was refused
        bounds = having.compiled(having.Bounds(plan, query, level, groups, several, used), errors)
        passing = select(groups).where(*bounds).cte("passing").prefix_with("MATERIALIZED") if bounds else groups
        order = _order(plan, query, level, passing, used, errors)
    return Statement(plan, query, level, columns, groups, passing, order, several, used)


def _columns(plan: Plan, query: Query, several: bool, used: Conversion | None) -> list[Column]:
    sorted_by = {name.removeprefix("-") for name in query.sort}
    codes = None if used is None else used.codes
    found: list[Column] = []
    for place, item in enumerate(plan.sums):
        sorts = item.measure.key in sorted_by
        found += measures.columns(place, item, sorts=sorts, several=several, codes=codes)
    if used is not None:
        found += conversion.columns(plan, used, [*sorted_by, *(bound.measure for bound in query.having)])
    return found


def _order(
    plan: Plan, query: Query, level: Level, groups: CTE, used: Conversion | None, errors: Collector
) -> list[Expression]:
    """As asked for, then by the keys: empty ones last."""
    order = errors.each(partial(_ordered, plan, query, level, groups, used), query.sort)
    names = [level.order(place) for place in range(len(level.keys))] + level.parts
    return order + [groups.c[name].asc().nulls_last() for name in dict.fromkeys(names)]


def _ordered(plan: Plan, query: Query, level: Level, groups: CTE, used: Conversion | None, name: str) -> Expression:
    term = _sort_expression(plan, query, level, groups, used, name.removeprefix("-"))
    return (term.desc() if name.startswith("-") else term.asc()).nulls_last()


def _sort_expression(
    plan: Plan, query: Query, level: Level, groups: CTE, used: Conversion | None, key: str
) -> Expression:
    for place, item in enumerate(plan.sums):
        if key == item.measure.key:
            converted = used is not None and item.is_money
            found = dict(groups.c.items())
            return used.minor(item, place, found) if used and converted else measures.rank(item, place, found)
    for place, group in enumerate(query.group_by):
        if key in (group.key, group.field):
            return groups.c[level.order(place)]
    known = [*(item.key for item in query.measures), *(group.key for group in query.group_by)]
    raise bad(key, f"Groups can't be sorted by {key!r}, only by {', '.join(known)}.{hint(key, known)}")


# --- reading ---------------------------------------------------------------------------------------------------------


def _read(statement: Statement) -> Read:
    """The groups that are shown, the totals over all that are asked for, and how many there are."""
    plan, passing = statement.plan, statement.passing
    folded = [column.merge(passing.c[column.name]).label(f"t{column.name}") for column in statement.columns]
    totals = select(func.count().label("count"), *folded).select_from(passing).subquery("totals")
    every = _others_of_all(statement)
    asked = select(passing, totals, *every).select_from(totals.outerjoin(passing, true()))
    found = plan.scope.connection.execute(asked.order_by(*statement.order).limit(statement.query.limit)).mappings()
    rows = found.all()
    whole, count = rows[0], int(rows[0]["count"])
    shown = [_group(statement, row) for row in rows] if count else []
    sums = _tallies(statement, {column.name: whole[f"t{column.name}"] for column in statement.columns})
    mixed = [int(name[1:]) for name in statement.counts_other_currencies if whole[f"t{name}"]]
    if not statement.several:
        return Read(shown, sums, count, bool(mixed) or any(whole[column.name] for column in every))
    if mixed:
        _split(statement, shown, sums, mixed)
    return Read(shown, sums, count)


def _others_of_all(statement: Statement) -> list[Any]:
    """How many rows are in other currencies, also of groups that are not asked for: they might have been, in theirs."""
    if not statement.is_narrowed:
        return []
    names = statement.counts_other_currencies
    return [select(func.sum(statement.groups.c[name])).scalar_subquery().label(f"every{name}") for name in names]


def _group(statement: Statement, row: Mapping[Any, Any]) -> Found:
    level = statement.level
    along = [[row[name] for name in level.along(place)] for place in range(len(level.keys))]
    return Found(tuple(row[name] for name in level.parts), along, _tallies(statement, row))


def _tallies(statement: Statement, row: Mapping[Any, Any]) -> list[Tally]:
    sums = enumerate(statement.plan.sums)
    return [measures.tally(place, item, row, statement.codes) for place, item in sums]


def _split(statement: Statement, groups: Sequence[Found], totals: list[Tally], mixed: Sequence[int]) -> None:
    """Takes apart amounts of several currencies: nothing adds up across them. One statement for each table of them."""
    by_table: defaultdict[Any, list[int]] = defaultdict(list)
    for place in mixed:
        leaf = statement.plan.sums[place].leaf
        by_table[leaf.source.table if leaf else None].append(place)
    for places in by_table.values():
        _split_some(statement, groups, totals, places)


def _split_some(statement: Statement, groups: Sequence[Found], totals: list[Tally], places: Sequence[int]) -> None:
    plan = statement.plan
    others: defaultdict[tuple[Any, ...], list[dict[str | None, tuple[Any, int]]]]
    others = defaultdict(lambda: [{} for _ in plan.sums])
    for parts, code, tallies in _foreign(statement, places):
        for place in places:
            if tallies[place][1]:
                others[parts][place][code] = tallies[place]
    for place in places:
        item = plan.sums[place]
        for group in groups:
            group.tallies[place] = measures.split(item, group.tallies[place], others[group.parts][place])
        all_others = measures.merge(item, [tallies[place] for tallies in others.values()])
        totals[place] = measures.split(item, totals[place], all_others)


def _foreign(
    statement: Statement, places: Sequence[int]
) -> Iterator[tuple[tuple[Any, ...], str, dict[int, tuple[Any, int]]]]:
    """(parts of the group, currency, measure -> its aggregate), of rows in other currencies than the workspace's."""
    plan = statement.plan
    item = plan.sums[places[0]]
    columns = [column for place in places for column in measures.plain(place, plan.sums[place])]
    others = [measures.is_foreign(item)]
    level = reduction.reduce(plan, columns, Collector(), by={"code": measures.code(item)}, where=others)
    groups = level.statement.subquery("others")
    asked = select(groups)
    if statement.is_narrowed:
        here = reduction.same(level, statement.passing, [groups.c[name] for name in level.parts])
        asked = asked.where(select(literal_column("1")).select_from(statement.passing).where(here).exists())
    for row in plan.scope.connection.execute(asked).mappings():
        found = {place: (row[f"m{place}"], int(row[f"q{place}"])) for place in places}
        yield tuple(row[name] for name in level.parts), row["code"], found


# --- totals over rows ------------------------------------------------------------------------------------------------


def _needs_rows(statement: Statement) -> bool:
    """Whether totals can't be had from the groups: a record may be in two of them, or a value counted in two."""
    distinct = any(item.fn == "count_distinct" for item in statement.plan.sums)
    keys = statement.level.keys
    return bool(keys) and (distinct or any(key.multiplies for key in keys))


def _over_rows(statement: Statement) -> list[Tally]:
    """Over the rows of all groups that are asked for, each once."""
    scope, errors = statement.plan.scope, Collector()
    whole = statement.query.model_copy(update={"group_by": (), "sort": (), "having": (), "limit": 1})
    plan = reduction.plan(scope, whole, errors)
    if statement.is_narrowed:
        ids = reduction.members(scope, statement.query, statement.level, statement.passing)
        plan = reduction.narrowed(plan, plan.source.table.c.id.in_(ids))
    read = _read(_statement(plan, whole, errors, statement.several, statement.conversion, "whole"))
    if read.is_mixed:
        read = _read(_statement(plan, whole, errors, True, statement.conversion, "whole"))
    return read.totals


# --- values ----------------------------------------------------------------------------------------------------------


def _value(statement: Statement, place: int, tally: Tally) -> Value:
    item = statement.plan.sums[place]
    if statement.conversion is not None and item.is_money:
        return statement.conversion.finish(item, tally)
    return measures.finish(item, tally, statement.plan.scope.catalog.currency)


def _row(statement: Statement, group: Found) -> GroupRow:
    keys, place = [], 0
    for key, along in zip(statement.level.keys, group.along, strict=True):
        keys.append(key.decode(group.parts[place : place + len(key.parts)], along))
        place += len(key.parts)
    return GroupRow(tuple(keys), tuple(_value(statement, place, tally) for place, tally in enumerate(group.tallies)))
