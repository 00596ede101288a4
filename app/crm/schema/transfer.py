"""Imports and what they know of earlier rows; bulk changes; the searchable text of each record."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from app.crm.schema.base import BigId, id_column, metadata
from app.shared.types import Json, KeyText, UtcDateTime

import_runs = Table(
    "import_runs",
    metadata,
    id_column(),
    Column("object", KeyText, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("state", Text, nullable=False),  # queued, running, done, failed, canceled
    Column("options", Json, nullable=False),
    Column("report", Json),
    Column("user_id", BigId, ForeignKey("users.id")),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("finished_at", UtcDateTime),
    sqlite_autoincrement=True,
)

bulk_runs = Table(  # one change to many records
    "bulk_runs",
    metadata,
    id_column(),
    Column("object", KeyText, nullable=False),
    Column("state", Text, nullable=False),  # queued, running, done, failed, canceled
    Column("work", Json, nullable=False),  # what is done, and to which records
    Column("report", Json),
    Column("user_id", BigId, ForeignKey("users.id"), index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    sqlite_autoincrement=True,
)

import_rows = Table(  # a row that came before is known by its content, and by which record it became
    "import_rows",
    metadata,
    Column("object", KeyText, primary_key=True),
    Column("fingerprint", KeyText, primary_key=True),
    Column("record_id", BigId, nullable=False, index=True),
)

PROSE = "\f"  # in a document's body, before its long texts; stands in no value: control characters are refused

search_documents = Table(  # its full-text index (FTS5, or a tsvector column) is made by the migration
    "search_documents",
    metadata,
    id_column(),
    Column("object", KeyText, nullable=False),
    Column("record_id", BigId, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("seq", Integer, nullable=False),  # the journal's position that it reflects
    Column("title_terms", Text, nullable=False, server_default=""),  # what is indexed: see `app.crm.terms`
    Column("body_terms", Text, nullable=False, server_default=""),
    UniqueConstraint("object", "record_id"),
    sqlite_autoincrement=True,
)
Index("ix_search_documents_seq", search_documents.c.seq)
