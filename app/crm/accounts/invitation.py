"""Invitations and new passwords: a one-time link, behind which the person chooses a password."""

from typing import Any

from sqlalchemy import Connection, Row

from app.crm.accounts import events, links, passwords, users
from app.shared.db import Database
from app.shared.errors import Conflict, FieldError, Invalid

GONE = "This link no longer works. Ask an admin for a new one."


def create(connection: Connection, user_id: int) -> str:
    """The path of a link by which this user chooses a password: an invitation, or a reset for who has one."""
    user = users.get(connection, user_id)
    if not user.active:
        raise Conflict("Activate the user first.")
    if not user.email_key:
        raise Invalid("An address comes first.", [FieldError("email", "Enter the address that they sign in with.")])
    links.revoke(connection, user_id)
    return f"/invitation/{links.create(connection, 'reset' if user.password_hash else 'invitation', user_id)}"


def invited(connection: Connection, token: str) -> Row[Any] | None:
    """The user behind a link; None where it no longer works."""
    link = links.find(connection, token, "invitation", "reset")
    user = users.get(connection, link.user_id) if link is not None else None
    return user if user is not None and user.active else None


def accept(database: Database, token: str, name: str, password: str) -> int:
    """Set the password and end the link; the user's id. Raises Invalid with every bad field, Conflict if it is gone."""
    with database.read() as connection:
        user = invited(connection, token)
    if user is None:
        raise Conflict(GONE)
    _check(name, password, user.email)
    hashed = passwords.hash_password(password)
    with database.write() as connection:
        used = links.use(connection, token, "invitation", "reset") if invited(connection, token) is not None else None
        if used is None:
            raise Conflict(GONE)
        users.update_profile(connection, user.id, name=name, timezone=user.timezone, locale=user.locale)
        users.set_password(connection, user.id, hashed)
        kind = "user.joined" if used.purpose == "invitation" else "password.reset"
        events.record(connection, kind, actor=users.principal(user), user_id=user.id)
    return int(user.id)


def _check(name: str, password: str, email: str) -> None:
    errors: list[FieldError] = []
    for check in (lambda: users.check_name(name), lambda: passwords.check(password, name=name, email=email)):
        try:
            check()
        except Invalid as refused:
            errors += refused.errors
    if errors:
        raise Invalid("Some of this can't be taken as it is.", errors)
