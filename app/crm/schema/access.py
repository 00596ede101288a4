"""Users, teams, sessions, API tokens and one-time links. Secrets are stored as SHA-256 hashes alone."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, text

from app.crm.schema.base import BigId, id_column, metadata
from app.shared.types import KeyText, UtcDateTime

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
