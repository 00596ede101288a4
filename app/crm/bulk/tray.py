"""Bulk changes for the jobs tray: those of this process that run, or have just ended."""

from collections.abc import Sequence
from typing import Any

from app.crm.bulk import runs
from app.crm.objects import BUILT_IN
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import ParleyError
from app.shared.jobs import LINGER, Work
from app.shared.types import utc_now


class BulkJobs:
    """Implements `Jobs`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: dict[int, int | None] = {}  # runs that were told of as running, and whose they are

    def is_busy(self, principal: Principal) -> bool:
        return bool(self._mine(principal))

    def _mine(self, principal: Principal) -> list[int]:
        """Those that run, and those that were told of and may have ended since. No I/O."""
        self._told |= {job.id: job.principal.user_id for job in runs.running(self._database)}
        return sorted((id for id, owner in self._told.items() if owner == principal.user_id), reverse=True)

    def listing(self, principal: Principal) -> Sequence[Work]:
        found = []
        for id in self._mine(principal):
            try:
                work = _work(runs.read(self._database, principal, id))
            except ParleyError:
                self._told.pop(id, None)
                continue
            if work.finished_at is None or utc_now() - work.finished_at < LINGER:
                found.append(work)
            else:
                self._told.pop(id, None)
        return found

    def stop(self, principal: Principal, id: str) -> bool:
        kind, _, number = id.partition("-")
        if kind != "bulk" or not number.isdecimal():
            return False
        try:
            runs.cancel(self._database, principal, int(number))
        except ParleyError:
            return False
        return True


def _work(run: dict[str, Any]) -> Work:
    progress, report = run["progress"] or {}, run["report"] or {}
    return Work(
        id=f"bulk-{run['id']}",
        kind="bulk",
        title=BUILT_IN[run["object"]].label,
        state=run["state"],
        started_at=run["created_at"],
        done=int(progress.get("done", 0)),
        total=int(progress.get("total", 0)),
        finished_at=run["finished_at"],
        url=f"/bulk/{run['id']}",
        error=report.get("error"),
    )
