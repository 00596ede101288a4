"""One process at a time runs the hooks, where several serve one PostgreSQL database."""

import logging
import threading

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from app.shared.db import Database

_KEY = 7_231_905  # PostgreSQL advisory lock: any fixed number that no other lock has
log = logging.getLogger(__name__)


class Lease:
    """Held with a connection of its own, so it goes with the process, however that ends.

    On SQLite nothing needs to be held: the instance admits one server (`app.runtime.held`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    def held(self) -> bool:
        """Whether this process may run the hooks now; takes the lease where it is free."""
        if self._database.is_sqlite:
            return True
        with self._lock:
            try:
                return self._still() or self._take()
            except SQLAlchemyError:
                log.warning("The lease of the hooks was lost", exc_info=True)
                self._drop()
                return False

    def _still(self) -> bool:
        if self._connection is None:
            return False
        self._connection.execute(text("SELECT 1"))
        return True

    def _take(self) -> bool:
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}):
            self._connection = connection
            return True
        connection.close()
        return False

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # never back to the pool: it might still hold the lock
            connection.close()

    def release(self) -> None:
        with self._lock:
            self._drop()
