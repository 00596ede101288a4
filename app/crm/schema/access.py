"""Users, teams, sessions, API tokens and one-time links. Secrets are stored as SHA-256 hashes alone."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Table, Text, text

from app.crm.schema.base import BigId, id_column, metadata
from app.shared.types import Json, KeyText, UtcDateTime

teams = Table(
    "teams", metadata, id_column(), Column("name", Text, nullable=False), Column("name_key", KeyText, unique=True)
)

users = Table(
    "users",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("name_key", KeyText, nullable=False, index=True),
    Column("email", Text),  # null: made by an import, can't sign in until invited
    Column("email_key", KeyText),
    Column("password_hash", Text),  # null: can't sign in until invited
    Column("role", Text, nullable=False, server_default="member"),
    Column("team_id", BigId, ForeignKey("teams.id"), index=True),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("timezone", Text, nullable=False, server_default="UTC"),
    Column("locale", Text, nullable=False, server_default="en_US"),
    Column("theme", Text, nullable=False, server_default="system"),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)
Index("uq_users_email_key", users.c.email_key, unique=True, sqlite_where=users.c.email_key.isnot(None))

sessions = Table(
    "sessions",
    metadata,
    Column("hash", KeyText, primary_key=True),
    Column("user_id", BigId, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("user_agent", Text),
    Column("address", Text),
    Column("id", KeyText),  # names the session to its owner and in logs, whatever its secret; opens nothing
    Column("stale", Boolean, nullable=False, server_default=text("false")),  # its next page gets a new secret
    Column("former_hash", KeyText),  # the secret before, for requests that were on their way
    Column("former_until", UtcDateTime),
    Index("uq_sessions_id", "id", unique=True),
    Index("ix_sessions_former_hash", "former_hash"),
)

tokens = Table(
    "tokens",
    metadata,
    id_column(),
    Column("hash", KeyText, nullable=False, unique=True),
    Column("prefix", Text, nullable=False),  # the first characters, to know it by
    Column("user_id", BigId, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # "read" or "read write"
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("used_at", UtcDateTime),
    sqlite_autoincrement=True,
)

one_time_links = Table(
    "one_time_links",
    metadata,
    Column("hash", KeyText, primary_key=True),
    Column("purpose", Text, nullable=False),  # setup, invitation, reset
    Column("user_id", BigId, ForeignKey("users.id", ondelete="CASCADE"), index=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

# Failed attempts at sign-in, counted for all processes together.
attempts = Table(
    "attempts",
    metadata,
    Column("key", KeyText, primary_key=True),  # a digest of what is counted: an address, an account
    Column("until", Float, nullable=False, index=True),  # when all attempts are there again, in seconds since 1970
)

# Who came in and who changed what about access. Rows are only ever added, and dropped after their time.
security_events = Table(
    "security_events",
    metadata,
    id_column(),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", KeyText, nullable=False),  # as `session.started`: an area and what happened
    Column("user_id", BigId, ForeignKey("users.id")),  # whose account it is about
    Column("actor_id", BigId, ForeignKey("users.id")),  # who did it; null: the system, or a stranger
    Column("actor", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text),
    Column("user_agent", Text),
    Column("detail", Json, nullable=False),  # names and values, never a secret
    Index("ix_security_events_at", "at", "id"),
    Index("ix_security_events_kind_at", "kind", "at", "id"),
    Index("ix_security_events_user_id_at", "user_id", "at", "id"),
    Index("ix_security_events_actor_id_at", "actor_id", "at", "id"),
    sqlite_autoincrement=True,
)
