"""Run by Alembic with the connection that `app.migrations.upgrade` hands it."""

from typing import Any

from alembic import context

from app.chatbot.tables import metadata as chat
from app.crm.schema import metadata as crm

_DERIVED = ("search_fts",)


def _ours(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Leaves out the full-text tables, which SQLAlchemy can't describe."""
    return not (name or "").startswith(_DERIVED) and not (kind == "index" and (name or "").startswith("ix_custom_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[crm, chat],
    include_object=_ours,
    render_as_batch=True,
)
context.run_migrations()
