"""One value in its three forms: a column's, the door's own ("state") and the journal's JSON.

State: text, numbers, dates and moments as they are; money as minor units; a stage or link as its id; tags and
multi-select as tuples. The journal's JSON: money as {"amount", "currency"}, a link as {"id", "label"}, a stage as
{"id", "key", "label"}: enough to print a line of the timeline without another read.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from app.crm.schema import KEYED_TYPES, column_name, key_name
from app.shared.contract import FieldSpec, Money, ObjectSpec
from app.shared.db import text_key
from app.shared.money import digits
from app.shared.values import as_json

State = dict[str, Any]
EMPTY = (None, ())


def empty(field: FieldSpec) -> Any:
    """What a field holds that holds nothing."""
    return () if field.type in ("tags", "multi_select") else None


# --- columns ---------------------------------------------------------------------------------------------------------


def from_row(spec: ObjectSpec, row: Mapping[str, Any], tags: tuple[str, ...] = ()) -> State:
    """The state of a record's row."""
    custom = row["custom"] or {}
    return {field.name: _from_row(field, row, custom, tags) for field in spec.fields}


def _from_row(field: FieldSpec, row: Mapping[str, Any], custom: Mapping[str, Any], tags: tuple[str, ...]) -> Any:
    if field.type == "tags":
        return tags
    if field.custom_id is not None:
        return _from_custom(field, custom.get(f"f{field.custom_id}"))
    value = row[column_name(field)]
    if field.type == "number" and isinstance(value, float) and value.is_integer():
        return int(value)
    return tuple(value or ()) if field.type == "multi_select" else value


def _from_custom(field: FieldSpec, value: Any) -> Any:
    if value is None:
        return empty(field)
    if field.type == "date":
        return date.fromisoformat(value)
    if field.type == "datetime":
        return datetime.fromisoformat(value)
    return tuple(value) if field.type == "multi_select" else value


def columns(fields: tuple[FieldSpec, ...], state: Mapping[str, Any], custom: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that hold these fields of a state; `custom` is the JSON column as it was."""
    row: dict[str, Any] = {}
    for field in fields:
        if field.custom_id is not None:
            _put_custom(row.setdefault("custom", dict(custom)), field, state[field.name])
        elif field.type != "tags":
            _put_column(row, field, state[field.name])
    return row


def _put_column(row: dict[str, Any], field: FieldSpec, value: Any) -> None:
    value = None if value in EMPTY else value
    row[column_name(field)] = list(value) if isinstance(value, tuple) else value
    if field.type in KEYED_TYPES:
        row[key_name(field)] = text_key(value)


def _put_custom(kept: dict[str, Any], field: FieldSpec, value: Any) -> None:
    name = f"f{field.custom_id}"
    for key in (name, f"{name}k"):
        kept.pop(key, None)
    if value in EMPTY:
        return
    kept[name] = _custom_json(field, value)
    if field.type in KEYED_TYPES:
        kept[f"{name}k"] = text_key(value)


def _custom_json(field: FieldSpec, value: Any) -> Any:
    if field.type == "datetime":  # of one width, so that text order is the order of time
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return as_json(value)


# --- the journal's JSON ----------------------------------------------------------------------------------------------


class Labels:
    """The words for linked records, gathered before a set is written, and for stages, read where they are needed."""

    def __init__(self, stages: Callable[[], Mapping[int, tuple[str, str]]]) -> None:
        self.links: dict[tuple[str, int], str] = {}
        self._stages = stages

    def stage(self, id: int) -> tuple[str, str]:
        """Key and label."""
        return self._stages().get(id, ("", ""))


def encode(field: FieldSpec, value: Any, currency: str, labels: Labels) -> Any:
    """A value of a state as the journal keeps it."""
    if value in EMPTY:
        return [] if value == () else None
    if field.type == "money":
        return {"amount": as_json(Money(value, currency)), "currency": currency}
    if field.type == "link":
        return {"id": value, "label": labels.links.get((field.target or "", value), "")}
    if field.type == "stage":
        key, label = labels.stage(value)
        return {"id": value, "key": key, "label": label}
    return as_json(value)


def decode(field: FieldSpec, value: Any) -> Any:
    """The way back: a value of the journal as a state holds it."""
    if value is None or value == []:
        return empty(field)
    if field.type == "money":
        return minor(Decimal(str(value["amount"])), value["currency"])
    if field.type in ("link", "stage"):
        return value["id"]
    if field.type == "date":
        return date.fromisoformat(value)
    if field.type == "datetime":
        return datetime.fromisoformat(value)
    return tuple(value) if field.type in ("tags", "multi_select") else value


def outward(field: FieldSpec, value: Any, currency: str, labels: Labels) -> Any:
    """A value of a state as callers write it: money as a number, a stage as its key, a link with its label."""
    shown = encode(field, value, currency, labels)
    if field.type == "money" and shown is not None:
        return shown["amount"]
    return shown["key"] if field.type == "stage" and shown is not None else shown


def minor(amount: Decimal, currency: str) -> int:
    """Minor units of an exact amount. Raises ValueError where the currency has fewer digits."""
    scaled = amount.scaleb(digits(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{currency} has {digits(currency)} decimal digits")
    return int(scaled)
