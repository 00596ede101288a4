"""Dates and periods as people write them, relative to a given day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from app.chatbot.understanding import fiscal, numbers, periods
from app.chatbot.understanding.meanings import NumberWord, PeriodWord
from app.chatbot.understanding.names import nearest
from app.chatbot.understanding.text import Token

Match = tuple[int, PeriodWord]

_MONTHS = {name: number for number, names in enumerate(
    ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
     "september sep sept", "october oct", "november nov", "december dec"), 1) for name in names.split()}  # fmt: skip
_QUARTERS = {"q1": 1, "q2": 2, "q3": 3, "q4": 4}
_RANKS = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_UNITS = {name: unit for unit in ("day", "week", "month", "quarter", "year") for name in (unit, unit + "s")}
_WEEKDAYS = {day: number for number, day in enumerate(
    "monday tuesday wednesday thursday friday saturday sunday".split())}  # fmt: skip
_THIS = {
    "this": 0,
    "current": 0,
    "last": -1,
    "previous": -1,
    "past": -1,
    "prior": -1,
    "next": 1,
    "coming": 1,
    "following": 1,
}
_MONTH_CUES = {"in", "since", "of", "before", "after", "until", "till", "from", "to", "and", "between", "during", "for",
               "last", "this", "by", "vs", "versus", "through"}  # fmt: skip


class _Reader:
    """Reads one period from a position in the tokens."""

    def __init__(self, tokens: Sequence[Token], today: date, assumed: int | None, fiscal_start: int) -> None:
        self.tokens, self.today, self.assumed, self.fiscal_start = tokens, today, assumed, fiscal_start

    def latest(self, month: int, day: int = 1) -> int:
        """The year of a month or day that is named without one: the one under discussion, else the latest."""
        return self.assumed or periods.latest_year(self.today, month, day)

    def key(self, at: int) -> str:
        return self.tokens[at].key if 0 <= at < len(self.tokens) else ""

    def year_at(self, at: int) -> int | None:
        """A year at this position: 2024, '24 after a month or quarter."""
        key = self.key(at)
        if re.fullmatch(r"(19|20)\d\d", key):
            return int(key)
        return None

    def read(self, at: int) -> Match | None:
        for rule in (self.fiscal, self.iso, self.named_day, self.calendar, self.rolling, self.weekday, self.ago,
                     self.to_date, self.half, self.quarter, self.day, self.month, self.year):  # fmt: skip
            found = rule(at)
            if found:
                return found
        return None

    def _year_after(self, at: int) -> tuple[int, int | None]:
        """(tokens used, year) of a year that follows, with "of", "in" or "this/last/next year" before it."""
        step = 1 if self.key(at) in ("of", "in") else 0
        year = self.year_at(at + step)
        if year:
            return step + 1, year
        if self.key(at + step) in _THIS and self.key(at + step + 1) == "year":
            return step + 2, self.today.year + _THIS[self.key(at + step)]
        return 0, None

    def fiscal(self, at: int) -> Match | None:
        return fiscal.match(self.key, at, self.today, self.fiscal_start)

    def iso(self, at: int) -> Match | None:
        token = self.tokens[at]
        if token.kind != "iso":
            return None
        try:
            found = self._iso(token.key)
        except ValueError:
            return None
        return (1, found) if found else None

    def _iso(self, key: str) -> PeriodWord | None:
        if "q" in key:
            return periods.quarter(int(key[:4]), int(key[-1]))
        parts = [int(part) for part in re.split(r"[-/.]", key)]
        if len(parts) == 2:
            return periods.month(parts[0], parts[1]) if 1 <= parts[1] <= 12 else None
        if parts[0] > 31:
            return periods.day(date(parts[0], parts[1], parts[2]))
        first, second, year = parts
        if first == second or second > 12:  # only one reading: the other number can be no month
            return periods.day(date(year, first, second))
        return periods.day(date(year, second, first)) if first > 12 else None

    def named_day(self, at: int) -> Match | None:
        step = {"today": 0, "yesterday": -1, "tomorrow": 1}.get(self.key(at))
        return None if step is None else (1, periods.relative("day", step, self.today))

    def calendar(self, at: int) -> Match | None:
        start = at + (self.key(at) == "the")
        year = self.year_at(start + 3) if self.key(start + 2) == "of" else None
        if year and self.key(start) in ("last", "final") and self.key(start + 1) in ("quarter", "month"):
            last = periods.quarter(year, 4) if self.key(start + 1) == "quarter" else periods.month(year, 12)
            return start + 4 - at, last
        step, unit = _THIS.get(self.key(start)), _UNITS.get(self.key(start + 1))
        if step is None or unit is None or self.key(start + 1).endswith("s") or (unit == "day" and step):
            return None
        return start + 2 - at, periods.relative(unit, step, self.today)

    def rolling(self, at: int) -> Match | None:
        start = at + (self.key(at) in ("the", "in", "within"))
        start += self.key(start) == "the"
        word = self.key(start)
        bare = start > at and word not in _THIS and self.key(at) in ("in", "within")
        if not bare and word not in ("last", "past", "previous", "next", "coming", "following", "trailing"):
            return None
        number = numbers.match(self.tokens, start + (not bare)) if start + (not bare) < len(self.tokens) else None
        if not number or not isinstance(number[1].value, int) or not 0 < number[1].value < 2000:
            return None
        end = start + (not bare) + number[0]
        unit = _UNITS.get(self.key(end))
        if not unit:
            return None
        sign = 1 if word in ("next", "coming", "following") else -1
        return end + 1 - at, periods.rolling(unit, number[1].value, sign, self.today)

    def weekday(self, at: int) -> Match | None:
        """This Friday, last Friday; of "by Friday" and "due on Friday" the one to come."""
        lead = self.key(at)
        number = _WEEKDAYS.get(self.key(at + 1)) if lead in ("this", "last") else _WEEKDAYS.get(lead)
        if number is None:
            return None
        if lead in ("this", "last"):
            ago = (self.today.weekday() - number - 1) % 7 + 1
            step = number - self.today.weekday() if lead == "this" else -ago
            return 2, periods.day(self.today + timedelta(step))
        before = (self.key(at - 2), self.key(at - 1))
        due = before[1] in ("by", "until", "due", "before") or before == ("due", "on")
        return (1, periods.day(self.today + timedelta((number - self.today.weekday()) % 7))) if due else None

    def ago(self, at: int) -> Match | None:
        number = numbers.match(self.tokens, at)
        if self.key(at) in ("a", "an") and self.key(at + 1) in _UNITS:
            number = (1, NumberWord(1))
        if not number or not isinstance(number[1].value, int) or number[1].value > 2000:
            return None
        end = at + number[0]
        unit = _UNITS.get(self.key(end))
        if unit and self.key(end + 1) == "back":
            return end + 2 - at, periods.day(periods.back(unit, number[1].value, self.today))
        if unit and self.key(end + 1) == "ago":
            return end + 2 - at, periods.relative(unit, -number[1].value, self.today)
        return None

    def to_date(self, at: int) -> Match | None:
        unit = {"ytd": "year", "mtd": "month", "qtd": "quarter"}.get(self.key(at))
        used = 1
        if not unit and [self.key(at + step) for step in (1, 2)] == ["to", "date"]:
            unit, used = _UNITS.get(self.key(at)), 3
        if not unit or unit == "day":
            return None
        whole = periods.relative(unit, 0, self.today)
        return used, replace(whole, after=self.today + timedelta(1), label=f"{unit} to date", during=None)

    def half(self, at: int) -> Match | None:
        if self.key(at) in ("h1", "h2"):
            half, end = int(self.key(at)[1]), at + 1
        else:
            start = at + (self.key(at) == "the")
            if self.key(start) not in ("first", "second", "1st", "2nd") or self.key(start + 1) != "half":
                return None
            half, end = _RANKS[self.key(start)], start + 2
        used, year = self._year_after(end)
        return (
            (end + used - at, periods.half(year or self.latest(half * 6 - 5), half, yearless=self._open(year)))
            if year or end == at + 1
            else None
        )

    def quarter(self, at: int) -> Match | None:
        year = self.year_at(at)
        if year and self.key(at + 1) in _QUARTERS:
            return 2, periods.quarter(year, _QUARTERS[self.key(at + 1)])
        start = at + (self.key(at) == "the")
        if self.key(at) in _QUARTERS:
            number, end = _QUARTERS[self.key(at)], at + 1
        elif self.key(start) in _RANKS and self.key(start + 1) == "quarter":
            number, end = _RANKS[self.key(start)], start + 2
        else:
            return None
        used, named = self._year_after(end)
        year = named or self.latest(number * 3 - 2)
        return end + used - at, periods.quarter(year, number, yearless=self._open(named))

    def day(self, at: int) -> Match | None:
        """1 May 2024, 1st of May, May 1st 2024."""
        start = at + (self.key(at) == "the")
        first = self._day_number(start)
        if first:
            end = start + 1 + (self.key(start + 1) == "of")
            month = _MONTHS.get(self.key(end))
            return self._dated(at, end + 1, month, first) if month else None
        month, number = _MONTHS.get(self.key(at)), self._day_number(at + 1)
        return self._dated(at, at + 2, month, number) if month and number else None

    def _day_number(self, at: int) -> int | None:
        if at >= len(self.tokens):
            return None
        key = self.key(at)
        number = numbers.ordinal(self.tokens[at]) or (int(key) if re.fullmatch(r"\d{1,2}", key) else None)
        return number if number and 1 <= number <= 31 else None

    def _dated(self, at: int, end: int, month: int, day: int) -> Match | None:
        used, year = self._year_after(end)
        try:
            found = date(year or self.latest(month, day), month, day)
        except ValueError:
            return None
        return end + used - at, periods.day(found, yearless=self._open(year))

    def month(self, at: int) -> Match | None:
        step = _THIS.get(self.key(at))
        named = _MONTHS.get(self.key(at + (step is not None)))
        if not named:
            return None
        if step is not None:
            return (
                (2, periods.month(self._which_year(named, step), named))
                if step
                else (2, periods.month(self.today.year, named))
            )
        used, year = self._year_after(at + 1)
        if year is None and not self._is_month(at):
            return None
        return 1 + used, periods.month(year or self.latest(named), named, yearless=self._open(year))

    def _open(self, year: int | None) -> bool:
        return year is None and self.assumed is None

    def _which_year(self, month: int, step: int) -> int:
        """The year of "last May" (the latest that is over) or "next May" (the first to come)."""
        if step < 0:
            return self.today.year if month < self.today.month else self.today.year - 1
        return self.today.year if month > self.today.month else self.today.year + 1

    def _is_month(self, at: int) -> bool:
        """Whether a bare "may", "mar" or "march" is the month, not the verb."""
        if self.key(at) not in ("may", "march", "mar", "sep", "jan"):
            return True
        return self.key(at - 1) in _MONTH_CUES or (self.tokens[at].capital and at > 0) or at == len(self.tokens) - 1

    def year(self, at: int) -> Match | None:
        start = at + (self.key(at) in ("the", "year"))
        start += self.key(at) == "the" and self.key(start) == "year"
        year = self.year_at(start)
        return (start + 1 - at, periods.year(year)) if year and self.tokens[start].kind == "number" else None


_SPELLED = (*(name for name in _MONTHS if len(name) > 5), "quarter", "yesterday", "tomorrow", "previous")


def spelling(key: str) -> str | None:
    """The month or period word that a misspelling stands for."""
    return nearest(key, _SPELLED) if len(key) > 4 else None


def match(
    tokens: Sequence[Token], at: int, today: date, year: int | None = None, fiscal_start: int = 1
) -> Match | None:
    """The period that starts at this token, and how many tokens it takes.

    `year`: of one that is named without it; `fiscal_start`: the month in which a fiscal year begins.
    """
    return _Reader(tokens, today, year, fiscal_start).read(at)
