"""Ollama through its own client. The client is imported when a server first answers, not before."""

import asyncio
import importlib
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.chatbot.models import Message, Piece, State
from app.chatbot.models.serving import BOUNDS, BUSY, DEFAULT_CONTEXT, Server, named, none_of, passes, reason_of, said
from app.shared.outgoing import Bounds

if TYPE_CHECKING:
    from ollama import AsyncClient, ShowResponse


KEEP_ALIVE = "15m"  # the model stays in memory so long after a question: a team's day has pauses, a night frees it


@dataclass(frozen=True, slots=True)
class _Known:
    context: int  # tokens
    thinks: bool


class OllamaServer(Server):
    """One context size per model, as a change of it reloads the model."""

    _client: "AsyncClient | None" = None
    _thinks = False

    def __init__(self, url: str, model: str, *, first_token: float, idle: float, rest: float | None = None) -> None:
        super().__init__(url, model, first_token=first_token, idle=idle, rest=rest)
        self._known: dict[str, _Known | None] = {}  # per model; None where it can't chat

    async def _choose(self) -> State:
        self.names = await self.guarded(self._names)
        for name in named(self._wanted, self.names, self.preferred):
            if name not in self._known:
                self._known[name] = await self.guarded(self._look_up, name)
            if known := self._known[name]:
                self._thinks = known.thinks
                return State(name.removesuffix(":latest"), "", known.context)
        raise none_of(self._wanted)

    async def _names(self) -> list[str]:
        client = await self._connect()
        return [item.model for item in (await client.list()).models if item.model]

    async def _look_up(self, name: str) -> "_Known | None":
        client = await self._connect()
        shown = await client.show(name)
        thinks = "thinking" in (shown.capabilities or ())
        return _Known(context_size(shown), thinks) if can_chat(name, shown) else None

    async def _loaded(self) -> bool:
        client = await self._connect()
        running = (await client.ps()).models
        return any((item.model or "").removesuffix(":latest") == self.state.name for item in running)

    async def _open(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, max_tokens: int
    ) -> AsyncGenerator[Piece, None]:
        client = await self.guarded(self._connect)
        request = {
            "model": self.state.name,
            "messages": [{"role": item.role, "content": item.content} for item in messages],
            "format": dict(schema) if schema else None,
            "think": False if self._thinks else None,  # the answer is short; thoughts would eat its tokens
            "keep_alive": KEEP_ALIVE,
            "options": {"num_ctx": self.state.context, "num_predict": max_tokens, "temperature": 0},
        }
        async with aclosing(await self.guarded(lambda: client.chat(**request, stream=True))) as parts:
            async for part in parts:
                yield Piece(part.message.content or "", part.message.thinking or "", bool(part.done))

    async def _connect(self) -> "AsyncClient":
        if self._client is None:
            self._client = await self.connect()
        return self._client

    async def connect(self, bounds: Bounds = BOUNDS) -> "AsyncClient":
        """A client of its own, for the caller to close."""
        ollama = await asyncio.to_thread(importlib.import_module, "ollama")
        clients = importlib.import_module("app.shared.outgoing.clients")
        client: AsyncClient = ollama.AsyncClient(host=self._url, **clients.async_options(self._allowed, bounds))
        return client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call]  # the client's own method has no types
            self._client = None

    def _passes(self, error: Exception) -> bool:
        import ollama

        return error.status_code in BUSY if isinstance(error, ollama.ResponseError) else passes(error)

    def _reason_of(self, error: Exception) -> str:
        import ollama

        if isinstance(error, ollama.ResponseError):
            return said(str(error.error), error.status_code)
        return reason_of(error)


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
