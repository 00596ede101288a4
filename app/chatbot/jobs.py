"""The assistant's long work for the jobs tray: a reindex and a model that is fetched. For admins."""

from collections.abc import Sequence

from app.chatbot.models.pulling import Pull
from app.chatbot.retrieval.reindex import Reindex
from app.shared.contract import Principal
from app.shared.jobs import LINGER, Work
from app.shared.types import utc_now


class ChatJobs:
    """Implements `Jobs`."""

    def __init__(self, reindex: Reindex, pull: Pull | None) -> None:
        self._parts: tuple[Reindex | Pull, ...] = (reindex, pull) if pull else (reindex,)

    def is_busy(self, principal: Principal) -> bool:
        return bool(self.listing(principal))

    def listing(self, principal: Principal) -> Sequence[Work]:
        if not principal.is_admin:
            return ()
        found = [part.work for part in self._parts if part.work and _is_news(part.work)]
        return sorted(found, key=lambda work: work.started_at, reverse=True)

    def stop(self, principal: Principal, id: str) -> bool:
        for part in self._parts:
            if principal.is_admin and part.work and part.work.id == id and part.work.is_active:
                part.stop()
                return True
        return False


def _is_news(work: Work) -> bool:
    return work.finished_at is None or utc_now() - work.finished_at < LINGER
