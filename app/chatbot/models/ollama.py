"""Ollama through its own client. The client is imported when a server first answers, not before."""

import asyncio
import importlib
import re
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.chatbot.models import Message, ModelFailed, State

if TYPE_CHECKING:
    from ollama import AsyncClient, ChatResponse, ShowResponse

CONNECT_SECONDS = 1.0
PROBE_SECONDS = 5.0
PATIENCE = 2  # probes in a row that a busy server may be too slow for
REST_SECONDS = 20.0  # after a failure, until a probe may call the model well again
DEFAULT_CONTEXT = 4096  # tokens, where the model's own file names none: a size that fits a small machine
LONGEST_ANSWER = 24_000  # characters of one answer; what goes beyond is a flood


@dataclass(frozen=True, slots=True)
class _Known:
    context: int  # tokens
    thinks: bool


class OllamaServer:
    """Implements `ModelServer`. One context size per model, as a change of it reloads the model."""

    def __init__(self, url: str, model: str, *, first_token: float, idle: float) -> None:
        """`model`: "" takes the first that can chat. `first_token` and `idle` are seconds."""
        self._url = url
        self._wanted = model
        self._first_token = first_token
        self._idle = idle
        self._client: AsyncClient | None = None
        self._rest_until = 0.0
        self._known: dict[str, _Known | None] = {}  # per model; None where it can't chat
        self._thinks = False
        self._slow = 0
        self.state = State(None, "The model server has not been asked yet.")

    # --- what the server has ---

    async def probe(self) -> State:
        if time.monotonic() < self._rest_until:
            return self.state
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await self._knock()
                self.state = await self._choose()
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
        self._rest_until = time.monotonic() + REST_SECONDS
        self.state = State(None, f"The model failed a moment ago: {reason}.")

    async def _knock(self) -> None:
        """Connect and hang up: where nobody listens, the client's import is saved."""
        parts = urlsplit(self._url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port)
        writer.close()

    async def _choose(self) -> State:
        names = await self._guarded(self._names)
        if self._wanted:
            names = [name for name in names if name in (self._wanted, f"{self._wanted}:latest")]
        for name in names:
            if name not in self._known:
                self._known[name] = await self._guarded(self._look_up, name)
            if known := self._known[name]:
                self._thinks = known.thinks
                return State(name.removesuffix(":latest"), "", known.context)
        missing = f"it has no model {self._wanted!r}" if self._wanted else "it has no model that can chat"
        raise ModelFailed(missing)

    async def _names(self) -> list[str]:
        client = await self._connect()
        return [item.model for item in (await client.list()).models if item.model]

    async def _look_up(self, name: str) -> "_Known | None":
        client = await self._connect()
        shown = await client.show(name)
        thinks = "thinking" in (shown.capabilities or ())
        return _Known(context_size(shown), thinks) if can_chat(name, shown) else None

    async def is_loaded(self) -> bool:
        async def loaded() -> bool:
            client = await self._connect()
            running = (await client.ps()).models
            return any((item.model or "").removesuffix(":latest") == self.state.name for item in running)

        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return bool(await self._guarded(loaded))
        except TimeoutError:  # too busy to say: its first word has a time-out of its own
            return True

    # --- asking ---

    async def stream(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None, max_tokens: int = 400
    ) -> AsyncGenerator[str, None]:
        state = self.state
        if state.name is None:
            raise ModelFailed("it is away")
        request = {
            "model": state.name,
            "messages": [{"role": item.role, "content": item.content} for item in messages],
            "format": dict(schema) if schema else None,
            "think": False if self._thinks else None,  # the answer is short; thoughts would eat its tokens
            "options": {"num_ctx": state.context, "num_predict": max_tokens, "temperature": 0},
        }
        async with aclosing(self._chunks(request)) as chunks:
            async for text in chunks:
                yield text

    async def _chunks(self, request: dict[str, Any]) -> AsyncGenerator[str, None]:
        """The texts of the chunks up to the end mark; whatever goes wrong on the way is a ModelFailed."""
        seen = spent = 0  # characters said; the same with thoughts, and one for each empty chunk
        async with aclosing(self._open(request)) as parts:
            while True:
                part = await self._next(parts, first=not seen)
                text = part.message.content or ""
                seen += len(text)
                spent += 1 + len(text) + len(part.message.thinking or "")
                if spent > LONGEST_ANSWER:
                    raise ModelFailed("it wrote without end")
                if text:
                    yield text
                if part.done:
                    return

    async def _open(self, request: dict[str, Any]) -> "AsyncGenerator[ChatResponse, None]":
        client = await self._guarded(self._connect)
        async with aclosing(await self._guarded(lambda: client.chat(**request, stream=True))) as parts:
            async for part in parts:
                yield part

    async def _next(self, parts: "AsyncGenerator[ChatResponse, None]", *, first: bool) -> "ChatResponse":
        seconds = self._first_token if first else self._idle
        try:
            async with asyncio.timeout(seconds):
                part: ChatResponse = await self._guarded(parts.__anext__)
                return part
        except StopAsyncIteration:
            raise ModelFailed("its answer broke off before the end") from None
        except TimeoutError:
            said = "no first word" if first else "not a word"
            raise ModelFailed(f"{said} in {seconds:g} seconds") from None

    # --- the client ---

    async def _connect(self) -> "AsyncClient":
        if self._client is None:
            ollama = await asyncio.to_thread(importlib.import_module, "ollama")
            wire = importlib.import_module("app.chatbot.models.wire")
            httpx = importlib.import_module("httpx")
            self._client = ollama.AsyncClient(
                host=self._url,
                timeout=httpx.Timeout(None, connect=CONNECT_SECONDS, write=PROBE_SECONDS, pool=PROBE_SECONDS),
                transport=wire.BoundedTransport(),
                follow_redirects=False,
                trust_env=False,
            )
        return self._client

    async def _guarded(self, call: Callable[..., Any], *args: Any) -> Any:
        """Run a call of the client; its many kinds of failure become ModelFailed with a plain reason."""
        try:
            return await call(*args)
        except (ModelFailed, StopAsyncIteration, TimeoutError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise ModelFailed(reason_of(error)) from error

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call]  # the client's own method has no types
            self._client = None


