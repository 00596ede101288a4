"""Sessions on the server: the cookie holds a random secret, the table its hash.

A session has an id that stays, and a secret that is renewed when its user's rights change: the next answer hands over
a new one, and the one before opens nothing after `GRACE`, which is for requests that were on their way.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update

from app.crm.accounts import secret
from app.crm.schema import sessions
from app.shared import cookies
from app.shared.types import utc_now

IDLE = timedelta(days=14)
ABSOLUTE = timedelta(seconds=cookies.LIFETIME)
GRACE = timedelta(seconds=30)


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
    row = {"hash": secret.digest(value), "id": secret.name(), "user_id": user_id, "created_at": now, "seen_at": now}
    row |= {"expires_at": now + ABSOLUTE, "user_agent": device.user_agent[:400], "address": device.address[:64]}
    connection.execute(sessions.insert().values(**row))
    return value


def is_alive(now: datetime) -> ColumnElement[bool]:
    return (sessions.c.expires_at > now) & (sessions.c.seen_at > now - IDLE)


def _shown_by(value: str) -> ColumnElement[bool]:
    """The session of a secret, the one before included while it still counts."""
    key = secret.digest(value)
    return or_(sessions.c.hash == key, and_(sessions.c.former_hash == key, sessions.c.former_until > utc_now()))


def listing(connection: Connection, user_id: int) -> list[Row[Any]]:
    """The living sessions of a user, the last seen first."""
    wanted = select(sessions).where(sessions.c.user_id == user_id, is_alive(utc_now()))
    return list(connection.execute(wanted.order_by(sessions.c.seen_at.desc(), sessions.c.hash)))


def last_seen(connection: Connection) -> dict[int, datetime]:
    """When each user was last seen in a session that still lives."""
    latest = select(sessions.c.user_id, func.max(sessions.c.seen_at)).where(is_alive(utc_now()))
    return {row[0]: row[1] for row in connection.execute(latest.group_by(sessions.c.user_id))}


def end(connection: Connection, value: str) -> int | None:
    """Sign out: `value` is the cookie's secret. The id of the user whose session it was; None where it was none."""
    gone = delete(sessions).where(_shown_by(value)).returning(sessions.c.user_id)
    return connection.execute(gone).scalar_one_or_none()


def revoke(connection: Connection, user_id: int, session_id: str) -> bool:
    """End one session of a user by its id; whether there was one."""
    gone = delete(sessions).where(sessions.c.user_id == user_id, sessions.c.id == session_id)
    return connection.execute(gone).rowcount > 0


def revoke_all(connection: Connection, user_id: int, *, keep: str | None = None) -> int:
    """End every session of a user but the one whose id is `keep`; how many."""
    gone = delete(sessions).where(sessions.c.user_id == user_id)
    return connection.execute(gone.where(sessions.c.id != keep) if keep else gone).rowcount


def expect_renewal(connection: Connection, user_id: int) -> None:
    """The user's rights have changed: each of their sessions gets a new secret with its next answer."""
    connection.execute(update(sessions).where(sessions.c.user_id == user_id).values(stale=True))


def renew(connection: Connection, value: str) -> str | None:
    """The new secret of a session that awaits one; None where it doesn't, or where another request has taken it."""
    fresh, key = secret.new(), secret.digest(value)
    values = {"hash": secret.digest(fresh), "stale": False, "former_hash": key, "former_until": utc_now() + GRACE}
    changed = update(sessions).where(sessions.c.hash == key, sessions.c.stale).values(**values)
    return fresh if connection.execute(changed).rowcount else None


def touch(connection: Connection, session_id: str) -> None:
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=utc_now()))


def _forget_expired(connection: Connection, user_id: int) -> None:
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id, ~is_alive(utc_now())))
