"""The first schema."""

import sqlalchemy as sa
from alembic import op

from app.migrations.text_key import text_key_function
from app.shared.types import Json, KeyText, UtcDateTime

revision = "0001"
down_revision = None
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

STAGES = (
    ("lead", "Lead", "open", 10),
    ("qualified", "Qualified", "open", 25),
    ("proposal", "Proposal", "open", 50),
    ("negotiation", "Negotiation", "open", 75),
    ("won", "Won", "won", 100),
    ("lost", "Lost", "lost", 0),
)

# Currencies whose minor unit is not a hundredth.
UNUSUAL_CURRENCY = sa.text(
    "currency_key IN ('bhd', 'bif', 'clp', 'djf', 'gnf', 'iqd', 'isk', 'jod', 'jpy', "
    "'kmf', 'krw', 'kwd', 'lyd', 'omr', 'pyg', 'rwf', 'tnd', 'ugx', 'uyi', 'vnd', 'vuv', 'xaf', 'xof', 'xpf')"
)

# The index holds no text of its own: triggers keep it in step with search_documents, in the record's transaction.
_FORGET = "INSERT INTO search_fts(search_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);"
_LEARN = "INSERT INTO search_fts(rowid, title, body) VALUES (new.id, new.title, new.body);"
SQLITE_FULL_TEXT = (
    """CREATE VIRTUAL TABLE search_fts USING fts5(
        title, body, content='search_documents', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
    )""",
    f"CREATE TRIGGER search_fts_insert AFTER INSERT ON search_documents BEGIN {_LEARN} END",
    f"CREATE TRIGGER search_fts_delete AFTER DELETE ON search_documents BEGIN {_FORGET} END",
    f"CREATE TRIGGER search_fts_update AFTER UPDATE OF title, body ON search_documents BEGIN {_FORGET} {_LEARN} END",
)
# Stemmed as English, and as it stands: for names that are common words ("Will"), and for words still being typed.
POSTGRES_FULL_TEXT = (
    """ALTER TABLE search_documents ADD COLUMN search_fts tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('simple', title), 'A')
        || setweight(to_tsvector('english', body), 'B') || setweight(to_tsvector('simple', body), 'B')
    ) STORED""",
    "CREATE INDEX search_fts_index ON search_documents USING gin (search_fts)",
)


def upgrade() -> None:
    _tables()
    _full_text()
    _default_pipeline()


def _full_text() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(text_key_function())
    for statement in SQLITE_FULL_TEXT if connection.dialect.name == "sqlite" else POSTGRES_FULL_TEXT:
        connection.exec_driver_sql(statement)


def _default_pipeline() -> None:
    op.execute("INSERT INTO pipelines (id, name, name_key, position) VALUES (1, 'Sales', 'sales', 1)")
    for position, (key, label, kind, probability) in enumerate(STAGES, start=1):
        op.execute(
            sa.text(
                "INSERT INTO stages (pipeline_id, key, label, kind, probability, position)"
                " VALUES (1, :key, :label, :kind, :probability, :position)"
            ).bindparams(key=key, label=label, kind=kind, probability=probability, position=position)
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('pipelines', 'id'), 1)")


