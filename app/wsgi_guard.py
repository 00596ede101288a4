"""A guard around a2wsgi 1.10.10, which serves the Flask half.

a2wsgi builds the environment and runs the view on a thread with this request's context; the guard does the rest on the
event loop. The whole body has arrived before a thread is taken, and the whole response is made before its first byte is
sent, so a thread is held for exactly as long as Flask works: no slow or vanished client can hold one.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from threading import Event
from typing import IO, Any
from urllib.parse import quote_from_bytes

from a2wsgi.wsgi import WSGIMiddleware
from starlette.types import Message, Receive, Scope, Send

from app.problems import Headers, send_problem
from app.shared.access import classify
from app.shared.errors import ParleyError, Unavailable
from app.shared.limits import TooLarge, body_limit

IN_MEMORY = 1024 * 1024  # bytes of a body that are kept in memory; a larger one waits in an unnamed file
LARGEST_RESPONSE = 64 * 1024 * 1024  # bytes; what is larger belongs on the ASGI side, as a stream
WAIT_SECONDS = 10.0  # for a free thread
BODY_SECONDS = 60.0  # for the next piece of a body
_UNSAFE_QUERY = "!$&'()*+,;=:@/?%~[]|^`{}\"<>\\#"  # left as it came; only bytes beyond ASCII are quoted

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]


class Gone(Exception):
    """The client has left, or the server is ending; nobody waits for the answer."""


class TooSlow(ParleyError):
    status = 408
    title = "Too slow"


@dataclass(slots=True, eq=False)
class Exchange:
    """One request and its answer, as they pass between the event loop and the thread."""

    body: IO[bytes]
    watch: Callable[[], None]  # called on the thread once the answer comes in pieces
    status: int = 500
    headers: Headers = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    gone: Event = field(default_factory=Event)

    def start_response(self, status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> StartResponse:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return self.add

    def add(self, chunk: bytes) -> None:
        if len(self.chunks) == 1:
            self.watch()
        if self.gone.is_set():
            raise Gone
        self.chunks.append(chunk)
        self.size += len(chunk)
        if self.size > LARGEST_RESPONSE:
            raise RuntimeError(f"a response of more than {LARGEST_RESPONSE} bytes; stream it on the ASGI side")


class WsgiGuard:
    """An ASGI app around a WSGI one. At most `threads` requests are worked on at once; others wait `wait` seconds."""

    def __init__(self, app: WsgiApp, threads: int | None = None, wait: float = WAIT_SECONDS) -> None:
        self.threads = threads or max(4, 2 * (os.cpu_count() or 2))
        self.wait = wait
        self.refused = 0
        self._app = app
        self._slots = asyncio.Semaphore(self.threads)
        self._hashing = asyncio.Semaphore(max(1, self.threads // 4))
        self._active: set[Exchange] = set()
        self._adapter = WSGIMiddleware(self._run, workers=self.threads)  # type: ignore[arg-type]  # its own Environ

    @property
    def busy(self) -> int:
        """How many threads work at this moment."""
        return len(self._active)

    def close(self) -> None:
        """Take no more work, and tell what still runs that nobody waits for it."""
        for exchange in list(self._active):
            exchange.gone.set()
        self._adapter.executor.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        try:
            await self._answer(scope, receive, send)
        except Unavailable as error:
            await send_problem(scope, send, error, [(b"retry-after", b"2")])
        except ParleyError as error:
            await send_problem(scope, send, error, [(b"connection", b"close")])
        except Gone:
            return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        with SpooledTemporaryFile(max_size=IN_MEMORY) as body:
            size = await _read_body(scope, receive, body)
            async with self._turn(scope):
                exchange = await self._work(_clean(scope, size), receive, body)
        await send({"type": "http.response.start", "status": exchange.status, "headers": exchange.headers})
        await send({"type": "http.response.body", "body": b"".join(exchange.chunks)})

    async def _work(self, scope: Scope, receive: Receive, body: IO[bytes]) -> Exchange:
        loop = asyncio.get_running_loop()
        watchers: list[asyncio.Task[None]] = []

        def watch() -> None:
            loop.call_soon_threadsafe(lambda: watchers.append(loop.create_task(_watch(receive, exchange.gone))))

        scope["parley.exchange"] = exchange = Exchange(body, watch)
        await self._slot()
        self._active.add(exchange)
        task = loop.create_task(self._adapter(scope, receive, _discard))  # type: ignore[arg-type]
        task.add_done_callback(lambda _: self._release(exchange, watchers))
        try:
            await asyncio.shield(task)  # a thread can't be cancelled: its slot stays taken until it ends
        except asyncio.CancelledError:
            exchange.gone.set()
            raise
        return exchange

    @asynccontextmanager
    async def _turn(self, scope: Scope) -> AsyncIterator[None]:
        """Forms that hash a password wait here, without a thread: twenty sign-ins at once must not stop every page."""
        if scope["method"] != "POST" or classify(scope["path"]) != "entrance":
            yield
            return
        try:
            async with asyncio.timeout(3 * self.wait):
                await self._hashing.acquire()
        except TimeoutError:
            self.refused += 1
            raise Unavailable("Many people sign in at this moment. Try again in a few seconds.") from None
        try:
            yield
        finally:
            self._hashing.release()

    async def _slot(self) -> None:
        try:
            async with asyncio.timeout(self.wait):
                await self._slots.acquire()
        except TimeoutError:
            self.refused += 1
            raise Unavailable("Everything is busy at this moment. Try again in a few seconds.") from None

    def _release(self, exchange: Exchange, watchers: list[asyncio.Task[None]]) -> None:
        self._active.discard(exchange)
        self._slots.release()
        for watcher in watchers:
            watcher.cancel()

    def _run(self, environ: Environ, _start_response: StartResponse) -> list[bytes]:
        """On the thread. The answer goes into the exchange; a2wsgi itself is given an empty one."""
        exchange: Exchange = environ["asgi.scope"]["parley.exchange"]
        environ["SCRIPT_NAME"] = environ["asgi.scope"]["root_path"]  # not the one of the process's environment
        environ["wsgi.input"] = exchange.body
        environ["wsgi.errors"] = sys.stderr
        iterable = self._app(environ, exchange.start_response)
        try:
            for chunk in iterable:
                exchange.add(chunk)
        finally:
            getattr(iterable, "close", lambda: None)()
        return []


async def _discard(_message: Message) -> None:
    """a2wsgi's own answer, which is empty."""


