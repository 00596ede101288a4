"""The independent oracle: the sales files read with `csv` and counted in plain Python. It knows nothing of the app."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

TODAY = date(2025, 3, 15)
ME = "Darcel Schlecht"
Row = dict[str, Any]


def _day(text: str) -> date | None:
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None  # noqa: DTZ007 -- a day without a time


class Oracle:
    """The three files as lists of plain rows."""

    def __init__(self, folder: Path) -> None:
        self.companies = [self._company(row) for row in self._read(folder / "accounts.csv")]
        self.by_name = {row["name"]: row for row in self.companies}
        self.deals = [self._deal(row) for row in self._read(folder / "sales_pipeline.csv")]
        self.activities = [self._activity(row) for row in self._read(folder / "interactions.csv")]
        self.people = sorted({row["person"] for row in self.activities})

    @staticmethod
    def _read(path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    @staticmethod
    def _company(row: dict[str, str]) -> Row:
        return {"name": row["account"], "industry": row["sector"], "country": row["office_location"],
                "employees": int(row["employees"]), "revenue": float(row["revenue"]), "parent": row["subsidiary_of"],
                "year": int(row["year_established"]), "propensity": float(row["propensity_to_buy"] or 0)}  # fmt: skip

    def _deal(self, row: dict[str, str]) -> Row:
        company = self.by_name.get(row["account"], {})
        stage = row["deal_stage"]
        kind = stage.lower() if stage in ("Won", "Lost") else "open"
        return {"id": row["opportunity_id"], "company": row["account"], "owner": row["sales_agent"],
                "product": row["product"], "stage": stage, "kind": kind,
                "amount": float(row["close_value"]) if row["close_value"] else None, "close": _day(row["close_date"]),
                "engage": _day(row["engage_date"]), "industry": company.get("industry"),
                "country": company.get("country"), "employees": company.get("employees", 0)}  # fmt: skip

    @staticmethod
    def _activity(row: dict[str, str]) -> Row:
        return {"company": row["account_name"], "person": row["contact_name"], "kind": row["activity_type"].lower(),
                "status": row["status"].lower(), "date": _day(row["timestamp"]), "body": row["comment"]}  # fmt: skip

    def d(self, *tests: Callable[[Row], bool], **values: Any) -> list[Row]:
        """Deals where each named value is equal (or in a tuple of dates or a set) and every test holds."""
        return _where(self.deals, tests, values)

    def c(self, *tests: Callable[[Row], bool], **values: Any) -> list[Row]:
        return _where(self.companies, tests, values)

    def a(self, *tests: Callable[[Row], bool], **values: Any) -> list[Row]:
        return _where(self.activities, tests, values)


def _where(rows: Iterable[Row], tests: Iterable[Callable[[Row], bool]], values: dict[str, Any]) -> list[Row]:
    tests = list(tests)
    return [
        row
        for row in rows
        if all(_is(row[key], value) for key, value in values.items()) and all(test(row) for test in tests)
    ]


def _is(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, tuple):  # days from the first to the last, both included
        return value is not None and wanted[0] <= value <= wanted[1]
    return value in wanted if isinstance(wanted, set) else value == wanted


def total(rows: Iterable[Row], key: str = "amount") -> float:
    return round(sum(row[key] or 0 for row in rows), 2)


def mean(rows: Iterable[Row], key: str = "amount") -> float:
    values = [row[key] for row in rows if row[key] is not None]
    return sum(values) / len(values)


def best(rows: Iterable[Row], key: str = "amount") -> float:
    return max(row[key] for row in rows if row[key] is not None)


def rate(rows: Iterable[Row]) -> float:
    rows = list(rows)
    won, lost = sum(row["kind"] == "won" for row in rows), sum(row["kind"] == "lost" for row in rows)
    return round(100 * won / (won + lost), 2)


def names(rows: Iterable[Row]) -> set[str]:
    return {row["name"] for row in rows}


def by(
    rows: Iterable[Row], key: str | Callable[[Row], Any], measure: Callable[[list[Row]], float] = len
) -> dict[Any, float]:
    """Groups with their measure; rows without a key are left out."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        value = key(row) if callable(key) else row[key]
        if value not in (None, ""):
            groups[value].append(row)
    return {value: measure(group) for value, group in groups.items()}


def top(groups: dict[Any, float], count: int, *, lowest: bool = False) -> list[Any]:
    return sorted(groups, key=lambda key: groups[key], reverse=not lowest)[:count]


def days(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


def month(row: Row) -> str | None:
    return f"{row['close']:%B %Y}" if row["close"] else None


def quarter(row: Row) -> str | None:
    return f"Q{(row['close'].month + 2) // 3} {row['close'].year}" if row["close"] else None
