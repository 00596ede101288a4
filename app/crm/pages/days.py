"""Days as people write them in a field: as the pages show them, in the numbers of their locale, or as tomorrow."""

import re
from datetime import date
from functools import lru_cache

from app.crm import quicktask
from app.crm.pages import locale

_PART = re.compile(r"[^\W\d_]+|\d+")


def read(text: str) -> str:
    """The ISO date that a text means for this user; the text itself where it means none, to be refused in words."""
    found = _iso(text) or quicktask.day(text, locale.today()) or _named(text) or _numbers(text)
    return found.isoformat() if found else text


def shown(text: str) -> str:
    """A field's ISO date as the pages write dates; anything else as it is."""
    found = _iso(text)
    return locale.day(found) if found else text


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _named(text: str) -> date | None:
    """Day, year and a month by its name, in whatever order the locale has them."""
    parts = _PART.findall(text)
    month = next((found for part in parts if (found := _months(locale.locale()).get(part.casefold()))), None)
    numbers = sorted((int(part) for part in parts if part.isdecimal()), key=lambda number: number > 31)
    return _made(numbers[1], month, numbers[0]) if month and len(numbers) == 2 else None


@lru_cache(maxsize=32)
def _months(name: str) -> dict[str, int]:
    """The months by their names and short names in a locale; the short ones without their dot."""
    from babel.dates import get_month_names

    return {
        label.rstrip(".").casefold(): number
        for width in ("wide", "abbreviated")
        for number, label in get_month_names(width, locale=name).items()
    }


def _numbers(text: str) -> date | None:
    """12/31/2026 or 31.12.2026, by the order of the locale; nothing is guessed of a year in two digits."""
    from babel.dates import get_date_format

    numbers = [int(part) for part in _PART.findall(text) if part.isdecimal()]
    if len(numbers) != 3 or max(numbers) < 1000:
        return None
    order = "".join(dict.fromkeys(re.sub("[^dMy]", "", get_date_format("short", locale=locale.locale()).pattern)))
    by = dict(zip(order, numbers, strict=False))
    return _made(by.get("y", 0), by.get("M", 0), by.get("d", 0))


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
