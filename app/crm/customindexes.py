"""Expression indexes for custom fields, so that lists filter and sort by them as by any other field."""

from sqlalchemy import Connection, select, text

from app.crm.schema import KEYED_TYPES, custom_fields
from app.shared.db import Database

PREFIX = "ix_custom_"
_NUMBERS = {"money": "BIGINT", "link": "BIGINT", "boolean": "BOOLEAN"}
# Text to a date or moment depends on PostgreSQL's settings, so these can't be indexed there.
_UNINDEXED = {"sqlite": ("long_text", "multi_select"), "postgresql": ("long_text", "multi_select", "date", "datetime")}


def build_indexes(database: Database) -> list[str]:
    """Make the indexes that are missing, and drop those of retired fields; the names of the new ones.

    Each in a transaction of its own, in the background of whoever calls; on PostgreSQL without holding up writers.
    """
    with database.read() as connection:
        wanted, known = _wanted(connection), _known(connection)
    for name in sorted(known - wanted.keys()):
        _run(database, f"DROP INDEX IF EXISTS {name}")
    missing = [name for name in wanted if name not in known]
    for name in missing:
        _run(database, f"DROP INDEX IF EXISTS {name}")  # one that failed half-way
        _run(database, wanted[name])
    return missing


def _run(database: Database, statement: str) -> None:
    if database.is_sqlite:
        with database.write() as connection:
            connection.execute(text(statement))
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement.replace("INDEX ", "INDEX CONCURRENTLY ", 1)))


def _wanted(connection: Connection) -> dict[str, str]:
    """Name -> the statement that makes it. Names come from the program, never from a person."""
    dialect = connection.dialect.name
    fields = connection.execute(select(custom_fields).where(custom_fields.c.retired_at.is_(None)))
    made: dict[str, str] = {}
    for field in fields:
        if field.type not in _UNINDEXED[dialect]:
            name = f"{PREFIX}{field.id}"
            key = f"f{field.id}k" if field.type in KEYED_TYPES else f"f{field.id}"
            value = _sqlite(key) if dialect == "sqlite" else _postgres(key, field.type, field.integer)
            made[name] = f"CREATE INDEX IF NOT EXISTS {name} ON {field.object} ({value}, id) WHERE trashed_at IS NULL"
    return made


def _sqlite(key: str) -> str:
    return f"json_extract(custom, '$.{key}')"


def _postgres(key: str, type: str, integer: bool) -> str:
    kind = _NUMBERS.get(type) or ("BIGINT" if integer else "NUMERIC") if type in (*_NUMBERS, "number") else None
    return f"""(CAST((custom ->> '{key}') AS {kind}))""" if kind else f"""((custom ->> '{key}') COLLATE "C")"""


def _known(connection: Connection) -> set[str]:
    """The indexes that are there and in order; one that failed half-way is made anew."""
    if connection.dialect.name == "sqlite":
        found = "SELECT name FROM sqlite_master WHERE type = 'index' AND name LIKE :prefix"
    else:
        found = (
            "SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid"
            " WHERE relname LIKE :prefix AND relnamespace = current_schema()::regnamespace AND indisvalid"
        )
    return set(connection.execute(text(found), {"prefix": f"{PREFIX}%"}).scalars())
