"""Dates as files write them. Whether 3/4 is March or April is settled once a column, by values that can't be both."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

Order = Literal["month-first", "day-first"]

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(.+))?$")
_COMPACT = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})$")
_SLASHED = re.compile(r"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:,?[T ]+(.+))?$")
_YEAR_AND_TIME = r"(?P<year>\d{4}|\d{2})(?:,?[T ]+(?P<time>.+))?$"
_NAMED = (
    re.compile(rf"^(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ .-]+(?P<month>[A-Za-z]{{3,9}})\.?,?[ -]+{_YEAR_AND_TIME}"),
    re.compile(rf"^(?P<month>[A-Za-z]{{3,9}})\.?[ -]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?[ -]+{_YEAR_AND_TIME}"),
)
_TIME = re.compile(
    r"^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a column's values say about their order: how many can only be the one or the other, and how many both."""

    month_first: int = 0
    day_first: int = 0
    either: int = 0
    dotted: int = 0

    @property
    def settled(self) -> Order | None:
        """The order that more values call for; None where none does."""
        if self.month_first == self.day_first:
            return None
        return "month-first" if self.month_first > self.day_first else "day-first"

    @property
    def is_ambiguous(self) -> bool:
        return self.either > 0 and self.settled is None

    @property
    def is_mixed(self) -> bool:
        return self.month_first > 0 and self.day_first > 0


def evidence(values: Iterable[str]) -> Evidence:
    """Count the values of a column by what they say about the order of day and month."""
    month_first = day_first = either = dotted = 0
    for value in values:
        if not (matched := _SLASHED.match(value)):
            continue
        first, second = int(matched[1]), int(matched[3])
        dotted += matched[2] == "."
        month_first += second > 12 >= first
        day_first += first > 12 >= second
        either += first <= 12 and second <= 12 and first != second
    return Evidence(month_first, day_first, either, dotted)


def moment(text: str, order: Order, zone: str = "UTC") -> datetime | None:
    """A date with its time (midnight where it has none) in UTC; None where the text is none."""
    parts = _split(text, order)
    if parts is None:
        return None
    day, rest = parts
    if not rest:
        return _in_utc(datetime.combine(day, time()), ZoneInfo(zone))
    return _with_time(day, rest, zone)


def day(text: str, order: Order) -> date | None:
    """The date as written (its time of day and zone, if any, are passed over); None where the text is none."""
    parts = _split(text, order)
    if parts is None or (parts[1] and not _TIME.match(parts[1].strip())):
        return None
    return parts[0]


def has_time(text: str) -> bool:
    """Whether a time of day is written, other than midnight as spreadsheets add it."""
    parts = _split(text, "month-first") or _split(text, "day-first")
    return bool(parts and parts[1] and not re.match(r"^(00?:00(:00)?(\.0+)?|12:00(:00)? ?AM)$", parts[1].strip(), re.I))


def _split(text: str, order: Order) -> tuple[date, str] | None:
    text = text.strip()
    if matched := _ISO.match(text) or _COMPACT.match(text):
        return _date(matched[1], matched[2], matched[3], matched[4] if matched.re is _ISO else "")
    if matched := _SLASHED.match(text):
        month, day_ = (matched[1], matched[3]) if order == "month-first" else (matched[3], matched[1])
        return _date(matched[4], month, day_, matched[5])
    for pattern in _NAMED:
        if matched := pattern.match(text):
            return _date(matched["year"], _month(matched["month"]), matched["day"], matched["time"])
    return None


def _month(name: str) -> str:
    found = [index for index, month in enumerate(_MONTHS, start=1) if month.startswith(name.casefold())]
    return str(found[0]) if len(found) == 1 else "0"


def _date(year: str, month: str, day_: str, rest: str | None) -> tuple[date, str] | None:
    number = int(year)
    if len(year) == 2:  # as spreadsheets read it: 00-68 is this century
        number += 2000 if number < 69 else 1900
    try:
        return date(number, int(month), int(day_)), rest or ""
    except ValueError:
        return None


def _with_time(day_: date, text: str, zone: str) -> datetime | None:
    matched = _TIME.match(text.strip())
    if not matched:
        return None
    hour, minute, second = int(matched[1]), int(matched[2]), int(matched[3] or 0)
    if half := (matched[5] or "").lower():
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        clock = time(hour, minute, second, int((matched[4] or "0")[:6].ljust(6, "0")))
    except ValueError:
        return None
    return _in_utc(datetime.combine(day_, clock), _zone(matched[6], zone))


def _zone(written: str | None, zone: str) -> timezone | ZoneInfo:
    if not written:
        return ZoneInfo(zone)
    if written in ("Z", "UTC", "GMT"):
        return UTC
    minutes = int(written[1:3]) * 60 + int(written[-2:])
    offset = timedelta(minutes=min(minutes, 24 * 60 - 1))
    return timezone(-offset if written[0] == "-" else offset)


def _in_utc(moment_: datetime, zone: timezone | ZoneInfo) -> datetime | None:
    try:
        return moment_.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return None
