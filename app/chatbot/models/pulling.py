"""Fetching a model as a job: it goes on when its page is left, tells how far it is, and can be called off."""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace

from app.chatbot.models import ModelFailed
from app.chatbot.models.shelf import Shelf
from app.shared.errors import Conflict
from app.shared.jobs import Work
from app.shared.types import utc_now

PAGE = "/settings/assistant"
log = logging.getLogger(__name__)


class Pull:
    """The one model that may be fetched at a time."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._number = 0
        self.work: Work | None = None

    def start(self, name: str) -> Work:
        """Begin, on this event loop. Raises Conflict where one is being fetched already."""
        if self.work and self.work.is_active:
            raise Conflict(f"{self.work.title} is being fetched. Wait for it, or stop it.")
        self._number += 1
        self.work = Work(f"pull-{self._number}", "pull", name, "running", utc_now(), unit="bytes", url=PAGE)
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run(name), name=f"parley-pull-{self._number}")
        return self.work

    async def _run(self, name: str) -> None:
        try:
            async with aclosing(self._shelf.pull(name)) as steps:
                async for what, done, total in steps:
                    self._tell(what=what, done=done, total=total)
            self._tell(state="done", finished_at=utc_now())
        except asyncio.CancelledError:
            self._tell(state="canceled", finished_at=utc_now())
        except ModelFailed as failure:
            self._tell(state="failed", error=f"{name} could not be fetched: {failure.reason}.", finished_at=utc_now())
        except Exception:
            log.exception("Fetching a model failed")
            self._tell(state="failed", error="Something went wrong. It was written to the log.", finished_at=utc_now())

    def _tell(self, **news: object) -> None:
        assert self.work
        self.work = replace(self.work, **news)  # type: ignore[arg-type]  # fields of Work

    def stop(self) -> None:
        """Call it off; from any thread. What the server has fetched it keeps, and goes on from there another time."""
        if self._task and self._loop and self.work and self.work.is_active:
            self._loop.call_soon_threadsafe(self._task.cancel)

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
