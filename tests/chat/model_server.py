"""A server that speaks Ollama's protocol over real sockets, and misbehaves as it is told."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Script = Callable[["FakeOllama", asyncio.StreamWriter], Any]


def chunk(text: str = "", **rest: Any) -> bytes:
    body = {"model": "tiny:latest", "created_at": "2026-01-01T00:00:00Z", "done": False} | rest
    return json.dumps(body | {"message": {"role": "assistant", "content": text}}).encode() + b"\n"


END = chunk(done=True, done_reason="stop", prompt_eval_count=10, eval_count=5)


@dataclass
class FakeOllama:
    """Answers `/api/tags`, `/api/show`, `/api/ps` as Ollama does; `/api/chat` streams what `say` yields."""

    words: list[str] = field(default_factory=lambda: ["Darcel ", "won ", "2 deals. ", "Well ", "done."])
    fault: str = (
        ""  # hang, hang_midway, drip, drop, no_done, error, bad_json, blank, bad_utf8, flood, long_line, busy, missing
    )
    pause: float = 0.0  # seconds between chunks
    thoughts: tuple[str, ...] = ()  # what comes before the words, in the protocol's own field
    busy_for: int = 0  # so many requests are refused with 503 first
    slow: float = 0.0  # seconds before it says what it has
    loaded: bool = True
    context: int = 2048  # tokens
    models: tuple[str, ...] = ("tiny:latest",)
    capabilities: tuple[str, ...] = ("completion",)
    requests: list[dict[str, Any]] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)  # whole answers to requests with a `format`, in order
    open_streams: int = 0
    layers: tuple[int, ...] = (400, 600)  # bytes of a model that is pulled, in ten steps each; () fails
    held: set[str] = field(default_factory=set)  # loaded by hand
    port: int = 0
    chat_path = "/api/chat"
    content_type = "application/x-ndjson"
    _server: asyncio.Server | None = None
    _tasks: set["asyncio.Task[Any]"] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> "FakeOllama":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    async def end(self) -> None:
        """Close as a killed process does: the listening socket and every connection."""
        if self._server is not None:
            self._server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        _method, path, _rest = head.split(" ", 2)
        length = next(
            (int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0
        )
        body = json.loads(await reader.readexactly(length)) if length else {}
        if path == self.chat_path:
            self.requests.append(body)
            return await self._chat(body, reader, writer)
        if path == "/api/pull":
            return await self._pull(str(body["model"]), reader, writer)
        await asyncio.sleep(self.slow)
        self._json(writer, *self._answer(path, body))
        await writer.drain()
        return True

    def _answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path == "/api/tags":
            details = {"parameter_size": "1.2B", "quantization_level": "Q4_K_M"}
            size = {"size": 1_500_000_000, "details": details}
            return 200, {"models": [{"model": name, "name": name, "digest": name, **size} for name in self.models]}
        if path == "/api/delete":
            self.models = tuple(name for name in self.models if name.removesuffix(":latest") != body["model"])
            return 200, {"status": "success"}
        if path == "/api/generate":
            (self.held.discard if body.get("keep_alive") == 0 else self.held.add)(body["model"])
            return 200, {"model": body["model"], "response": "", "done": True}
        if path == "/api/embed":
            texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
            return 200, {"model": body["model"], "embeddings": [_vector(text) for text in texts]}
        if path == "/api/show":
            return 200, {
                "parameters": f"num_ctx                        {self.context}",
                "details": {"family": "llama"},
                "model_info": {"general.architecture": "llama", "llama.context_length": 8192},
                "capabilities": list(self.capabilities),
            }
        if path == "/api/ps":
            held = [name for name in self.models if self.loaded or name.removesuffix(":latest") in self.held]
            return 200, {"models": [{"model": name, "name": name, "size": 2_000_000_000} for name in held]}
        return 404, {"error": "not found"}

    async def _pull(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Layer by layer, as Ollama tells it; with no layers it fails as one does that reaches no library."""
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n")
        steps: list[dict[str, Any]] = [{"status": "pulling manifest"}]
        for number, size in enumerate(self.layers):
            told = {"status": f"pulling {number}", "digest": f"sha256:{number}", "total": size}
            steps += [told | {"completed": size * tenth // 10} for tenth in range(11)]
        steps.append({"status": "success"} if self.layers else {"error": "pull model manifest: no route to host"})
        for step in steps:
            writer.write(json.dumps(step).encode() + b"\n")
            await writer.drain()
            await asyncio.sleep(self.pause)
        if self.layers:
            self.models = (*self.models, f"{name}:latest")
        return False

    def _json(self, writer: asyncio.StreamWriter, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        writer.write(head.encode() + data)

    async def _chat(self, body: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self.busy_for:
            self.busy_for -= 1
            self._json(writer, 503, {"error": "server busy"})
            return True
        if self.fault in ("busy", "missing"):
            status, text = {"busy": (503, "server busy"), "missing": (404, "model 'tiny' not found")}[self.fault]
            self._json(writer, status, {"error": text})
            return True
        self.open_streams += 1
        gone = asyncio.ensure_future(reader.read(1))  # ends where the client hangs up
        talk = asyncio.ensure_future(self._stream(body, writer))
        try:
            await asyncio.wait({gone, talk}, return_when=asyncio.FIRST_COMPLETED)
            if talk.done():
                talk.result()
        finally:
            self.open_streams -= 1
            for task in (gone, talk):
                task.cancel()
            await asyncio.gather(gone, talk, return_exceptions=True)
        return False

    # --- what the protocol has of its own ---

    def wants_json(self, body: dict[str, Any]) -> bool:
        return bool(body.get("format"))

    def framed(self, line: bytes) -> bytes:
        return line

    def piece(self, text: str) -> bytes:
        return chunk(text)

    def thought(self, text: str) -> bytes:
        body = {"model": "tiny:latest", "created_at": "2026-01-01T00:00:00Z", "done": False}
        return json.dumps(body | {"message": {"role": "assistant", "content": "", "thinking": text}}).encode() + b"\n"

    def end_mark(self) -> bytes:
        return END

    async def _stream(self, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        async def send(data: bytes) -> None:
            writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            await writer.drain()

        head = f"HTTP/1.1 200 OK\r\nContent-Type: {self.content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head.encode())
        await writer.drain()
        if self.fault == "hang":
            await asyncio.sleep(3600)
        for text in self.thoughts:
            await send(self.thought(text))
        words = [self.replies.pop(0)] if self.wants_json(body) and self.replies else self.words
        for number, word in enumerate(words):
            await send(self.piece(word))
            await asyncio.sleep(self.pause)
            if number == len(words) // 2:
                await self._misbehave(send)
        if self.fault == "drop":
            return
        if self.fault != "no_done":
            await send(self.end_mark())
        writer.write(b"0\r\n\r\n")
        await writer.drain()

    async def _misbehave(self, send: Callable[[bytes], Any]) -> None:
        if self.fault == "hang_midway":
            await asyncio.sleep(3600)
        if self.fault == "drip":  # a byte now and then: the connection lives, and no chunk is ever whole
            for byte in self.piece("never whole " * 1000):
                await send(bytes([byte]))
                await asyncio.sleep(0.05)
        if self.fault == "error":
            await send(self.framed(b'{"error":"llama runner process has terminated"}\n'))
        if self.fault == "bad_json":
            await send(self.framed(b'{"message": {"role": "assist\n'))
        if self.fault == "blank":
            await send(b"\n\n")
        if self.fault == "bad_utf8":
            await send(self.framed(b'{"message": {"content": "\xff\xfe"\n'))
        if self.fault == "flood":
            while True:
                await send(self.piece("on and on and on. " * 10))
        if self.fault == "long_line":
            while True:
                await send(b"x" * 65536)


def _vector(text: str) -> list[float]:
    """Three numbers by the letters of a text: enough to tell texts apart."""
    return [1.0 + text.count("a"), 1.0 + text.count("e"), 1.0 + len(text)]


@dataclass
class FakeOpenAI(FakeOllama):
    """The same over OpenAI's protocol: `/v1/models`, and `/v1/chat/completions` as server-sent events."""

    schemas: bool = True  # whether it takes a JSON schema
    chat_path = "/v1/chat/completions"
    content_type = "text/event-stream"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def _answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path == "/v1/models":
            return 200, {"object": "list", "data": [{"id": name, "meta": {"n_ctx": 2048}} for name in self.models]}
        return 404, {"error": {"message": "not found"}}

    async def _chat(self, body: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if not self.schemas and (body.get("response_format") or {}).get("type") == "json_schema":
            self._json(writer, 400, {"error": {"message": "json_schema is not supported"}})
            return True
        return await super()._chat(body, reader, writer)

    def wants_json(self, body: dict[str, Any]) -> bool:
        return bool(body.get("response_format"))

    def framed(self, line: bytes) -> bytes:
        return b"data: " + line + b"\n"

    def piece(self, text: str) -> bytes:
        delta = {"index": 0, "delta": {"content": text}, "finish_reason": None}
        return self.framed(json.dumps({"object": "chat.completion.chunk", "choices": [delta]}).encode() + b"\n")

    def thought(self, text: str) -> bytes:
        delta = {"index": 0, "delta": {"reasoning_content": text}, "finish_reason": None}
        return self.framed(json.dumps({"object": "chat.completion.chunk", "choices": [delta]}).encode() + b"\n")

    def end_mark(self) -> bytes:
        last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        return self.framed(json.dumps(last).encode() + b"\n") + self.framed(b"[DONE]\n")
