"""API tokens: shown once, known afterwards by their first characters."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from app.crm.accounts import secret
from app.crm.schema import tokens
from app.shared.characters import seen
from app.shared.errors import FieldError, Invalid
from app.shared.types import utc_now

PREFIX = "pat_"
READ, READ_WRITE = "read", "read write"
NAME_LENGTH = 100
_SHOWN = len(PREFIX) + 6


def create(
    connection: Connection,
    user_id: int,
    name: str,
    scopes: str | Iterable[str] = READ_WRITE,
    expires_at: datetime | None = None,
) -> str:
    """A new token of a user, in clear for this once. Raises Invalid."""
    value = secret.new(PREFIX)
    row = {"hash": secret.digest(value), "prefix": shown(value), "user_id": user_id, "name": _name(name)}
    row |= {"scopes": _scopes(scopes), "created_at": utc_now(), "expires_at": expires_at}
    connection.execute(tokens.insert().values(**row))
    return value


def shown(value: str) -> str:
    """The first characters, by which a token is known; far too few to find the rest."""
    return value[:_SHOWN]


def _name(name: str) -> str:
    name = " ".join(seen(name).split())
    if not 0 < len(name) <= NAME_LENGTH:
        reason = f"Enter a name of at most {NAME_LENGTH} characters, to know the token by."
        raise Invalid("A token needs a name.", [FieldError("name", reason)])
    return name


def _scopes(scopes: str | Iterable[str]) -> str:
    wanted = set(scopes.split() if isinstance(scopes, str) else scopes)
    if wanted == {"read"}:
        return READ
    if wanted in ({"write"}, {"read", "write"}):
        return READ_WRITE
    raise Invalid("There is no such scope.", [FieldError("scope", "Choose read, or read and write.")])


def listing(connection: Connection, user_id: int) -> list[Row[Any]]:
    """The tokens of a user, the newest first."""
    wanted = select(tokens).where(tokens.c.user_id == user_id)
    return list(connection.execute(wanted.order_by(tokens.c.created_at.desc(), tokens.c.id.desc())))


def revoke(connection: Connection, user_id: int, token_id: int) -> Row[Any] | None:
    """End one token of a user; its row, or None where there was none."""
    gone = delete(tokens).where(tokens.c.user_id == user_id, tokens.c.id == token_id)
    return connection.execute(gone.returning(tokens)).one_or_none()


def revoke_all(connection: Connection, user_id: int) -> int:
    """End every token of a user; how many."""
    return connection.execute(delete(tokens).where(tokens.c.user_id == user_id)).rowcount


def touch(connection: Connection, hash: str) -> None:
    connection.execute(update(tokens).where(tokens.c.hash == hash).values(used_at=utc_now()))
