"""A form that is sent twice changes once: its token is kept with what it did, in the transaction that did it."""

import hashlib
import secrets

from flask import request
from sqlalchemy import Connection, insert, select

from app.crm import changes
from app.crm.schema import idempotency_keys
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, Principal
from app.shared.types import utc_now

FIELD = "_token"


def token() -> str:
    """For the hidden field of a new form."""
    return secrets.token_urlsafe(12)


def _owner(by: Principal) -> str:
    return f"form:{by.user_id}"


def _done_before(connection: Connection, owner: str, key: str) -> int | None:
    statement = select(idempotency_keys.c.body).where(
        idempotency_keys.c.credential == owner, idempotency_keys.c.key == key
    )
    body = connection.scalar(statement)
    return int(body) if body else None


def _remember(connection: Connection, owner: str, key: str, change_set: int) -> None:
    digest = hashlib.sha256(f"{request.path}\0{key}".encode()).hexdigest()
    row = {"credential": owner, "key": key, "request_hash": digest, "status": 303, "body": str(change_set)}
    connection.execute(insert(idempotency_keys).values(created_at=utc_now(), **row))


def apply(by: Principal, made: ChangeSet, key: str) -> int:
    """Apply a change set once for this token; gives the id of the set, the earlier one where it was applied before."""
    owner, key = _owner(by), key[:200]
    with services().database.write() as connection:
        if key and (before := _done_before(connection, owner, key)) is not None:
            return before
        stored = changes.apply_within(connection, by, made)
        if key:
            _remember(connection, owner, key, stored.id)
    changes.announce(stored.id)
    return stored.id


def changed(change_set: int) -> bool:
    """Whether an applied set changed anything that its author may see; what was so already is no change."""
    return bool(services().crm.change_set(principal(), change_set).records)
