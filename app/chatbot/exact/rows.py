"""Rows of an answer as JSON, with the columns that show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.chatbot.exact import wording
from app.chatbot.exact.phrases import field_at, field_label
from app.chatbot.types import Figure
from app.shared.contract import Catalog, FieldSpec, Group, GroupRow, Money, ObjectSpec, Record, Ref
from app.shared.values import as_json, row_json

MOST_ROWS = 50
Column = Mapping[str, Any]


def record_rows(records: Sequence[Record], paths: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """Records as rows: id, label, url, and the values of the columns."""
    return tuple(_record_row(record, paths) for record in records[:MOST_ROWS])


def _record_row(record: Record, paths: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"object": record.object, "id": record.id, "label": record.label, "url": record.url}
    return row | row_json({path: record.values.get(path) for path in paths})


def record_columns(spec: ObjectSpec, asked: Sequence[str]) -> tuple[str, ...]:
    """The paths that a list shows: its name, what was asked, and its usual columns."""
    usual = [field.name for field in spec.fields if field.listed]
    return tuple(path for path in dict.fromkeys((spec.label_field, *asked, *usual)) if path)


def columns(catalog: Catalog, spec: ObjectSpec, paths: Sequence[str]) -> tuple[Column, ...]:
    return tuple(_column(path, field_label(catalog, spec, path), field_at(catalog, spec, path)) for path in paths)


def _column(name: str, label: str, field: FieldSpec | None) -> Column:
    return {"name": name, "label": label, "type": field.type if field else "text"}


def group_columns(
    catalog: Catalog, spec: ObjectSpec, groups: Sequence[Group], measure: tuple[str, str, str]
) -> tuple[Column, ...]:  # fmt: skip
    """`measure`: its name, label and type."""
    keys = [
        _column(one.key, field_label(catalog, spec, one.field), field_at(catalog, spec, one.field)) for one in groups
    ]
    return (*keys, dict(zip(("name", "label", "type"), measure, strict=True)))


def group_name(catalog: Catalog, spec: ObjectSpec, group: Group) -> str:
    """What a group is by: Owner; Month of close date."""
    label = field_label(catalog, spec, group.field)
    return f"{group.bucket.capitalize()} of {label.lower()}" if group.bucket else label


def group_label(catalog: Catalog, spec: ObjectSpec, groups: Sequence[Group], row: GroupRow) -> str:
    """A group as people read it: Anna Reed; November 2024; No owner."""
    return ", ".join(_key_label(catalog, spec, group, key) for group, key in zip(groups, row.keys, strict=True))


def _key_label(catalog: Catalog, spec: ObjectSpec, group: Group, value: Any) -> str:
    field = field_at(catalog, spec, group.field)
    if value is None or value == "":
        return f"No {field.label.lower() if field else 'value'}"
    if group.bucket and hasattr(value, "year"):
        return wording.bucket(value, group.bucket)
    return wording.plain(value, field)


def group_row(
    catalog: Catalog, spec: ObjectSpec, groups: Sequence[Group], row: GroupRow, name: str, value: Any
) -> dict[str, Any]:  # fmt: skip
    """A group as a row: its label, its keys, and its measure under `name`."""
    found: dict[str, Any] = {"label": group_label(catalog, spec, groups, row)}
    for group, key in zip(groups, row.keys, strict=True):
        found[group.key] = as_json(key)
        if isinstance(key, Ref):
            found.setdefault("url", key.url)
    return found | row_json({name: value})


def figures(label: str, value: Any, unit: str | None = None) -> tuple[Figure, ...]:
    """A measure as figures: money in major units with its currency as unit, one figure for each currency."""
    if isinstance(value, tuple):
        return tuple(Figure(f"{label}, {item.currency}", as_json(item), item.currency) for item in value)
    return (Figure(label, as_json(value), value.currency if isinstance(value, Money) else unit),)


def shown(value: Any) -> str:
    """A measure in a sentence."""
    if isinstance(value, tuple):
        return wording.listed([wording.plain(item) for item in value])
    return wording.plain(value)


def amount(value: Any) -> float | None:
    """A value as a number; None where it is none, or holds several currencies."""
    if isinstance(value, Money):
        return float(value.major)
    numeric = isinstance(value, int | float) or hasattr(value, "as_tuple")
    return float(value) if numeric and not isinstance(value, bool) else None
