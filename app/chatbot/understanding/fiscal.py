"""Fiscal years and quarters, by the month in which the workspace's year begins; a year is called by its last day's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from app.chatbot.understanding.meanings import PeriodWord
from app.chatbot.understanding.periods import month_start

_STEPS = {"this": 0, "current": 0, "last": -1, "previous": -1, "prior": -1, "past": -1, "next": 1, "coming": 1}
_QUARTERS = {"q1": 1, "q2": 2, "q3": 3, "q4": 4}
Key = Callable[[int], str]  # the folded token at a position


def year(number: int, start: int) -> PeriodWord:
    first = month_start(number - (start > 1), start)
    return _named(first, 12, f"fiscal year {number}", "year", start)


def quarter(number: int, which: int, start: int) -> PeriodWord:
    first = month_start(number - (start > 1), start + 3 * (which - 1))
    return _named(first, 3, f"fiscal Q{which} {number}", "quarter", start)


def _named(first: date, months: int, label: str, bucket: str, start: int) -> PeriodWord:
    """Said with its months, that nobody has to guess; where the year is the calendar's, as a period of that."""
    after = month_start(first.year, first.month + months)
    last = after - timedelta(1)
    label = f"{label} ({first:%B %Y} – {last:%B %Y})"
    during = str(first.year) if months == 12 else f"{first.year}-Q{(first.month + 2) // 3}"
    return PeriodWord(first, after, label, during if start == 1 else None, bucket if start == 1 else None)


def current(today: date, start: int) -> tuple[int, int]:
    """The fiscal year and quarter of a day."""
    number = today.year + (start > 1 and today.month >= start)
    return number, (today.month - start) % 12 // 3 + 1


def match(key: Key, at: int, today: date, start: int) -> tuple[int, PeriodWord] | None:
    """The fiscal period that begins at this token, and how many tokens it takes."""
    return _relative(key, at, today, start) or _numbered(key, at, today, start) or _turned(key, at, start)


def _relative(key: Key, at: int, today: date, start: int) -> tuple[int, PeriodWord] | None:
    """This fiscal quarter; last fiscal year."""
    at_word = at + (key(at) == "the")
    step, unit = _STEPS.get(key(at_word)), key(at_word + 2)
    if step is None or key(at_word + 1) != "fiscal" or unit not in ("year", "quarter"):
        return None
    number, which = current(today, start)
    used = at_word + 3 - at
    if unit == "year":
        return used, year(number + step, start)
    index = number * 4 + which - 1 + step
    return used, quarter(index // 4, index % 4 + 1, start)


def _numbered(key: Key, at: int, today: date, start: int) -> tuple[int, PeriodWord] | None:
    """Fiscal year 2025; fiscal 2025; fiscal Q2 2025; fiscal year 2025 Q2; fiscal Q2."""
    if key(at) != "fiscal":
        return None
    place = at + 1 + (key(at + 1) == "year")
    which = _QUARTERS.get(key(place))
    place += which is not None
    number = _year(key(place))
    if number is None:
        return (place - at, quarter(current(today, start)[0], which, start)) if which else None
    place += 1
    if which is None and key(place) in _QUARTERS:
        which, place = _QUARTERS[key(place)], place + 1
    return place - at, quarter(number, which, start) if which else year(number, start)


def _turned(key: Key, at: int, start: int) -> tuple[int, PeriodWord] | None:
    """Q2 (of) fiscal (year) 2025."""
    which = _QUARTERS.get(key(at))
    place = at + 1 + (key(at + 1) == "of")
    if which is None or key(place) != "fiscal":
        return None
    place += 1 + (key(place + 1) == "year")
    number = _year(key(place))
    return (place + 1 - at, quarter(number, which, start)) if number else None


def _year(key: str) -> int | None:
    return int(key) if key.isdigit() and len(key) == 4 and key[:2] in ("19", "20") else None
