"""Any server that speaks OpenAI's chat protocol: llama.cpp, vLLM, LM Studio, hosted models.

https://platform.openai.com/docs/api-reference/chat: `GET /models`, and `POST /chat/completions` answered as
server-sent events. Only what every such server has is used; what some add (a context size) is read where it is there.
"""

import asyncio
import importlib
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from app.chatbot.models import Message, ModelFailed, Piece, State
from app.chatbot.models.serving import BOUNDS, BUSY, DEFAULT_CONTEXT, Server, named, none_of, reason_of, said

if TYPE_CHECKING:
    from app.shared.outgoing.clients import AsyncClient, Response

_NOT_FOR_CHAT = ("embed", "whisper", "tts", "rerank", "moderation", "dall-e")
_DONE = "[DONE]"


class OpenAIServer(Server):
    """One model of a server, chosen by name or the first that can chat."""

    _client: "AsyncClient | None" = None
    _formats = True  # whether the server takes a JSON schema; told by its first refusal

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str = "",
        context: int = 0,
        first_token: float,
        idle: float,
        rest: float | None = None,
    ) -> None:
        """`url` ends with the version, as `http://127.0.0.1:8080/v1`. `context`: tokens; 0: what the server says."""
        super().__init__(url.rstrip("/"), model, first_token=first_token, idle=idle, rest=rest)
        self._key = key
        self._context = context

    async def _choose(self) -> State:
        models = await self.guarded(self._models)
        self.names = list(models)
        for name in named(self._wanted, self.names, self.preferred):
            if self._wanted or name == self.preferred or not any(word in name.lower() for word in _NOT_FOR_CHAT):
                return State(name, "", self._context or models[name])
        raise none_of(self._wanted)

    async def _models(self) -> dict[str, int]:
        """The server's models, each with its tokens of context."""
        client = await self._connect()
        response = await client.get("/models")
        await _checked(response)
        return {str(item["id"]): _context(item) for item in response.json()["data"]}

    async def _loaded(self) -> bool:
        return True  # these servers keep their model in memory, and have no way to say otherwise

    async def _open(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None, max_tokens: int
    ) -> AsyncGenerator[Piece, None]:
        client = await self.guarded(self._connect)
        request = {
            "model": self.state.name,
            "messages": [{"role": item.role, "content": item.content} for item in messages],
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
        } | self._format(schema)
        try:
            async with aclosing(self._pieces(client, request)) as pieces:
                async for piece in pieces:
                    yield piece
        except _NoFormat:
            self._formats = False
            request |= self._format(schema)
            async with aclosing(self._pieces(client, request)) as pieces:
                async for piece in pieces:
                    yield piece

    def _format(self, schema: Mapping[str, Any] | None) -> dict[str, Any]:
        """How JSON is asked for: by the schema; by the word alone where the server takes no schema."""
        if schema is None:
            return {}
        if not self._formats:
            return {"response_format": {"type": "json_object"}}
        named = {"name": "answer", "strict": True, "schema": dict(schema)}
        return {"response_format": {"type": "json_schema", "json_schema": named}}

    async def _pieces(self, client: "AsyncClient", request: dict[str, Any]) -> AsyncGenerator[Piece, None]:
        async with client.stream("POST", "/chat/completions", json=request) as response:
            if response.status_code == 400 and self._formats and "response_format" in request:
                raise _NoFormat
            await _checked(response)
            async for line in response.aiter_lines():
                if line.startswith("data:"):
                    piece = _piece(line.removeprefix("data:").strip())
                    yield piece
                    if piece.done:
                        return

    async def _connect(self) -> "AsyncClient":
        if self._client is None:
            clients = await asyncio.to_thread(importlib.import_module, "app.shared.outgoing.clients")
            headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
            self._client = clients.async_client(self._allowed, BOUNDS, base_url=self._url, headers=headers)
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _reason_of(self, error: Exception) -> str:
        return reason_of(error)


class _NoFormat(Exception):
    """The server refused a request that asked for a JSON schema."""


async def _checked(response: "Response") -> None:
    """Raises ModelFailed for a refusal, in the server's own words."""
    if response.status_code == 401:
        raise ModelFailed("it doesn't take the key")
    if response.status_code >= 400:
        await response.aread()
        raise ModelFailed(said(_complaint(response), response.status_code), passing=response.status_code in BUSY)


def _complaint(response: "Response") -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    error = body.get("error", body) if isinstance(body, dict) else body
    return str(error.get("message", "")) if isinstance(error, dict) else str(error)


def _piece(data: str) -> Piece:
    """One event of the stream. Raises ValueError, LookupError or TypeError for what isn't one."""
    if data == _DONE:
        return Piece(done=True)
    body = json.loads(data)
    if "error" in body:
        error = body["error"]
        raise ModelFailed(said(str(error.get("message", "") if isinstance(error, dict) else error), 500))
    if not body["choices"]:  # some servers end with their usage alone
        return Piece()
    choice = body["choices"][0]
    delta = choice.get("delta") or {}
    thoughts = delta.get("reasoning_content") or delta.get("reasoning") or ""
    return Piece(delta.get("content") or "", thoughts, choice.get("finish_reason") is not None)


def _context(item: Mapping[str, Any]) -> int:
    """Tokens that a model may take: vLLM says `max_model_len`, llama.cpp `meta.n_ctx` or what it was trained on."""
    meta = item.get("meta") or {}
    found = item.get("max_model_len") or meta.get("n_ctx") or meta.get("n_ctx_train") or DEFAULT_CONTEXT
    return max(1024, min(int(found), 32_768))