async def _watch(receive: Receive, gone: Event) -> None:
    with suppress(asyncio.CancelledError):
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()


async def _read_body(scope: Scope, receive: Receive, body: IO[bytes]) -> int:
    """Take the whole body in; gives its size in bytes. Raises TooLarge, TooSlow or Gone."""
    limit = body_limit(scope["method"], scope["path"])
    if _declared(scope) > limit:
        raise _too_large(limit)
    size, more = 0, True
    while more:
        message = await _next(receive)
        more = message.get("more_body", False)
        size += body.write(message.get("body", b""))
        if size > limit:
            raise _too_large(limit)
    body.seek(0)
    return size


async def _next(receive: Receive) -> Message:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
    except TimeoutError:
        raise TooSlow("The request's body didn't arrive in time.") from None
    if message["type"] == "http.disconnect":
        raise Gone
    return message


def _declared(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"This takes at most {limit // (1024 * 1024)} MB.")


def _clean(scope: Scope, size: int) -> Scope:
    """The scope as a2wsgi reads it right: see `tests/host/test_wsgi_guard.py` for what each line mends."""
    root = scope.get("root_path", "")
    if root and not (scope["path"] == root or scope["path"].startswith(root + "/")):
        root = ""
    query = quote_from_bytes(scope["query_string"], safe=_UNSAFE_QUERY).encode("ascii")
    return {**scope, "root_path": root, "query_string": query, "headers": _headers(scope["headers"], size)}


def _headers(headers: Iterable[tuple[bytes, bytes]], size: int) -> Headers:
    dropped = (b"content-length", b"transfer-encoding", b"cookie")
    kept = [(name, value) for name, value in headers if name not in dropped and b"_" not in name]
    cookies = [value for name, value in headers if name == b"cookie"]
    if cookies:
        kept.append((b"cookie", b"; ".join(cookies)))
    if size or any(name in dropped[:2] for name, _ in headers):
        kept.append((b"content-length", str(size).encode()))
    return kept
