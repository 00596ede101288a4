"""Bulk changes that run beside the requests: each has a row in `bulk_runs`, readable and cancellable.

The row says "done" in the very transaction that writes the records, so a run that a stopped server left behind has
written nothing.
"""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, event, func, insert, select, update

from app.crm import catalog, changes
from app.crm.bulk.selection import Selection
from app.crm.bulk.work import Work, change_set
from app.crm.running import PROCESS, is_lost
from app.crm.schema import bulk_runs as runs
from app.crm.schema import changes as journal
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import Conflict, NotFound, ParleyError
from app.shared.types import utc_now

ACTIVE = ("queued", "running")
_LOST = "The server was stopped meanwhile. Nothing was changed."
_turn = threading.Lock()  # one at a time: each holds the records' write lock for its whole length
_jobs: dict[tuple[str, int], "Job"] = {}
_log = logging.getLogger(__name__)


class Canceled(Exception):
    """Somebody has called the run off; nothing of it is kept."""


@dataclass(slots=True, eq=False)
class Job:
    """A bulk change that runs in this process."""

    database: Database
    principal: Principal
    id: int
    selection: Selection
    work: Work
    canceled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    total: int = 0

    @property
    def key(self) -> tuple[str, int]:
        return str(self.database.url), self.id

    def run(self) -> None:
        """Change, and note how it ended."""
        try:
            with _turn:
                self._change()
        except Canceled:
            self._end("canceled", {"error": "It was canceled. Nothing was changed."})
        except ParleyError as error:
            self._end("failed", {"error": error.detail})
        except Exception:
            _log.exception("A bulk change failed", extra={"run": self.id})
            self._end("failed", {"error": "Something went wrong. It has been written to the log."})
        finally:
            _jobs.pop(self.key, None)
            self.ended.set()

    def _change(self) -> None:
        with self.database.write() as connection:
            _set(connection, self.id, state="running")
        with self.database.write() as connection:
            event.listen(connection, "before_cursor_execute", self._watch)
            spec = catalog.load(connection)[self.selection.object]
            asked, found = change_set(connection, self.principal, self.selection, self.work, spec)
            self.total = len(asked.operations)
            apply = changes.apply_within
            stored, refused = changes.sifted(asked, lambda part: apply(connection, self.principal, part))
            report = _report(connection, stored.id if stored else None, found, refused)
            _set(connection, self.id, state="done", report=report, finished_at=utc_now())
        if stored:
            changes.announce(stored.id)

    def _watch(self, _connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool) -> None:
        """Before each statement of the run: how far it is, by the journal's lines; or that it is called off."""
        if self.canceled.is_set():
            raise Canceled
        if many and statement.startswith("INSERT INTO changes "):
            self.done += len(given)

    def _end(self, state: str, report: dict[str, Any]) -> None:
        with self.database.write() as connection:
            _set(connection, self.id, state=state, report=report, finished_at=utc_now())


def _report(
    connection: Connection, change_set: int | None, found: int, refused: list[changes.Refusal]
) -> dict[str, Any]:
    lines = select(func.count(journal.c.record_id.distinct())).where(journal.c.change_set_id == change_set)
    changed = int(connection.scalar(lines) or 0) if change_set is not None else 0
    reasons = Counter(one.message for one in refused).most_common()
    return {"changed": changed, "found": found, "refused": reasons, "change_set": change_set}


def _set(connection: Connection, id: int, **values: Any) -> None:
    connection.execute(update(runs).where(runs.c.id == id).values(**values))


def start(database: Database, principal: Principal, selection: Selection, work: Work, patience: float = 0) -> int:
    """Begin, and wait `patience` seconds for its end; gives the run's id."""
    row = {
        "object": selection.object,
        "state": "queued",
        "work": work.as_json() | {"selection": selection.as_json(), "process": PROCESS},
        "user_id": principal.user_id,
        "created_at": utc_now(),
    }
    with database.write() as connection:
        id = int(connection.execute(insert(runs).values(**row).returning(runs.c.id)).scalar_one())
    job = Job(database, principal, id, selection, work)
    _jobs[job.key] = job
    threading.Thread(target=job.run, name=f"bulk-{id}", daemon=True).start()
    job.ended.wait(patience)
    return id


def running(database: Database) -> list[Job]:
    """The runs of this process that have not ended. No I/O."""
    return [job for key, job in list(_jobs.items()) if key[0] == str(database.url)]


def read(database: Database, principal: Principal, id: int) -> dict[str, Any]:
    """A run as JSON, with its progress while it runs. Raises NotFound; a run is its starter's alone."""
    with database.read() as connection:
        mine = select(runs).where(runs.c.id == id, runs.c.user_id == principal.user_id)
        row = connection.execute(mine).one_or_none()
    if row is None:
        raise NotFound(f"There is no bulk change {id}.")
    return _as_json(database, row)


def listing(database: Database, principal: Principal, limit: int = 20) -> list[dict[str, Any]]:
    """The principal's runs, newest first."""
    statement = select(runs).where(runs.c.user_id == principal.user_id).order_by(runs.c.id.desc()).limit(limit)
    with database.read() as connection:
        found = list(connection.execute(statement))
    return [_as_json(database, row) for row in found]


def cancel(database: Database, principal: Principal, id: int) -> dict[str, Any]:
    """Call a run off. Raises Conflict where it has ended, NotFound."""
    found = read(database, principal, id)
    if found["state"] not in ACTIVE:
        raise Conflict(f"This bulk change has ended: it is {found['state']}.")
    job = _jobs.get((str(database.url), id))
    if job is None:
        raise Conflict("This bulk change runs in another process, and can be called off there alone.")
    job.canceled.set()
    return found


def _as_json(database: Database, row: Row[Any]) -> dict[str, Any]:
    state, report = row.state, row.report
    job = _jobs.get((str(database.url), row.id))
    work: Mapping[str, Any] = row.work
    if state in ACTIVE and job is None and is_lost(str(work.get("process", ""))):
        state, report = _settle_lost(database, row)
    return {
        "id": row.id,
        "state": state,
        "object": row.object,
        "action": work["action"],
        "progress": {"done": job.done, "total": job.total} if job and state in ACTIVE else None,
        "report": report,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
    }


def _settle_lost(database: Database, row: Row[Any]) -> tuple[str, Any]:
    """Note a run that a stopped server left behind, unless it ended in this moment."""
    with database.write() as connection:
        now = connection.execute(select(runs.c.state, runs.c.report).where(runs.c.id == row.id)).one()
        if now.state in ACTIVE:
            _set(connection, row.id, state="failed", report={"error": _LOST}, finished_at=utc_now())
            return "failed", {"error": _LOST}
    return now.state, now.report
