"""A task in one line: "Call Paul tomorrow at 9 !high @ben #pilot" is a title, a day, a reminder and more.

What is understood is this small set, at the line's end (marks anywhere); everything else is the title.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

from app.shared import hours

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PRIORITIES = {"high": "high", "urgent": "high", "normal": "normal", "low": "low"}
_DAY = "|".join(f"{day}|{day[:3]}" for day in _DAYS)
_MONTH = "|".join(f"{month}[a-z]*" for month in _MONTHS)
_LEAD = r"(?:^|\s+)(?:(?:on|by|due|for)\s+)?"
_PRIORITY = re.compile(r"(?:^|\s)!(high|urgent|normal|low)(?=\s|$)", re.IGNORECASE)
_ASSIGNEE = re.compile(r"(?:^|\s)@([\w.-]+)(?=\s|$)")
_TAG = re.compile(r"(?:^|\s)#([\w-]*[^\W\d_][\w-]*)(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a line says. `at`: the hour of a reminder on its day."""

    name: str
    due: date | None = None
    at: time | None = None
    priority: str | None = None
    assignee: str = ""
    tags: tuple[str, ...] = ()


def read(text: str, today: date) -> Draft:
    """The task that a line means, on the day where its writer is."""
    rest, priority = _taken(_PRIORITY, " ".join(text.split()))
    rest, assignee = _taken(_ASSIGNEE, rest)
    tags = tuple(dict.fromkeys(_TAG.findall(rest)))
    rest = " ".join(_TAG.sub(" ", rest).split())
    rest, at = hours.ending(rest)
    rest, due = _day(rest, today)
    if at is None and due is not None:
        rest, at = hours.ending(rest)
    if at is not None and due is None:
        due = today
    return Draft(rest or " ".join(text.split()), due, at, PRIORITIES.get(priority.lower()), assignee, tags)


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """The text without the first match, and what that named."""
    found = pattern.search(text)
    return (" ".join((text[: found.start()] + " " + text[found.end() :]).split()), found[1]) if found else (text, "")


def day(text: str, today: date) -> date | None:
    """The day that a text says and nothing else: tomorrow, next Friday, in 2 weeks, 3 May."""
    rest, found = _day(f"x {text.strip()}", today)
    return found if rest == "x" else None


def _day(text: str, today: date) -> tuple[str, date | None]:
    """A day at the end of the text, where something is left before it."""
    for pattern, rule in _RULES:
        found = pattern.search(text)
        if found and text[: found.start()].strip() and (day := rule(found, today)):
            return text[: found.start()].strip(), day
    return text, None


# --- days -------------------------------------------------------------------------------------------------------------


def _near(found: re.Match[str], today: date) -> date:
    return today + timedelta(days=0 if found[1].lower() in ("today", "tonight") else 1)


def _weekday(found: re.Match[str], today: date) -> date:
    """Friday: the next one to come. Next Friday: the one of next week."""
    number = next(place for place, day in enumerate(_DAYS) if day.startswith(found[2].lower()[:3]))
    if found[1]:
        return today - timedelta(days=today.weekday()) + timedelta(days=7 + number)
    return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)


def _next(found: re.Match[str], today: date) -> date:
    """Next week: its Monday. Next month: its first day."""
    if found[1].lower() == "week":
        return today - timedelta(days=today.weekday()) + timedelta(days=7)
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


def _ahead(found: re.Match[str], today: date) -> date | None:
    count = 1 if found[1].lower() in ("a", "one") else int(found[1])
    unit = {"d": 1, "w": 7, "m": 30}[found[2].lower()[0]]
    return today + timedelta(days=count * unit) if count * unit < 3_660 else None


def _written(found: re.Match[str], today: date) -> date | None:
    try:
        return date.fromisoformat(found[1])
    except ValueError:
        return None


def _day_month(found: re.Match[str], today: date) -> date | None:
    return _in_year(int(found[1]), found[2], found[3], today)


def _month_day(found: re.Match[str], today: date) -> date | None:
    return _in_year(int(found[2]), found[1], found[3], today)


def _in_year(day: int, month: str, year: str | None, today: date) -> date | None:
    """In the year that is said, else the next time that this day comes."""
    number = _MONTHS.index(month.lower()[:3]) + 1
    try:
        made = date(int(year) if year else today.year, number, day)
        return made if year or made >= today else made.replace(year=today.year + 1)
    except ValueError:
        return None


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(f"{_LEAD}{pattern}$", re.IGNORECASE)


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date | None]], ...] = (
    (_rule(r"(today|tonight|tomorrow|tmr)"), _near),
    (_rule(rf"(next\s+)?(?:this\s+)?({_DAY})"), _weekday),
    (_rule(r"next\s+(week|month)"), _next),
    (_rule(r"in\s+(\d{1,3}|a|one)\s+(days?|weeks?|months?)"), _ahead),
    (_rule(r"(\d{4}-\d\d-\d\d)"), _written),
    (_rule(rf"(\d{{1,2}})(?:st|nd|rd|th|\.)?\s+({_MONTH})(?:\s+(\d{{4}}))?"), _day_month),
    (_rule(rf"({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(\d{{4}}))?"), _month_day),
)
