"""Imports that run beside the requests: one at a time, each with a row in `import_runs`, readable and cancellable.

The upload and its errors file stand in the instance's folder `imports`. The row says "done" in the very transaction
that writes the records, so a run that a stopped server left behind has written nothing.
"""

import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, insert, select

from app.crm.running import PROCESS, Canceled, Runs
from app.crm.schema import import_runs as runs
from app.crm.transfer.options import Options
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import NotFound, ParleyError
from app.shared.jobs import ACTIVE, LINGER
from app.shared.types import utc_now

if TYPE_CHECKING:
    from app.crm.transfer.report import Report

_turn = threading.Lock()  # one import at a time: each is bound to hold the records' write lock for its end
_ended: dict[tuple[str, int], tuple[int | None, datetime]] = {}  # whose, and when: told of for a while
_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Job:
    """An import that runs in this process."""

    database: Database
    principal: Principal
    folder: Path
    id: int
    file_name: str
    options: Options
    canceled: threading.Event = field(default_factory=threading.Event)
    progress: dict[str, Any] = field(default_factory=lambda: {"what": "Waiting", "done": 0, "total": 0})

    @property
    def key(self) -> tuple[str, int]:
        return str(self.database.url), self.id

    def run(self) -> None:
        """Import, and note how it ended."""
        try:
            with _turn:
                self._import()
        except Canceled:
            self._end("canceled", {"error": "It was canceled. Nothing was imported."})
        except ParleyError as error:
            self._end("failed", {"error": error.detail, "errors": [item.as_json() for item in error.errors]})
        except Exception:
            _log.exception("An import failed", extra={"import": self.id})
            self._end("failed", {"error": "Something went wrong. It has been written to the log."})
        finally:
            upload(self.folder, self.id).unlink(missing_ok=True)
            if not self.options.dry_run:  # a check is looked at on its page
                _ended[self.key] = (self.principal.user_id, utc_now())
            _all.jobs.pop(self.key, None)

    def _import(self) -> None:
        from app.crm.transfer import engine, errors_file, source

        self._tick("Reading the file", 0, 0)
        with self.database.write() as connection:
            _all.note(connection, self.id, state="running")
        sheet = source.read(upload(self.folder, self.id), self.file_name)

        def keep_errors(report: "Report") -> None:
            """Before the row says that the run is done: whoever reads that finds the file."""
            if report.failed:
                errors(self.folder, self.id).unlink(missing_ok=True)
                errors_file.write(errors(self.folder, self.id), sheet, report)

        def settle(connection: Connection, report: "Report") -> None:
            keep_errors(report)
            _all.note(connection, self.id, state="done", report=report.as_json(), finished_at=utc_now())
            self._tell(connection, "done")

        report = engine.run(self.database, self.principal, sheet, self.options, self._tick, settle)
        if self.options.dry_run:
            keep_errors(report)
            self._end("done", report.as_json())

    def _tick(self, what: str, done: int, total: int) -> None:
        if self.canceled.is_set():
            raise Canceled
        self.progress = {"what": what, "done": done, "total": total}

    def _end(self, state: str, report: dict[str, Any]) -> None:
        with self.database.write() as connection:
            _all.note(connection, self.id, state=state, report=report, finished_at=utc_now())
            if state == "failed":
                self._tell(connection, state)

    def _tell(self, connection: Connection, state: str) -> None:
        """A notification for whoever has begun it; they may be on another page, or gone home."""
        from app.crm.notifications import write

        detail = {"state": state, "file": self.file_name, "import": self.id}
        write.tell(connection, self.principal.user_id, "import", f"import:{self.id}", detail)


_all: Runs[Job] = Runs(runs, "import", "The server was stopped while the import ran. Nothing was imported.")


def upload(folder: Path, id: int) -> Path:
    """Where the uploaded file waits."""
    return folder / f"{id}.upload"


def errors(folder: Path, id: int) -> Path:
    """Where the rows stand that were not imported."""
    return folder / f"{id}.errors.csv"


def start(
    database: Database, folder: Path, principal: Principal, file: IO[bytes], file_name: str, options: Options
) -> int:
    """Take the file and begin; gives the run's id at once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    row = {
        "object": options.object,
        "file_name": file_name,
        "state": "queued",
        "options": options.as_json() | {"process": PROCESS},
        "user_id": principal.user_id,
        "created_at": utc_now(),
    }
    with database.write() as connection:
        id = int(connection.execute(insert(runs).values(**row).returning(runs.c.id)).scalar_one())
        _keep(file, upload(folder, id))
    job = Job(database, principal, folder, id, file_name, options)
    _all.jobs[job.key] = job
    threading.Thread(target=job.run, name=f"import-{id}", daemon=True).start()
    return id


def _keep(file: IO[bytes], path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:
        while chunk := file.read(1 << 20):
            target.write(chunk)


def read(database: Database, principal: Principal, id: int) -> dict[str, Any]:
    """A run as JSON, with its progress while it runs. Raises NotFound; others' runs are for admins."""
    with database.read() as connection:
        row = connection.execute(select(runs).where(runs.c.id == id, *_mine(principal))).one_or_none()
    if row is None:
        raise NotFound(f"There is no import {id}.")
    return _as_json(database, row)


def listing(
    database: Database, principal: Principal, limit: int, before: int | None
) -> tuple[list[dict[str, Any]], int]:
    """Runs, newest first, and how many there are."""
    with database.read() as connection:
        mine = select(runs).where(*_mine(principal))
        total = connection.scalar(select(func.count()).select_from(mine.subquery())) or 0
        page = mine if before is None else mine.where(runs.c.id < before)
        found = list(connection.execute(page.order_by(runs.c.id.desc()).limit(limit)))
    return [_as_json(database, row) for row in found], total


def _mine(principal: Principal) -> list[Any]:
    return [] if principal.is_admin else [runs.c.user_id == principal.user_id]


def cancel(database: Database, principal: Principal, id: int) -> dict[str, Any]:
    """Call a run off. Raises Conflict where it has ended, NotFound."""
    found = read(database, principal, id)
    _all.cancel(database, id, found["state"])
    return found


def news_of(database: Database, principal: Principal) -> list[int]:
    """The runs of this process that a principal is told of: those that run, and those that have just ended. No I/O."""
    for key, (_owner, at) in list(_ended.items()):
        if utc_now() - at > LINGER:
            _ended.pop(key, None)
    owners = {key: owner for key, (owner, _at) in list(_ended.items())}
    owners |= {key: job.principal.user_id for key, job in list(_all.jobs.items())}
    url = str(database.url)
    mine = [key[1] for key, owner in owners.items() if key[0] == url and owner == principal.user_id]
    return sorted(mine, reverse=True)


def wait(database: Database, id: int, seconds: float = 60) -> None:
    """Wait until a run of this process has ended; for programs that have nothing else to do."""
    job = _all.job(database, id)
    for thread in threading.enumerate():
        if job and thread.name == f"import-{id}":
            thread.join(seconds)


def _as_json(database: Database, row: Row[Any]) -> dict[str, Any]:
    job = _all.job(database, row.id)
    state, report = _all.settled(database, row, str(row.options.get("process", "")))
    options: Mapping[str, Any] = {name: value for name, value in row.options.items() if name != "process"}
    return {
        "id": row.id,
        "state": state,
        "object": row.object,
        "file_name": row.file_name,
        "options": options,
        "progress": job.progress if job and state in ACTIVE else None,
        "report": report,
        "created_at": row.created_at,
        "finished_at": row.finished_at,
    }


__all__ = ["Canceled", "Job", "cancel", "errors", "listing", "read", "start", "upload", "wait"]
