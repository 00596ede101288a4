"""Request bodies, counted as they come."""

from app.shared.limits import TooLarge, body_limit
from app.shared.live import Message, Receive, Send
from app.shared.origin import Incoming


class Body:
    """A request's body, counted as it comes."""

    def __init__(self, incoming: Incoming, receive: Receive) -> None:
        self.limit = body_limit(incoming.method, incoming.path)
        self.refused: TooLarge | None = None
        self._announced = incoming.headers.get("content-length", "0")
        self._receive = receive
        self._read = 0

    def _error(self) -> TooLarge:
        return TooLarge(f"The body is larger than this route takes ({self.limit // 1024} KiB).")

    def check_announced(self) -> None:
        if self._announced.isdecimal() and int(self._announced) > self.limit:
            raise self._error()

    async def receive(self) -> Message:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > self.limit:
            self.refused = self._error()
            raise self.refused
        return message

    def guard(self, send: Send) -> Send:
        """Hold back what a route makes of the interruption: the refusal is sent instead."""

        async def guarded(message: Message) -> None:
            if not self.refused:
                await send(message)

        return guarded
