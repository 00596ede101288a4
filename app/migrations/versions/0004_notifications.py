"""Notifications, follows, recent records, preferences and reminders."""

import sqlalchemy as sa
from alembic import op

from app.shared.types import Json, KeyText, UtcDateTime

revision = "0004"
down_revision = "0003"
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _notifications()
    _of_users("follows", sa.Column("following", sa.Boolean, nullable=False), _moment("created_at"))
    op.create_index("ix_follows_record", "follows", ["object", "record_id"])
    _of_users("recent_records", _moment("seen_at"))
    op.create_index("ix_recent_records_user", "recent_records", ["user_id", "seen_at"])
    _preferences()
    _reminders()


def _moment(name: str, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE")


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("kind", KeyText, nullable=False),
        sa.Column("key", KeyText, nullable=False),
        sa.Column("object", KeyText, nullable=False, server_default=""),
        sa.Column("record_id", BigId),
        sa.Column("change_set_id", BigId),
        sa.Column("actor", sa.Text, nullable=False, server_default=""),
        sa.Column("detail", Json, nullable=False),
        _moment("created_at"),
        _moment("read_at", nullable=True),
        _user("notifications"),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notifications_created_at", "notifications", ["created_at"])
    op.create_index("uq_notifications_key", "notifications", ["user_id", "key"], unique=True)
    op.create_index("ix_notifications_user", "notifications", ["user_id", "id"])
    unread = sa.text("read_at IS NULL")
    op.create_index(
        "ix_notifications_unread", "notifications", ["user_id"], sqlite_where=unread, postgresql_where=unread
    )
    # What happened before there were notifications is nobody's news.
    last = "SELECT 'notifications', seq FROM changes ORDER BY seq DESC LIMIT 1"
    op.execute(f"INSERT INTO consumers (name, seq) {last}")


def _of_users(table: str, *columns: "sa.Column[sa.Boolean] | sa.Column[sa.DateTime]") -> None:
    """Rows of a user about records."""
    op.create_table(
        table,
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("object", KeyText, nullable=False),
        sa.Column("record_id", BigId, nullable=False),
        *columns,
        _user(table),
        sa.PrimaryKeyConstraint("user_id", "object", "record_id", name=f"pk_{table}"),
    )


def _preferences() -> None:
    op.create_table(
        "preferences",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("key", KeyText, nullable=False),
        sa.Column("value", Json),
        _user("preferences"),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_preferences"),
    )


def _reminders() -> None:
    op.add_column("tasks", sa.Column("remind_at", UtcDateTime))
    op.create_table(
        "reminders",
        sa.Column("task_id", BigId, autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("task_id", name="pk_reminders"),
    )
    op.create_index("ix_reminders_at", "reminders", ["at"])
