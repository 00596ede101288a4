"""The full-text index of 0002: over the program's own terms, alike on SQLite and PostgreSQL, in place of 0001's."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from app.crm.terms import terms

BATCH = 2_000  # documents
# Triggers keep the index in step with search_documents, in the record's transaction. Terms are apart by spaces, and
# hold no ASCII but letters and digits: that is where the tokenizer `ascii` cuts, and all that it does.
_OLD = "INSERT INTO search_fts(search_fts, rowid, title_terms, body_terms)"
_OLD += " VALUES ('delete', old.id, old.title_terms, old.body_terms);"
_NEW = "INSERT INTO search_fts(rowid, title_terms, body_terms) VALUES (new.id, new.title_terms, new.body_terms);"
_SQLITE_BEFORE = (
    "DROP TRIGGER search_fts_insert",
    "DROP TRIGGER search_fts_delete",
    "DROP TRIGGER search_fts_update",
    "DROP TABLE search_fts",
)
_SQLITE = (
    """CREATE VIRTUAL TABLE search_fts USING fts5(
        title_terms, body_terms, content='search_documents', content_rowid='id', tokenize='ascii'
    )""",
    "INSERT INTO search_fts(search_fts) VALUES ('rebuild')",
    f"CREATE TRIGGER search_fts_insert AFTER INSERT ON search_documents BEGIN {_NEW} END",
    f"CREATE TRIGGER search_fts_delete AFTER DELETE ON search_documents BEGIN {_OLD} END",
    "CREATE TRIGGER search_fts_update AFTER UPDATE OF title_terms, body_terms ON search_documents"
    f" BEGIN {_OLD} {_NEW} END",
)
_POSTGRES_BEFORE = ("DROP INDEX search_fts_index", "ALTER TABLE search_documents DROP COLUMN search_fts")
# Each term with its places, which rank a document. Text search's own parser would cut terms again, by the locale.
_POSTGRES = (
    """CREATE FUNCTION search_vector(terms text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT coalesce(string_agg('''' || term || ''':' || places, ' '), '')::tsvector FROM (
            SELECT term, string_agg(least(place, 16383)::text, ',') AS places
            FROM unnest(string_to_array(terms, ' ')) WITH ORDINALITY AS cut (term, place)
            WHERE term <> '' GROUP BY term
        ) AS placed
    $$""",
    """ALTER TABLE search_documents ADD COLUMN search_fts tsvector GENERATED ALWAYS AS (
        setweight(search_vector(title_terms), 'A') || setweight(search_vector(body_terms), 'B')
    ) STORED""",
    "CREATE INDEX search_fts_index ON search_documents USING gin (search_fts)",
)
_documents = sa.table(
    "search_documents", *(sa.column(name) for name in ("id", "title", "body", "title_terms", "body_terms"))
)


def rebuild(connection: Connection) -> None:
    """Drop the index, write the terms of every document, and index those. The columns of the terms are there."""
    is_sqlite = connection.dialect.name == "sqlite"
    for statement in _SQLITE_BEFORE if is_sqlite else _POSTGRES_BEFORE:
        connection.exec_driver_sql(statement)
    fill(connection)
    for statement in _SQLITE if is_sqlite else _POSTGRES:
        connection.exec_driver_sql(statement)


def fill(connection: Connection) -> None:
    """Write the terms of every document."""
    statement = (
        sa.update(_documents)
        .where(_documents.c.id == sa.bindparam("document"))
        .values(title_terms=sa.bindparam("in_title"), body_terms=sa.bindparam("in_body"))
    )
    for batch in _batches(connection):
        rows = [{"document": id, "in_title": terms(title), "in_body": terms(body)} for id, title, body in batch]
        connection.execute(statement, rows)


def _batches(connection: Connection) -> Iterator[Sequence[Any]]:
    last = 0
    columns: list[sa.ColumnElement[Any]] = [_documents.c.id, _documents.c.title, _documents.c.body]
    while True:
        statement = sa.select(*columns).where(_documents.c.id > last).order_by(_documents.c.id).limit(BATCH)
        batch = connection.execute(statement).all()
        if not batch:
            return
        yield batch
        last = batch[-1].id
