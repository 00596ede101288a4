"""Sessions on the server: the cookie holds a random secret, the table its hash."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update

from app.crm.accounts import secret
from app.crm.schema import sessions
from app.shared.types import utc_now

IDLE = timedelta(days=14)
ABSOLUTE = timedelta(days=90)
_ID_LENGTH = 24  # characters of the hash that name a session to its owner; the hash opens nothing


@dataclass(frozen=True, slots=True)
class Device:
    """Where somebody signs in from, for them to recognise."""

    user_agent: str = ""
    address: str = ""


def start(connection: Connection, user_id: int, device: Device | None = None, *, replaces: str | None = None) -> str:
    """A new session's secret, for the cookie. `replaces`: the secret of the one before in this browser, which ends."""
    if replaces:
        end(connection, replaces)
    _forget_expired(connection, user_id)
    device, now, value = device or Device(), utc_now(), secret.new()
    row = {"hash": secret.digest(value), "user_id": user_id, "created_at": now, "seen_at": now}
    row |= {"expires_at": now + ABSOLUTE, "user_agent": device.user_agent[:400], "address": device.address[:64]}
    connection.execute(sessions.insert().values(**row))
    return value


def is_alive(now: datetime) -> ColumnElement[bool]:
    return (sessions.c.expires_at > now) & (sessions.c.seen_at > now - IDLE)


def id_of(hash: str) -> str:
    return hash[:_ID_LENGTH]


def listing(connection: Connection, user_id: int) -> list[Row[Any]]:
    """The living sessions of a user, the last seen first."""
    wanted = select(sessions).where(sessions.c.user_id == user_id, is_alive(utc_now()))
    return list(connection.execute(wanted.order_by(sessions.c.seen_at.desc(), sessions.c.hash)))


def end(connection: Connection, value: str) -> None:
    """Sign out: `value` is the cookie's secret."""
    connection.execute(delete(sessions).where(sessions.c.hash == secret.digest(value)))


def revoke(connection: Connection, user_id: int, session_id: str) -> bool:
    """End one session of a user by the id of the list; whether there was one."""
    own = select(sessions.c.hash).where(sessions.c.user_id == user_id)
    hashes = [found for found in connection.execute(own).scalars() if id_of(found) == session_id]
    connection.execute(delete(sessions).where(sessions.c.hash.in_(hashes)))
    return bool(hashes)


def revoke_all(connection: Connection, user_id: int, *, keep: str | None = None) -> None:
    """End every session of a user but the one whose hash is `keep`."""
    gone = delete(sessions).where(sessions.c.user_id == user_id)
    connection.execute(gone.where(sessions.c.hash != keep) if keep else gone)


def touch(connection: Connection, hash: str) -> None:
    connection.execute(update(sessions).where(sessions.c.hash == hash).values(seen_at=utc_now()))


def _forget_expired(connection: Connection, user_id: int) -> None:
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id, ~is_alive(utc_now())))
