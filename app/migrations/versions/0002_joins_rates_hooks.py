"""Join objects, currency rates, webhooks and what the access layer keeps."""

import sqlalchemy as sa
from alembic import op

from app.migrations import search_terms
from app.shared.types import Json, KeyText, UtcDateTime

revision = "0002"
down_revision = "0001"
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One function for each part."""
    _joins()
    _access()
    _full_text()
    _customization()
    _hooks()
    _list_indexes()
    _rates()
    _ratings()


def _joins() -> None:
    """What connects deals with people and with users."""
    _join("deal_contacts", "person", "people")
    _join("deal_team", "user", "users")


def _join(table: str, end: str, target: str) -> None:
    op.create_table(
        table,
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("deal_id", BigId),
        sa.Column(f"{end}_id", BigId),
        sa.Column("role", KeyText),
        sa.Column("note", sa.Text),
        sa.Column("note_key", KeyText),
        sa.Column("created_at", UtcDateTime),
        sa.Column("updated_at", UtcDateTime),
        sa.Column("version", sa.Integer, server_default="1", nullable=False),
        sa.Column("created_by_id", BigId),
        sa.Column("trashed_at", UtcDateTime),
        sa.Column("custom", Json, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=f"fk_{table}_created_by_id_users"),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=f"fk_{table}_deal_id_deals"),
        sa.ForeignKeyConstraint([f"{end}_id"], [f"{target}.id"], name=f"fk_{table}_{end}_id_{target}"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sqlite_autoincrement=True,
    )
    for name in ("deal_id", f"{end}_id"):
        op.create_index(f"ix_{table}_{name}", table, [name])
    for name in ("role", "created_at", "updated_at"):
        _live_index(f"ix_{table}_live_{name}", table, [name, "id"], "trashed_at IS NULL")
    _live_index(f"ix_{table}_trashed_at", table, ["trashed_at"], "trashed_at IS NOT NULL")


def _live_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _access() -> None:
    """Secrets of sessions that can be renewed, counters that processes share, and the security events."""
    op.add_column("sessions", sa.Column("id", KeyText))
    op.add_column("sessions", sa.Column("stale", sa.Boolean, nullable=False, server_default=sa.text("false")))
    op.add_column("sessions", sa.Column("former_hash", KeyText))
    op.add_column("sessions", sa.Column("former_until", UtcDateTime))
    op.execute("UPDATE sessions SET id = substr(hash, 1, 24)")
    op.create_index("uq_sessions_id", "sessions", ["id"], unique=True)
    op.create_index("ix_sessions_former_hash", "sessions", ["former_hash"])
    op.create_index("ix_change_sets_author_id_applied_at", "change_sets", ["author_id", "applied_at"])
    op.create_table(
        "attempts",
        sa.Column("key", KeyText, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )
    op.create_index("ix_attempts_until", "attempts", ["until"])
    _security_events()


def _security_events() -> None:
    op.create_table(
        "security_events",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("kind", KeyText, nullable=False),
        sa.Column("user_id", BigId),
        sa.Column("actor_id", BigId),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("user_agent", sa.Text),
        sa.Column("detail", Json, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_security_events_user_id_users"),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_security_events_actor_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_security_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_security_events_at", "security_events", ["at", "id"])
    for name in ("kind", "user_id", "actor_id"):
        op.create_index(f"ix_security_events_{name}_at", "security_events", [name, "at", "id"])


def _full_text() -> None:
    """Terms that the program makes itself are indexed, so that both engines find the same; the index is made anew."""
    for name in ("title_terms", "body_terms"):
        op.add_column("search_documents", sa.Column(name, sa.Text, nullable=False, server_default=""))
    search_terms.rebuild(op.get_bind())


def _customization() -> None:
    """Help texts of custom fields, pipelines out of use, and how PostgreSQL reads a custom date for an index."""
    op.add_column("custom_fields", sa.Column("help", sa.Text, nullable=False, server_default=""))
    op.add_column("pipelines", sa.Column("retired", sa.Boolean, nullable=False, server_default=sa.text("false")))
    if op.get_bind().dialect.name == "postgresql":
        # A plain cast depends on the session's settings, so no index can hold it; these depend on the text alone.
        day = "CAST(substr($1, 1, 4) AS int), CAST(substr($1, 6, 2) AS int), CAST(substr($1, 9, 2) AS int)"
        time = "CAST(substr($1, 12, 2) AS int), CAST(substr($1, 15, 2) AS int)"
        second = "CAST(rtrim(replace(substr($1, 18), '+00:00', ''), 'Z') AS double precision)"
        moment = f"timezone('UTC', make_timestamp({day}, {time}, {second}))"
        for name, gives, body in (
            ("custom_day", "date", f"make_date({day})"),
            ("custom_moment", "timestamptz", moment),
        ):
            head = f"CREATE FUNCTION {name}(text) RETURNS {gives} LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
            op.execute(f"{head} AS $$ SELECT {body} $$")


def _hooks() -> None:
    """Readers of the journal with what stands in their way; webhooks and their deliveries."""
    op.add_column("consumers", sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("consumers", sa.Column("error", sa.Text, nullable=False, server_default=""))
    op.add_column("consumers", sa.Column("failed_at", UtcDateTime))
    op.add_column("consumers", sa.Column("next_at", UtcDateTime))
    op.create_table(
        "webhooks",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
        sa.Column("objects", Json, nullable=False),
        sa.Column("actions", Json, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("off_reason", sa.Text, nullable=False, server_default=""),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("after_seq", BigId, nullable=False),
        sa.Column("failing_since", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name="fk_webhooks_created_by_id_users"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhooks_created_by_id", "webhooks", ["created_by_id"])
    _deliveries()


def _deliveries() -> None:
    table = "webhook_deliveries"
    op.create_table(
        table,
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("webhook_id", BigId, nullable=False),
        sa.Column("message_id", KeyText, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("change_set_id", BigId),
        sa.Column("object", KeyText, nullable=False, server_default=""),
        sa.Column("action", KeyText, nullable=False, server_default=""),
        sa.Column("first_seq", BigId),
        sa.Column("last_seq", BigId),
        sa.Column("count", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("state", KeyText, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("attempted_at", UtcDateTime),
        sa.Column("next_at", UtcDateTime),
        sa.Column("response_status", sa.Integer),
        sa.Column("milliseconds", sa.Integer),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=f"fk_{table}_webhook_id_webhooks", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("message_id", name=f"uq_{table}_message_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(f"ix_{table}_created_at", table, ["created_at"])
    op.create_index(f"ix_{table}_webhook", table, ["webhook_id", "id"])
    op.create_index(f"ix_{table}_due", table, ["next_at", "webhook_id"])


def _list_indexes() -> None:
    """Lists narrowed by an owner, a company or a stage are read in their order, and measured, from an index alone."""
    orders = {
        "companies": (["name_key", "id", "trashed_at"], {"owner_id": []}),
        "people": (["name_key", "id", "trashed_at"], {"owner_id": [], "company_id": []}),
        "deals": (
            ["updated_at", "id", "trashed_at", "amount", "currency_key"],
            {"owner_id": ["stage_id"], "company_id": [], "stage_id": ["owner_id", "close_date"]},
        ),
        "activities": (["date", "id", "trashed_at"], {"owner_id": [], "company_id": []}),
        "notes": (["created_at", "id", "trashed_at"], {"owner_id": [], "company_id": []}),
        "tasks": (["done", "due_date", "id", "trashed_at"], {"owner_id": [], "company_id": []}),
    }
    for table, (order, links) in orders.items():
        for link, beside in links.items():
            op.drop_index(f"ix_{table}_{link}", table)
            op.create_index(f"ix_{table}_{link}", table, [link, *order, *beside])
    op.drop_index("ix_deals_live_close_date", "deals")
    measured = ["close_date", "id", "trashed_at", "amount", "currency_key"]
    _live_index("ix_deals_live_close_date", "deals", measured, "trashed_at IS NULL")


def _rates() -> None:
    """What one unit of a currency was worth in the workspace's own, from a day on; the rate as exact decimal text."""
    op.create_table(
        "currency_rates",
        sa.Column("currency", KeyText, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("rate", sa.Text, nullable=False),
        sa.Column("base", KeyText, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by_id", BigId),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name="fk_currency_rates_created_by_id_users"),
        sa.PrimaryKeyConstraint("currency", "base", "day", name="pk_currency_rates"),
    )


def _ratings() -> None:
    """What people think of the assistant's answers."""
    for name in ("rating", "rating_reason"):
        op.add_column("chat_messages", sa.Column(name, sa.Text))
