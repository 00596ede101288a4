"""The engine and the unit of work, for SQLite and PostgreSQL.

A reader is a plain transaction. A writer is `BEGIN IMMEDIATE` behind one process-wide lock, so writers queue instead of
failing; on PostgreSQL an advisory lock does the same, which also keeps the journal's numbers in commit order.
"""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL

FIXED_SQLITE = (3, 51, 3)  # the first release without the WAL-reset fault (and 3.50.7 of the older line is too rare)
BUSY_SECONDS = 30
_WRITE_LOCK_KEY = 7_231_904  # PostgreSQL advisory lock: any fixed number


def sqlite_module() -> ModuleType:
    """The SQLite driver to use: the bundled newer one where it is installed, else the standard library's."""
    try:
        import pysqlite3

        return pysqlite3.dbapi2  # type: ignore[no-any-return]
    except ImportError:
        import sqlite3

        return sqlite3


def text_key(value: str | None) -> str | None:
    """The key by which text compares everywhere: casefolded NFKC, compared in binary order."""
    if value is None:
        return None
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", str(value)).casefold())


def local_day(moment: str | None, zone: str) -> str | None:
    """The day, as ISO text, that a stored moment falls on in a time zone; SQLite knows no zones by itself."""
    if moment is None:
        return None
    return str(datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date())


@dataclass(frozen=True, slots=True)
class SqliteState:
    version: str
    journal: str  # wal, or delete where the linked SQLite has the WAL-reset fault
    degraded: str | None  # why, in a sentence


def sqlite_state(module: ModuleType) -> SqliteState:
    version: tuple[int, ...] = tuple(int(part) for part in module.sqlite_version.split("."))
    if version >= FIXED_SQLITE:
        return SqliteState(module.sqlite_version, "wal", None)
    reason = f"SQLite {module.sqlite_version} has the WAL-reset fault: a rollback journal is used, which is slower."
    return SqliteState(module.sqlite_version, "delete", reason)


class Database:
    """One database: an engine, a way to read and a way to write."""

    def __init__(self, url: URL, *, pool_size: int = 12) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.sqlite: SqliteState | None = None
        self._write_lock = threading.Lock()
        self.engine = self._sqlite_engine(pool_size) if self.is_sqlite else self._postgres_engine(pool_size)

    def _sqlite_engine(self, pool_size: int) -> Engine:
        module = sqlite_module()
        self.sqlite = state = sqlite_state(module)
        engine = create_engine(
            self.url,
            module=module,
            pool_size=pool_size,
            max_overflow=20,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )

        @event.listens_for(engine, "connect")
        def set_up(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # BEGIN is ours, see `begin`
            connection.create_function("text_key", 1, text_key, deterministic=True)
            connection.create_function("local_day", 2, local_day, deterministic=True)
            cursor = connection.cursor()
            for pragma in (
                f"journal_mode={state.journal}",
                "synchronous=FULL",
                "foreign_keys=ON",
                "temp_store=MEMORY",
                "cache_size=-2000",  # KB for each connection of the pool; the system caches the file once for all
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            immediate = connection.get_execution_options().get("parley_write")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

        return engine

    def _postgres_engine(self, pool_size: int) -> Engine:
        return create_engine(self.url, pool_size=pool_size, max_overflow=20, pool_pre_ping=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view of the database; nothing written in it is kept."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction of one writer: committed at the end, rolled back on any error. Keep it short."""
        with self._write_lock, self.engine.connect() as connection:
            connection.execution_options(parley_write=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITE_LOCK_KEY})
                yield connection

    def close(self) -> None:
        self.engine.dispose()
