"""Open WebSockets and streams end soon after their credential stops being good, on a real server."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import httpx
import psutil
import pytest
import uvicorn
import websockets.exceptions
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import ClientConnection, connect

from app.shared.contract import Principal
from app.shared.identity import Credentials, IdentityLayer

BEN = Principal(2, "Ben", "member", channel="api")
WITHIN = 5.0  # seconds


@dataclass
class Running:
    port: int
    layer: IdentityLayer
    people: dict[str, Principal]
    ended: list[str]

    def stream(self, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.stream("GET", f"http://127.0.0.1:{self.port}/chat/events", headers=headers, timeout=10)

    def websocket(self, token: str) -> ClientConnection:
        headers = {"Authorization": f"Bearer {token}"}
        return connect(f"ws://127.0.0.1:{self.port}/chat/ws", additional_headers=headers)


def _routes(ended: list[str]) -> Starlette:
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except Exception:
            ended.append("websocket")

    async def flood(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text("x" * 100_000)
        except Exception:
            ended.append("flood")

    async def ticks() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"data: tick\n\n"
                await asyncio.sleep(0.1)
        finally:
            ended.append("stream")

    async def silent() -> AsyncIterator[bytes]:
        yield b"data: once\n\n"
        await asyncio.sleep(60)

    async def events(request: Request) -> StreamingResponse:
        chosen = silent() if request.query_params else ticks()
        return StreamingResponse(chosen, media_type="text/event-stream")

    sockets = [WebSocketRoute("/chat/ws", echo), WebSocketRoute("/chat/flood", flood)]
    return Starlette(routes=[*sockets, Route("/chat/events", events)])


@pytest.fixture
def real_pace() -> None:
    """The test runs at the pace of a real server; the others don't wait as long."""


@pytest.fixture
def running(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    if "real_pace" not in request.fixturenames:
        monkeypatch.setattr("app.shared.live.RECHECK_SECONDS", 0.2)
    people = {"good": BEN, "other": replace(BEN, user_id=3)}

    def resolve(credentials: Credentials) -> Principal | None:
        return people.get(credentials.bearer or "")

    ended: list[str] = []
    layer = IdentityLayer(_routes(ended), resolve)  # type: ignore[arg-type]  # Starlette's own ASGI types
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(layer, log_level="critical", lifespan="off", timeout_graceful_shutdown=1))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield Running(listener.getsockname()[1], layer, people, ended)
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


def _eventually(condition: Any) -> bool:
    deadline = time.monotonic() + WITHIN
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


@pytest.mark.usefixtures("real_pace")
def test_a_revoked_credential_loses_its_idle_websocket_and_others_keep_theirs(running: Running) -> None:
    with running.websocket("good") as lost, running.websocket("other") as kept:
        lost.send("hello")
        assert lost.recv() == "hello"
        del running.people["good"]
        started = time.monotonic()
        with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
            lost.recv(timeout=WITHIN)
        assert time.monotonic() - started < WITHIN
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        kept.send("still here")
        assert kept.recv() == "still here"
        assert _eventually(lambda: running.ended == ["websocket"])
    assert _eventually(lambda: len(running.layer.live) == 0)


def test_a_message_of_a_revoked_credential_is_not_taken(running: Running) -> None:
    with running.websocket("good") as connection:
        connection.send("one")
        assert connection.recv() == "one"
        del running.people["good"]
        connection.send("two")
        with pytest.raises(websockets.exceptions.ConnectionClosed):
            assert connection.recv(timeout=WITHIN) != "two"


@pytest.mark.parametrize(
    "change", [{"role": "viewer"}, {"role": "admin"}, {"scopes": frozenset({"read"})}, {"team_id": 4}, {"user_id": 9}]
)
def test_changed_rights_end_a_websocket_too(running: Running, change: dict[str, Any]) -> None:
    with running.websocket("good") as connection:
        running.people["good"] = replace(BEN, **change)
        with pytest.raises(websockets.exceptions.ConnectionClosed):
            connection.recv(timeout=WITHIN)


def test_a_changed_name_ends_nothing(running: Running) -> None:
    with running.websocket("good") as connection:
        running.people["good"] = replace(BEN, name="Benjamin", timezone="Europe/Berlin")
        with pytest.raises(TimeoutError):
            connection.recv(timeout=1)


def test_a_stream_ends_and_its_route_with_it(running: Running) -> None:
    with running.stream("good") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "data: tick"
        assert len(running.layer.live) == 1
        del running.people["good"]
        started = time.monotonic()
        with suppress(httpx.RemoteProtocolError):
            for _ in lines:
                assert time.monotonic() - started < WITHIN
        assert time.monotonic() - started < WITHIN
    assert _eventually(lambda: running.ended == ["stream"])
    assert len(running.layer.live) == 0


def test_a_stream_that_says_nothing_ends_as_well(running: Running) -> None:
    headers = {"Authorization": "Bearer good"}
    url = f"http://127.0.0.1:{running.port}/chat/events?silent=1"
    with httpx.stream("GET", url, headers=headers, timeout=10) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "data: once"
        del running.people["good"]
        started = time.monotonic()
        with suppress(httpx.RemoteProtocolError):
            assert [line for line in lines if line] == []
        assert time.monotonic() - started < WITHIN


def test_what_ended_by_itself_is_forgotten(running: Running) -> None:
    with running.websocket("good") as connection:
        connection.send("x")
        assert len(running.layer.live) == 1
    assert _eventually(lambda: len(running.layer.live) == 0)


def test_a_reader_that_does_not_read_is_dropped_and_holds_little_meanwhile(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.shared.live.SLOW_SECONDS", 0.5)
    before = psutil.Process().memory_info().rss
    with socket.create_connection(("127.0.0.1", running.port)) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lines = (
            "GET /chat/flood HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Authorization: Bearer good",
        )  # fmt: skip
        reader.sendall("\r\n".join((*lines, "", "")).encode())
        assert _eventually(lambda: running.ended == ["flood"])
        assert len(running.layer.live) == 0
        assert psutil.Process().memory_info().rss - before < 30_000_000
    with running.websocket("good") as other:
        other.send("still here")
        assert other.recv() == "still here"
