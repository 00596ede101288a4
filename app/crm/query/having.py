"""Bounds on groups: only those whose measure is so.

A measure is compared as a field of its kind would be: numbers and amounts by their figure, dates by days and periods.
Amounts of several currencies are compared each in its own, and one that is so is enough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    FromClause,
    Numeric,
    Select,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from app.crm.query import conditions, measures, reduction
from app.crm.query.conversion import Conversion
from app.crm.query.measures import Sum
from app.crm.query.money import keys_by_digits
from app.crm.query.reduction import Level, Plan
from app.crm.query.source import Leaf, Source
from app.crm.query.suggestions import Collector, bad, hint
from app.shared.contract import Condition, FieldSpec, Having, Query

Sql = ColumnElement[bool]
Expression = ColumnElement[Any]
_USUAL = 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the bounds of a query are compared with: the groups, and how their amounts are kept."""

    plan: Plan
    query: Query
    level: Level
    groups: FromClause
    several: bool  # currencies
    conversion: Conversion | None


class _Figure(Leaf):
    """A measure of a group, to be compared as the field of a record is."""

    def __init__(self, source: Source, spec: FieldSpec, figure: Expression, code: Expression | None = None) -> None:
        super().__init__(source, spec, spec.name)
        object.__setattr__(self, "figure", figure)
        object.__setattr__(self, "code", code)

    @property
    def key(self) -> Expression:
        return self.figure  # type: ignore[attr-defined,no-any-return]  # set past the frozen dataclass

    @property
    def currency(self) -> Expression:
        return self.code  # type: ignore[attr-defined,no-any-return]  # set past the frozen dataclass


def compiled(bounds: Bounds, errors: Collector) -> list[Sql]:
    """The query's bounds as conditions on its groups. Raises nothing: what is bad is left to `errors`."""
    return errors.each(lambda having: _bound(bounds, having), bounds.query.having)


def _bound(bounds: Bounds, having: Having) -> Sql:
    keys = [item.measure.key for item in bounds.plan.sums]
    if having.measure not in keys:
        raise bad(
            having.measure, f"Groups have no measure {having.measure!r}, only {', '.join(keys)}.{_near(having, keys)}"
        )
    place = keys.index(having.measure)
    item = bounds.plan.sums[place]
    found = dict(bounds.groups.c.items())
    if not item.is_money:
        return _holds(item, having, *_plain(item, place, found))
    if bounds.conversion is not None:
        figure = bounds.conversion.major(item, place, found)
        return _holds(item, having, figure, _NUMBER)
    if bounds.several and measures.has_currencies(item):
        return _in_any_currency(bounds, item, place, having)
    own = literal(item.leaf.scope.catalog.currency.casefold()) if item.leaf else None
    return _amount(item, having, _or_nothing(item, found[f"m{place}"]), found.get(f"q{place}"), own)


def _near(having: Having, keys: Sequence[str]) -> str:
    return hint(having.measure, keys)


_NUMBER = FieldSpec("", "", "number")
_WHOLE = FieldSpec("", "", "number", integer=True)
_MONEY = FieldSpec("", "", "money")


def _holds(item: Sum, having: Having, figure: Expression, kind: FieldSpec, code: Expression | None = None) -> Sql:
    """The condition on one figure, with the errors that a field of its kind would give."""
    assert item.leaf is not None or kind is _WHOLE
    source = item.leaf.source if item.leaf else None
    named = FieldSpec(having.measure, having.measure, kind.type, integer=kind.integer)
    leaf = _Figure(source, named, figure, code)  # type: ignore[arg-type]  # a count of records has no source
    return conditions.compiled(leaf, Condition(field=having.measure, op=having.op, value=having.value))


def _plain(item: Sum, place: int, found: Mapping[str, Any]) -> tuple[Expression, FieldSpec]:
    """A count, a number or a date."""
    figure = found[f"m{place}"]
    if item.fn in ("count", "count_distinct"):
        return figure, _WHOLE
    assert item.leaf is not None
    if item.leaf.field.type in ("date", "datetime"):
        return figure, FieldSpec("", "", item.leaf.field.type)
    if item.fn == "avg":
        return cast(figure, Float()) / func.nullif(found[f"q{place}"], 0), _NUMBER
    return _or_nothing(item, figure), _WHOLE if item.leaf.field.integer else _NUMBER


def _or_nothing(item: Sum, figure: Expression) -> Expression:
    """A sum over nothing is 0."""
    return func.coalesce(figure, literal(0, BigInteger())) if item.fn in ("sum", "weighted") else figure


def _amount(item: Sum, having: Having, figure: Expression, count: Expression | None, code: Any) -> Sql:
    """Of one currency: whole minor units as they are, averages and weighted sums in major units."""
    if item.fn in ("sum", "min", "max"):
        return _holds(item, having, figure, _MONEY, code)
    return _holds(item, having, _major(item, figure, count, code), _NUMBER)


def _major(item: Sum, figure: Expression, count: Expression | None, code: Expression) -> Expression:
    assert item.leaf is not None
    is_sqlite = item.leaf.scope.is_sqlite
    exact: Expression = cast(figure, Float()) if is_sqlite else cast(figure, Numeric())
    divided = exact / func.nullif(count, 0) if count is not None and item.fn == "avg" else exact / 100
    branches = [(code.in_(codes), literal(10**number, BigInteger())) for number, codes in keys_by_digits().items()]
    return divided / case(*branches, else_=literal(10**_USUAL, BigInteger()))


def _in_any_currency(bounds: Bounds, item: Sum, place: int, having: Having) -> Sql:
    """Some currency's figure is so; where there are no amounts at all, 0 in the workspace's own."""
    assert item.input is not None
    own = bounds.plan.scope.catalog.currency.casefold()
    by = {"code": func.coalesce(measures.code(item), own)}
    columns = list(measures.plain(place, item))
    level = reduction.reduce(
        bounds.plan, columns, Collector(), by=by, where=[item.input.is_not(None)], name=f"h{place}"
    )
    each = level.statement.subquery(f"each{place}")
    here = reduction.same(level, bounds.groups, [each.c[name] for name in level.parts])
    positive, is_negative = _positive(having)
    holds = _amount(item, positive, each.c[f"m{place}"], each.c[f"q{place}"], each.c.code)
    some: Select[Any] = select(literal_column("1")).select_from(each).where(here)
    found: Sql = some.where(holds).correlate_except(each).exists()
    if item.fn in ("sum", "weighted"):
        none = literal(0, BigInteger())
        nothing = _amount(item, positive, none, None, literal(own))
        found = or_(found, (~some.correlate_except(each).exists()) & nothing)
    return conditions.negate(found) if is_negative else found


def _positive(having: Having) -> tuple[Having, bool]:
    """Another than the bound: none of the figures is it."""
    return (having.model_copy(update={"op": "eq"}), True) if having.op == "ne" else (having, False)
