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
        return [Column(name, BigId, ForeignKey(f"{field.target}.id"), index=True)]
    if field.type == "stage":
        return [Column(name, BigId, ForeignKey("stages.id"), index=True)]
    if field.type == "number":
        return [Column(name, Integer if field.integer else Numeric(asdecimal=False))]
    if field.type in KEYED_TYPES:
        return [Column(name, Text), Column(key_name(field), KeyText)]
    return [Column(name, _TYPES[field.type])]


def _list_index(table: Table, field: FieldSpec) -> None:
    """What a list sorts or filters by, over the living records, with the id to make the order total."""
    if field.type in ("link", "stage", "tags", "long_text", "multi_select") or not (field.listed or field.read_only):
        return
    column = table.c[key_name(field) if field.type in KEYED_TYPES else column_name(field)]
    Index(f"ix_{table.name}_live_{field.name}", column, table.c.id, sqlite_where=_LIVING, postgresql_where=_LIVING)


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
        _list_index(table, field)
        _unique_index(table, field)
    _currency_index(table)
    # The trash alone: an index over all rows would look to SQLite like the best way to the living ones.
    Index(f"ix_{table.name}_trashed_at", table.c.trashed_at, sqlite_where=_TRASHED, postgresql_where=_TRASHED)
    return table


record_tables: dict[str, Table] = {spec.name: _table(spec) for spec in BUILT_IN.values() if not spec.support}
