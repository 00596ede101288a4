"""Attached files, mentions in texts, and notes that are pinned."""

import sqlalchemy as sa
from alembic import op

from app.shared.types import Json, KeyText, UtcDateTime

revision = "0007"
down_revision = "0006"
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LINKS = {
    "company": "companies",
    "person": "people",
    "deal": "deals",
    "task": "tasks",
    "note": "notes",
    "activity": "activities",
    "owner": "users",
}
_LIVE = {"name": "name_key", "media_type": "media_type_key", "size": "size", "sha256": "sha256_key"}


def upgrade() -> None:
    _files()
    _contents()
    _mentions()
    op.add_column("notes", sa.Column("pinned", sa.Boolean))


def _files() -> None:
    texts = (column for name in ("name", "media_type") for column in _text(name))
    op.create_table(
        "files",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        *texts,
        sa.Column("size", sa.Integer),
        *_text("sha256"),
        sa.Column("text", sa.Text),
        *(sa.Column(f"{name}_id", BigId) for name in _LINKS),
        sa.Column("created_at", UtcDateTime),
        sa.Column("updated_at", UtcDateTime),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("created_by_id", BigId),
        sa.Column("trashed_at", UtcDateTime),
        sa.Column("custom", Json, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name="fk_files_created_by_id_users"),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{target}.id"], name=f"fk_files_{name}_id_{target}")
            for name, target in _LINKS.items()
        ),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sqlite_autoincrement=True,
    )
    for name in _LINKS:
        rest = ["created_at", "id", "trashed_at"] if name in ("owner", "company") else []
        op.create_index(f"ix_files_{name}_id", "files", [f"{name}_id", *rest])
    op.create_index("ix_files_sha256", "files", ["sha256"])
    stamps = {name: name for name in ("created_at", "updated_at")}
    for name, column in (_LIVE | stamps).items():
        _partial(f"ix_files_live_{name}", [column, "id"], "trashed_at IS NULL")
    _partial("ix_files_trashed_at", ["trashed_at"], "trashed_at IS NOT NULL")


def _text(name: str) -> tuple[sa.Column[str], sa.Column[str]]:
    return sa.Column(name, sa.Text), sa.Column(f"{name}_key", KeyText)


def _partial(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "files", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _contents() -> None:
    op.create_table(
        "file_contents",
        sa.Column("sha256", KeyText, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_file_contents"),
    )


def _mentions() -> None:
    op.create_table(
        "mentions",
        sa.Column("object", KeyText, nullable=False),
        sa.Column("record_id", BigId, autoincrement=False, nullable=False),
        sa.Column("target", KeyText, nullable=False),
        sa.Column("target_id", BigId, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("object", "record_id", "target", "target_id", name="pk_mentions"),
    )
    op.create_index("ix_mentions_target", "mentions", ["target", "target_id"])
