"""What admins shape: settings, pipelines with stages, tags and custom fields."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from app.crm.schema.base import BigId, id_column, metadata
from app.shared.types import Json, KeyText, UtcDateTime

settings = Table(
    "settings", metadata, Column("key", KeyText, primary_key=True), Column("value", Json)
)  # workspace, currency, visibility.<object>, catalog_version, ...

pipelines = Table(
    "pipelines",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("name_key", KeyText, nullable=False, unique=True),
    Column("position", Integer, nullable=False),
    Column("retired", Boolean, nullable=False, server_default=text("false")),
    sqlite_autoincrement=True,
)

stages = Table(
    "stages",
    metadata,
    id_column(),
    Column("pipeline_id", BigId, ForeignKey("pipelines.id"), nullable=False),
    Column("key", KeyText, nullable=False),
    Column("label", Text, nullable=False),
    Column("kind", Text, nullable=False),  # open, won, lost
    Column("probability", Integer),  # percent; null: none set
    Column("position", Integer, nullable=False),
    Column("retired", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("pipeline_id", "key"),
    sqlite_autoincrement=True,
)

tags = Table(
    "tags",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("name_key", KeyText, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

currency_rates = Table(  # what one unit of a currency was worth in the base currency, from a day on
    "currency_rates",
    metadata,
    Column("currency", KeyText, primary_key=True),
    Column("base", KeyText, primary_key=True),  # the workspace's own currency when the rate was set
    Column("day", Date, primary_key=True),
    Column("rate", Text, nullable=False),  # exact decimal text
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by_id", BigId, ForeignKey("users.id")),
)

synonyms = Table(  # the workspace's own words for its objects, fields, options, stages, users, teams and pipelines
    "synonyms",
    metadata,
    id_column(),
    Column("target", KeyText, nullable=False),  # deals, deals.amount, tasks.priority=high, users/3
    Column("word", Text, nullable=False),
    Column("word_key", KeyText, nullable=False, unique=True),  # letters and digits: a word means one thing
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by_id", BigId, ForeignKey("users.id")),
    sqlite_autoincrement=True,
)

taggings = Table(
    "taggings",
    metadata,
    Column("object", KeyText, primary_key=True),
    Column("record_id", BigId, primary_key=True),
    Column("tag_id", BigId, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
)
Index("ix_taggings_tag", taggings.c.tag_id, taggings.c.object, taggings.c.record_id)

custom_fields = Table(
    "custom_fields",
    metadata,
    id_column(),  # the stable id: values are stored under f<id>
    Column("object", KeyText, nullable=False),
    Column("name", KeyText, nullable=False),  # the key in JSON, URLs and Queries
    Column("label", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("target", Text),
    Column("options", Json),  # [[key, label], ...]; a retired one is [key, label, true]
    Column("required", Boolean, nullable=False, server_default=text("false")),
    Column("unique", Boolean, nullable=False, server_default=text("false")),
    Column("integer", Boolean, nullable=False, server_default=text("false")),
    Column("position", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime),
    Column("help", Text, nullable=False, server_default=""),  # what stands under the field in forms
    UniqueConstraint("object", "name"),
    sqlite_autoincrement=True,
)
