"""What a user has chosen for themselves, one JSON value a key."""

from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.crm.schema import preferences as table


def get(connection: Connection, user_id: int, key: str) -> Any:
    """The value; None where nothing was chosen."""
    return connection.scalar(select(table.c.value).where(table.c.user_id == user_id, table.c.key == key))


def put(connection: Connection, user_id: int, key: str, value: Any) -> None:
    mine = (table.c.user_id == user_id, table.c.key == key)
    if connection.execute(update(table).where(*mine).values(value=value)).rowcount == 0:
        connection.execute(insert(table).values(user_id=user_id, key=key, value=value))
