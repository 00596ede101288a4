"""Who is told: users as principals, and which kinds each of them wants."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from app.crm import preferences
from app.crm.schema import preferences as table
from app.crm.schema import users
from app.shared.contract import Principal

PREFERENCE = "notifications"  # {"off": [kinds]}


def principals(connection: Connection, ids: Iterable[int]) -> dict[int, Principal]:
    """The active users among `ids`, with the rights that they have now."""
    rows = connection.execute(select(users).where(users.c.id.in_(sorted(set(ids))), users.c.active))
    return {
        row.id: Principal(
            user_id=row.id, name=row.name, role=row.role, email=row.email, team_id=row.team_id,
            timezone=row.timezone, locale=row.locale,
        )
        for row in rows
    }  # fmt: skip


def unwanted(connection: Connection, ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The kinds that each of these users has turned off."""
    rows = connection.execute(
        select(table.c.user_id, table.c.value).where(table.c.user_id.in_(sorted(ids)), table.c.key == PREFERENCE)
    )
    return {row.user_id: _off(row.value) for row in rows}


def turned_off(connection: Connection, user_id: int) -> frozenset[str]:
    return _off(preferences.get(connection, user_id, PREFERENCE))


def turn_off(connection: Connection, user_id: int, kinds: Collection[str]) -> None:
    """These kinds, and no others, aren't told any more."""
    preferences.put(connection, user_id, PREFERENCE, {"off": sorted(kinds)})


def _off(value: Any) -> frozenset[str]:
    return frozenset(value.get("off", ())) if isinstance(value, Mapping) else frozenset()
