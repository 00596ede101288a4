"""Periods of days: `last_quarter`, `next_7_days`, `30_days_ago`, `2024-Q4`, `2024-11-05`. Weeks start on Monday."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_UNITS = ("week", "month", "quarter", "year")
_AROUND = tuple(f"{which}_{unit}" for unit in _UNITS for which in ("this", "last", "next"))
NAMED = ("today", "yesterday", "tomorrow", *_AROUND)
EXAMPLES = "today, this_week, last_quarter, next_month, last_30_days, 30_days_ago, 2024, 2024-Q4, 2024-11 or 2024-11-05"
_RELATIVE = re.compile(r"(this|last|next)_(week|month|quarter|year)")
_SPAN = re.compile(r"(last|next)_([1-9]\d{0,4})_(day|week|month|quarter|year)s?")
_AWAY = re.compile(r"(?:(in)_)?([1-9]\d{0,4})_(day|week|month|quarter|year)s?(?:_(ago))?")
_ABSOLUTE = re.compile(r"(\d{4})(?:-(?:(Q[1-4])|(\d{2})(?:-(\d{2}))?))?", re.IGNORECASE)
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
Span = tuple[date, date]


def resolve(period: str, today: date) -> Span:
    """The first day of a period and the day after its last one.

    `last_30_days` are the thirty days that end with today, `next_7_days` the seven that begin with it. `30_days_ago`
    and `in_2_weeks` are one day each: before the first is "more than 30 days ago".
    Raises ValueError for what is no period.
    """
    word = period.strip()
    for read in (_day, _relative, _span, _away, _absolute):
        if span := read(word, today):
            return span
    raise ValueError(f"{period!r} is no period: expected, say, {EXAMPLES}")


def _day(word: str, today: date) -> Span | None:
    if word not in _DAYS:
        return None
    first = _shift_days(today, _DAYS[word])
    return first, _shift_days(first, 1)


def _relative(word: str, today: date) -> Span | None:
    match = _RELATIVE.fullmatch(word)
    if not match:
        return None
    unit, steps = match[2], {"this": 0, "last": -1, "next": 1}[match[1]]
    first = _shift(start(unit, today), unit, steps)
    return first, _shift(first, unit, 1)


def _span(word: str, today: date) -> Span | None:
    match = _SPAN.fullmatch(word)
    if not match:
        return None
    count, unit = int(match[2]), match[3]
    if match[1] == "next":
        return today, _shift(today, unit, count)
    after = _shift_days(today, 1)
    return _shift(after, unit, -count), after


def away(word: str) -> tuple[int, str] | None:
    """The distance from today that a period names, in units, and the unit: `3_weeks_ago` is (-3, "week")."""
    match = _AWAY.fullmatch(word)
    if not match or bool(match[1]) == bool(match[4]):
        return None
    return int(match[2]) * (-1 if match[4] else 1), match[3]


def _away(word: str, today: date) -> Span | None:
    found = away(word)
    if found is None:
        return None
    first = _shift(today, found[1], found[0])
    return first, _shift_days(first, 1)


def _absolute(word: str, _today: date) -> Span | None:
    match = _ABSOLUTE.fullmatch(word)
    if not match:
        return None
    year, quarter, month, day = match.groups()
    unit = "quarter" if quarter else "day" if day else "month" if month else "year"
    number = int(quarter[1]) * 3 - 2 if quarter else int(month or 1)
    first = date(int(year), number, int(day or 1))  # ValueError where the calendar has no such day
    return first, _shift(first, unit, 1)


def start(unit: str, day: date) -> date:
    """The first day of the week, month, quarter or year that holds the day."""
    if unit == "week":
        return _shift_days(day, -day.weekday())
    if unit in _MONTHS:
        size = _MONTHS[unit]
        return day.replace(month=(day.month - 1) // size * size + 1, day=1)
    return day


def _shift(day: date, unit: str, steps: int) -> date:
    if unit in ("day", "week"):
        return _shift_days(day, steps * (7 if unit == "week" else 1))
    return _shift_months(day, steps * _MONTHS[unit])


def _shift_days(day: date, days: int) -> date:
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min


def _shift_months(day: date, months: int) -> date:
    """The same day some months on; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return date.max if months > 0 else date.min
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; UTC where the machine doesn't know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def midnight(day: date, where: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a day begins in a time zone."""
    if not 2 <= day.year <= 9998:  # the conversion would leave the calendar
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return datetime(day.year, day.month, day.day, tzinfo=where).astimezone(UTC)
