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

_DAYS = {"day": 1, "week": 7}
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
    first, last = _span(frame, days, unit)
    units = _units(first, last, unit)
    if units is None:
        text = f"An average a {unit} is of whole {unit}s: the period that you name begins or ends within one."
        return Answer(text, "none", unread=(f"per {unit}",))
    total = sum(row.measures[0] for row in kept)
    average = round(total / units, 2)
    count = f"{wording.number(units)} {unit}{'' if units == 1 else 's'}"
    over = f"{wording.number(total)} over {count}, {_between(first, last, unit)}"
    text = f"{wording.number(average)} {many} a {unit} on average{where}: {over}."
    made = tuple(
        rows.group_row(asker.catalog, asker.spec(frame), frame.groups, row, "count", row.measures[0]) for row in kept
    )[: rows.MOST_ROWS]
    columns = rows.group_columns(
        asker.catalog, asker.spec(frame), frame.groups, ("count", asker.spec(frame).label, "number")
    )
    return Answer(text, "exact", (Figure(f"Average a {unit}", average),), made, columns, found.query)


def _span(frame: Frame, days: list[date], unit: str) -> tuple[date, date]:
    """The first and the last day."""
    period = next((term.period for term in frame.terms if term.period and term.slot == frame.groups[0].field), None)
    first = period.first if period and period.first else days[0]
    ended = period.after if period and period.after and frame.today and period.after <= frame.today else None
    return first, (ended or _after(days[-1], unit)) - timedelta(1)


def _after(day: date, unit: str) -> date:
    """The first day of the next unit, of one that begins on this day."""
    if unit not in _MONTHS:
        return day + timedelta(_DAYS[unit])
    month = day.month - 1 + _MONTHS[unit]
    return date(day.year + month // 12, month % 12 + 1, 1)


def _units(first: date, last: date, unit: str) -> float | None:
    """How many units these days are; None where they aren't whole months, quarters or years. Weeks needn't be whole."""
    after = last + timedelta(1)
    if unit not in _MONTHS:
        found = (after - first).days / _DAYS[unit]
        return int(found) if found.is_integer() else round(found, 2)
    months = _MONTHS[unit]
    if first.day != 1 or after.day != 1 or (first.month - 1) % months or (after.month - 1) % months:
        return None
    return ((after.year - first.year) * 12 + after.month - first.month) // months


def _between(first: date, last: date, unit: str) -> str:
    names = (wording.bucket(first, unit), wording.bucket(last, unit))
    return names[0] if names[0] == names[1] else f"{names[0]} to {names[1]}"
