"""Periods of days: calendar units, spans, and what is open at one end."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from app.chatbot.understanding.meanings import PeriodWord

_NAMES = {-1: "last", 0: "this", 1: "next"}


def month_start(year: int, month: int) -> date:
    """The first day of a month; months beyond 1-12 roll into other years."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def month(year: int, month: int, *, yearless: bool = False) -> PeriodWord:
    first = month_start(year, month)
    label = f"{first:%B %Y}"
    return PeriodWord(first, month_start(year, month + 1), label, f"{first:%Y-%m}", "month", yearless)


def quarter(year: int, quarter: int, *, yearless: bool = False) -> PeriodWord:
    first = month_start(year, quarter * 3 - 2)
    return PeriodWord(
        first, month_start(year, quarter * 3 + 1), f"Q{quarter} {year}", f"{year}-Q{quarter}", "quarter", yearless
    )


def year(year: int) -> PeriodWord:
    return PeriodWord(date(year, 1, 1), date(year + 1, 1, 1), str(year), str(year), "year")


def day(day: date, *, yearless: bool = False) -> PeriodWord:
    label = f"{day.day} {day:%B %Y}"
    return PeriodWord(day, day + timedelta(1), label, day.isoformat(), "day", yearless)


def half(year: int, half: int, *, yearless: bool = False) -> PeriodWord:
    first, after = month_start(year, half * 6 - 5), month_start(year, half * 6 + 1)
    return PeriodWord(first, after, f"H{half} {year}", yearless=yearless)


def relative(unit: str, step: int, today: date) -> PeriodWord:
    """The calendar unit `step` units from the one of today: relative("quarter", -1) is last quarter."""
    starts: dict[str, Callable[[int], date]] = {
        "day": lambda n: today + timedelta(n),
        "week": lambda n: today - timedelta(today.weekday()) + timedelta(7 * n),
        "month": lambda n: month_start(today.year, today.month + n),
        "quarter": lambda n: month_start(today.year, (today.month - 1) // 3 * 3 + 1 + 3 * n),
        "year": lambda n: date(today.year + n, 1, 1),
    }
    start = starts[unit]
    words = f"{_NAMES[step]} {unit}" if step in _NAMES else f"{-step} {unit}s ago" if step < 0 else f"in {step} {unit}s"
    names = {-1: "yesterday", 0: "today", 1: "tomorrow"} if unit == "day" else {}
    first, after = start(step), start(step + 1)
    return PeriodWord(first, after, names.get(step, words), _named(unit, first), unit)


def _named(unit: str, first: date) -> str | None:
    """The Query's name of a calendar unit, by its dates: a link must open the same rows tomorrow."""
    quarter = f"{first.year}-Q{(first.month + 2) // 3}"
    return {"day": first.isoformat(), "month": f"{first:%Y-%m}", "quarter": quarter, "year": str(first.year)}.get(unit)


def rolling(unit: str, count: int, sign: int, today: date) -> PeriodWord:
    """The last or next `count` units, up to and with today (or from today on)."""
    word = "last" if sign < 0 else "next"
    label = f"{word} {count} {unit}{'s' if count > 1 else ''}"
    if unit in ("day", "week"):
        span = timedelta((7 if unit == "week" else 1) * count)
        first, after = (today - span + timedelta(1), today + timedelta(1)) if sign < 0 else (today, today + span)
        return PeriodWord(first, after, label)
    months = {"month": 1, "quarter": 3, "year": 12}[unit] * count * sign
    tomorrow = today + timedelta(1)
    if sign < 0:
        return PeriodWord(_shift(tomorrow, months), tomorrow, label)
    return PeriodWord(today, _shift(today, months), label)


def ahead(period: PeriodWord, today: date) -> PeriodWord | None:
    """A rolling period that looks back, turned to look forward from today."""
    words = period.label.split()
    if len(words) != 3 or not words[1].isdigit():
        return None
    return rolling(words[2].removesuffix("s"), int(words[1]), 1, today)


def back(unit: str, count: int, today: date) -> date:
    """The day so many units before today, to the day: three months back from 27 November is 27 August."""
    if unit in ("day", "week"):
        return today - timedelta((7 if unit == "week" else 1) * count)
    return _shift(today, -{"month": 1, "quarter": 3, "year": 12}[unit] * count)


def next_one(period: PeriodWord, today: date) -> PeriodWord:
    """A day, month or quarter without a year that lies in the past: the next one to come."""
    if not period.yearless or period.first is None or period.after is None or period.after > today:
        return period
    if period.bucket == "day":
        leap = (period.first.month, period.first.day) == (2, 29)
        return period if leap else day(period.first.replace(year=period.first.year + 1), yearless=True)
    if period.bucket == "month":
        return month(period.first.year + 1, period.first.month, yearless=True)
    return quarter(period.first.year + 1, (period.first.month + 2) // 3, yearless=True) if period.bucket else period


def _shift(day: date, months: int) -> date:
    start = month_start(day.year, day.month + months)
    return start.replace(day=min(day.day, monthrange(start.year, start.month)[1]))


def latest_year(today: date, month: int, day: int = 1) -> int:
    """The year of the latest such month or day that has begun."""
    return today.year if (month, day) <= (today.month, today.day) else today.year - 1


def span(first: PeriodWord, last: PeriodWord) -> PeriodWord | None:
    """From the start of one to the end of the other; a missing year on the left is the one on the right."""
    if first.yearless and not last.yearless and last.first and first.first:
        year = last.first.year - ((first.first.month, first.first.day) > (last.first.month, last.first.day))
        try:
            moved = first.first.replace(year=year)
        except ValueError:
            return None
        label = f"{moved.day} {moved:%B %Y}" if first.bucket == "day" else f"{moved:%B %Y}"
        first = replace(first, first=moved, label=label)
    if not first.first or not last.after or first.first >= last.after:
        return None
    return PeriodWord(first.first, last.after, f"{first.label} to {last.label}")


def since(period: PeriodWord) -> PeriodWord:
    return PeriodWord(period.first, None, f"since {period.label}")


def after(period: PeriodWord) -> PeriodWord:
    return PeriodWord(period.after, None, f"after {period.label}")


def before(period: PeriodWord) -> PeriodWord:
    return PeriodWord(None, period.first, f"before {period.label}")


def until(period: PeriodWord) -> PeriodWord:
    return PeriodWord(None, period.after, f"until {period.label}")
