"""Saved views, favourites among them, and each person's settings of a list."""

import sqlalchemy as sa
from alembic import op

from app.shared.types import Json, KeyText, UtcDateTime

revision = "0005"
down_revision = "0004"
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _views()
    _favourites()
    _settings()


def _views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("object", KeyText, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("shared", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("layout", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("widths", Json, server_default="{}", nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_saved_views_owner_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_saved_views_owner_id", "saved_views", ["owner_id"])


def _favourites() -> None:
    op.create_table(
        "favourite_views",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("view_id", BigId, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_favourite_views_user_id_users", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["view_id"], ["saved_views.id"], name="fk_favourite_views_view_id_saved_views", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "view_id", name="pk_favourite_views"),
    )
    op.create_index("ix_favourite_views_view_id", "favourite_views", ["view_id"])


def _settings() -> None:
    op.create_table(
        "list_settings",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("object", KeyText, nullable=False),
        sa.Column("default_view_id", BigId),
        sa.Column("widths", Json, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_list_settings_user_id_users", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["default_view_id"],
            ["saved_views.id"],
            name="fk_list_settings_default_view_id_saved_views",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("user_id", "object", name="pk_list_settings"),
    )
    op.create_index("ix_list_settings_default_view_id", "list_settings", ["default_view_id"])
