"""The journal: change sets and their changes, from which timeline, audit log, undo and outbox all come."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from app.crm.schema.base import BigId, id_column, metadata
from app.shared.types import Json, KeyText, UtcDateTime

change_sets = Table(
    "change_sets",
    metadata,
    id_column(),
    Column("state", Text, nullable=False),
    Column("title", Text, nullable=False, server_default=""),
    Column("author_id", BigId, ForeignKey("users.id"), index=True),
    Column("author", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("applied_at", UtcDateTime, index=True),
    Column("expires_at", UtcDateTime),
    Column("undoes_id", BigId, ForeignKey("change_sets.id"), index=True),
    Column("undone_by_id", BigId, ForeignKey("change_sets.id")),
    Column("count", Integer, nullable=False),
    Column("operations", Json),  # while proposed
    Index("ix_change_sets_author_id_applied_at", "author_id", "applied_at"),
    sqlite_autoincrement=True,
)

changes = Table(
    "changes",
    metadata,
    id_column("seq"),
    Column("change_set_id", BigId, ForeignKey("change_sets.id"), nullable=False, index=True),
    Column("action", Text, nullable=False),
    Column("object", KeyText, nullable=False),
    Column("record_id", BigId, nullable=False),
    Column("label", Text, nullable=False),
    Column("before", Json, nullable=False),
    Column("after", Json, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_changes_record", changes.c.object, changes.c.record_id, changes.c.seq)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("credential", KeyText, primary_key=True),  # whose key it is
    Column("key", KeyText, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("status", Integer),  # null while the first request runs
    Column("body", Text),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

consumers = Table(  # readers of the journal: how far each has come, and what stands in its way
    "consumers",
    metadata,
    Column("name", KeyText, primary_key=True),
    Column("seq", BigId, nullable=False),
    Column("failures", Integer, nullable=False, server_default=text("0")),  # in a row
    Column("error", Text, nullable=False, server_default=""),
    Column("failed_at", UtcDateTime),
    Column("next_at", UtcDateTime),  # the next try, after a failure
)
