"""Sentences and numbers of an answer. Text is written here, by code, and never by a model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.shared.contract import FieldSpec, Money, Ref
from app.shared.money import digits

_ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def number(value: float | int | Decimal) -> str:
    """12345.678 as 12,345.68; whole numbers without decimals."""
    exact = Decimal(str(value))
    if exact == exact.to_integral_value():
        return f"{int(exact):,}"
    return f"{exact.quantize(Decimal('0.01')) if abs(exact) >= 1 else exact.normalize():,}"


def money(value: float | int | Decimal, currency: str) -> str:
    """$12,345.60 where there are cents, else $12,345; the code before it where the currency has no sign here."""
    exact = round(Decimal(str(value)), digits(currency))
    text = f"{abs(exact):,}" if exact != exact.to_integral_value() else f"{abs(int(exact)):,}"
    sign = _SYMBOLS.get(currency)
    return ("-" if exact < 0 else "") + (f"{sign}{text}" if sign else f"{currency} {text}")


def day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"


def plain(value: Any, field: FieldSpec | None = None) -> str:
    """Any value of the doors, for a sentence."""
    if value is None or value == "" or value == ():
        return "nothing"
    if isinstance(value, Money):
        return money(value.major, value.currency)
    if isinstance(value, Ref):
        return value.label
    if isinstance(value, datetime):
        return day(value.date())
    if isinstance(value, date):
        return day(value)
    return _simple(value, field)


def _simple(value: Any, field: FieldSpec | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        yearlike = (
            field is not None and isinstance(value, int) and 1000 <= value <= 2999 and "year" in field.label.lower()
        )
        return str(value) if yearlike else number(value)
    if isinstance(value, tuple):
        return listed([plain(item, field) for item in value])
    if field is not None:
        return next((option.label for option in field.options if option.key == value), str(value))
    return str(value)


def listed(words: Sequence[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def some(entries: Sequence[str], total: int) -> str:
    """The first entries, and how many more there are: "a, b and 3 more"."""
    more = total - len(entries)
    return listed([*entries, *([f"{more:,} more"] if more > 0 else [])])


def sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]


def ordinal(place: int) -> str:
    """The word before a superlative: "second " (highest); nothing for the first."""
    return f"{_ORDINALS[place]} " if place > 1 else ""


def quoted(words: Sequence[str]) -> str:
    return listed([f"“{word}”" for word in words])


def bucket(first: date, unit: str) -> str:
    """The first day of a bucket as people name it: November 2024, Q4 2024."""
    if unit == "year":
        return str(first.year)
    if unit == "quarter":
        return f"Q{(first.month + 2) // 3} {first.year}"
    return f"{first:%B %Y}" if unit == "month" else day(first)


def counted(count: int, one: str, many: str) -> str:
    """1 deal; 2,000 deals; no deals."""
    return f"{count:,} {one if count == 1 else many}" if count else f"No {many}"
