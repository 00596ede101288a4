"""How the oracle compares, counts days and puts in order: plain functions over plain values."""

import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

import snowballstemmer


def key(text: str | None) -> str | None:
    if text is None:
        return None
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def at(parts: tuple[Any, ...], place: int) -> Any:
    return parts[place] if place < len(parts) else None


def product(choices: list[list[Any]]) -> Iterable[tuple[Any, ...]]:
    if not choices:
        return []
    tuples: list[tuple[Any, ...]] = [()]
    for options in choices:
        tuples = [(*entry, option) for entry in tuples for option in options]
    return tuples


def aggregate(figures: list[Any], fn: str) -> Any:
    if fn in ("min", "max"):
        return min(figures) if fn == "min" else max(figures)
    total = sum(figures)
    if fn == "avg":
        return Decimal(str(total)) / len(figures)
    return Decimal(total) / 100 if fn == "weighted" else total


def first_spelling(shown: list[Any]) -> Any:
    return min(shown, key=utf8) if isinstance(shown[0], str) else shown[0]


def utf8(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def compare(mine: Any, op: str, theirs: Any) -> bool:
    found = (mine > theirs) - (mine < theirs)
    return found in {"eq": (0,), "gt": (1,), "gte": (0, 1), "lt": (-1,), "lte": (-1, 0)}[op]


def within(day: date, op: str, first: date, after: date) -> bool:
    tests = {"gt": day >= after, "gte": day >= first, "lt": day < first, "lte": day < after}
    return tests.get(op, first <= day < after)


def span(period: str) -> tuple[date, date]:
    """The days of 2024, 2024-Q4, 2024-11 or 2024-11-05."""
    year, _, rest = period.partition("-")
    if not rest:
        return date(int(year), 1, 1), date(int(year) + 1, 1, 1)
    if rest.startswith("Q"):
        month = int(rest[1]) * 3
        last = date(int(year), month, monthrange(int(year), month)[1])
        return date(int(year), month - 2, 1), last + timedelta(1)
    if "-" in rest:
        day = date.fromisoformat(period)
        return day, day + timedelta(1)
    first = date(int(year), int(rest), 1)
    return first, first + timedelta(monthrange(first.year, first.month)[1])


def relative(period: str, today: date) -> tuple[date, date]:
    """The days of today, last_quarter, next_month, last_30_days and the like."""
    near = {"yesterday": -1, "today": 0, "tomorrow": 1}
    if period in near:
        return today + timedelta(near[period]), today + timedelta(near[period] + 1)
    if period.endswith("_ago") or period.startswith("in_"):
        return away(period.removesuffix("_ago").removeprefix("in_"), -1 if period.endswith("_ago") else 1, today)
    which, *number, unit = period.split("_")
    if number:
        days = timedelta(int(number[0]))
        return (today, today + days) if which == "next" else (today + timedelta(1) - days, today + timedelta(1))
    first = bucket(today, unit)
    after = bucket(first + timedelta({"week": 7, "month": 31, "quarter": 92, "year": 366}[unit]), unit)
    if which == "this":
        return first, after
    if which == "last":
        return bucket(first - timedelta(1), unit), first
    return after, bucket(after + timedelta({"week": 7, "month": 31, "quarter": 92, "year": 366}[unit]), unit)


def away(distance: str, sign: int, today: date) -> tuple[date, date]:
    """One day at a distance: `2_weeks`, `3_months`; a month that has no such day ends before it."""
    count, unit = distance.split("_")
    steps = sign * int(count)
    if unit.rstrip("s") in ("day", "week"):
        day = today + timedelta(steps * (7 if unit.startswith("week") else 1))
    else:
        months = today.year * 12 + today.month - 1 + steps * {"month": 1, "quarter": 3, "year": 12}[unit.rstrip("s")]
        year, month = months // 12, months % 12 + 1
        day = date(year, month, min(today.day, monthrange(year, month)[1]))
    return day, day + timedelta(1)


def bucket(day: date, unit: str) -> date:
    starts = {
        "day": day,
        "week": day - timedelta(day.isoweekday() - 1),
        "month": date(day.year, day.month, 1),
        "quarter": date(day.year, (day.month - 1) // 3 * 3 + 1, 1),
        "year": date(day.year, 1, 1),
    }
    return starts[unit]


# --- full text -------------------------------------------------------------------------------------------------------


def words(text: str) -> list[str]:
    """Folded words: letters and digits with their marks, accents left out."""
    apart = unicodedata.normalize("NFD", key(text) or "")
    kept = "".join(_in_word(letter) for letter in apart)
    return unicodedata.normalize("NFC", kept).split()


def _in_word(letter: str) -> str:
    place = unicodedata.combining(letter)
    if place >= 200 or place == 1 or 10 <= place <= 35:
        return ""
    return letter if unicodedata.category(letter)[0] in "LM" or letter.isnumeric() else " "


_STEMMER = snowballstemmer.stemmer("english")


def stem(word: str) -> str:
    """The stem of an English word; the library that makes it is taken at its word."""
    plain = len(word) >= 3 and word.isascii() and word.isalpha()
    return str(_STEMMER.stemWord(word)) if plain else word


def mentions(text: str, wanted: str) -> bool:
    """Whether every wanted word stands in the text in some form, the last one perhaps unfinished."""
    there = words(text)
    forms = {*there, *map(stem, there)}
    *certain, last = words(wanted) or [""]
    begun = any(form.startswith(last) for form in forms)
    return last != "" and all(stem(word) in forms for word in certain) and (stem(last) in forms or begun)


def nulls_last(value: Any) -> tuple[bool, Any]:
    return value is None, 0 if value is None else value


def ordered(items: list[Any], terms: list[tuple[Callable[[Any], Any], str]]) -> list[Any]:
    """In the order of several terms; nulls last in either direction."""

    def relation(one: Any, other: Any) -> int:
        for read, name in terms:
            mine, theirs = read(one), read(other)
            if mine is None or theirs is None:
                found = (mine is None) - (theirs is None)
            else:
                found = ((mine > theirs) - (mine < theirs)) * (-1 if name.startswith("-") else 1)
            if found:
                return found
        return 0

    return sorted(items, key=cmp_to_key(relation))
