"""The workspace's own words, and what admins choose for the assistant."""

import sqlalchemy as sa
from alembic import op

from app.shared.types import Json, KeyText, UtcDateTime

revision = "0003"
down_revision = "0002"
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "synonyms",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("target", KeyText, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("word_key", KeyText, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by_id", BigId),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name="fk_synonyms_created_by_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_synonyms"),
        sa.UniqueConstraint("word_key", name="uq_synonyms_word_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "chat_settings",
        sa.Column("key", KeyText, nullable=False),
        sa.Column("value", Json),
        sa.PrimaryKeyConstraint("key", name="pk_chat_settings"),
    )
