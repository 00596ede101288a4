"""Asks the model server in the background whether it is there, so that no page and no question ever waits for that."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from app.chatbot.models import ModelServer

PRESENT_SECONDS = 15.0
ABSENT_SECONDS = 5.0


class Watch:
    def __init__(
        self,
        server: ModelServer,
        rest: float = ABSENT_SECONDS,
        recall: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`rest`: seconds that a model rests after a failure; no longer than that it waits to be asked again.

        `recall` is awaited before each look: another process may have chosen another model.
        """
        self._rest = rest
        self._server = server
        self._recall = recall
        self._task: asyncio.Task[None] | None = None
        self._asked = asyncio.Event()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="parley-model-watch")

    async def _run(self) -> None:
        while True:
            if self._recall:
                await self._recall()
            state = await self._server.probe()
            self._asked.set()
            await asyncio.sleep(PRESENT_SECONDS if state.name else min(ABSENT_SECONDS, self._rest))

    async def first(self, seconds: float) -> None:
        """Wait for the first probe's end, but no longer than that."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._asked.wait()

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