def reason_of(error: Exception) -> str:
    """Any failure of the client in plain words, without its addresses and advice."""
    import httpx
    import ollama
    from pydantic import ValidationError

    if isinstance(error, ollama.ResponseError):
        text = " ".join(str(error.error).split())[:200].rstrip(".")
        known = {404: "the model isn't there any more", 503: "it is busy"}
        return known.get(error.status_code) or (f"it reported “{text}”" if text else f"status {error.status_code}")
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | ConnectionError):
        return "it can't be reached"
    if isinstance(error, httpx.TransportError):
        return "the connection broke"
    if isinstance(error, ValueError | ValidationError | TypeError | AttributeError):
        return "it sent something unreadable"
    return f"an unexpected fault ({type(error).__name__})"


def can_chat(name: str, shown: "ShowResponse") -> bool:
    """Whether the model completes text, rather than only embedding it."""
    if shown.capabilities:
        return "completion" in shown.capabilities
    families = {str(shown.details.family)} if shown.details else set()
    return "embed" not in name.lower() and not families & {"bert", "nomic-bert", "xlmroberta"}


def context_size(shown: "ShowResponse") -> int:
    """Tokens of context to use: what the model's file says, else what a small machine bears and the model knows."""
    if named := re.search(r"^num_ctx\s+(\d+)", shown.parameters or "", re.MULTILINE):
        return max(1024, int(named[1]))
    known = [int(size) for key, size in (shown.modelinfo or {}).items() if key.endswith(".context_length")]
    return max(1024, min([DEFAULT_CONTEXT, *known]))
