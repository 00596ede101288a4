"""Rows of an answer as JSON, with the columns that show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.chatbot.exact import wording
from app.chatbot.exact.phrases import field_at, field_label
from app.chatbot.types import Figure
from app.shared.contract import Catalog, FieldSpec, Group, GroupRow, Money, ObjectSpec, Record, Ref
from app.shared.values import as_json

MOST_ROWS = 50
Column = Mapping[str, Any]


def record_rows(records: Sequence[Record], paths: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """Records as rows: id, label, url, and the values of the columns."""
    return tuple(_record_row(record, paths) for record in records[:MOST_ROWS])


def _record_row(record: Record, paths: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"object": record.object, "id": record.id, "label": record.label, "url": record.url}
    return row | {path: as_json(record.values.get(path)) for path in paths}


def record_columns(catalog: Catalog, spec: ObjectSpec, asked: Sequence[str]) -> tuple[str, ...]:
    """The paths that a list shows: its name, what was asked, and its usual columns."""
    usual = [field.name for field in spec.fields if field.listed]
    return tuple(dict.fromkeys((spec.label_field, *asked, *usual)))


def columns(catalog: Catalog, spec: ObjectSpec, paths: Sequence[str]) -> tuple[Column, ...]:
    return tuple(_column(path, field_label(catalog, spec, path), field_at(catalog, spec, path)) for path in paths)


def _column(name: str, label: str, field: FieldSpec | None) -> Column:
    return {"name": name, "label": label, "type": field.type if field else "text"}


def group_columns(catalog: Catalog, spec: ObjectSpec, groups: Sequence[Group], measure: Column) -> tuple[Column, ...]:
    keys = [_column(group.key, field_label(catalog, spec, group.field), field_at(catalog, spec, group.field)) for group in groups]
    return (*keys, measure)


def key_label(catalog: Catalog, spec: ObjectSpec, group: Group, value: Any) -> str:
    """A group's key as people read it."""
    field = field_at(catalog, spec, group.field)
    if value is None or value == "":
        return f"No {field.label.lower() if field else 'value'}"
    if group.bucket and hasattr(value, "year"):
        return wording.bucket(value, group.bucket)
    return wording.plain(value, field)


def group_row(catalog: Catalog, spec: ObjectSpec, groups: Sequence[Group], row: GroupRow, name: str, value: Any) -> dict[str, Any]:
    labels = [key_label(catalog, spec, group, key) for group, key in zip(groups, row.keys, strict=True)]
    found: dict[str, Any] = {"label": ", ".join(labels)}
    for group, key in zip(groups, row.keys, strict=True):
        found[group.key] = as_json(key)
        if isinstance(key, Ref) and "url" not in found:
            found["url"] = key.url
    return found | {name: as_json(value)} | ({"currency": value.currency} if isinstance(value, Money) else {})


def figure(label: str, value: Any, unit: str | None = None) -> Figure:
    """A figure from any measure. Money becomes a number in major units with its currency as unit."""
    if isinstance(value, Money):
        return Figure(label, as_json(value), value.currency)
    return Figure(label, as_json(value), unit)


def figures(label: str, value: Any, unit: str | None = None) -> tuple[Figure, ...]:
    """One figure, or one for each currency."""
    if isinstance(value, tuple):
        return tuple(figure(f"{label}, {item.currency}", item) for item in value)
    return (figure(label, value, unit),)


def shown(value: Any) -> str:
    """A measure in a sentence."""
    if isinstance(value, tuple):
        return wording.listed([wording.plain(item) for item in value])
    return wording.plain(value) if value is not None else "nothing"


def amount(value: Any) -> float | None:
    """A measure as a number to compare; None where there is none or several currencies."""
    if isinstance(value, Money):
        return float(value.major)
    return float(value) if isinstance(value, int | float) or hasattr(value, "as_tuple") else None
