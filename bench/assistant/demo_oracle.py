"""The oracle of the demo: its own declared rows, with days counted from today, counted in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from app.crm.demo import data
from bench.assistant.oracle import Row, _where

ME = data.USERS[0]
OPEN = {"lead": 10, "qualified": 25, "proposal": 50, "negotiation": 75}  # percent, of the pipeline that is set up
# deal, person, role: the demo has none, so the evaluation adds these
ROLES = (
    ("Lobby bars, phase 2", "Ingrid Solheim", "champion"),
    ("Lobby bars, phase 2", "Mikkel Brandt", "economic_buyer"),
    ("Roll-out after pilot", "Lotte Visser", "champion"),
    ("Roll-out after pilot", "Bram de Wit", "technical_evaluator"),
    ("Ferry tender", "Henrik Dahl", "decision_maker"),
    ("Austin floors", "Jo Castellanos", "economic_buyer"),
)


class Demo:
    """The demo's tables as lists of plain rows, as of one day."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.companies = [self._company(row) for row in data.COMPANIES]
        self.by_name = {row["name"]: row for row in self.companies}
        self.people = [dict(zip(("name", "company", "title", "email"), row, strict=True)) for row in data.PEOPLE]
        self.deals = [self._deal(row) for row in data.DEALS]
        self.activities = [self._activity(row) for row in data.ACTIVITIES]
        self.tasks = [self._task(row) for row in data.TASKS]

    def day(self, days: int) -> date:
        return self.today + timedelta(days)

    @staticmethod
    def _company(row: tuple[Any, ...]) -> Row:
        name, industry, city, country, employees, revenue, _, website, owner, tags, _ = row
        return {"name": name, "industry": industry, "city": city, "country": country, "employees": employees,
                "revenue": revenue, "website": website, "owner": data.USERS[owner], "tags": tags}  # fmt: skip

    def _deal(self, row: tuple[Any, ...]) -> Row:
        name, company, person, stage, amount, day, owner, reason = row
        kind = stage if stage in ("won", "lost") else "open"
        return {"name": name, "company": company, "person": person, "stage": stage, "kind": kind, "amount": amount,
                "close": self.day(day), "owner": data.USERS[owner], "reason": reason,
                "industry": self.by_name[company]["industry"], "country": self.by_name[company]["country"],
                "weighted": amount * OPEN.get(stage, 0) / 100}  # fmt: skip

    def _activity(self, row: tuple[Any, ...]) -> Row:
        kind, status, day, _, company, person, deal, owner, subject, _ = row
        return {"kind": kind, "status": status, "date": self.day(day), "company": company, "person": person,
                "deal": deal, "owner": data.USERS[owner], "name": subject}  # fmt: skip

    def _task(self, row: tuple[Any, ...]) -> Row:
        name, day, priority, company, deal, owner, done = row
        return {"name": name, "due": self.day(day), "priority": priority, "company": company, "deal": deal,
                "owner": data.USERS[owner], "done": done}  # fmt: skip

    def d(self, *tests: Callable[[Row], bool], **values: Any) -> list[Row]:
        """Deals where each named value is equal (or in a tuple of days, or a set) and every test holds."""
        return _where(self.deals, tests, values)

    def c(self, *tests: Callable[[Row], bool], **values: Any) -> list[Row]:
        return _where(self.companies, tests, values)

    def p(self, *tests: Callable[[Row], bool], **values: Any) -> list[Row]:
        return _where(self.people, tests, values)

    def a(self, *tests: Callable[[Row], bool], **values: Any) -> list[Row]:
        return _where(self.activities, tests, values)

    def t(self, *tests: Callable[[Row], bool], **values: Any) -> list[Row]:
        return _where(self.tasks, tests, values)

    def week(self, step: int = 0) -> tuple[date, date]:
        """Monday to Sunday of this week, or of one before or after it."""
        monday = self.today - timedelta(self.today.weekday()) + timedelta(7 * step)
        return monday, monday + timedelta(6)

    def month(self, step: int = 0) -> tuple[date, date]:
        return _month(self.today, step), _month(self.today, step + 1) - timedelta(1)

    def quarter(self, step: int = 0) -> tuple[date, date]:
        first = -((self.today.month - 1) % 3) + 3 * step
        return _month(self.today, first), _month(self.today, first + 3) - timedelta(1)


def _month(today: date, step: int) -> date:
    """The first day of the month `step` months from the one of today."""
    month = today.month - 1 + step
    return date(today.year + month // 12, month % 12 + 1, 1)
