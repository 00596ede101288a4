"""Each fault of a2wsgi 1.10.10 that the guard mends: shown in the bare thing first, then gone in ours."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import pytest
from a2wsgi.wsgi import WSGIMiddleware

from app.wsgi_guard import WsgiGuard

Environ = dict[str, Any]
Message = dict[str, Any]
Asgi = Callable[..., Awaitable[None]]


def scope(path: str = "/", **changes: Any) -> Message:
    base = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "http_version": "1.1"}
    return {
        **base,
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    } | changes


class Client:
    """One exchange with an ASGI app: what is sent to it, piece by piece, and what it answered."""

    def __init__(self, *pieces: bytes, stalls: bool = False, leaves_after: int | None = None) -> None:
        self.incoming: list[Message] = [
            {"type": "http.request", "body": piece, "more_body": stalls or index < len(pieces) - 1}
            for index, piece in enumerate(pieces or (b"",))
        ]
        self.leaves_after = leaves_after  # this many messages of the answer
        self.gone = asyncio.Event()
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if self.incoming:
            return self.incoming.pop(0)
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if self.leaves_after is not None and len(self.sent) >= self.leaves_after:
            self.gone.set()
            raise OSError("the connection is broken")

    async def ask(self, app: Asgi, **changes: Any) -> "Client":
        await app(scope(**changes), self.receive, self.send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


def wsgi(view: Callable[[Environ], bytes]) -> Callable[[Environ, Any], Iterable[bytes]]:
    def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
        body = view(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body]

    return app


def both(
    view: Callable[[Environ], bytes], client: Callable[[], Client] = Client, **changes: Any
) -> tuple[bytes, bytes]:
    """What the bare adapter and the guarded one answer to the same request."""

    async def run() -> tuple[bytes, bytes]:
        bare = await client().ask(WSGIMiddleware(wsgi(view)), **changes)
        guarded = await client().ask(WsgiGuard(wsgi(view)), **changes)
        return bare.body, guarded.body

    return asyncio.run(run())


def echo(name: str) -> Callable[[Environ], bytes]:
    return lambda environ: str(environ.get(name, "-")).encode()


def posted(*pieces: bytes) -> Callable[[], Client]:
    return lambda: Client(*pieces)


CHUNKED = [(b"transfer-encoding", b"chunked"), (b"content-type", b"text/plain")]


def flask_view(environ: Environ) -> bytes:
    from werkzeug.wrappers import Request

    return Request(environ).get_data()


def test_a_chunked_body_arrives() -> None:
    bare, guarded = both(flask_view, posted(b"hello ", b"world"), method="POST", headers=CHUNKED)
    assert bare == b""
    assert guarded == b"hello world"


def test_lines_are_read_to_their_end_with_a_limit() -> None:
    def lines(environ: Environ) -> bytes:
        return environ["wsgi.input"].readline(100) + b"|" + environ["wsgi.input"].readline(100)

    bare, guarded = both(lines, posted(b"fir", b"st\nsecond\n"), method="POST", headers=[(b"content-length", b"13")])
    assert bare == b"|"
    assert guarded == b"first\n|second\n"


def test_two_cookie_headers_are_two_cookies() -> None:
    cookies = [(b"cookie", b"a=1"), (b"cookie", b"b=2")]
    bare, guarded = both(echo("HTTP_COOKIE"), headers=cookies)
    assert bare == b"a=1,b=2"
    assert guarded == b"a=1; b=2"


def test_a_header_with_an_underscore_passes_for_no_other() -> None:
    headers = [(b"x_forwarded_for", b"evil")]
    bare, guarded = both(echo("HTTP_X_FORWARDED_FOR"), headers=headers)
    assert bare == b"evil"
    assert guarded == b"-"


@pytest.mark.parametrize(("path", "rest"), [("/application", b"/application"), ("/app/x", b"/x"), ("/app", b"")])
def test_a_root_path_is_taken_off_at_a_boundary_alone(path: str, rest: bytes) -> None:
    bare, guarded = both(echo("PATH_INFO"), path=path, root_path="/app")
    assert guarded == rest
    assert path != "/application" or bare == b"lication"


def test_the_environment_s_script_name_is_not_taken_for_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIPT_NAME", "/elsewhere")
    bare, guarded = both(echo("SCRIPT_NAME"))
    assert bare == b"/elsewhere"
    assert guarded == b""


def test_a_query_beyond_ascii_is_quoted() -> None:
    async def run() -> None:
        with pytest.raises(UnicodeDecodeError):
            await Client().ask(WSGIMiddleware(wsgi(echo("QUERY_STRING"))), query_string=b"q=caf\xc3\xa9&x=%20")
        guarded = await Client().ask(WsgiGuard(wsgi(echo("QUERY_STRING"))), query_string=b"q=caf\xc3\xa9&x=%20")
        assert guarded.body == b"q=caf%C3%A9&x=%20"

    asyncio.run(run())


# --- threads ----------------------------------------------------------------------------------------------------------


async def _stalled_uploads(app: Asgi, count: int) -> list["asyncio.Task[Client]"]:
    headers = [(b"content-length", b"1000")]
    clients = [Client(b"a piece", stalls=True) for _ in range(count)]
    tasks = [asyncio.create_task(client.ask(app, method="POST", headers=headers)) for client in clients]
    await asyncio.sleep(0.1)
    return tasks


def test_stalled_uploads_hold_no_thread() -> None:
    async def answered(app: Asgi) -> bool:
        tasks = await _stalled_uploads(app, 4)
        page = asyncio.create_task(Client().ask(app))
        done, _ = await asyncio.wait({page}, timeout=0.5)
        for task in [*tasks, page]:
            task.cancel()
        await asyncio.gather(*tasks, page, return_exceptions=True)
        return bool(done)

    read = wsgi(lambda environ: environ["wsgi.input"].read())
    assert not asyncio.run(answered(WSGIMiddleware(read, workers=4)))
    assert asyncio.run(answered(WsgiGuard(read, threads=4)))


def test_a_reader_that_stalls_holds_no_thread() -> None:
    async def run() -> None:
        guard = WsgiGuard(wsgi(lambda _: b"x" * 1000), threads=1)
        stalled, written = asyncio.Event(), asyncio.Event()

        async def send_slowly(_message: Message) -> None:
            written.set()
            await stalled.wait()

        slow = asyncio.create_task(guard(scope(), Client().receive, send_slowly))
        await written.wait()
        assert guard.busy == 0
        assert (await asyncio.wait_for(Client().ask(guard), 1)).status == 200
        stalled.set()
        await slow

    asyncio.run(run())


def test_no_thread_is_lost_when_sending_fails() -> None:
    """In the bare adapter the queue of ten messages fills up after the sender has died; the thread waits for ever."""

    async def freed(make: Callable[[Any], Asgi]) -> bool:
        ended = threading.Event()

        def chunks(_environ: Environ, start_response: Any) -> Iterator[bytes]:
            start_response("200 OK", [])
            try:
                yield from [b"chunk"] * 50
            finally:
                ended.set()

        task = asyncio.create_task(Client(leaves_after=2).ask(make(chunks)))
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return ended.is_set()

    assert not asyncio.run(freed(lambda app: WSGIMiddleware(app, workers=1)))
    assert asyncio.run(freed(lambda app: WsgiGuard(app, threads=1)))


def endless(ended: threading.Event) -> Callable[[Environ, Any], Iterator[bytes]]:
    def app(_environ: Environ, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            deadline = time.monotonic() + 3  # so that the bare adapter's thread ends, some time
            while time.monotonic() < deadline:
                yield b"more"
                time.sleep(0.01)
        finally:
            ended.set()

    return app


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")  # the bare adapter's own, when it is cut off
def test_a_generator_ends_when_its_client_leaves() -> None:
    async def ends(make: Callable[[Any], Asgi]) -> bool:
        ended, client = threading.Event(), Client()
        task = asyncio.create_task(client.ask(make(endless(ended))))
        await asyncio.sleep(0.1)
        client.gone.set()
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return ended.is_set()

    assert not asyncio.run(ends(lambda app: WSGIMiddleware(app, workers=1)))
    assert asyncio.run(ends(lambda app: WsgiGuard(app, threads=1)))


def test_a_generator_ends_when_the_server_does() -> None:
    async def run() -> bool:
        ended = threading.Event()
        guard = WsgiGuard(endless(ended), threads=1)
        task = asyncio.create_task(Client().ask(guard))
        await asyncio.sleep(0.1)
        guard.close()
        await asyncio.wait({task}, timeout=1)
        return ended.is_set()

    assert asyncio.run(run())


def test_who_finds_no_free_thread_in_time_is_told_when_to_come_back() -> None:
    async def run() -> None:
        release = threading.Event()
        guard = WsgiGuard(wsgi(lambda _: b"done" if release.wait(5) else b"late"), threads=1, wait=0.1)
        first = asyncio.create_task(Client().ask(guard))
        await asyncio.sleep(0.05)
        refused = await Client().ask(guard, path="/api/v1/deals")
        release.set()
        assert (refused.status, guard.refused) == (503, 1)
        assert (b"retry-after", b"2") in refused.sent[0]["headers"]
        assert (await first).body == b"done"
        assert (await Client().ask(guard)).status == 200

    asyncio.run(run())


def test_a_cancelled_request_keeps_its_thread_until_that_has_ended() -> None:
    async def run() -> None:
        release = threading.Event()
        guard = WsgiGuard(wsgi(lambda _: b"done" if release.wait(5) else b"late"), threads=1, wait=0.1)
        task = asyncio.create_task(Client().ask(guard))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert guard.busy == 1
        release.set()
        await asyncio.sleep(0.1)
        assert guard.busy == 0
        assert (await Client().ask(guard)).status == 200

    asyncio.run(run())


# --- sizes and errors -------------------------------------------------------------------------------------------------


def test_a_body_beyond_its_limit_is_refused_before_a_thread_is_taken() -> None:
    async def run() -> None:
        guard = WsgiGuard(wsgi(lambda _: b"reached"))
        announced = await Client().ask(guard, method="POST", headers=[(b"content-length", b"9999999")])
        counted = await Client(b"x" * 1_000_000, b"x" * 1_000_000).ask(guard, method="POST", headers=CHUNKED)
        assert (announced.status, counted.status) == (413, 413)

    asyncio.run(run())


def test_a_large_upload_reaches_its_own_route_whole() -> None:
    piece = bytes(range(256)) * 4096

    async def run() -> None:
        guard = WsgiGuard(wsgi(lambda environ: str(len(environ["wsgi.input"].read())).encode()))
        client = await Client(piece, piece, piece).ask(guard, method="POST", path="/api/v1/imports", headers=CHUNKED)
        assert client.body == str(3 * len(piece)).encode()

    asyncio.run(run())


def test_an_error_of_the_app_is_raised_to_whoever_logs_it() -> None:
    def broken(_environ: Environ) -> bytes:
        raise LookupError("no such thing")

    async def run() -> None:
        guard = WsgiGuard(wsgi(broken), threads=1)
        for _ in range(3):
            with pytest.raises(LookupError):
                await Client().ask(guard)
        assert guard.busy == 0

    asyncio.run(run())


def test_status_headers_and_repeated_cookies_pass_as_they_are() -> None:
    def app(_environ: Environ, start_response: Any) -> list[bytes]:
        start_response("201 CREATED", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Location", "/x")])
        return [b"one", b"two"]

    async def run() -> None:
        client = await Client().ask(WsgiGuard(app))
        assert client.status == 201
        assert client.sent[0]["headers"] == [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"location", b"/x")]
        assert client.body == b"onetwo"

    asyncio.run(run())


def test_a_websocket_that_is_no_route_is_closed() -> None:
    async def run() -> None:
        client = Client()
        await WsgiGuard(wsgi(lambda _: b""))({"type": "websocket", "path": "/"}, client.receive, client.send)
        assert client.sent == [{"type": "websocket.close", "code": 1000}]

    asyncio.run(run())
