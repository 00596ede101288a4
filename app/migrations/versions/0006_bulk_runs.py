"""Bulk changes: one change to many records, run beside the requests."""

import sqlalchemy as sa
from alembic import op

from app.shared.types import Json, KeyText, UtcDateTime

revision = "0006"
down_revision = "0005"
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bulk_runs",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("object", KeyText, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("work", Json, nullable=False),
        sa.Column("report", Json),
        sa.Column("user_id", BigId),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_bulk_runs_user_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_bulk_runs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bulk_runs_user_id", "bulk_runs", ["user_id"])
