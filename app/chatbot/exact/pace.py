"""How many there are a week, a month, a quarter or a year on average."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from app.chatbot.exact import phrases, rows, wording
from app.chatbot.exact.asker import Asker
from app.chatbot.types import Answer, Figure
from app.chatbot.understanding import query as queries
from app.chatbot.understanding.frame import Frame
from app.shared.contract import Measure

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def pace(asker: Asker, frame: Frame) -> Answer:
    """Over all units of the asked period; of one that isn't over, or without any, until the last one that has records.
    Units in between without any count."""
    unit = frame.groups[0].bucket or "month"
    found = asker.groups(queries.groups(replace(frame, measure=Measure(), shape="groups")))
    _, many = phrases.nouns(asker.catalog, frame)
    where = phrases.conditions(asker.catalog, frame)
    kept = [row for row in found.rows if isinstance(row.keys[0], date)]
    days = sorted(row.keys[0] for row in kept)
    if not days:
        return Answer(f"No {many}{where}.", "exact", (Figure("Average", None),))
    first, last = _span(frame, days)
    units = _units(first, last, unit)
    total = sum(row.measures[0] for row in kept)
    average = round(total / units, 2)
    over = f"{wording.number(total)} over {wording.counted(units, unit, f'{unit}s')}, {_between(first, last, unit)}"
    text = f"{wording.number(average)} {many} a {unit} on average{where}: {over}."
    made = tuple(
        rows.group_row(asker.catalog, asker.spec(frame), frame.groups, row, "count", row.measures[0]) for row in kept
    )[: rows.MOST_ROWS]
    columns = rows.group_columns(
        asker.catalog, asker.spec(frame), frame.groups, ("count", asker.spec(frame).label, "number")
    )
    return Answer(text, "exact", (Figure(f"Average a {unit}", average),), made, columns, found.query)


def _span(frame: Frame, days: list[date]) -> tuple[date, date]:
    period = next((term.period for term in frame.terms if term.period and term.slot == frame.groups[0].field), None)
    first = period.first if period and period.first else days[0]
    ended = period.after if period and period.after and frame.today and period.after <= frame.today else None
    return first, ended - timedelta(1) if ended else days[-1]


def _units(first: date, last: date, unit: str) -> int:
    if unit in _MONTHS:
        step = _MONTHS[unit]
        return (last.year * 12 + last.month - 1) // step - (first.year * 12 + first.month - 1) // step + 1
    whole = (last - first).days + 1
    return (
        whole
        if unit == "day"
        else (last - timedelta(last.weekday()) - first + timedelta(first.weekday())).days // 7 + 1
    )


def _between(first: date, last: date, unit: str) -> str:
    names = (wording.bucket(first, unit), wording.bucket(last, unit))
    return names[0] if names[0] == names[1] else f"{names[0]} to {names[1]}"
