"""The queue for the model: so many at once, the others wait their turn and are told so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from app.chatbot.models import ModelSkipped

if TYPE_CHECKING:
    from app.chatbot.turns import Turn

AT_ONCE = 2
LONGEST = 20  # waiting; beyond that a question goes without the model's words


class Line:
    """Time spent here doesn't count against the model's own time-outs."""

    def __init__(self, at_once: int = AT_ONCE, longest: int = LONGEST) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._longest = longest
        self._waiting = 0

    @asynccontextmanager
    async def place(self, turn: "Turn") -> AsyncIterator[None]:
        """Hold one of the model's places. Raises ModelSkipped where the queue is full."""
        if self._waiting >= self._longest:
            raise ModelSkipped("too many questions wait for it")
        self._waiting += 1
        try:
            if self._free.locked():
                await self._announce(turn, self._waiting)
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

    async def _announce(self, turn: "Turn", before: int) -> None:
        questions = "another question" if before == 1 else f"{before} other questions"
        await turn.status("waiting", f"The model is busy with {questions} …")
