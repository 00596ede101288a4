"""What every model server has in common: probing, resting after a failure, time-outs, and an end to every stream."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any

from app.chatbot.models import Message, ModelFailed, Piece, State
from app.chatbot.models.thoughts import Thoughts
from app.shared.outgoing import Allowed, Bounds, light
from app.shared.types import utc_now

CONNECT_SECONDS = 1.0
PROBE_SECONDS = 5.0
PATIENCE = 2  # probes in a row that a busy server may be too slow for
AGAIN_SECONDS = 0.5  # before the one more try that a passing failure gets
REST_SECONDS = 20.0  # after a failure, until a probe may call the model well again, unless told otherwise
DEFAULT_CONTEXT = 4096  # tokens, where the server names none: a size that fits a small machine
BUSY = (429, 503)  # status codes of a server that has too much to do
LONGEST_ANSWER = 24_000  # characters of one answer; what goes beyond is a flood
LONGEST_LINE = 1_000_000  # bytes of a stream's line; an honest chunk has a few hundred
LONGEST_STREAM = 16_000_000  # bytes of one response
LONGEST_EXCHANGE = 3600.0  # seconds; what a slow machine needs for a long answer, and no more
BOUNDS = Bounds(CONNECT_SECONDS, LONGEST_EXCHANGE, LONGEST_EXCHANGE, LONGEST_STREAM, LONGEST_LINE)


class Server(ABC):
    """Implements `ModelServer` but for what a protocol does its own way."""

    def __init__(self, url: str, model: str, *, first_token: float, idle: float, rest: float | None = None) -> None:
        """`model`: "" takes the first that can chat. `first_token`, `idle` and `rest` (after a failure) are seconds."""
        self._url = url
        self._allowed = Allowed.only(url)
        self._wanted = model
        self._first_token = first_token
        self._idle = idle
        self._rest = rest
        self._rest_until = 0.0
        self._slow = 0
        self.preferred = ""  # chosen in settings; the wanted one, of the environment, goes before it
        self.names: list[str] = []  # what the server had at the last probe
        self.latency: float | None = None  # seconds that the last probe took; None while nobody answers
        self.probed_at: datetime | None = None
        self.state = State(None, "The model server has not been asked yet.")

    # --- the protocol's own ---

    @abstractmethod
    async def _choose(self) -> State:
        """The model in use. Raises ModelFailed where the server has none that will do."""

    @abstractmethod
    async def _loaded(self) -> bool: ...

    @abstractmethod
    def _open(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, max_tokens: int
    ) -> AsyncGenerator[Piece, None]:
        """The chunks of an answer, the last one `done`; closing it closes the HTTP stream."""

    @abstractmethod
    def _reason_of(self, error: Exception) -> str:
        """Any failure of the client in plain words, without its addresses and advice."""

    def _passes(self, error: Exception) -> bool:
        """Whether it may be gone in a moment."""
        return passes(error)

    @abstractmethod
    async def close(self) -> None: ...

    # --- what the server has ---

    async def probe(self) -> State:
        if time.monotonic() < self._rest_until:
            return self.state
        begun, self.latency, self.probed_at = time.monotonic(), None, utc_now()
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await light.knock(self._url, CONNECT_SECONDS)  # where nobody listens, the client's import is saved
                self.state = await self._choose()
                self.latency = time.monotonic() - begun
        except ModelFailed as failure:
            self.state = State(None, f"The model server at {self._url} can't be used: {failure.reason}.")
        except TimeoutError:
            self._slow += 1
            if self.state.name is None or self._slow > PATIENCE:
                self.state = State(None, f"The model server at {self._url} is too slow to say what it has.")
            return self.state
        except OSError:
            self.state = State(None, f"No model server answers at {self._url}.")
        self._slow = 0
        return self.state

    def failed(self, reason: str) -> None:
        self._rest_until = time.monotonic() + (REST_SECONDS if self._rest is None else self._rest)
        self.state = State(None, f"The model failed a moment ago: {reason}.")

    async def is_loaded(self) -> bool:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return bool(await self.guarded(self._loaded))
        except TimeoutError:  # too busy to say: its first word has a time-out of its own
            return True

    # --- asking ---

    async def stream(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None, max_tokens: int = 400
    ) -> AsyncGenerator[Piece, None]:
        """The chunks up to the end mark; whatever goes wrong on the way is a ModelFailed.

        A passing failure before the first chunk (busy, a connection that broke) is tried once more.
        """
        for last in (False, True):
            begun = False
            try:
                async with aclosing(self._once(messages, schema, max_tokens)) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                return
            except ModelFailed as failure:
                if begun or last or not failure.passing:
                    raise
                await asyncio.sleep(AGAIN_SECONDS)

    async def _once(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, max_tokens: int
    ) -> AsyncGenerator[Piece, None]:
        if self.state.name is None:
            raise ModelFailed("it is away")
        begun, spent = False, 0  # whether anything came; characters, and one for each empty chunk
        thoughts = Thoughts()
        async with aclosing(self._open(messages, schema, max_tokens)) as chunks:
            while True:
                piece = thoughts.split(await self._next(chunks, first=not begun))
                begun = begun or bool(piece.text or piece.thoughts)
                spent += 1 + len(piece.text) + len(piece.thoughts)
                if spent > LONGEST_ANSWER:
                    raise ModelFailed("it wrote without end")
                if piece.text or piece.thoughts:
                    yield piece
                if piece.done:
                    return

    async def _next(self, pieces: AsyncGenerator[Piece, None], *, first: bool) -> Piece:
        seconds = self._first_token if first else self._idle
        try:
            async with asyncio.timeout(seconds):
                piece: Piece = await self.guarded(pieces.__anext__)
                return piece
        except StopAsyncIteration:
            raise ModelFailed("its answer broke off before the end") from None
        except TimeoutError:
            said = "no first word" if first else "not a word"
            raise ModelFailed(f"{said} in {seconds:g} seconds") from None

    async def guarded(self, call: Callable[..., Any], *args: Any) -> Any:
        """Run a call of the client; its many kinds of failure become ModelFailed with a plain reason."""
        try:
            return await call(*args)
        except (ModelFailed, StopAsyncIteration, TimeoutError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise ModelFailed(self._reason_of(error), passing=self._passes(error)) from error


def named(wanted: str, names: Sequence[str], preferred: str = "") -> list[str]:
    """The models to try: the wanted one alone; else all in the server's order, the preferred one before them."""
    if wanted:
        return _called(wanted, names)
    first = _called(preferred, names)
    return [*first, *(name for name in names if name not in first)]


