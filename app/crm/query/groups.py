"""Grouped answers: one statement for the groups, one for the totals, one more for amounts of several currencies."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, select

from app.crm.query import grouping, measures
from app.crm.query.grouping import Key
from app.crm.query.measures import Sum, Tally
from app.crm.query.pages import rows
from app.crm.query.scope import Scope
from app.crm.query.source import Source
from app.crm.query.suggestions import Collector, bad, hint
from app.shared.contract import GroupRow, Groups, Measure, Query

Expression = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """A grouped query, compiled: the rows as a subquery, with the keys' parts and the measures' inputs as columns."""

    scope: Scope
    keys: list[Key]
    sums: list[Sum]
    rows: Subquery

    @property
    def parts(self) -> list[Expression]:
        return [
            self.rows.c[f"k{place}_{part}"] for place, key in enumerate(self.keys) for part in range(len(key.parts))
        ]

    def along(self, place: int) -> list[Expression]:
        return [func.min(self.rows.c[f"a{place}_{number}"]) for number in range(len(self.keys[place].along))]

    def order(self, place: int) -> Expression:
        if self.keys[place].order is None:
            return self.rows.c[f"k{place}_0"]
        return func.min(self.rows.c[f"o{place}"])

    def column(self, letter: str, place: int) -> Expression | None:
        return self.rows.c.get(f"{letter}{place}")


@dataclass(slots=True)
class Found:
    """One group as it was read."""

    parts: tuple[Any, ...]
    along: list[list[Any]]
    tallies: list[Tally]


def run(scope: Scope, query: Query) -> Groups:
    """The answer's query names its measures: a count where the question named none."""
    query = query if query.measures else query.model_copy(update={"measures": (Measure(),)})
    if query.cursor is not None:
        raise bad("cursor", "Groups have no pages: ask for more of them by limit.")
    errors = Collector()
    plan = _plan(scope, query, errors)
    errors.check()
    order = _order(plan, query, errors)
    errors.check()
    found, count = _groups(plan, order, query.limit)
    totals = _totals(scope, query, plan, found, count)
    currency = scope.catalog.currency
    shown = tuple(_row(plan, group, currency) for group in found)
    values = tuple(measures.finish(item, tally, currency) for item, tally in zip(plan.sums, totals, strict=True))
    return Groups(query, shown, values, count)


def _plan(scope: Scope, query: Query, errors: Collector) -> Plan:
    source = Source(scope, scope.object(query.object))
    wanted = rows(source, query, errors)
    keys = errors.each(partial(grouping.key, source), query.group_by)
    sums = errors.each(partial(measures.build, source), query.measures)
    columns = _columns(keys, sums, query.sort) or [source.table.c.id.label("id")]
    statement = select(*columns).select_from(source.clause).where(*wanted.conditions)
    return Plan(scope, keys, sums, statement.subquery("rows"))


def _columns(keys: Sequence[Key], sums: Sequence[Sum], sort: Sequence[str]) -> list[Any]:
    columns: list[Any] = []
    for place, key in enumerate(keys):
        columns += [part.label(f"k{place}_{number}") for number, part in enumerate(key.parts)]
        columns += [part.label(f"a{place}_{number}") for number, part in enumerate(key.along)]
        columns += [key.order.label(f"o{place}")] if key.order is not None else []
    for place, item in enumerate(sums):
        ranked = item.ranked if item.measure.key in (name.removeprefix("-") for name in sort) else None
        named = {"m": item.input, "c": item.currency, "r": ranked}
        columns += [part.label(f"{letter}{place}") for letter, part in named.items() if part is not None]
    return columns


def _order(plan: Plan, query: Query, errors: Collector) -> list[Expression]:
    """As asked for, then by the keys: empty ones last."""
    order = errors.each(partial(_ordered, plan, query), query.sort)
    by_keys = [plan.order(place).asc().nulls_last() for place in range(len(plan.keys))]
    return order + by_keys + [part.asc().nulls_last() for part in plan.parts]


def _ordered(plan: Plan, query: Query, name: str) -> Expression:
    key = name.removeprefix("-")
    term = _sort_expression(plan, query, key)
    return (term.desc() if name.startswith("-") else term.asc()).nulls_last()


def _sort_expression(plan: Plan, query: Query, key: str) -> Expression:
    for place, item in enumerate(plan.sums):
        if key == item.measure.key:
            return measures.rank(item, plan.column("m", place), plan.column("r", place))
    for place, group in enumerate(query.group_by):
        if key in (group.key, group.field):
            return plan.order(place)
    known = [*(item.key for item in query.measures), *(group.key for group in query.group_by)]
    raise bad(key, f"Groups can't be sorted by {key!r}, only by {', '.join(known)}.{hint(key, known)}")


