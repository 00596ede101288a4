"""Numbers in a question as the asker's locale writes them, put into the form that the reader knows: 1.500,5 is 1,500.5.

Only what the locale writes so and the reader would take for another number is touched: groups of three digits, and a
fraction of one or two after a comma. A date (31.12.2026) and a plain list of numbers stay as they are.
"""

import re
from functools import lru_cache

_SPACES = "\u00a0\u202f\u2009"


def as_read(question: str, locale: str) -> str:
    """The question with its numbers in the reader's form. An unknown locale leaves it as it is."""
    rules = _rules(locale)
    if rules is None:
        return question
    pattern, group = rules
    return pattern.sub(lambda found: _whole(found["whole"], group) + _fraction(found["part"]), question)


def _whole(text: str, group: str) -> str:
    """With the reader's own sign between groups, so that 2.000 isn't taken for a year."""
    digits = re.sub(group, "", text)
    return text if digits == text else f"{int(digits):,}"


def _fraction(part: str | None) -> str:
    return f".{part}" if part else ""


@lru_cache(maxsize=32)
def _rules(locale: str) -> tuple[re.Pattern[str], str] | None:
    """A number as the locale writes it, and its sign between groups; None where the reader reads it right as it is."""
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_decimal_symbol, get_group_symbol

    try:
        known = Locale.parse(locale)
    except (ValueError, UnknownLocaleError):
        return None
    point, group = get_decimal_symbol(known), get_group_symbol(known)
    if point != ",":
        return None
    sign = f"[{_SPACES}]" if group in _SPACES else re.escape(group)
    grouped = rf"\d{{1,3}}(?:{sign}\d{{3}})+"
    number = rf"(?<![\d.,])(?:(?P<whole>{grouped}|\d+)(?:,(?P<part>\d{{1,2}}))?)(?![.,]?\d)"
    return re.compile(number, re.ASCII), sign
