"""How long ago a date of one record is, or how far ahead."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.chatbot.exact import phrases, rows, wording
from app.chatbot.exact.asker import Asker
from app.chatbot.types import Answer, Figure
from app.chatbot.understanding.frame import Frame
from app.shared.contract import Record


def answer(asker: Asker, frame: Frame, record: Record) -> Answer:
    """The days between the asked date and today, whole ones, by the calendar of who asks."""
    spec, path = asker.spec(frame), frame.asked[0]
    label = phrases.field_label(asker.catalog, spec, path)
    value = record.values.get(path)
    if not isinstance(value, date):
        return Answer(f"No {label.lower()} is recorded for {record.label}.", "exact", citations=(record.ref,))
    day = _day(asker, value)
    days = (day - (frame.today or day)).days
    count = wording.counted(abs(days), "day", "days")
    when = "today" if not days else f"in {count}" if days > 0 else f"{count} ago"
    shown = (spec.label_field, path)
    text = f"{label} of {record.label}: {wording.day(day)}, {when}."
    made, columns = rows.record_rows([record], shown), rows.columns(asker.catalog, spec, shown)
    return Answer(text, "exact", (Figure("Days", abs(days)),), made, columns, citations=(record.ref,))


def _day(asker: Asker, value: date) -> date:
    if not isinstance(value, datetime):
        return value
    return value.astimezone(ZoneInfo(asker.principal.timezone or "UTC")).date() if value.tzinfo else value.date()
