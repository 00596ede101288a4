"""The WebSockets and streams that are open; each is closed soon after its credential stops being good."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar

from app.shared.contract import Principal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
C = TypeVar("C")

RECHECK_SECONDS = 2.0
CLOSE_SECONDS = 2.0
SLOW_SECONDS = 20.0  # for the client to take one message; who reads nothing holds no memory here for longer
POLICY_VIOLATION = 1008


class Gone(OSError):
    """Raised to a route that sends to a connection which has been closed over it; servers raise the same."""


class Connection:
    """One open WebSocket or stream, and on whose behalf it runs."""

    def __init__(self, kind: str, principal: Principal, receive: Receive, send: Send) -> None:
        self.kind = kind
        self.principal = principal
        self._receive = receive
        self._send = send
        self._closed = asyncio.Event()

    @property
    def is_closed(self) -> bool:
        return self._closed.is_set()

    async def receive(self) -> Message:
        """The next message, or a disconnect as soon as the connection is closed from here."""
        incoming = asyncio.ensure_future(self._receive())
        closing = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait({incoming, closing}, return_when=asyncio.FIRST_COMPLETED)
            return await incoming if incoming.done() and not self.is_closed else self._disconnect()
        finally:
            for task in (incoming, closing):
                task.cancel()

    def _disconnect(self) -> Message:
        if self.kind == "websocket":
            return {"type": "websocket.disconnect", "code": POLICY_VIOLATION, "reason": ""}
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self.is_closed:
            raise Gone("The credential of this connection is no longer good.")
        try:
            async with asyncio.timeout(SLOW_SECONDS):
                await self._send(message)
        except TimeoutError:
            self._closed.set()
            raise Gone("The client of this connection doesn't read.") from None

    async def close(self) -> None:
        """End it towards the client, and let the route know by `receive` and `send`."""
        self._closed.set()
        last: Message = {"type": "http.response.body", "body": b"", "more_body": False}
        if self.kind == "websocket":
            last = {"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "Sign in again."}
        with contextlib.suppress(Exception):  # it may have ended by itself meanwhile
            await asyncio.wait_for(self._send(last), CLOSE_SECONDS)


def same_rights(one: Principal, other: Principal | None) -> bool:
    return other is not None and all(
        getattr(one, name) == getattr(other, name) for name in ("user_id", "role", "scopes", "team_id")
    )


class Registry:
    """The open connections, checked again every two seconds while there are any."""

    def __init__(self, resolve: Callable[[C], Awaitable[Principal | None]]) -> None:
        self._resolve = resolve
        self._open: dict[Connection, C] = {}
        self._watch: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection, credentials: Any) -> None:
        self._open[connection] = credentials
        loop = asyncio.get_running_loop()
        if self._watch is None or self._watch.done() or self._watch.get_loop() is not loop:
            self._watch = loop.create_task(self._recheck_until_empty())

    def remove(self, connection: Connection) -> None:
        self._open.pop(connection, None)

    async def is_good(self, connection: Connection) -> bool:
        """Whether the credential still stands for the same rights. What can't be told now is told at the next check."""
        credentials = self._open.get(connection)
        if credentials is None:
            return False
        try:
            return same_rights(connection.principal, await self._resolve(credentials))
        except Exception:
            return True

    async def _recheck_until_empty(self) -> None:
        while self._open:
            await asyncio.sleep(RECHECK_SECONDS)
            for connection in list(self._open):
                if not await self.is_good(connection):
                    self._close(connection)

    def _close(self, connection: Connection) -> None:
        self.remove(connection)
        task = asyncio.ensure_future(connection.close())  # a client that reads nothing holds up none of the others
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
