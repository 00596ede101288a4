"""Expression indexes for custom fields, so that lists filter and sort by them as by any other field."""

from sqlalchemy import Connection, select, text

from app.crm.schema import KEYED_TYPES, custom_fields
from app.shared.db import Database

PREFIX = "ix_custom_"
_NUMBERS = {"money": "BIGINT", "link": "BIGINT", "boolean": "BOOLEAN"}
_FUNCTIONS = {"date": "custom_day", "datetime": "custom_moment"}  # a cast depends on the session's settings
_UNINDEXED = ("long_text", "multi_select")
# As `query.expressions` spells it: SQLite compares the expressions of a query and of an index letter by letter.
_MOMENT = "substr(replace(replace(rtrim({}, 'Z'), 'T', ' '), '+00:00', '') || '.000000', 1, 26)"


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
        if field.type not in _UNINDEXED:
            name = f"{PREFIX}{field.id}" + ("_at" if field.type == "datetime" else "")
            key = f"f{field.id}k" if field.type in KEYED_TYPES else f"f{field.id}"
            value = _sqlite(key, field.type) if dialect == "sqlite" else _postgres(key, field.type, field.integer)
            made[name] = f"CREATE INDEX IF NOT EXISTS {name} ON {field.object} ({value}, id) WHERE trashed_at IS NULL"
    return made


def _sqlite(key: str, type: str) -> str:
    text = f"json_extract(custom, '$.{key}')"
    return _MOMENT.format(text) if type == "datetime" else text


def _postgres(key: str, type: str, integer: bool) -> str:
    text = f"custom ->> '{key}'"
    if type in _FUNCTIONS:
        return f"{_FUNCTIONS[type]}({text})"
    kind = _NUMBERS.get(type) or ("BIGINT" if integer else "NUMERIC") if type in (*_NUMBERS, "number") else None
    return f"""(CAST(({text}) AS {kind}))""" if kind else f"""(({text}) COLLATE "C")"""


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
