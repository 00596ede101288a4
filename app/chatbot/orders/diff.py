"""A proposal as a person sees it before it is applied: each field, before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.chatbot.orders import build
from app.chatbot.orders.desk import Desk
from app.chatbot.orders.made import Made
from app.shared.contract import ChangeSet, FieldSpec, Money, Ref, StoredChangeSet
from app.shared.values import as_json

_PLAIN = ("date", "number", "text", "boolean", "select")  # whose values the journal has as a card shows them


def proposal(desk: Desk, made: Sequence[Made], stored: StoredChangeSet) -> Mapping[str, Any]:
    """The proposal as JSON: its number, title, state, and its operations with the fields that they change."""
    return {
        "id": stored.id,
        "title": stored.title,
        "state": stored.state,
        "expires_at": as_json(stored.expires_at),
        "operations": [_operation(desk, one) for one in made],
    }


def _operation(desk: Desk, made: Made) -> Mapping[str, Any]:
    record = made.record
    before = desk.port.get(desk.principal, record.object, record.id).values if record else {}
    fields = [_field(desk, item, made, before) for item in made.spec.fields if item.name in made.values]
    return {
        "action": made.action or ("update" if record else "create"),
        "object": made.spec.name,
        "object_label": made.spec.label_one,
        "record": {"id": record.id, "label": record.label, "url": record.url} if record else None,
        "fields": fields + (_following(desk, made) if record and made.action is None else []),
    }


def _following(desk: Desk, made: Made) -> list[Mapping[str, Any]]:
    """What changes by itself beside what was asked for, as the close date of a deal that is won."""
    lines = desk.port.preview(desk.principal, ChangeSet(operations=(build.operation(made),)))
    after, before = (lines[0].after, lines[0].before) if lines else ({}, {})
    return [
        {
            "name": item.name,
            "label": item.label,
            "type": item.type,
            "before": _shown(item, before.get(item.name)),
            "after": _shown(item, after[item.name]),
            "follows": True,
        }
        for item in made.spec.fields
        if item.name in after and item.name not in made.values and not item.read_only and item.type in _PLAIN
    ]


def _field(desk: Desk, item: FieldSpec, made: Made, before: Mapping[str, Any]) -> Mapping[str, Any]:
    """One field: what a person reads before and after, and the value itself for whoever edits it."""
    found = {
        "name": item.name,
        "label": item.label,
        "type": item.type,
        "before": _shown(item, before.get(item.name)),
        "after": _told(desk, item, made.values[item.name]),
        "value": as_json(made.values[item.name]),
    }
    if item.type == "money":
        found["unit"] = _currency(desk, item, made, before)
    if item.options:
        found["options"] = [{"key": option.key, "label": option.label} for option in item.options]
    return found


def _currency(desk: Desk, item: FieldSpec, made: Made, before: Mapping[str, Any]) -> str:
    held = before.get(item.name)
    return str(made.values.get("currency") or (held.currency if isinstance(held, Money) else desk.catalog.currency))


def _shown(item: FieldSpec, value: Any) -> Any:
    """A value of the record in people's words."""
    if isinstance(value, Ref):
        return value.label
    if item.options and isinstance(value, str):
        return _label(item, value)
    return as_json(value)


def _told(desk: Desk, item: FieldSpec, value: Any) -> Any:
    """A value of the order in people's words."""
    if item.type == "link" and isinstance(value, int):
        return _name(desk, item.target or "", value)
    return _shown(item, value)


def _label(item: FieldSpec, key: str) -> str:
    return next((option.label for option in item.options if option.key == key), key)


def _name(desk: Desk, object: str, id: int) -> str:
    """The name of a record, or of a colleague."""
    if not desk.catalog[object].support:
        return desk.port.get(desk.principal, object, id).label
    return dict(desk.port.labels(desk.principal, object)).get(id, "")
