"""Servers that drip, flood, bomb and lie: each exchange ends in its bounds with a plain error."""

import asyncio
import gzip
import socket
import time

import httpx
import pytest

from app.shared.outgoing import Allowed, Bounds, clients, light
from tests.outgoing.conftest import Fetcher, Play, Trap, answer, drip

HERE = Allowed.read(("127.0.0.1",))
TIGHT = Bounds(connect=0.5, read=0.5, total=0.6, size=100_000)
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def _bomb() -> bytes:
    return gzip.compress(b"\0" * 50_000_000)


ENDLESS: dict[str, Play] = {
    "head that drips": drip(HEAD, b"X-Slow: 1\r\n"),
    "one byte at a time": drip(b"", b"H"),
    "body that drips": drip(HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
    "chunks that drip": drip(CHUNKED, b"1\r\nx\r\n"),
    "interim answers without end": drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    "silence": lambda _connection: time.sleep(3),
    "silence after the head": lambda connection: (
        connection.sendall(HEAD + b"Content-Length: 5\r\n\r\n"), time.sleep(3), None
    )[-1],
}  # fmt: skip
FLOODS: dict[str, Play] = {
    "body without end": drip(CHUNKED, b"10000\r\n" + b"x" * 0x10000 + b"\r\n", 0),
    "body longer than the bound": answer(b"x" * 200_000),
    "body up to the end of the connection": drip(HEAD + b"\r\n", b"x" * 65_536, 0),
    "heads without end": drip(HEAD, b"X-Many: " + b"y" * 8_000 + b"\r\n", 0),
    "one huge header": drip(HEAD + b"X-Huge: ", b"y" * 65_536, 0),
    "interim answers in a flood": drip(b"", b"HTTP/1.1 102 Processing\r\nX-Pad: " + b"y" * 8_000 + b"\r\n\r\n", 0),
    "packed bomb": answer(_bomb(), b"Content-Encoding: gzip"),
    "packed bomb in disguise": answer(_bomb(), b"Content-Encoding: GZIP, identity"),
    "packed by a way that is unknown": answer(b"x", b"Content-Encoding: br"),
}
LIES: dict[str, Play] = {
    "length too long": lambda connection: connection.sendall(HEAD + b"Content-Length: 500\r\n\r\nshort"),
    "two lengths": lambda connection: connection.sendall(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy"),
    "negative length": lambda connection: connection.sendall(HEAD + b"Content-Length: -5\r\n\r\nxy"),
    "length that is no number": lambda connection: connection.sendall(HEAD + b"Content-Length: many\r\n\r\nxy"),
    "chunk that breaks off": lambda connection: connection.sendall(CHUNKED + b"ffff\r\nshort"),
    "chunk without a size": lambda connection: connection.sendall(CHUNKED + b"zz\r\nshort\r\n0\r\n\r\n"),
    "no answer at all": lambda _connection: None,
    "not HTTP": lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "binary": lambda connection: connection.sendall(bytes(range(256)) * 4),
    "a line break in a header": lambda connection: connection.sendall(HEAD + b"X: a\rb\r\nContent-Length: 0\r\n\r\n"),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_an_exchange_ends_in_time_however_busy_it_is(fetch: Fetcher, what: str) -> None:
    with Trap(ENDLESS[what]) as trap:
        began = time.monotonic()
        with pytest.raises(clients.Timeout):
            fetch(f"http://127.0.0.1:{trap.port}/", HERE, TIGHT)
        assert time.monotonic() - began < 2.5


@pytest.mark.parametrize("what", FLOODS)
def test_an_answer_ends_at_its_bound(fetch: Fetcher, what: str) -> None:
    with Trap(FLOODS[what]) as trap, pytest.raises((clients.TooLarge, httpx.RemoteProtocolError)) as failure:
        fetch(f"http://127.0.0.1:{trap.port}/", HERE, Bounds(total=8, size=100_000))
    assert str(failure.value)


@pytest.mark.parametrize("what", LIES)
def test_an_answer_that_lies_is_a_failure(fetch: Fetcher, what: str) -> None:
    with Trap(LIES[what]) as trap, pytest.raises(clients.Failure):
        fetch(f"http://127.0.0.1:{trap.port}/", HERE, TIGHT)


def test_more_than_was_announced_is_not_read(fetch: Fetcher) -> None:
    with Trap(lambda connection: connection.sendall(HEAD + b"Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK")) as trap:
        assert fetch(f"http://127.0.0.1:{trap.port}/", HERE, TIGHT) == (200, b"ok")


def test_an_answer_within_its_bounds_passes_whole(fetch: Fetcher) -> None:
    with Trap(answer(b"x" * 90_000)) as trap:
        assert fetch(f"http://127.0.0.1:{trap.port}/", HERE, TIGHT) == (200, b"x" * 90_000)


def test_nothing_packed_is_asked_for(fetch: Fetcher) -> None:
    with Trap(answer()) as trap:
        fetch(f"http://127.0.0.1:{trap.port}/", HERE, headers={"Accept-Encoding": "gzip, br"})
        assert b"accept-encoding: identity" in trap.heads[0].lower()
        assert b"gzip" not in trap.heads[0]


def test_a_line_of_a_stream_is_bounded(fetch: Fetcher) -> None:
    bounds = Bounds(total=5, size=10_000_000, line=1_000)
    with Trap(answer(b"word\n" * 100_000)) as trap:
        assert fetch(f"http://127.0.0.1:{trap.port}/", HERE, bounds)[0] == 200
    with Trap(answer(b"word" * 100_000)) as trap, pytest.raises(clients.TooLarge):
        fetch(f"http://127.0.0.1:{trap.port}/", HERE, bounds)


def test_a_reader_that_never_reads_ends_in_time(fetch: Fetcher) -> None:
    with Trap(lambda _connection: time.sleep(4)) as trap:
        began = time.monotonic()
        with pytest.raises(clients.Timeout):
            fetch(f"http://127.0.0.1:{trap.port}/", HERE, TIGHT, method="POST", content=b"x" * 30_000_000)
        assert time.monotonic() - began < 3


def test_a_resolver_that_hangs_ends_in_time(fetch: Fetcher) -> None:
    def hang(_host: str, _port: int) -> list[str]:
        time.sleep(1.2)
        return []

    began = time.monotonic()
    with pytest.raises(clients.Timeout):
        fetch("http://slow.example.com/", bounds=Bounds(connect=0.2), resolver=hang)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("answers", [[], ["nonsense"]])
def test_a_resolver_that_knows_nothing_is_a_failure_to_connect(fetch: Fetcher, answers: list[str]) -> None:
    with pytest.raises(clients.CannotConnect):
        fetch("http://nowhere.example.com/", resolver=lambda *_: answers)


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nX-Injected: 1", "a\r\n\r\nGET / HTTP/1.1", "a\0b"])
def test_a_header_can_not_be_injected(trap: Trap, fetch: Fetcher, value: str) -> None:
    url = f"http://127.0.0.1:{trap.port}/"
    with pytest.raises((clients.Failure, *clients.Unreadable)):
        fetch(url, HERE, headers={"X-Given": value})
    with pytest.raises((clients.Failure, *clients.Unreadable)):
        fetch(url + value, HERE)
    assert not any(b"Injected" in head for head in trap.heads)


def test_the_light_probe_is_bounded_too() -> None:
    with Trap(drip(HEAD + b"\r\n", b"x" * 65_536, 0)) as trap:
        assert asyncio.run(light.ask(f"http://127.0.0.1:{trap.port}", "/", 1)) == {}
    with Trap(drip(HEAD, b"X: 1\r\n", 0.05)) as trap:
        began = time.monotonic()
        assert asyncio.run(light.ask(f"http://127.0.0.1:{trap.port}", "/", 0.3)) is None
        assert time.monotonic() - began < 1.5
    with Trap(answer(b'{"title": "here"}')) as trap:
        gone = f"http://127.0.0.1:{trap.port}"
        assert asyncio.run(light.ask(gone, "/", 1)) == {"title": "here"}
    assert asyncio.run(light.ask(gone, "/", 1)) is None


def test_the_light_probe_waits_for_no_end_where_a_length_was_announced() -> None:
    def play(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 16\r\n\r\n")
        connection.sendall(b'{"a": "b",')
        time.sleep(0.05)
        connection.sendall(b'"c":1}')
        connection.recv(1)  # keeps the connection open

    with Trap(play) as trap:
        began = time.monotonic()
        assert asyncio.run(light.ask(f"http://127.0.0.1:{trap.port}", "/", 2)) == {"a": "b", "c": 1}
        assert time.monotonic() - began < 1
