"""Numbers as people type them: read by the rules of the user's locale, and written back in its form.

In Germany 31.500 is thirty-one thousand five hundred and 31,5 has a half; in the United States it is the other way
round. So a text that breaks its locale's rules is refused: what it would mean elsewhere is a thousand times off.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from app.crm.pages import locale
from app.crm.pages.words import gettext as _

_SHAPE = re.compile(r"^[$€£¥]?\s*(?P<digits>[^a-zA-Z$€£¥%]*\d[^a-zA-Z$€£¥%]*?)\s*(?P<scale>[kKmM]?)\s*[$€£¥%]?$")
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000}
_SPACES = "\u00a0\u202f\u2009 "
_LONGEST = 60  # characters of a number
_APOSTROPHES = "\u2019'"


class Unreadable(ValueError):
    """The text is no number in this locale; the message says how one is written there."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """How a locale writes numbers: the sign before the fraction, and what a whole number with its groups looks like."""

    point: str
    number: re.Pattern[str]
    example: str


@lru_cache(maxsize=32)
def _rules(name: str) -> _Rules:
    from babel import Locale
    from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

    known = Locale.parse(name)
    point, group = get_decimal_symbol(known), get_group_symbol(known)
    alike = next((signs for signs in (_SPACES, _APOSTROPHES) if group in signs), group)
    first, second = known.decimal_formats[None].grouping
    sign = f"[{re.escape(alike)}]"
    grouped = rf"\d{{1,{second}}}(?:{sign}\d{{{second}}})*{sign}\d{{{first}}}"
    number = rf"(?P<sign>[+-]?)\s*(?P<whole>{grouped}|\d+|(?={re.escape(point)}\d))(?:{re.escape(point)}(?P<part>\d*))?"
    return _Rules(point, re.compile(number, re.ASCII), format_decimal(Decimal("31500.5"), locale=known))


def read(text: str, name: str | None = None) -> Decimal:
    """The number that a text says ("1,234.50", "$12k"; "1.234,50" in Germany). Raises Unreadable.

    An amount's sign and a percent sign may stand beside it; anything else is refused, so nothing is dropped in silence.
    """
    rules = _rules(name or locale.locale())
    said = text.strip().replace("\u2212", "-")
    shape = _SHAPE.match(said) if len(said) <= _LONGEST else None
    found = rules.number.fullmatch(shape["digits"].strip()) if shape else None
    if shape is None or found is None:
        message = _(
            "“%(text)s” can't be read as a number. Write it as %(example)s.", text=said[:40], example=rules.example
        )
        raise Unreadable(message)
    whole = re.sub(r"\D", "", found["whole"])
    number = Decimal(f"{found['sign']}{whole or 0}.{found['part'] or ''}")
    return number * _SCALES[shape["scale"].lower()] if shape["scale"] else number


def write(value: object, name: str | None = None) -> str:
    """A number as its editor shows it: in the locale's form, without groups. What is no number stays as it is."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    is_usual = number.is_finite() and abs(number.adjusted()) < _LONGEST
    return _digits(number).replace(".", _rules(name or locale.locale()).point) if is_usual else str(value)


def point(name: str | None = None) -> str:
    """The sign before the fraction."""
    return _rules(name or locale.locale()).point


def plain(text: str, name: str | None = None) -> str:
    """A typed number as plain digits with a point, as the doors read it. Raises Unreadable."""
    return _digits(read(text, name))


def _digits(number: Decimal) -> str:
    """Without the zeros that say nothing: 12.50 is 12.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
