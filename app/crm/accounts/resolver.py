"""From a credential to a Principal: one look-up by hash for each request."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, or_, select

from app.crm.accounts import local, secret, sessions, tokens
from app.crm.schema import sessions as session_table
from app.crm.schema import tokens as token_table
from app.crm.schema import users
from app.shared.config import Settings
from app.shared.contract import SYSTEM, Channel, Principal
from app.shared.db import Database
from app.shared.identity import Credentials
from app.shared.types import utc_now

SEEN_EVERY = timedelta(minutes=1)
_WHO = (
    users.c.id, users.c.name, users.c.role, users.c.email, users.c.team_id, users.c.timezone, users.c.locale,
)  # fmt: skip
# Built once: to build one takes longer than to run it.
_ACTIVE_USER = select(*_WHO).where(users.c.id == bindparam("key"), users.c.active)
_LIVING = (
    select(*_WHO, session_table.c.id.label("session"), session_table.c.seen_at, session_table.c.stale)
    .select_from(session_table.join(users, users.c.id == session_table.c.user_id))
    .where(users.c.active)
    .where(session_table.c.expires_at > bindparam("now"), session_table.c.seen_at > bindparam("idle"))
)
_SESSION = _LIVING.where(session_table.c.hash == bindparam("key"))
_IN_GRACE = session_table.c.former_until > bindparam("now")
_FORMER = _LIVING.where(session_table.c.former_hash == bindparam("key"), _IN_GRACE)
_ESTABLISHED = _LIVING.where(session_table.c.id == bindparam("key"))
_TOKEN = (
    select(*_WHO, token_table.c.id.label("token_id"), token_table.c.scopes, token_table.c.used_at)
    .select_from(token_table.join(users, users.c.id == token_table.c.user_id))
    .where(token_table.c.hash == bindparam("key"), users.c.active)
    .where(or_(token_table.c.expires_at.is_(None), token_table.c.expires_at > bindparam("now")))
)
_log = logging.getLogger(__name__)


def resolve(database: Database, settings: Settings, credentials: Credentials) -> Principal | None:
    """Who it is; None where the credential stands for nobody (unknown, expired, revoked, deactivated)."""
    return Resolver(database, settings)(credentials)


class Resolver:
    """Resolves credentials, and notes when each was last used, at most once a minute and off the request's path."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._noted: dict[str, float] = {}
        self._notes = ThreadPoolExecutor(max_workers=1, thread_name_prefix="last-used")

    def __call__(self, credentials: Credentials) -> Principal | None:
        if credentials.established is not None:
            return self._living(credentials.established, _ESTABLISHED)
        bearer = credentials.bearer
        if bearer is None:
            return self._session(credentials.session) if credentials.session else None
        if bearer.startswith(local.PREFIX):
            return self._local(bearer, credentials.is_local)
        return self._token(bearer) if bearer.startswith(tokens.PREFIX) else None

    def _session(self, value: str) -> Principal | None:
        return self._living(secret.digest(value), _SESSION, _FORMER)

    def _living(self, key: str, *queries: Select[Any]) -> Principal | None:
        """Whose session it is, by the first of the queries that finds one."""
        now = utc_now()
        found = (self._one(query, key=key, now=now, idle=now - sessions.IDLE) for query in queries)
        row = next((row for row in found if row is not None), None)
        if row is None:
            return None
        if now - row.seen_at > SEEN_EVERY:
            self._note(sessions.touch, row.session)
        return replace(_principal(row, "page", f"session:{row.session}"), renews=row.stale)

    def renew(self, value: str) -> str | None:
        """The new secret of a session whose user's rights have changed, once; see `sessions.renew`."""
        with self._database.write() as connection:
            return sessions.renew(connection, value)

    def _token(self, value: str) -> Principal | None:
        key, now = secret.digest(value), utc_now()
        row = self._one(_TOKEN, key=key, now=now)
        if row is None:
            return None
        if row.used_at is None or now - row.used_at > SEEN_EVERY:
            self._note(tokens.touch, key)
        return replace(_principal(row, "api", f"token:{row.token_id}"), scopes=frozenset(row.scopes.split()))

    def _local(self, value: str, is_local: bool) -> Principal | None:
        good, user_id = local.read(self._settings, value)
        if not good:
            return None
        if user_id is None:
            return replace(SYSTEM, channel="cli", credential="local") if is_local else None
        row = self._one(_ACTIVE_USER, key=user_id)
        return _principal(row, "cli", f"local:{user_id}") if row is not None else None

    def _one(self, query: Select[Any], **values: Any) -> Row[Any] | None:
        with self._database.read() as connection:
            return connection.execute(query, values).one_or_none()

    def _note(self, touch: Callable[[Connection, str], None], key: str) -> None:
        now = time.monotonic()
        if now - self._noted.get(key, float("-inf")) < SEEN_EVERY.total_seconds():
            return
        if len(self._noted) > 10_000:
            self._noted.clear()
        self._noted[key] = now
        self._notes.submit(self._write, touch, key)

    def _write(self, touch: Callable[[Connection, str], None], key: str) -> None:
        try:
            with self._database.write() as connection:
                touch(connection, key)
        except Exception:  # it is a convenience, no reason to fail anything
            _log.warning("The time of last use couldn't be written.", exc_info=True)

    def close(self) -> None:
        """Write what is still to be written."""
        self._notes.shutdown(wait=True)


def _principal(row: Row[Any], channel: Channel, credential: str) -> Principal:
    return Principal(
        user_id=row.id,
        name=row.name,
        role=row.role,
        email=row.email,
        team_id=row.team_id,
        channel=channel,
        timezone=row.timezone,
        locale=row.locale,
        credential=credential,
    )
