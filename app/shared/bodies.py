"""Request bodies, counted as they come."""

from app.shared.errors import ParleyError
from app.shared.limits import TooLarge, body_limit
from app.shared.live import Message, Receive, Send
from app.shared.origin import Incoming


class Packed(ParleyError):
    """A small body can unpack into a very large one, so none is unpacked here."""

    status = 415
    title = "Unsupported media type"


class Body:
    """A request's body, counted as it comes."""

    def __init__(self, incoming: Incoming, receive: Receive) -> None:
        self.limit = body_limit(incoming.method, incoming.path)
        self.refused: TooLarge | None = None
        self._announced = incoming.headers.get("content-length", "0")
        self._encoding = incoming.headers.get("content-encoding", "").strip().lower()
        self._receive = receive
        self._read = 0

    def _error(self) -> TooLarge:
        return TooLarge(f"The body is larger than this route takes ({self.limit // 1024} KiB).")

    def check_announced(self) -> None:
        """Raises TooLarge or Packed by what the head says of the body."""
        if self._encoding not in ("", "identity"):
            raise Packed(f"The body is packed ({self._encoding[:40]}). Send it as it is, without Content-Encoding.")
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
