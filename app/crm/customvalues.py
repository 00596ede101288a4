"""What records hold under a custom field: how many do, which values stand twice, and which options are in use."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Text, func, literal_column, select

from app.crm.customnames import bad
from app.crm.objects import BUILT_IN
from app.crm.schema import TABLES

_SHOWN = 3  # twins that an error names


def _json(connection: Connection, table: Any, name: str) -> ColumnElement[Any]:
    """A value in the JSON of a record, as text; spelled as in the indexes."""
    if connection.dialect.name == "sqlite":
        return func.json_extract(table.c.custom, literal_column(f"'$.{name}'"))
    text: ColumnElement[Any] = table.c.custom.op("->>", return_type=Text())(literal_column(f"'{name}'"))
    return text


def holders(connection: Connection, row: Row[Any]) -> int:
    """How many records hold a value under this field, the trash aside."""
    table = TABLES[row.object]
    value = _json(connection, table, f"f{row.id}")
    statement = select(func.count()).select_from(table).where(value.is_not(None), table.c.trashed_at.is_(None))
    return connection.scalar(statement) or 0


def holders_of_option(connection: Connection, row: Row[Any], key: str) -> int:
    """How many records hold this option, the trash aside."""
    table = TABLES[row.object]
    value = _json(connection, table, f"f{row.id}")
    wanted = value == key if row.type == "select" else value.contains(f'"{key}"', autoescape=True)
    statement = select(func.count()).select_from(table).where(wanted, table.c.trashed_at.is_(None))
    return connection.scalar(statement) or 0


def check_no_twins(connection: Connection, row: Row[Any]) -> None:
    """Raises Invalid where living records share a value, naming some of them."""
    table, spec = TABLES[row.object], BUILT_IN[row.object]
    key = _json(connection, table, f"f{row.id}k")
    statement = (
        select(key, func.min(table.c.id), func.max(table.c.id), func.count().over())
        .where(table.c.trashed_at.is_(None), key.is_not(None))
        .group_by(key)
        .having(func.count() > 1)
        .order_by(func.min(table.c.id))
        .limit(_SHOWN)
    )
    twins: list[tuple[Any, ...]] = [tuple(row) for row in connection.execute(statement)]
    if twins:
        count = twins[0][3]
        named = "; ".join(f"“{twin[0]}” in {spec.label.lower()} {twin[1]} and {twin[2]}" for twin in twins)
        many = f"{count:,} values stand in several records: " if count > 1 else "One value stands twice: "
        message = f"{row.label} can't be unique. {many}{named}."
        raise bad("unique", message, twins=_as_json(row.object, twins))


def _as_json(object: str, twins: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [{"value": twin[0], "object": object, "ids": [twin[1], twin[2]]} for twin in twins]
