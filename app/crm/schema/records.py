"""The tables of the record objects, made from their declarations.

A field's column has the field's name; a link's is `<name>_id`; a stage's is `stage_id`. Short texts have a second
column `<name>_key` with the key by which they compare and sort (`app.shared.db.text_key`). Money is an integer in minor
units. Tags are in `taggings`, custom fields in the JSON column `custom`, keyed `f<id>` (and `f<id>k`: a text's key).
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, Numeric, Table, Text, text

from app.crm.objects import BUILT_IN
from app.crm.schema.base import BigId, id_column, metadata
from app.shared.contract import FieldSpec, ObjectSpec
from app.shared.money import unusual
from app.shared.types import Json, KeyText, UtcDateTime

KEYED_TYPES = frozenset({"text", "email", "url", "phone", "key"})
_LIVING = text("trashed_at IS NULL")
_TRASHED = text("trashed_at IS NOT NULL")
_CODES = ", ".join(f"'{code.casefold()}'" for code in sorted(unusual()))
# Written out, so that both engines see that a query asks for just these rows.
UNUSUAL_CURRENCY = text(f"currency_key IN ({_CODES})")
# What follows the link in the index of an object's listing links: the order of its lists, then what they and measures
# ask of the same rows, so that neither looks into the table. These are the links by which long lists are narrowed.
_LISTING_LINKS = ("owner", "company", "stage")
_IN_ORDER = {
    "companies": ("name_key", "id", "trashed_at"),
    "people": ("name_key", "id", "trashed_at"),
    "deals": ("updated_at", "id", "trashed_at", "amount", "currency_key"),
    "activities": ("date", "id", "trashed_at"),
    "notes": ("created_at", "id", "trashed_at"),
    "files": ("created_at", "id", "trashed_at"),
    "tasks": ("done", "due_date", "id", "trashed_at"),
}
_BESIDE = {("deals", "stage"): ("owner_id", "close_date"), ("deals", "owner"): ("stage_id",)}
_MEASURED = {("deals", "close_date"): ("trashed_at", "amount", "currency_key")}
_TYPES: dict[str, Any] = {
    "long_text": Text,
    "money": BigInteger,
    "date": Date,
    "datetime": UtcDateTime,
    "boolean": Boolean,
    "select": KeyText,
    "multi_select": Json,
}


def column_name(field: FieldSpec) -> str:
    """The column that holds a built-in field (tags have none)."""
    return f"{field.name}_id" if field.type in ("link", "stage") else field.name


def key_name(field: FieldSpec) -> str:
    """The column that holds the comparison key of a short text."""
    return f"{field.name}_key"


def _columns(field: FieldSpec) -> list[Column[Any]]:
    name = column_name(field)
    if field.type == "tags":
        return []
    if field.type == "link":
        return [Column(name, BigId, ForeignKey(f"{field.target}.id"))]
    if field.type == "stage":
        return [Column(name, BigId, ForeignKey("stages.id"))]
    if field.type == "number":
        return [Column(name, Integer if field.integer else Numeric(asdecimal=False))]
    if field.type in KEYED_TYPES:
        return [Column(name, Text), Column(key_name(field), KeyText)]
    return [Column(name, _TYPES[field.type])]


def _link_index(table: Table, field: FieldSpec) -> None:
    """For the records behind a link; for lists narrowed by it, in their order."""
    if field.type not in ("link", "stage"):
        return
    name = column_name(field)
    rest = _IN_ORDER.get(table.name, ()) if field.name in _LISTING_LINKS else ()
    columns = (name, *rest, *(_BESIDE.get((table.name, field.name), ()) if rest else ()))
    Index(f"ix_{table.name}_{name}", *(table.c[column] for column in columns))


def _list_index(table: Table, field: FieldSpec) -> None:
    """What a list sorts or filters by, over the living records, with the id to make the order total."""
    if field.type in ("link", "stage", "tags", "long_text", "multi_select") or not (field.listed or field.read_only):
        return
    column = table.c[key_name(field) if field.type in KEYED_TYPES else column_name(field)]
    rest = [table.c[name] for name in _MEASURED.get((table.name, field.name), ())]
    Index(
        f"ix_{table.name}_live_{field.name}",
        *(column, table.c.id, *rest),
        sqlite_where=_LIVING,
        postgresql_where=_LIVING,
    )


def _unique_index(table: Table, field: FieldSpec) -> None:
    """Trashed records don't block a unique value."""
    if field.unique:
        column = table.c[key_name(field)]
        Index(f"uq_{table.name}_{field.name}", column, unique=True, sqlite_where=_LIVING, postgresql_where=_LIVING)


def _currency_index(table: Table) -> None:
    """Says at once whether any amount has other minor units than hundredths; empty in nearly every workspace."""
    if "currency_key" in table.c:
        Index(
            f"ix_{table.name}_unusual_currency",
            table.c.currency_key,
            sqlite_where=UNUSUAL_CURRENCY,
            postgresql_where=UNUSUAL_CURRENCY,
        )


def _table(spec: ObjectSpec) -> Table:
    columns = [column for field in spec.fields for column in _columns(field)]
    table = Table(
        spec.name,
        metadata,
        id_column(),
        *columns,
        Column("version", Integer, nullable=False, server_default="1"),
        Column("created_by_id", BigId, ForeignKey("users.id")),
        Column("trashed_at", UtcDateTime),
        Column("custom", Json, nullable=False, server_default="{}"),
        sqlite_autoincrement=True,
    )
    for field in spec.fields:
        _link_index(table, field)
        _list_index(table, field)
        _unique_index(table, field)
    _currency_index(table)
    # The trash alone: an index over all rows would look to SQLite like the best way to the living ones.
    Index(f"ix_{table.name}_trashed_at", table.c.trashed_at, sqlite_where=_TRASHED, postgresql_where=_TRASHED)
    return table


record_tables: dict[str, Table] = {spec.name: _table(spec) for spec in BUILT_IN.values() if not spec.support}
