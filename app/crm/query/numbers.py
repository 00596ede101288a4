"""Numbers and money compared, exactly: an integer column is compared with an integer bound, which an index serves."""

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Float, Numeric, and_, false, literal, or_

from app.crm.query import lists, money
from app.crm.query.source import Leaf
from app.crm.query.values import LARGEST

Sql = ColumnElement[bool]


def compare(leaf: Leaf, op: str, value: Decimal) -> Sql:
    """`leaf op value`; money in major units of each row's own currency."""
    if leaf.field.type == "money":
        return _money(leaf, op, value)
    if leaf.field.integer:
        return _integer(leaf.key, op, value)
    return _apply(leaf.key, op, _bind(leaf, value))


def among(leaf: Leaf, values: Sequence[Decimal]) -> Sql:
    """Equal to one of them; money in major units of each row's own currency."""
    if len(values) == 1:
        return compare(leaf, "eq", values[0])
    if leaf.field.type == "money":
        return _money_among(leaf, values)
    whole = _whole(leaf, values)
    if leaf.field.integer:
        return whole
    parts = [value for value in dict.fromkeys(values) if not _is_whole(value)]
    if leaf.scope.is_sqlite:
        return or_(whole, lists.each_among(leaf.key, [float(value) for value in parts], Float()))
    return or_(whole, lists.among(leaf.scope, leaf.key, parts, Numeric()))


def _whole(leaf: Leaf, values: Sequence[Decimal]) -> Sql:
    """Integers alone: what has a fraction, or is beyond every integer, no integer column holds."""
    return lists.among(leaf.scope, leaf.key, [int(value) for value in values if _is_whole(value)], BigInteger())


def _is_whole(value: Decimal) -> bool:
    return value == value.to_integral_value() and abs(value) <= LARGEST


def _money_among(leaf: Leaf, values: Sequence[Decimal]) -> Sql:
    def amounts(digits: int) -> Sql:
        return _whole(leaf, [money.minor_units(value, digits) for value in values])

    return _by_digits(leaf, amounts) if leaf.scope.mixed(leaf.source.spec.name) else amounts(money.USUAL)


def _bind(leaf: Leaf, value: Decimal) -> ColumnElement[Any]:
    if value == value.to_integral_value() and abs(value) <= LARGEST:
        return literal(int(value), BigInteger())
    if leaf.scope.is_sqlite:
        return literal(float(value), Float())
    return literal(value, Numeric())


def _integer(column: ColumnElement[Any], op: str, value: Decimal) -> Sql:
    """Compare an integer column with any number, by the nearest integer on the right side of it."""
    bound = value.to_integral_value(ROUND_FLOOR if op in ("gt", "lte") else ROUND_CEILING)
    if op == "eq" and bound != value:
        return false()
    if abs(bound) > LARGEST:
        above = op in ("lt", "lte") if bound > 0 else op in ("gt", "gte")
        return column.is_not(None) if above else false()
    return _apply(column, op, literal(int(bound), BigInteger()))


def _apply(column: ColumnElement[Any], op: str, value: ColumnElement[Any]) -> Sql:
    if op == "eq":
        return column == value
    if op in ("gt", "gte"):
        return column > value if op == "gt" else column >= value
    return column < value if op == "lt" else column <= value


def _money(leaf: Leaf, op: str, value: Decimal) -> Sql:
    """The stored column against one bound where every currency has hundredths; else a bound for each kind."""

    def amount(digits: int) -> Sql:
        return _integer(leaf.key, op, money.minor_units(value, digits))

    return _by_digits(leaf, amount) if leaf.scope.mixed(leaf.source.spec.name) else amount(money.USUAL)


def _by_digits(leaf: Leaf, amount: Callable[[int], Sql]) -> Sql:
    """A condition for each kind of currency, by its number of digits."""
    code, unusual = leaf.currency, money.keys_by_digits()
    every = [name for codes in unusual.values() for name in codes]
    branches = [and_(code.in_(codes), amount(digits)) for digits, codes in unusual.items()]
    return or_(and_(code.not_in(every), amount(money.USUAL)), *branches)
