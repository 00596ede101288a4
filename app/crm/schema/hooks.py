"""Webhooks, and what was sent by them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from app.crm.schema.base import BigId, id_column, metadata
from app.shared.types import Json, KeyText, UtcDateTime

webhooks = Table(
    "webhooks",
    metadata,
    id_column(),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("objects", Json, nullable=False),  # names; an empty list: all of them
    Column("actions", Json, nullable=False),  # the same
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("off_reason", Text, nullable=False, server_default=""),  # a sentence, where the program switched it off
    Column("salt", Text, nullable=False),  # the secret is made from it and the instance's own
    Column("after_seq", BigId, nullable=False),  # lines of the journal up to here aren't sent
    Column("failing_since", UtcDateTime),  # null: the last attempt went well, or there was none
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by_id", BigId, ForeignKey("users.id"), nullable=False, index=True),
    sqlite_autoincrement=True,
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    id_column(),
    Column("webhook_id", BigId, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", KeyText, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("change_set_id", BigId),  # null: a test
    Column("object", KeyText, nullable=False, server_default=""),
    Column("action", KeyText, nullable=False, server_default=""),
    Column("first_seq", BigId),
    Column("last_seq", BigId),
    Column("count", Integer, nullable=False, server_default=text("0")),
    Column("state", KeyText, nullable=False),  # pending, delivered, failed, dropped
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("attempted_at", UtcDateTime),
    Column("next_at", UtcDateTime),  # null: no further attempt
    Column("response_status", Integer),
    Column("milliseconds", Integer),
    Column("error", Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
Index("ix_webhook_deliveries_webhook", webhook_deliveries.c.webhook_id, webhook_deliveries.c.id)
Index("ix_webhook_deliveries_due", webhook_deliveries.c.next_at, webhook_deliveries.c.webhook_id)