def _called(name: str, names: Sequence[str]) -> list[str]:
    return [one for one in names if name and one in (name, f"{name}:latest")]


def none_of(wanted: str) -> ModelFailed:
    return ModelFailed(f"it has no model {wanted!r}" if wanted else "it has no model that can chat")


def said(text: str, status: int) -> str:
    """What a server's own refusal means."""
    plain = " ".join(text.split())[:200].rstrip(".")
    known = {404: "the model isn't there any more", **dict.fromkeys(BUSY, "it is busy")}
    return known.get(status) or (f"it reported “{plain}”" if plain else f"status {status}")


def passes(error: Exception) -> bool:
    """Whether a failure of the connection may be gone in a moment."""
    from app.shared.outgoing import clients

    return isinstance(error, (*clients.CannotConnect, ConnectionError))


def reason_of(error: Exception) -> str:
    """A failure of the connection, or of what came over it, in plain words."""
    from app.shared.outgoing import clients

    if isinstance(error, (*clients.CannotConnect, ConnectionError)):
        return "it can't be reached"
    if isinstance(error, clients.Failure):
        return "the connection broke"
    if isinstance(error, ValueError | TypeError | AttributeError | LookupError):
        return "it sent something unreadable"
    return f"an unexpected fault ({type(error).__name__})"