def _tables() -> None:
    op.create_table(
        "consumers",
        sa.Column("name", KeyText, nullable=False),
        sa.Column("seq", BigId, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_consumers")),
    )
    op.create_table(
        "custom_fields",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("object", KeyText, nullable=False),
        sa.Column("name", KeyText, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("options", Json, nullable=True),
        sa.Column("required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("unique", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("integer", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_fields")),
        sa.UniqueConstraint("object", "name", name=op.f("uq_custom_fields_object_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("credential", KeyText, nullable=False),
        sa.Column("key", KeyText, nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("credential", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)
    op.create_table(
        "import_rows",
        sa.Column("object", KeyText, nullable=False),
        sa.Column("fingerprint", KeyText, nullable=False),
        sa.Column("record_id", BigId, nullable=False),
        sa.PrimaryKeyConstraint("object", "fingerprint", name=op.f("pk_import_rows")),
    )
    op.create_index(op.f("ix_import_rows_record_id"), "import_rows", ["record_id"], unique=False)
    op.create_table(
        "pipelines",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", KeyText, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipelines")),
        sa.UniqueConstraint("name_key", name=op.f("uq_pipelines_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_documents",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("object", KeyText, nullable=False),
        sa.Column("record_id", BigId, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_documents")),
        sa.UniqueConstraint("object", "record_id", name=op.f("uq_search_documents_object_record_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_search_documents_seq", "search_documents", ["seq"], unique=False)
    op.create_table(
        "settings",
        sa.Column("key", KeyText, nullable=False),
        sa.Column("value", Json, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "tags",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", KeyText, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name_key", name=op.f("uq_tags_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "teams",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", KeyText, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name_key", name=op.f("uq_teams_name_key")),
    )
    op.create_table(
        "stages",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("pipeline_id", BigId, nullable=False),
        sa.Column("key", KeyText, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], name=op.f("fk_stages_pipeline_id_pipelines")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stages")),
        sa.UniqueConstraint("pipeline_id", "key", name=op.f("uq_stages_pipeline_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "taggings",
        sa.Column("object", KeyText, nullable=False),
        sa.Column("record_id", BigId, nullable=False),
        sa.Column("tag_id", BigId, nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_taggings_tag_id_tags"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("object", "record_id", "tag_id", name=op.f("pk_taggings")),
    )
    op.create_index("ix_taggings_tag", "taggings", ["tag_id", "object", "record_id"], unique=False)
    op.create_table(
        "users",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", KeyText, nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", KeyText, nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), server_default="member", nullable=False),
        sa.Column("team_id", BigId, nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("timezone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("locale", sa.Text(), server_default="en_US", nullable=False),
        sa.Column("theme", sa.Text(), server_default="system", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_users_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_users_name_key"), "users", ["name_key"], unique=False)
    op.create_index(op.f("ix_users_team_id"), "users", ["team_id"], unique=False)
    op.create_index(
        "uq_users_email_key", "users", ["email_key"], unique=True, sqlite_where=sa.text("email_key IS NOT NULL")
    )
    op.create_table(
        "change_sets",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("author_id", BigId, nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("undoes_id", BigId, nullable=True),
        sa.Column("undone_by_id", BigId, nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("operations", Json, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_change_sets_author_id_users")),
        sa.ForeignKeyConstraint(["undoes_id"], ["change_sets.id"], name=op.f("fk_change_sets_undoes_id_change_sets")),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["change_sets.id"], name=op.f("fk_change_sets_undone_by_id_change_sets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_sets")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_change_sets_applied_at"), "change_sets", ["applied_at"], unique=False)
    op.create_index(op.f("ix_change_sets_author_id"), "change_sets", ["author_id"], unique=False)
    op.create_index(op.f("ix_change_sets_created_at"), "change_sets", ["created_at"], unique=False)
    op.create_index(op.f("ix_change_sets_undoes_id"), "change_sets", ["undoes_id"], unique=False)
    op.create_table(
        "companies",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_key", KeyText, nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("industry_key", KeyText, nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("website_key", KeyText, nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", KeyText, nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_key", KeyText, nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address_key", KeyText, nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("city_key", KeyText, nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("country_key", KeyText, nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("annual_revenue", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("currency_key", KeyText, nullable=True),
        sa.Column("parent_id", BigId, nullable=True),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_by_id", BigId, nullable=True),
        sa.Column("trashed_at", UtcDateTime(), nullable=True),
        sa.Column("custom", Json, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_companies_created_by_id_users")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_companies_owner_id_users")),
        sa.ForeignKeyConstraint(["parent_id"], ["companies.id"], name=op.f("fk_companies_parent_id_companies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_companies_live_annual_revenue",
        "companies",
        ["annual_revenue", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_companies_live_country",
        "companies",
        ["country_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_companies_live_created_at",
        "companies",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_companies_live_employees",
        "companies",
        ["employees", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_companies_live_industry",
        "companies",
        ["industry_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_companies_live_name",
        "companies",
        ["name_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_companies_live_updated_at",
        "companies",
        ["updated_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_companies_unusual_currency",
        "companies",
        ["currency_key"],
        unique=False,
        sqlite_where=UNUSUAL_CURRENCY,
        postgresql_where=UNUSUAL_CURRENCY,
    )
    op.create_index(op.f("ix_companies_owner_id"), "companies", ["owner_id"], unique=False)
    op.create_index(op.f("ix_companies_parent_id"), "companies", ["parent_id"], unique=False)
    op.create_index(
        "ix_companies_trashed_at",
        "companies",
        ["trashed_at"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NOT NULL"),
        postgresql_where=sa.text("trashed_at IS NOT NULL"),
    )
    op.create_table(
        "import_runs",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("object", KeyText, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("report", Json, nullable=True),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_import_runs_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_import_runs_created_at"), "import_runs", ["created_at"], unique=False)
    op.create_table(
        "one_time_links",
        sa.Column("hash", KeyText, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_one_time_links_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_one_time_links")),
    )
    op.create_index(op.f("ix_one_time_links_user_id"), "one_time_links", ["user_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("hash", KeyText, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("hash", KeyText, nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tokens_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_tokens_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tokens_user_id"), "tokens", ["user_id"], unique=False)
    op.create_table(
        "changes",
        sa.Column("seq", BigId, autoincrement=True, nullable=False),
        sa.Column("change_set_id", BigId, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", KeyText, nullable=False),
        sa.Column("record_id", BigId, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("after", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["change_set_id"], ["change_sets.id"], name=op.f("fk_changes_change_set_id_change_sets")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_changes_change_set_id"), "changes", ["change_set_id"], unique=False)
    op.create_index("ix_changes_record", "changes", ["object", "record_id", "seq"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_key", KeyText, nullable=True),
        sa.Column("company_id", BigId, nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("title_key", KeyText, nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", KeyText, nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_key", KeyText, nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("city_key", KeyText, nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("country_key", KeyText, nullable=True),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_by_id", BigId, nullable=True),
        sa.Column("trashed_at", UtcDateTime(), nullable=True),
        sa.Column("custom", Json, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_people_company_id_companies")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_people_created_by_id_users")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_people_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_people_company_id"), "people", ["company_id"], unique=False)
    op.create_index(
        "ix_people_live_created_at",
        "people",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_people_live_email",
        "people",
        ["email_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_people_live_name",
        "people",
        ["name_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_people_live_phone",
        "people",
        ["phone_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_people_live_title",
        "people",
        ["title_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_people_live_updated_at",
        "people",
        ["updated_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(op.f("ix_people_owner_id"), "people", ["owner_id"], unique=False)
    op.create_index(
        "ix_people_trashed_at",
        "people",
        ["trashed_at"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NOT NULL"),
        postgresql_where=sa.text("trashed_at IS NOT NULL"),
    )
    op.create_index(
        "uq_people_email",
        "people",
        ["email_key"],
        unique=True,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_table(
        "deals",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_key", KeyText, nullable=True),
        sa.Column("company_id", BigId, nullable=True),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("pipeline_id", BigId, nullable=True),
        sa.Column("stage_id", BigId, nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("currency_key", KeyText, nullable=True),
        sa.Column("probability", sa.Integer(), nullable=True),
        sa.Column("close_date", sa.Date(), nullable=True),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("lost_reason", sa.Text(), nullable=True),
        sa.Column("lost_reason_key", KeyText, nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("stage_changed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_by_id", BigId, nullable=True),
        sa.Column("trashed_at", UtcDateTime(), nullable=True),
        sa.Column("custom", Json, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_deals_company_id_companies")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_deals_created_by_id_users")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_deals_owner_id_users")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_deals_person_id_people")),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], name=op.f("fk_deals_pipeline_id_pipelines")),
        sa.ForeignKeyConstraint(["stage_id"], ["stages.id"], name=op.f("fk_deals_stage_id_stages")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_deals_company_id"), "deals", ["company_id"], unique=False)
    op.create_index(
        "ix_deals_live_amount",
        "deals",
        ["amount", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_deals_live_close_date",
        "deals",
        ["close_date", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_deals_live_created_at",
        "deals",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_deals_live_name",
        "deals",
        ["name_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_deals_live_stage_changed_at",
        "deals",
        ["stage_changed_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_deals_live_updated_at",
        "deals",
        ["updated_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_deals_unusual_currency",
        "deals",
        ["currency_key"],
        unique=False,
        sqlite_where=UNUSUAL_CURRENCY,
        postgresql_where=UNUSUAL_CURRENCY,
    )
    op.create_index(op.f("ix_deals_owner_id"), "deals", ["owner_id"], unique=False)
    op.create_index(op.f("ix_deals_person_id"), "deals", ["person_id"], unique=False)
    op.create_index(op.f("ix_deals_pipeline_id"), "deals", ["pipeline_id"], unique=False)
    op.create_index(op.f("ix_deals_stage_id"), "deals", ["stage_id"], unique=False)
    op.create_index(
        "ix_deals_trashed_at",
        "deals",
        ["trashed_at"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NOT NULL"),
        postgresql_where=sa.text("trashed_at IS NOT NULL"),
    )
    op.create_table(
        "activities",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_key", KeyText, nullable=True),
        sa.Column("kind", KeyText, nullable=True),
        sa.Column("status", KeyText, nullable=True),
        sa.Column("date", UtcDateTime(), nullable=True),
        sa.Column("company_id", BigId, nullable=True),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("deal_id", BigId, nullable=True),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_by_id", BigId, nullable=True),
        sa.Column("trashed_at", UtcDateTime(), nullable=True),
        sa.Column("custom", Json, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_activities_company_id_companies")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_activities_created_by_id_users")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_activities_deal_id_deals")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_activities_owner_id_users")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_activities_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_activities_company_id"), "activities", ["company_id"], unique=False)
    op.create_index(op.f("ix_activities_deal_id"), "activities", ["deal_id"], unique=False)
    op.create_index(
        "ix_activities_live_created_at",
        "activities",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_activities_live_date",
        "activities",
        ["date", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_activities_live_kind",
        "activities",
        ["kind", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_activities_live_name",
        "activities",
        ["name_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_activities_live_status",
        "activities",
        ["status", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_activities_live_updated_at",
        "activities",
        ["updated_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(op.f("ix_activities_owner_id"), "activities", ["owner_id"], unique=False)
    op.create_index(op.f("ix_activities_person_id"), "activities", ["person_id"], unique=False)
    op.create_index(
        "ix_activities_trashed_at",
        "activities",
        ["trashed_at"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NOT NULL"),
        postgresql_where=sa.text("trashed_at IS NOT NULL"),
    )
    op.create_table(
        "notes",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_key", KeyText, nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("company_id", BigId, nullable=True),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("deal_id", BigId, nullable=True),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("private", sa.Boolean(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_by_id", BigId, nullable=True),
        sa.Column("trashed_at", UtcDateTime(), nullable=True),
        sa.Column("custom", Json, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_notes_company_id_companies")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_notes_created_by_id_users")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_notes_deal_id_deals")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_notes_owner_id_users")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notes_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notes_company_id"), "notes", ["company_id"], unique=False)
    op.create_index(op.f("ix_notes_deal_id"), "notes", ["deal_id"], unique=False)
    op.create_index(
        "ix_notes_live_created_at",
        "notes",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_notes_live_name",
        "notes",
        ["name_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_notes_live_updated_at",
        "notes",
        ["updated_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(op.f("ix_notes_owner_id"), "notes", ["owner_id"], unique=False)
    op.create_index(op.f("ix_notes_person_id"), "notes", ["person_id"], unique=False)
    op.create_index(
        "ix_notes_trashed_at",
        "notes",
        ["trashed_at"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NOT NULL"),
        postgresql_where=sa.text("trashed_at IS NOT NULL"),
    )
    op.create_table(
        "tasks",
        sa.Column("id", BigId, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_key", KeyText, nullable=True),
        sa.Column("done", sa.Boolean(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("priority", KeyText, nullable=True),
        sa.Column("owner_id", BigId, nullable=True),
        sa.Column("company_id", BigId, nullable=True),
        sa.Column("person_id", BigId, nullable=True),
        sa.Column("deal_id", BigId, nullable=True),
        sa.Column("after_id", BigId, nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_by_id", BigId, nullable=True),
        sa.Column("trashed_at", UtcDateTime(), nullable=True),
        sa.Column("custom", Json, server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["after_id"], ["tasks.id"], name=op.f("fk_tasks_after_id_tasks")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_tasks_company_id_companies")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_tasks_created_by_id_users")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_tasks_deal_id_deals")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_tasks_owner_id_users")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tasks_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tasks_after_id"), "tasks", ["after_id"], unique=False)
    op.create_index(op.f("ix_tasks_company_id"), "tasks", ["company_id"], unique=False)
    op.create_index(op.f("ix_tasks_deal_id"), "tasks", ["deal_id"], unique=False)
    op.create_index(
        "ix_tasks_live_created_at",
        "tasks",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_tasks_live_done",
        "tasks",
        ["done", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_tasks_live_done_at",
        "tasks",
        ["done_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_tasks_live_due_date",
        "tasks",
        ["due_date", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_tasks_live_name",
        "tasks",
        ["name_key", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_tasks_live_priority",
        "tasks",
        ["priority", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(
        "ix_tasks_live_updated_at",
        "tasks",
        ["updated_at", "id"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NULL"),
        postgresql_where=sa.text("trashed_at IS NULL"),
    )
    op.create_index(op.f("ix_tasks_owner_id"), "tasks", ["owner_id"], unique=False)
    op.create_index(op.f("ix_tasks_person_id"), "tasks", ["person_id"], unique=False)
    op.create_index(
        "ix_tasks_trashed_at",
        "tasks",
        ["trashed_at"],
        unique=False,
        sqlite_where=sa.text("trashed_at IS NOT NULL"),
        postgresql_where=sa.text("trashed_at IS NOT NULL"),
    )
    op.create_table(
        "chat_conversations",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_conversations")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chat_conversations_user", "chat_conversations", ["user_id", "updated_at"], unique=False)
    op.create_table(
        "chat_messages",
        sa.Column("id", BigId, nullable=False),
        sa.Column("conversation_id", BigId, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("context", Json, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", Json, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["chat_conversations.id"],
            name=op.f("fk_chat_messages_conversation_id_chat_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_messages")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_chat_messages_conversation_id"), "chat_messages", ["conversation_id"], unique=False)
    op.create_table(
        "chat_events",
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["chat_messages.id"],
            name=op.f("fk_chat_events_message_id_chat_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", "seq", name=op.f("pk_chat_events")),
    )
