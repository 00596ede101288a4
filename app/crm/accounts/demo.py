"""The demo's own user, for an instance that is only for looking around."""

import secrets

from sqlalchemy import Connection

from app.crm.accounts import passwords, users

EMAIL = "demo@parley.example"


def ensure_demo_user(connection: Connection, password: str | None = None) -> str | None:
    """Make `demo@parley.example`, an admin, and give its password, to be said once; None where it is there already.

    `password`: the one to use; without it a random one.
    """
    if users.by_email(connection, EMAIL) is not None:
        return None
    password = password or secrets.token_urlsafe(12)
    passwords.check(password, email=EMAIL)
    hashed = passwords.hash_password(password)
    users.create(connection, name="Demo", email=EMAIL, role="admin", password_hash=hashed)
    return password
