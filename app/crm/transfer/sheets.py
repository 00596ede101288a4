"""The columns of an export: which there are, what stands above them, and how a record's values become cells.

A sheet for people has labels above it, names instead of keys, and no cell that a spreadsheet would take for a formula.
A raw one has the keys and values of the REST API, which an import takes back.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.crm.query.source import KEPT, STAGES
from app.shared.contract import Catalog, FieldSpec, Money, Query, Record, Ref, Value
from app.shared.values import as_json

# What spreadsheets may take for the beginning of a formula; the wide forms too, which some make narrow.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
Cell = str | int | float | Decimal


@dataclass(frozen=True, slots=True)
class Style:
    """How values are written. `zone` is where the asking person is; raw moments are UTC."""

    raw: bool
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file."""

    head: str
    path: str  # what to read
    cell: Callable[[Value], Cell]


def columns(catalog: Catalog, query: Query, style: Style) -> list[Column]:
    """The columns of a query's view, or all of the object's own fields where it names none; the record's id first."""
    spec = catalog[query.object]
    paths = query.columns or tuple(field.name for field in spec.fields)
    found = [Column("id" if style.raw else "ID", "", str)]
    for path in dict.fromkeys(paths):
        fields = fields_of(catalog, query.object, path)
        if fields and path not in ("id",):
            found += _columns(catalog, query.object, path, fields, paths, style)
    return found


def fields_of(catalog: Catalog, object: str, path: str) -> tuple[FieldSpec, ...]:
    """The fields along a to-one path; nothing where it isn't one."""
    found: list[FieldSpec] = []
    for step in path.split("."):
        spec = STAGES if object == STAGES.name else catalog.objects.get(object)
        field = (spec.field(step) if spec else None) or next((item for item in KEPT if item.name == step), None)
        if spec is None or field is None:
            return ()
        found.append(field)
        object = STAGES.name if field.type == "stage" else field.target or ""
    return tuple(found)


def _columns(
    catalog: Catalog,
    object: str,
    path: str,
    fields: tuple[FieldSpec, ...],
    paths: tuple[str, ...],
    style: Style,
) -> Iterator[Column]:
    field, label = fields[-1], " › ".join(item.label for item in fields)
    yield Column(path if style.raw else safe(label), path, _writer(field, style))
    if field.type == "link":
        yield Column(f"{path}.id" if style.raw else safe(f"{label} ID"), path, _link_id)
    if field.type == "money":
        beside = path.rpartition(".")[0] + "." * ("." in path) + "currency"
        known = fields_of(catalog, object, beside)
        if not known or beside not in paths:
            name = beside if known and len(fields) == 1 else f"{path}.currency"
            yield Column(name if style.raw else safe(f"{label} currency"), path, _currency)


def _link_id(value: Value) -> Cell:
    return value.id if isinstance(value, Ref) else ""


def _currency(value: Value) -> Cell:
    return value.currency if isinstance(value, Money) else ""


def _writer(field: FieldSpec, style: Style) -> Callable[[Value], Cell]:
    return raw if style.raw else (lambda value: shown(field, value, style.zone))


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before what could begin one."""
    return f"'{text}" if text[:1] in FORMULA else text


def raw(value: Value) -> Cell:
    """A value as the REST API writes it; several joined by semicolons, a link by the name of its record."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Money):
        return _plain(value.major)
    if isinstance(value, Ref):
        return value.label
    if isinstance(value, tuple | list):
        return ";".join(map(str, value))
    if isinstance(value, int | float | Decimal):
        return _plain(value)
    return str(as_json(value))


def shown(field: FieldSpec, value: Value, zone: ZoneInfo) -> Cell:
    """A value as people read it: names instead of keys, moments in their time zone, numbers as numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Money):
        return _plain(value.major)
    if isinstance(value, int | float | Decimal):
        return _plain(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return safe(_text(field, value))


def _text(field: FieldSpec, value: Any) -> str:
    if isinstance(value, Ref):
        return value.label
    if isinstance(value, tuple | list):
        return "; ".join(_label(field, str(item)) for item in value)
    return _label(field, str(value))


def _label(field: FieldSpec, key: str) -> str:
    option = field.option(key) if field.type in ("select", "multi_select", "stage") else None
    return option.label if option else key


def _plain(number: Decimal | float) -> str:
    """Digits and a point, never an exponent: a spreadsheet's number in every locale's import."""
    return format(Decimal(str(number)), "f")


def row(record: Record, wanted: list[Column]) -> list[Cell]:
    return [column.cell(record.values.get(column.path)) if column.path else record.id for column in wanted]