def _aggregates(plan: Plan) -> list[Expression]:
    """For each measure: the aggregate, its row count, and the first and last currency."""
    found: list[Expression] = []
    for place, item in enumerate(plan.sums):
        found += measures.aggregates(item, plan.column("m", place))
        code = plan.column("c", place)
        found += [func.min(code), func.max(code)] if code is not None else []
    return found


def _read_tallies(plan: Plan, values: Sequence[Any]) -> tuple[list[Tally], set[int]]:
    """The tallies of one group, and the measures whose amounts are of several currencies."""
    tallies: list[Tally] = []
    mixed: set[int] = set()
    place = 0
    for number, item in enumerate(plan.sums):
        found, count, *codes = values[place : place + (4 if item.is_money else 2)]
        place += 4 if item.is_money else 2
        code = codes[0] if codes else None
        if codes and codes[0] != codes[1]:
            mixed.add(number)
        tallies.append({code: (found, count)})
    return tallies, mixed


def _groups(plan: Plan, order: Sequence[Expression], limit: int) -> tuple[list[Found], int]:
    """The groups that are shown, and how many there are."""
    if not plan.keys:
        return [_single(plan)], 1
    parts = plan.parts
    along = [part for place in range(len(plan.keys)) for part in plan.along(place)]
    selected = [*parts, *along, *_aggregates(plan), func.count().over()]
    labelled = [part.label(f"x{place}") for place, part in enumerate(selected)]
    statement = select(*labelled).group_by(*parts).order_by(*order).limit(limit)
    found: list[Found] = []
    mixed: set[int] = set()
    count = 0
    for row in plan.scope.connection.execute(statement):
        tallies, several = _read_tallies(plan, row[len(parts) + len(along) : -1])
        found.append(Found(tuple(row[: len(parts)]), _along(plan, row[len(parts) :]), tallies))
        mixed |= several
        count = row[-1]
    _split(plan, found, mixed)
    return found, count


def _along(plan: Plan, values: Sequence[Any]) -> list[list[Any]]:
    found, place = [], 0
    for key in plan.keys:
        found.append(list(values[place : place + len(key.along)]))
        place += len(key.along)
    return found


def _single(plan: Plan) -> Found:
    row = plan.scope.connection.execute(select(*_labelled(_aggregates(plan))).select_from(plan.rows)).one()
    tallies, mixed = _read_tallies(plan, row)
    found = Found((), [], tallies)
    _split(plan, [found], mixed)
    return found


def _labelled(expressions: Sequence[Expression]) -> list[Any]:
    return [expression.label(f"x{place}") for place, expression in enumerate(expressions)]


def _split(plan: Plan, groups: Sequence[Found], mixed: set[int]) -> None:
    """Amounts of several currencies, each currency by itself: nothing adds up across them."""
    for number in sorted(mixed):
        code, parts = plan.rows.c[f"c{number}"], plan.parts
        values = measures.aggregates(plan.sums[number], plan.column("m", number))
        statement = select(*_labelled([*parts, code, *values])).where(code.is_not(None)).group_by(*parts, code)
        tallies: defaultdict[tuple[Any, ...], dict[str | None, tuple[Any, int]]] = defaultdict(dict)
        for row in plan.scope.connection.execute(statement):
            tallies[tuple(row[: len(parts)])][row[-3]] = (row[-2], row[-1])
        for group in groups:
            group.tallies[number] = tallies[group.parts]


def _totals(scope: Scope, query: Query, plan: Plan, found: Sequence[Found], count: int) -> list[Tally]:
    """Over all rows: from the groups where all are there and no record is in two, else by a statement of its own."""
    distinct = any(item.fn == "count_distinct" for item in plan.sums)
    several = any(key.multiplies for key in plan.keys)
    if plan.keys and (distinct or several or count > len(found)):
        whole = _plan(scope, query.model_copy(update={"group_by": (), "sort": ()}), Collector())
        return _single(whole).tallies
    return [measures.merge(item, [group.tallies[place] for group in found]) for place, item in enumerate(plan.sums)]


def _row(plan: Plan, group: Found, currency: str) -> GroupRow:
    keys, place = [], 0
    for key, along in zip(plan.keys, group.along, strict=True):
        keys.append(key.decode(group.parts[place : place + len(key.parts)], along))
        place += len(key.parts)
    values = (measures.finish(item, tally, currency) for item, tally in zip(plan.sums, group.tallies, strict=True))
    return GroupRow(tuple(keys), tuple(values))
