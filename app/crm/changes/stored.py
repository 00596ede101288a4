"""Where a custom field's value is stored, as SQL; written so that the expression indexes serve."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, FromClause, Text, cast, collate, func, literal_column

from app.crm.schema import column_name, key_name
from app.shared.contract import FieldSpec
from app.shared.types import KeyText


def custom_text(connection: Connection, table: FromClause, name: str) -> ColumnElement[Any]:
    """A member of the JSON column: its plain value on SQLite, its text in binary order on PostgreSQL."""
    if connection.dialect.name == "sqlite":
        return func.json_extract(table.c.custom, literal_column(f"'$.{name}'"), type_=KeyText)
    return collate(table.c.custom.op("->>", return_type=Text())(literal_column(f"'{name}'")), "C")


def key_column(connection: Connection, table: FromClause, field: FieldSpec) -> ColumnElement[Any]:
    """By what a short text compares."""
    if field.custom_id is None:
        return table.c[key_name(field)]
    return custom_text(connection, table, f"f{field.custom_id}k")


def link_column(connection: Connection, table: FromClause, field: FieldSpec) -> ColumnElement[Any]:
    """The id that a link holds."""
    if field.custom_id is None:
        return table.c[column_name(field)]
    return cast(custom_text(connection, table, f"f{field.custom_id}"), BigInteger)
