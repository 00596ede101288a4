"""The models that an Ollama server has: listed, fetched, loaded, unloaded, deleted. For admins, from the event loop."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from app.chatbot.models import ModelFailed
from app.chatbot.models.ollama import OllamaServer, can_chat, context_size
from app.shared.outgoing import Bounds

ASK_SECONDS = 5.0
LOAD_SECONDS = 300.0  # a large model from a slow disk
KEPT = "30m"  # how long a model that was loaded by hand stays in memory without use
PULL = Bounds(connect=1.0, read=120.0, total=24 * 3600.0, size=256_000_000, line=1_000_000)


@dataclass(frozen=True, slots=True)
class Model:
    """One installed model."""

    name: str
    size: int  # bytes on disk
    parameters: str  # as 8B
    quantization: str  # as Q4_K_M
    context: int  # tokens that Parley gives it; 0 where it can't chat
    longest: int  # tokens that it was made for; 0: not told
    chats: bool
    embeds: bool
    memory: int | None  # bytes that it takes now; None: not loaded


@dataclass(frozen=True, slots=True)
class _Traits:
    context: int
    longest: int
    chats: bool
    embeds: bool


class Shelf:
    """Raises ModelFailed, with the reason in plain words, from every method."""

    def __init__(self, server: OllamaServer) -> None:
        self._server = server
        self._traits: dict[str, _Traits] = {}  # by digest: a model that is fetched anew may have others

    async def models(self) -> list[Model]:
        """What is installed, the largest first."""
        async with self._asking(ASK_SECONDS) as client:
            listed = (await self._server.guarded(client.list)).models
            running = (await self._server.guarded(client.ps)).models
            memory = {item.model: int(item.size or 0) for item in running if item.model}
            found = [await self._model(client, item, memory) for item in listed if item.model]
        return sorted(found, key=lambda model: -model.size)

    async def _model(self, client: Any, item: Any, memory: dict[str, int]) -> Model:
        key = item.digest or item.model
        if key not in self._traits:
            self._traits[key] = _traits(item.model, await self._server.guarded(client.show, item.model))
        known, details = self._traits[key], item.details
        return Model(
            name=item.model.removesuffix(":latest"),
            size=int(item.size or 0),
            parameters=(details.parameter_size if details else "") or "",
            quantization=(details.quantization_level if details else "") or "",
            context=known.context if known.chats else 0,
            longest=known.longest,
            chats=known.chats,
            embeds=known.embeds,
            memory=memory.get(item.model),
        )

    async def load(self, name: str) -> None:
        """Bring a model into memory, with the context that it will be asked with: another one would reload it."""
        model = await self._find(name)
        async with self._asking(LOAD_SECONDS) as client:
            if model.chats:
                options = {"num_ctx": model.context}
                await self._server.guarded(lambda: client.generate(name, keep_alive=KEPT, options=options))
            else:
                await self._server.guarded(lambda: client.embed(name, input="", keep_alive=KEPT))

    async def unload(self, name: str) -> None:
        model = await self._find(name)
        async with self._asking(ASK_SECONDS) as client:
            if model.chats:
                await self._server.guarded(lambda: client.generate(name, keep_alive=0))
            else:
                await self._server.guarded(lambda: client.embed(name, input="", keep_alive=0))

    async def delete(self, name: str) -> None:
        """From the server's disk, for good."""
        async with self._asking(ASK_SECONDS) as client:
            await self._server.guarded(client.delete, name)

    async def _find(self, name: str) -> Model:
        for model in await self.models():
            if model.name == name.removesuffix(":latest"):
                return model
        raise ModelFailed("the model isn't there any more")

    @asynccontextmanager
    async def _asking(self, seconds: float) -> AsyncIterator[Any]:
        """A client for a few questions that take no longer than that."""
        client = await self._server.guarded(self._server.connect)
        try:
            async with asyncio.timeout(seconds):
                yield client
        except TimeoutError:
            raise ModelFailed(f"no answer in {seconds:g} seconds") from None
        finally:
            await client.close()

    async def pull(self, name: str) -> AsyncGenerator[tuple[str, int, int], None]:
        """Fetch a model: (step, bytes done, bytes of all that is known so far). Closing it stops the fetching."""
        client = await self._server.guarded(self._server.connect, PULL)
        layers: dict[str, tuple[int, int]] = {}
        last = ""
        try:
            steps = await self._server.guarded(lambda: client.pull(name, stream=True))
            async with aclosing(steps) as pieces:
                while (piece := await self._next(pieces)) is not None:
                    if piece.digest and piece.total:
                        layers[piece.digest] = (int(piece.completed or 0), int(piece.total))
                    done, total = (sum(one[place] for one in layers.values()) for place in (0, 1))
                    last = str(piece.status or "")
                    yield last, done, total
            if last != "success":
                raise ModelFailed("the connection broke before the end")
        finally:
            await client.close()

    async def _next(self, pieces: Any) -> Any:
        try:
            return await self._server.guarded(pieces.__anext__)
        except StopAsyncIteration:
            return None


def _traits(name: str, shown: Any) -> _Traits:
    lengths = [int(size) for key, size in (shown.modelinfo or {}).items() if key.endswith(".context_length")]
    chats = can_chat(name, shown)
    embeds = "embedding" in (shown.capabilities or ()) or not chats
    return _Traits(context_size(shown), max(lengths, default=0), chats, embeds)
