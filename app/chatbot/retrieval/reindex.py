"""Building the index anew as a job: beside the one that serves, with progress, until it is done or called off."""

import threading
from dataclasses import replace
from typing import Any

from app.chatbot.retrieval.index import Index
from app.chatbot.retrieval.writer import Canceled
from app.shared.errors import Conflict
from app.shared.jobs import Work
from app.shared.types import utc_now

PAGE = "/settings/assistant"


class Reindex:
    """The one reindex that may run at a time."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._thread: threading.Thread | None = None
        self._cancel = threading.Event()
        self._number = 0
        self._embedded = 0
        self.work: Work | None = None

    def start(self) -> None:
        """Raises Conflict where one is running."""
        if self._thread and self._thread.is_alive():
            raise Conflict("A reindex is already running.")
        self._cancel.clear()
        self._number, self._embedded = self._number + 1, 0
        title = "Search index"
        self.work = Work(f"reindex-{self._number}", "reindex", title, "running", utc_now(), url=PAGE)
        self._thread = threading.Thread(target=self._run, name="reindex", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._cancel.set()

    def state(self) -> dict[str, Any]:
        """As JSON; `state` is "none" where there was none since the start."""
        work = self.work
        if work is None:
            return {"state": "none", "done": 0, "total": 0, "embedded": 0, "error": None}
        return {
            "state": work.state,
            "done": work.done,
            "total": work.total,
            "embedded": self._embedded,
            "error": work.error,
            "started_at": work.started_at.isoformat(),
        }

    def _progress(self, done: int, total: int) -> None:
        self._tell(done=done, total=total)

    def _tell(self, **news: Any) -> None:
        assert self.work
        self.work = replace(self.work, **news)

    def _run(self) -> None:
        try:
            self._embedded = self._index.reindex(self._progress, self._cancel.is_set)
            self._tell(state="done", finished_at=utc_now())
        except Canceled:
            self._tell(state="canceled", finished_at=utc_now())
        except Exception as error:
            self._tell(state="failed", error=str(error), finished_at=utc_now())
