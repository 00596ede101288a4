"""The first run: whoever holds the one-time setup link, which the console prints, becomes the first admin."""

from dataclasses import dataclass

from sqlalchemy import Connection

from app.crm import customization
from app.crm.accounts import events, links, passwords, users
from app.shared.config import Settings
from app.shared.db import Database
from app.shared.errors import Conflict, FieldError, Invalid

WORKSPACE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """What the set-up page asks."""

    workspace: str
    name: str
    email: str
    password: str
    timezone: str = "UTC"


def link(database: Database, settings: Settings) -> str | None:
    """The path of a new setup link; None where somebody can sign in already. Links printed before stop working."""
    with database.read() as connection:
        if users.anybody_can_sign_in(connection):
            return None
    with database.write() as connection:
        return f"/setup/{links.create(connection, 'setup')}"


def is_open(connection: Connection, token: str) -> bool:
    """Whether this link still sets the instance up."""
    return links.find(connection, token, "setup") is not None and not users.anybody_can_sign_in(connection)


def complete(database: Database, token: str, first: FirstAdmin) -> int:
    """Make the first admin and name the workspace; the admin's id. Of many at once exactly one succeeds.

    Raises Invalid with every bad field, and Conflict where the link no longer works.
    """
    with database.read() as connection:
        if not is_open(connection, token):
            raise Conflict("This set-up link no longer works.")
        _check(connection, first)
    hashed = passwords.hash_password(first.password)
    with database.write() as connection:
        if not is_open(connection, token) or links.use(connection, token, "setup") is None:
            raise Conflict("This set-up link no longer works.")
        customization.set_setting(connection, "workspace", " ".join(first.workspace.split()))
        customization.set_setting(connection, "guide", {"open": True})  # the first page's
        user_id = _create(connection, first, hashed)
        made = users.principal(users.get(connection, user_id))
        events.record(connection, "setup.completed", actor=made, user_id=user_id)
        return user_id


def _create(connection: Connection, first: FirstAdmin, hashed: str) -> int:
    """The admin; an owner whom an earlier import made under this very address becomes that admin."""
    known = users.by_email(connection, first.email)
    if known is None:
        return users.create(
            connection,
            name=first.name,
            email=first.email,
            role="admin",
            password_hash=hashed,
            timezone=first.timezone,
        )
    users.reactivate(connection, known.id)
    users.update_profile(connection, known.id, name=first.name, timezone=first.timezone, locale=known.locale)
    users.set_role(connection, known.id, "admin")
    users.set_password(connection, known.id, hashed)
    return int(known.id)


def _check(connection: Connection, first: FirstAdmin) -> None:
    errors: list[FieldError] = []
    workspace = " ".join(first.workspace.split())
    if not 0 < len(workspace) <= WORKSPACE_LENGTH:
        errors.append(FieldError("workspace", f"Enter a name of at most {WORKSPACE_LENGTH} characters."))
    for check in (
        lambda: users.check_name(first.name),
        lambda: users.check_email(first.email),
        lambda: passwords.check(first.password, name=first.name, email=first.email),
        lambda: users.check_timezone(first.timezone),
    ):
        try:
            check()
        except Invalid as refused:
            errors += refused.errors
    if errors:
        raise Invalid("Some of this can't be taken as it is.", errors)
