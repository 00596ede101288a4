"""A deleted view can be taken back for a while."""

import sqlalchemy as sa
from alembic import op

from app.shared.types import UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("saved_views", sa.Column("deleted_at", UtcDateTime))
