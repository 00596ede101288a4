"""Long work beside the requests: which process runs it, how it is called off, and what a stopped server left behind."""

import os
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Row, Table, select, update

from app.shared.db import Database
from app.shared.errors import Conflict
from app.shared.jobs import ACTIVE
from app.shared.types import utc_now

_NODE = os.uname().nodename if hasattr(os, "uname") else "host"
PROCESS = f"{_NODE}:{os.getpid()}:{secrets.token_hex(4)}"  # noted with each job that this process runs


def is_lost(process: str) -> bool:
    """Whether the process that ran a job is no more: one of this machine, and dead or begun anew.

    Ask of a job that this process doesn't know: then its own number is that of a process before it.
    """
    node, _, rest = process.partition(":")
    pid, _, _ = rest.partition(":")
    if node != _NODE or not pid.isdecimal():
        return False
    if int(pid) == os.getpid():
        return True
    with suppress(OSError):
        os.kill(int(pid), 0)
        return False
    return True


class Canceled(Exception):
    """Somebody has called the run off; nothing of it is kept."""


class Cancellable(Protocol):
    canceled: threading.Event


J = TypeVar("J", bound=Cancellable)


@dataclass(frozen=True, slots=True)
class Runs(Generic[J]):
    """Runs of one kind: a row of `table` tells of each, `jobs` are those of this process.

    A row says "done" in the very transaction that writes the records, so a run that a stopped server left behind has
    written nothing; `lost` says so.
    """

    table: Table
    name: str  # as a sentence calls it
    lost: str
    jobs: dict[tuple[str, int], J] = field(default_factory=dict)

    def note(self, connection: Connection, id: int, **values: Any) -> None:
        connection.execute(update(self.table).where(self.table.c.id == id).values(**values))

    def job(self, database: Database, id: int) -> J | None:
        """The run where it goes on in this process."""
        return self.jobs.get((str(database.url), id))

    def settled(self, database: Database, row: Row[Any], process: str) -> tuple[str, Any]:
        """The state and report of a row that `process` works on, or has worked on."""
        if row.state not in ACTIVE or self.job(database, row.id) is not None or not is_lost(process):
            return row.state, row.report
        with database.write() as connection:  # unless it has ended in this moment
            columns = select(self.table.c.state, self.table.c.report)
            now = connection.execute(columns.where(self.table.c.id == row.id)).one()
            if now.state in ACTIVE:
                self.note(connection, row.id, state="failed", report={"error": self.lost}, finished_at=utc_now())
                return "failed", {"error": self.lost}
        return now.state, now.report

    def cancel(self, database: Database, id: int, state: str) -> None:
        """Call a run off. Raises Conflict where it has ended, or goes on in another process."""
        if state not in ACTIVE:
            raise Conflict(f"This {self.name} has ended: it is {state}.")
        job = self.job(database, id)
        if job is None:
            raise Conflict(f"This {self.name} runs in another process, and can be called off there alone.")
        job.canceled.set()
