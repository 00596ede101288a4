"""Long work as every part that has some tells of it: what it is, how far it has come, how it ended, how to stop it.

An import, a bulk edit, a reindex, a model that is being fetched: each part keeps its own jobs, and gives them in this
one shape to whoever shows them. The host brings the parts together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from app.shared.contract import Principal

State = Literal["queued", "running", "done", "failed", "canceled"]
Kind = Literal["import", "check", "bulk", "reindex", "pull"]
ACTIVE = ("queued", "running")
LINGER = timedelta(minutes=2)  # how long a job is told of after its end


@dataclass(frozen=True, slots=True)
class Work:
    """One job at this moment."""

    id: str  # its kind and number, as import-12
    kind: Kind
    title: str
    state: State
    started_at: datetime
    what: str = ""  # the step that it is at
    done: int = 0
    total: int = 0  # 0: not known
    unit: Literal["", "bytes"] = ""
    finished_at: datetime | None = None
    url: str | None = None  # the page that tells more
    error: str | None = None

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE


class Jobs(Protocol):
    """The jobs of one part. Asked from the threads that make pages."""

    def is_busy(self, principal: Principal) -> bool:
        """Whether there is a job to tell this principal of, running or just ended. Asked for each page: no I/O."""
        ...

    def listing(self, principal: Principal) -> Sequence[Work]:
        """Those jobs, newest first."""
        ...

    def stop(self, principal: Principal, id: str) -> bool:
        """Call a job off. False where it is none of this part's, or has ended."""
        ...
