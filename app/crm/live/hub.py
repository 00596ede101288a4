"""The hub: follows the journal while anybody listens, and gives each listener what it may see.

It wakes on this process's own commits and looks once a second for those of other processes.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.crm import changes
from app.crm.live import news
from app.crm.notifications import inbox
from app.shared.contract import Principal
from app.shared.db import Database

POLL_SECONDS = 1.0  # for commits of other processes
GATHER_SECONDS = 0.03  # commits that come close together are told together
MOST_LINES = 500  # told one by one; beyond that (an import) readers are told to look again
QUEUE = 100  # messages that wait for one slow reader before it is dropped

_log = logging.getLogger(__name__)
_RESET: dict[str, Any] = {"type": "reset"}


@dataclass(eq=False, slots=True)
class Listener:
    """One open page. `dropped` is set where it reads too slowly."""

    principal: Principal
    queue: "asyncio.Queue[dict[str, Any]]" = field(default_factory=lambda: asyncio.Queue(QUEUE))
    dropped: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def rights(self) -> tuple[Any, ...]:
        """Listeners of the same rights see the same."""
        one = self.principal
        return one.user_id, one.role, one.team_id, one.scopes

    def put(self, message: dict[str, Any]) -> None:
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.dropped.set()


class Hub:
    """Asked from the event loop only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[Listener] = set()
        self._position = 0
        self._noted = 0  # the newest notification that was told of
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._starting = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._listeners)

    async def join(self, principal: Principal, after: int | None = None) -> Listener:
        """Listen from now on, or from a position that a page has seen; what it missed waits in its queue.

        The first message says `hello` with the position.
        """
        await self._start()
        listener = Listener(principal)
        listener.put({"type": "hello", "seq": self._position})
        self._listeners.add(listener)
        if after is not None and after < self._position:
            await self._catch_up(listener, after)
        return listener

    async def _start(self) -> None:
        """One follower, though all pages come at once: as they do when the server is back."""
        async with self._starting:
            if self._task is None:
                self._position, self._noted = await asyncio.to_thread(self._ends)
                self._task = asyncio.create_task(self._follow(), name="parley-live")

    async def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        if not self._listeners:
            await self.stop()

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    # --- following ---

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()

        def wake(_change_set: int) -> None:
            loop.call_soon_threadsafe(self._woken.set)

        end = changes.subscribe(wake)
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)
                    await asyncio.sleep(GATHER_SECONDS)
                self._woken.clear()
                await self._step()
        finally:
            end()

    async def _step(self) -> None:
        try:
            lines, noted, users = await asyncio.to_thread(self._look)
            self._noted = noted
            for listener in [one for one in self._listeners if one.principal.user_id in users]:
                listener.put({"type": "notified"})
            if not lines:
                return
            if len(lines) > MOST_LINES:
                self._position = await asyncio.to_thread(self._end)
                self._tell(list(self._listeners), _RESET | {"seq": self._position})
            else:
                await self._spread_from(self._position, lines)
        except Exception:  # a database that is away for a moment must not end everybody's live pages
            _log.exception("Changes could not be told to open pages; they are told at the next look")

    async def _spread_from(self, before: int, lines: Sequence[news.Line]) -> None:
        """Move on first: a page that joins meanwhile is told these lines as what it has missed, by its own look."""
        self._position = lines[-1].seq
        try:
            await self._spread(lines)
        except Exception:
            self._position = before
            raise

    async def _spread(self, lines: Sequence[news.Line]) -> None:
        groups: dict[tuple[Any, ...], list[Listener]] = defaultdict(list)
        for listener in self._listeners:
            groups[listener.rights].append(listener)
        seen = await asyncio.to_thread(self._told, [group[0].principal for group in groups.values()], lines)
        for group, found in zip(groups.values(), seen, strict=True):
            if found:
                self._tell(group, _message(found, lines[-1].seq))

    async def _catch_up(self, listener: Listener, after: int) -> None:
        lines = await asyncio.to_thread(self._read, after)
        if len(lines) > MOST_LINES:
            listener.put(_RESET | {"seq": self._position})
            return
        (found,) = await asyncio.to_thread(self._told, [listener.principal], lines)
        if found:
            listener.put(_message(found, self._position))

    def _tell(self, listeners: Sequence[Listener], message: dict[str, Any]) -> None:
        for listener in listeners:
            listener.put(message)

    # --- reading, in a thread ---

    def _ends(self) -> tuple[int, int]:
        with self._database.read() as connection:
            return changes.journal_end(connection), inbox.newest(connection)

    def _look(self) -> tuple[list[news.Line], int, set[int]]:
        """What is new in the journal, and for whom there are new notifications."""
        with self._database.read() as connection:
            lines = news.read(connection, self._position, MOST_LINES + 1)
            return lines, *inbox.since(connection, self._noted)

    def _end(self) -> int:
        with self._database.read() as connection:
            return changes.journal_end(connection)

    def _read(self, after: int) -> list[news.Line]:
        with self._database.read() as connection:
            return news.read(connection, after, MOST_LINES + 1)

    def _told(self, principals: Sequence[Principal], lines: Sequence[news.Line]) -> list[list[dict[str, Any]]]:
        with self._database.read() as connection:
            return [news.told(connection, principal, lines) for principal in principals]


def _message(found: list[dict[str, Any]], seq: int) -> dict[str, Any]:
    return {"type": "changed", "seq": seq, "changes": found}
