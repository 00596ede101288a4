"""A server that counts who connects, and plays every trick; clients of both flavours that must not fall for it."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from app.shared.outgoing import Allowed, Bounds, clients
from app.shared.outgoing.network import Resolver, system_resolver

Play = Callable[[socket.socket], None]


@dataclass
class Trap:
    """Listens on this machine; `play` speaks on each connection. `heads` holds what came."""

    play: Play
    family: int = socket.AF_INET
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)

    def __enter__(self) -> "Trap":
        self._socket = socket.socket(self.family)
        self._socket.bind(("::1" if self.family == socket.AF_INET6 else "127.0.0.1", 0))
        self._socket.listen(20)
        self._socket.settimeout(0.01)
        self._ended = False
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._thread.join()
        self._socket.close()

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def _accept(self) -> None:
        while not self._ended:
            with suppress(TimeoutError):
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            self.heads.append(connection.recv(65_536))
            self.play(connection)


def answer(body: bytes = b"ok", *headers: bytes, status: bytes = b"200 OK") -> Play:
    head = b"\r\n".join([b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers])
    return lambda connection: connection.sendall(head + b"\r\n\r\n" + body)


def drip(before: bytes, piece: bytes, pause: float = 0.02) -> Play:
    """Say something, then go on and on in little pieces, never silent for long."""

    def play(connection: socket.socket) -> None:
        connection.sendall(before)
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            connection.sendall(piece)
            time.sleep(pause)

    return play


class Fetcher:
    """One exchange by the blocking or by the asynchronous client: the answer's status and body."""

    def __init__(self, flavour: str) -> None:
        self.flavour = flavour

    def __call__(
        self,
        url: str,
        allowed: Allowed | None = None,
        bounds: Bounds | None = None,
        *,
        resolver: Resolver = system_resolver,
        **more: Any,
    ) -> tuple[int, bytes]:
        allowed = allowed or Allowed()
        if self.flavour == "blocking":
            with clients.client(allowed, bounds, resolver=resolver) as client:
                found = client.request(more.pop("method", "GET"), url, **more)
                return found.status_code, found.content
        return asyncio.run(self._async(url, clients.async_options(allowed, bounds, resolver=resolver), more))

    async def _async(self, url: str, options: dict[str, Any], more: dict[str, Any]) -> tuple[int, bytes]:
        async with httpx.AsyncClient(**options) as client:
            found = await client.request(more.pop("method", "GET"), url, **more)
            return found.status_code, found.content


@pytest.fixture(params=["blocking", "asynchronous"])
def fetch(request: pytest.FixtureRequest) -> Fetcher:
    return Fetcher(request.param)


@pytest.fixture
def trap() -> Iterator[Trap]:
    with Trap(answer()) as found:
        yield found
