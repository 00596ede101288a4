"""What each user has for themselves: notifications, what they follow, what they have looked at, and their choices."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, text

from app.crm.schema.base import BigId, id_column, metadata
from app.shared.types import Json, KeyText, UtcDateTime


def _user(*, key: bool = True) -> Column[int]:
    return Column("user_id", BigId, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, primary_key=key)


notifications = Table(
    "notifications",
    metadata,
    id_column(),
    _user(key=False),
    Column("kind", KeyText, nullable=False),  # see app.crm.notifications.kinds
    Column("key", KeyText, nullable=False),  # what it is about, so that the same is told once
    Column("object", KeyText, nullable=False, server_default=""),  # the record; "": none, as for an import
    Column("record_id", BigId),
    Column("change_set_id", BigId),
    Column("actor", Text, nullable=False, server_default=""),  # who did it; "": the program
    Column("detail", Json, nullable=False),  # a count, names of fields; never a value that not everybody sees
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("read_at", UtcDateTime),
    sqlite_autoincrement=True,
)
Index("uq_notifications_key", notifications.c.user_id, notifications.c.key, unique=True)
Index("ix_notifications_user", notifications.c.user_id, notifications.c.id)
Index(
    "ix_notifications_unread",
    notifications.c.user_id,
    sqlite_where=text("read_at IS NULL"),
    postgresql_where=text("read_at IS NULL"),
)

follows = Table(  # who has said that they follow a record, or that they don't; who owns or made it follows without
    "follows",
    metadata,
    _user(),
    Column("object", KeyText, primary_key=True),
    Column("record_id", BigId, primary_key=True),
    Column("following", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_follows_record", "object", "record_id"),
)

recent_records = Table(  # what a user has looked at last
    "recent_records",
    metadata,
    _user(),
    Column("object", KeyText, primary_key=True),
    Column("record_id", BigId, primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
    Index("ix_recent_records_user", "user_id", "seen_at"),
)

preferences = Table(  # a user's own choices, as which notifications they want
    "preferences",
    metadata,
    _user(),
    Column("key", KeyText, primary_key=True),
    Column("value", Json),
)

reminders = Table(  # derived from the tasks: when each is to be called to mind
    "reminders",
    metadata,
    Column("task_id", BigId, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)
