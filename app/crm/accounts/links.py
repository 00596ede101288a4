"""One-time links: for the first set-up, for an invitation, and for a new password."""

from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, select, update

from app.crm.accounts import secret
from app.crm.schema import one_time_links as table
from app.shared.types import utc_now

Purpose = Literal["setup", "invitation", "reset"]
LIFETIMES: dict[Purpose, timedelta] = {
    "setup": timedelta(days=7),
    "invitation": timedelta(days=7),
    "reset": timedelta(days=1),
}


def create(connection: Connection, purpose: Purpose, user_id: int | None = None) -> str:
    """A link's token. Links made before for the same end no longer work."""
    value = secret.new()
    connection.execute(delete(table).where(table.c.purpose == purpose, table.c.user_id.is_not_distinct_from(user_id)))
    row = {"hash": secret.digest(value), "purpose": purpose, "user_id": user_id}
    connection.execute(table.insert().values(**row, expires_at=utc_now() + LIFETIMES[purpose]))
    return value


def find(connection: Connection, value: str, *purposes: Purpose) -> Row[Any] | None:
    """The link, where it still works."""
    wanted = select(table).where(table.c.hash == secret.digest(value), table.c.purpose.in_(purposes))
    return connection.execute(wanted.where(table.c.used_at.is_(None), table.c.expires_at > utc_now())).one_or_none()


def use(connection: Connection, value: str, *purposes: Purpose) -> Row[Any] | None:
    """The link, which works no more; None where it didn't work either. In a write transaction."""
    link = find(connection, value, *purposes)
    if link is not None:
        connection.execute(update(table).where(table.c.hash == link.hash).values(used_at=utc_now()))
    return link


def revoke(connection: Connection, user_id: int) -> None:
    """End every link of a user."""
    connection.execute(delete(table).where(table.c.user_id == user_id))
