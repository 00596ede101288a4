"""Figures, amounts and days as people write them."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.crm.query import periods

_LARGEST = 300  # digits of a number that is written out
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def figure(value: Any, *, plain: bool = False) -> str:
    """A number with thousands apart."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if plain or not number.is_finite() or abs(number.adjusted()) > _LARGEST:
        return str(value)
    return f"{number.normalize():,f}"


def amount(value: Any, currency: str) -> str:
    """$10,000; 10,000 CHF."""
    number = figure(value)
    symbol = _SYMBOLS.get(currency)
    if symbol is None:
        return f"{number} {currency}"
    return f"-{symbol}{number[1:]}" if number.startswith("-") else f"{symbol}{number}"


def day(value: str) -> str:
    """5 Nov 2024; Nov 2024; Q4 2024; last quarter; the last 30 days; 2 weeks from now."""
    try:
        if "T" in value or ":" in value:
            return f"{datetime.fromisoformat(value):%-d %b %Y %H:%M}"
        first, _ = periods.resolve(value, date(2000, 1, 1))
    except ValueError:
        return value
    parts = value.upper().split("-")
    if not parts[0].isdecimal():
        return relative(value)
    if len(parts) == 1:
        return value
    if parts[1].startswith("Q"):
        return f"{parts[1]} {parts[0]}"
    return f"{first:%b %Y}" if len(parts) == 2 else f"{first.day} {first:%b %Y}"


def relative(period: str) -> str:
    """A period that moves with today: last quarter; the last 30 days; 30 days ago; 2 weeks from now."""
    words = period.replace("_", " ")
    if words.startswith("in "):
        return f"{words.removeprefix('in ')} from now"
    return f"the {words}" if words.startswith(("last ", "next ")) and words[5:6].isdecimal() else words
