"""Facts about one record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.chatbot.exact import elapsed, phrases, rows, wording
from app.chatbot.exact.asker import Asker
from app.chatbot.types import Answer, Figure
from app.chatbot.understanding.frame import Frame
from app.shared.contract import FieldSpec, Record, Ref

Fact = tuple[str, FieldSpec | None, Any]  # label, field, value


def lookup(asker: Asker, frame: Frame) -> Answer:
    """The fields that were asked for; where none were, what a list shows of the record."""
    spec = asker.spec(frame)
    assert frame.record is not None
    listed = [field.name for field in spec.fields if field.listed] or [field.name for field in spec.fields]
    paths = frame.asked or tuple(name for name in listed if name != spec.label_field)
    page = asker.page(frame.rows_query(), (spec.label_field, *paths))
    if not page.records:
        text = f"There is no {spec.singular} {frame.record.label}."
        return Answer(text, "none", unread=(frame.record.label,))
    record = page.records[0]
    if not frame.asked:
        paths = tuple(path for path in paths if not _is_nothing(record.values.get(path)))
    facts = [_fact(asker, frame, record, path) for path in paths]
    if frame.brief:
        facts = [fact for fact in facts if not _is_nothing(fact[2])] or facts[-1:]
    if frame.elapsed:
        return elapsed.answer(asker, frame, record)
    shown = (spec.label_field, *paths)
    made = rows.record_rows(page.records, shown)
    text = _asked(record, facts) if frame.asked else _card(spec.singular, record, facts)
    columns = rows.columns(asker.catalog, spec, shown)
    return Answer(text, "exact", _figures(facts), made, columns, citations=_cited(record, facts, frame))


def _fact(asker: Asker, frame: Frame, record: Record, path: str) -> Fact:
    spec = asker.spec(frame)
    label = phrases.field_label(asker.catalog, spec, path)
    return label, phrases.field_at(asker.catalog, spec, path), record.values.get(path)


def _is_nothing(value: Any) -> bool:
    return value is None or value == "" or value == ()


def _asked(record: Record, facts: Sequence[Fact]) -> str:
    if len(facts) > 1:
        return f"{record.label}: {wording.listed([_phrase(fact) for fact in facts])}."
    label, field, value = facts[0]
    if _is_nothing(value):
        return f"No {label.lower()} is recorded for {record.label}."
    return f"{label} of {record.label}: {wording.plain(value, field)}."


def _card(singular: str, record: Record, facts: Sequence[Fact]) -> str:
    if not facts:
        return f"{record.label} is a {singular} without further details."
    return f"{record.label}: {wording.listed([_phrase(fact) for fact in facts])}."


def _phrase(fact: Fact) -> str:
    label, field, value = fact
    return f"no {label.lower()}" if _is_nothing(value) else f"{label.lower()} {wording.plain(value, field)}"


def _figures(facts: Sequence[Fact]) -> tuple[Figure, ...]:
    found: list[Figure] = []
    for label, _, value in facts:
        if rows.amount(value) is not None:
            found += rows.figures(label, value)
    return tuple(found)


def _cited(record: Record, facts: Sequence[Fact], frame: Frame) -> tuple[Ref, ...]:
    """The record; of a whole card also the records that it links to."""
    linked = [value for _, _, value in facts if isinstance(value, Ref)]
    if frame.asked:
        return (record.ref, *linked)
    return (record.ref, *(value for value in linked if value.object != "users"))
