"""When something is due: a day ahead, said at the beginning or the end of a sentence."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from app.chatbot.understanding import dates, numbers
from app.chatbot.understanding.meanings import PeriodWord
from app.chatbot.understanding.text import Token, tokens

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS = {name: number for number, day in enumerate(_DAYS) for name in (day, day[:3])} | {"tues": 1, "thurs": 3}
_UNITS = {"day": 1, "days": 1, "week": 7, "weeks": 7}
_LEADS = frozenset("on by at before until till due for the from starting".split())
_TIME = re.compile(
    r"\s+(?:at\s+)?\d{1,2}(?::\d\d)?\s*(?:am|pm|h|o'clock)$|\s+at\s+(?:\d{1,2}(?::\d\d)?|noon)$", re.IGNORECASE
)
_MOST_WORDS = 6  # of a date at a sentence's end


@dataclass(frozen=True, slots=True)
class Due:
    """The day that was said, and the words around it."""

    day: date
    rest: str


def day(text: str, today: date) -> date | None:
    """The day that all of these words mean, today or later; None where they mean none, or more than a day."""
    words = tokens(text)
    while words and words[0].key in _LEADS:
        words = words[1:]
    return _day(words, today) if words else None


def _day(words: list[Token], today: date) -> date | None:
    for rule in (_weekday, _ahead, _end):
        found = rule([word.key for word in words], today)
        if found:
            return found
    if _counted(words) is not None:
        return today + timedelta(_counted(words) or 0)
    if words[0].key == "in" and (ahead := _months(words, today)):
        return ahead
    period = dates.match(words, 0, today)
    return _first_day(period[1], today) if period and period[0] == len(words) else None


def _weekday(keys: list[str], today: date) -> date | None:
    """Friday: the next one to come. Next Friday: the one of next week."""
    number = _WEEKDAYS.get(keys[-1])
    lead = keys[0] if len(keys) == 2 else ""
    if number is None or len(keys) > 2 or lead not in ("", "this", "next"):
        return None
    if lead == "next":
        return today - timedelta(today.weekday()) + timedelta(7 + number)
    return today + timedelta((number - today.weekday() - 1) % 7 + 1)


def _ahead(keys: list[str], today: date) -> date | None:
    named = {
        "tomorrow": 1,
        "tmrw": 1,
        "tmr": 1,
        "tomorow": 1,
        "tommorow": 1,
        "tommorrow": 1,
        "today": 0,
        "tonight": 0,
        "now": 0,
        "eod": 0,
    }
    if " ".join(keys) == "day after tomorrow":
        return today + timedelta(2)
    return today + timedelta(named[keys[0]]) if len(keys) == 1 and keys[0] in named else None


def _end(keys: list[str], today: date) -> date | None:
    """End of the week (Friday), month, quarter or year."""
    words = [key for key in keys if key not in ("the", "of", "this")]
    if len(words) == 1 and words[0] in ("eow", "eom", "eoq", "eoy"):
        words = ["end", {"w": "week", "m": "month", "q": "quarter", "y": "year"}[words[0][-1]]]
    if len(words) not in (2, 3) or words[0] != "end" or (len(words) == 3 and words[1] != "next"):
        return None
    if words[-1] == "week":
        return today + timedelta(4 - today.weekday() + (7 if len(words) == 3 or today.weekday() > 4 else 0))
    which = "next " if len(words) == 3 else "this " if words[-1] in ("month", "quarter", "year") else ""
    found = dates.match(tokens(f"{which}{words[-1]}"), 0, today)
    if not found or not found[1].after:
        return None
    last = found[1].after - timedelta(1)
    return _in_months(last, 12) if found[1].yearless and last < today else last  # "end of January" is the next one


def _counted(words: list[Token]) -> int | None:
    """The days of "in 3 days", "2 weeks", "a week from now"."""
    words = words[1:] if words[0].key == "in" else words
    if [word.key for word in words[-2:]] == ["from", "now"]:
        words = words[:-2]
    if len(words) == 2 and words[0].key in ("a", "an", "one"):
        return _UNITS.get(words[1].key)
    number = numbers.match(words, 0) if words else None
    if not number or number[0] != len(words) - 1 or words[-1].key not in _UNITS:
        return None
    value = number[1].value
    return int(value) * _UNITS[words[-1].key] if isinstance(value, int) and 0 < value < 1000 else None


def _first_day(period: PeriodWord, today: date) -> date | None:
    """The first day of what was said; a day or month without a year is the next one to come."""
    first = period.first
    if first is None:
        return None
    if period.yearless and first < today:
        try:
            first = first.replace(year=first.year + 1)
        except ValueError:
            return None
    if (
        period.bucket in ("month", "quarter", "year", "week")
        and first < today
        and period.after
        and today < period.after
    ):
        return period.after - timedelta(1)
    return first


def later(words: str, begin: date) -> date | None:
    """So much after a day: "a week", "3 days", "2 months"."""
    said = [word for word in tokens(words) if word.key not in _LEADS]
    days = _counted(said) if said else None
    return begin + timedelta(days) if days is not None else _months(said, begin) if said else None


def _months(words: list[Token], begin: date) -> date | None:
    """In 2 months, a month from now: the same day of that month, or its last."""
    words = words[1:] if words[0].key == "in" else words
    if [word.key for word in words[-2:]] == ["from", "now"]:
        words = words[:-2]
    if len(words) != 2 or words[1].key not in ("month", "months", "quarter", "quarters", "year", "years"):
        return None
    number = numbers.match(words[:1], 0)
    count = 1 if words[0].key in ("a", "an", "one") else number[1].value if number else 0
    months = int(count) * {"m": 1, "q": 3, "y": 12}[words[1].key[0]]
    return _in_months(begin, months) if 0 < months < 600 else None


def _in_months(begin: date, months: int) -> date:
    month = begin.month - 1 + months
    year, month = begin.year + month // 12, month % 12 + 1
    return date(year, month, min(begin.day, calendar.monthrange(year, month)[1]))


def split(text: str, today: date) -> Due | None:
    """A day said at the end or the beginning of a sentence, and the sentence without it; None where there is none."""
    at = _TIME.search(text)
    if at:  # a task is due on a day: the hour stays with what is to be done
        due = split(text[: at.start()], today)
        return Due(due.day, f"{due.rest} {at[0].strip()}") if due else None
    words = text.split()
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        for part, rest in ((words[-size:], words[:-size]), (words[:size], words[size:])):
            found = _said(part, today)
            if found:
                return Due(found, " ".join(rest).strip(" ,"))
    return None


def _said(part: list[str], today: date) -> date | None:
    """Whether a stretch is a day that is said as one: a lead that isn't part of the date has been left to the rest."""
    said = " ".join(part).strip(" ,.;")
    if not said or re.fullmatch(r"(?:on|by|at|for|the|this|from|due)", said, re.IGNORECASE):
        return None
    first = said.split()[0].lower()
    is_bare_number = re.fullmatch(r"(?:\w+\s+){0,2}(?:19|20)\d\d", said) is not None and len(part) == 1
    return None if first in ("to", "about", "and", "with") or is_bare_number else day(said, today)
