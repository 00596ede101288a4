"""Money in SQL: amounts are stored in minor units, asked for in major units, and most currencies have hundredths."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, literal

from app.shared.contract import Money
from app.shared.money import unusual

USUAL = 2


def currency_of(table: FromClause, default: str) -> ColumnElement[str]:
    """The ISO code of a row's currency, in small letters as keys are; the workspace's own where the row names none."""
    own = literal(default.casefold())
    return func.coalesce(table.c.currency_key, own) if "currency_key" in table.c else own


def keys_by_digits() -> dict[int, list[str]]:
    """The unusual currencies by their number of digits, 0 and 3; in small letters."""
    grouped: defaultdict[int, list[str]] = defaultdict(list)
    for code, number in sorted(unusual().items()):
        grouped[number].append(code.casefold())
    return dict(grouped)


def money(minor: Any, currency: Any, default: str) -> Money | None:
    """A row's amount as a value of the doors."""
    return None if minor is None else Money(int(minor), (str(currency or "") or default).upper())


def in_currency(minor: Decimal | int, currency: str) -> Money:
    """An amount that may hold a fraction of a minor unit, as an average does; whole ones are integers."""
    whole = int(minor)
    return Money(whole if whole == minor else minor, currency.upper())


def minor_units(major: Decimal, currency_digits: int) -> Decimal:
    return major.scaleb(currency_digits)
