"""Bulk changes, and undoing of large ones, that run beside the requests: each has a row, readable and cancellable."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, event, func, insert, select

from app.crm import catalog, changes
from app.crm.bulk.selection import Selection
from app.crm.bulk.work import Work, change_set
from app.crm.changes import store
from app.crm.running import PROCESS, Canceled, Runs
from app.crm.schema import bulk_runs as runs
from app.crm.schema import changes as journal
from app.shared.contract import Principal, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import NotFound, ParleyError
from app.shared.jobs import ACTIVE
from app.shared.types import utc_now

LARGE = 1_000  # records from which undoing a set is long work
_turn = threading.Lock()  # one at a time: each holds the records' write lock for its whole length
_log = logging.getLogger(__name__)

Doing = Callable[[Connection, "Job"], dict[str, Any]]  # writes the records, and gives the report


@dataclass(slots=True, eq=False)
class Job:
    """A bulk change that runs in this process."""

    database: Database
    principal: Principal
    id: int
    doing: Doing
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
            _all.jobs.pop(self.key, None)
            self.ended.set()

    def _change(self) -> None:
        with self.database.write() as connection:
            _all.note(connection, self.id, state="running")
        with self.database.write() as connection:
            event.listen(connection, "before_cursor_execute", self._watch)
            report = self.doing(connection, self)
            _all.note(connection, self.id, state="done", report=report, finished_at=utc_now())
        if report["change_set"] is not None:
            changes.announce(report["change_set"])

    def _watch(self, _connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool) -> None:
        """Before each statement of the run: how far it is, by the journal's lines; or that it is called off."""
        if self.canceled.is_set():
            raise Canceled
        if many and statement.startswith("INSERT INTO changes "):
            self.done += len(given)

    def _end(self, state: str, report: dict[str, Any]) -> None:
        with self.database.write() as connection:
            _all.note(connection, self.id, state=state, report=report, finished_at=utc_now())


_all: Runs[Job] = Runs(runs, "bulk change", "The server was stopped meanwhile. Nothing was changed.")


# --- what is done ----------------------------------------------------------------------------------------------------


def _changing(selection: Selection, work: Work) -> Doing:
    def do(connection: Connection, job: Job) -> dict[str, Any]:
        spec = catalog.load(connection)[selection.object]
        asked, found = change_set(connection, job.principal, selection, work, spec)
        job.total = len(asked.operations)
        apply = changes.apply_within
        stored, refused = changes.sifted(asked, lambda part: apply(connection, job.principal, part))
        report = _report(connection, stored.id if stored else None, found, refused)
        if stored:  # it is called by what it changed, not by what was chosen
            store.put(connection, stored.id, title=work.title(spec, report["changed"]))
        return report

    return do


def _undoing(undone: StoredChangeSet) -> Doing:
    def do(connection: Connection, job: Job) -> dict[str, Any]:
        job.total = undone.count
        stored = changes.undo_within(connection, job.principal, undone.id)
        return _report(connection, stored.id, stored.count, [])

    return do


def _report(
    connection: Connection, change_set: int | None, found: int, refused: list[changes.Refusal]
) -> dict[str, Any]:
    lines = select(func.count(journal.c.record_id.distinct())).where(journal.c.change_set_id == change_set)
    changed = int(connection.scalar(lines) or 0) if change_set is not None else 0
    reasons = Counter(one.message for one in refused).most_common()
    return {"changed": changed, "found": found, "refused": reasons, "change_set": change_set}


# --- runs ------------------------------------------------------------------------------------------------------------


def start(database: Database, principal: Principal, selection: Selection, work: Work, patience: float = 0) -> int:
    """Begin, and wait `patience` seconds for its end; gives the run's id."""
    note = work.as_json() | {"selection": selection.as_json()}
    return _start(database, principal, selection.object, note, _changing(selection, work), patience)


def start_undo(database: Database, principal: Principal, undone: StoredChangeSet, patience: float = 0) -> int:
    """Begin to undo a set that was applied, whatever its size; otherwise as `start`."""
    first = select(journal.c.object).where(journal.c.change_set_id == undone.id).order_by(journal.c.seq).limit(1)
    with database.read() as connection:
        object = str(connection.scalar(first) or "")
    note = {"action": "undo" if undone.undoes is None else "redo", "change_set": undone.id}
    return _start(database, principal, object, note, _undoing(undone), patience)


def _start(
    database: Database, principal: Principal, object: str, note: Mapping[str, Any], doing: Doing, patience: float
) -> int:
    row = {
        "object": object,
        "state": "queued",
        "work": {**note, "process": PROCESS},
        "user_id": principal.user_id,
        "created_at": utc_now(),
    }
    with database.write() as connection:
        id = int(connection.execute(insert(runs).values(**row).returning(runs.c.id)).scalar_one())
    job = Job(database, principal, id, doing)
    _all.jobs[job.key] = job
    threading.Thread(target=job.run, name=f"bulk-{id}", daemon=True).start()
    job.ended.wait(patience)
    return id


def running(database: Database) -> list[Job]:
    """The runs of this process that have not ended. No I/O."""
    return [job for key, job in list(_all.jobs.items()) if key[0] == str(database.url)]


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
    _all.cancel(database, id, found["state"])
    return found


def _as_json(database: Database, row: Row[Any]) -> dict[str, Any]:
    job = _all.job(database, row.id)
    work: Mapping[str, Any] = row.work
    state, report = _all.settled(database, row, str(work.get("process", "")))
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
