"""Imports for the jobs tray: those of this process that run, or have just ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.crm.transfer import jobs
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import ParleyError
from app.shared.jobs import Work


class ImportJobs:
    """Implements `Jobs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_busy(self, principal: Principal) -> bool:
        return bool(jobs.news_of(self._database, principal))

    def listing(self, principal: Principal) -> Sequence[Work]:
        found = []
        for id in jobs.news_of(self._database, principal):
            try:
                found.append(_work(jobs.read(self._database, principal, id)))
            except ParleyError:  # its owner has lost the right to see it
                continue
        return found

    def stop(self, principal: Principal, id: str) -> bool:
        kind, _, number = id.partition("-")
        if kind != "import" or not number.isdecimal():
            return False
        try:
            jobs.cancel(self._database, principal, int(number))
        except ParleyError:
            return False
        return True


def _work(run: dict[str, Any]) -> Work:
    progress, report = run["progress"] or {}, run["report"] or {}
    started: datetime = run["created_at"]
    return Work(
        id=f"import-{run['id']}",
        kind="check" if run["options"]["dry_run"] else "import",
        title=run["file_name"],
        state=run["state"],
        started_at=started,
        what=str(progress.get("what", "")),
        done=int(progress.get("done", 0)),
        total=int(progress.get("total", 0)),
        finished_at=run["finished_at"],
        url=f"/import/{run['id']}",
        error=report.get("error"),
    )
