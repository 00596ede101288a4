"""Signing in with an address and a password: equal words and equal time for whoever there is and isn't."""

from typing import Any

from sqlalchemy import Row

from app.crm.accounts import attempts, events, passwords, sessions, users
from app.crm.accounts.attempts import Bucket
from app.crm.accounts.sessions import Device
from app.shared.db import Database
from app.shared.errors import FieldError, Invalid
from app.shared.limits import Limited

_REFUSED = "The e-mail address or the password is wrong."


def sign_in(database: Database, email: str, password: str, device: Device, *, replaces: str | None = None) -> str:
    """A new session's secret. Raises Invalid where it isn't them, and Limited after too many failures."""
    counted = attempts.buckets(email, device.address)
    with database.read() as connection:
        known = attempts.read(connection, counted)
        user = users.by_email(connection, email)
    if (wait := attempts.wait(known, counted)) > 0:
        raise Limited(wait)
    usable = user is not None and user.active
    if not passwords.verify(user.password_hash if user is not None and usable else None, password) or user is None:
        _failed(database, counted, user, device)
        raise Invalid(_REFUSED, [FieldError("password", _REFUSED)])
    renewed = passwords.hash_password(password) if passwords.is_outdated(user.password_hash) else None
    with database.write() as connection:
        if known:
            attempts.forget(connection, counted[1:])
        if renewed:
            users.rehash(connection, user.id, renewed)
        events.record(connection, "session.started", actor=users.principal(user), user_id=user.id, device=device)
        return sessions.start(connection, user.id, device, replaces=replaces)


def _failed(database: Database, counted: list[Bucket], user: Row[Any] | None, device: Device) -> None:
    """Count it and note it, for known and unknown accounts alike; what was typed is never noted."""
    noted = attempts.bucket(attempts.EVENTS)
    with database.write() as connection:
        used = attempts.take(connection, [*counted, noted])
        if used.pop() + 1 > noted.allowance.burst:
            return
        blocked = any(before + 1.5 > item.allowance.burst for before, item in zip(used, counted, strict=True))
        kind = "session.blocked" if blocked else "session.refused"
        user_id, detail = (user.id, {}) if user is not None else (None, {"account": "unknown"})
        events.record(connection, kind, user_id=user_id, device=device, detail=detail)
