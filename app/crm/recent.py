"""The records that each user has looked at last: noted in memory, written beside the requests, never within one."""

import logging
import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from app.crm import query
from app.crm.schema import recent_records as table
from app.shared.contract import Principal, Record
from app.shared.db import Database
from app.shared.types import utc_now

KEPT = 20  # records a user
GATHER = 1.0  # seconds: looks that come together are written together
Ref = tuple[str, int]
log = logging.getLogger(__name__)


class Recent:
    """What was looked at in this process. Without `start` (in tests of pages) it is kept in memory alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[int, dict[Ref, datetime]] = defaultdict(dict)
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, user_id: int | None, object: str, id: int) -> None:
        """A user looks at a record."""
        if user_id is None:
            return
        with self._lock:
            mine = self._seen[user_id]
            mine.pop((object, id), None)
            mine[object, id] = utc_now()
            while len(mine) > KEPT:
                mine.pop(next(iter(mine)))
        self._wake.set()

    def refs(self, connection: Connection, user_id: int) -> list[Ref]:
        """The last ones, newest first: of this process, and what is stored."""
        stored = select(table).where(table.c.user_id == user_id).order_by(table.c.seen_at.desc()).limit(KEPT)
        found = {(row.object, row.record_id): row.seen_at for row in connection.execute(stored)}
        with self._lock:
            found |= self._seen.get(user_id, {})
        return sorted(found, key=lambda ref: found[ref], reverse=True)[:KEPT]

    def records(self, connection: Connection, principal: Principal, limit: int = KEPT) -> Sequence[Record]:
        """Those of them that live and that the user may see; two statements for each kind of record."""
        if principal.user_id is None:
            return ()
        refs = self.refs(connection, principal.user_id)
        found: dict[Ref, Record] = {}
        for object in sorted({object for object, _ in refs}):
            ids = [id for name, id in refs if name == object]
            found |= {(object, id): one for id, one in query.fetch(connection, principal, object, ids).items()}
        return [found[ref] for ref in refs if ref in found][:limit]

    # --- writing -----------------------------------------------------------------------------------------------------

    def start(self, database: Database) -> None:
        self._thread = threading.Thread(target=self._run, args=(database,), name="recent", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and end."""
        self._stopping.set()
        self._wake.set()
        if self._thread:
            self._thread.join(timeout=2)

    def _run(self, database: Database) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._stopping.wait(GATHER)
            self._wake.clear()
            try:
                self.flush(database)
            except Exception:
                log.warning("What was looked at last could not be noted", exc_info=True)

    def flush(self, database: Database) -> None:
        """Write what was noted since the last time."""
        with self._lock:
            taken, self._seen = self._seen, defaultdict(dict)
        if not taken:
            return
        with database.write() as connection:
            for user_id, seen in taken.items():
                _store(connection, user_id, seen)


def _store(connection: Connection, user_id: int, seen: dict[Ref, datetime]) -> None:
    mine = table.c.user_id == user_id
    known = {(row.object, row.record_id): row.seen_at for row in connection.execute(select(table).where(mine))}
    newest = sorted((known | seen).items(), key=lambda item: item[1], reverse=True)[:KEPT]
    connection.execute(delete(table).where(mine))
    rows = [{"user_id": user_id, "object": ref[0], "record_id": ref[1], "seen_at": at} for ref, at in newest]
    connection.execute(insert(table), rows)
