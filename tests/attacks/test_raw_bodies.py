"""Lengths, folds, chunks, smuggled requests and packed bodies, over raw sockets to a real server."""

import gzip
import json
import time

import pytest

from tests.attacks.wire import request, send
from tests.processes import Server

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def _still_well(server: Server) -> object:
    """Whatever was sent, the server goes on serving."""
    yield
    assert send(server, request(server, "Connection: close")).statuses == [200]


# --- lengths, folds, and requests inside requests ---------------------------------------------------------------------

INNER = "DELETE /api/v1/companies/{id} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"


def _smuggled(server: Server, id: int) -> bytes:
    return INNER.format(id=id, port=server.port, token="nobody").encode()


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5, 6",),
        ("Content-Length: +5",),
        ("Content-Length: -1",),
        ("Content-Length: 0x5",),
        ("Content-Length: 5 5",),
        ("Content-Length: 99999999999999999999999999",),
        ("Content-Length: ",),
        ("Content-Length: 5", "Transfer-Encoding: xchunked"),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding\t: chunked",),
        ("Transfer-Encoding : chunked",),
        ("X-A: b", " folded: yes"),
        ("X-A: b\nX-B: c",),
        ("X-A: b\rX-B: c",),
        ("X-A: \x00",),
        ("X\x00A: b",),
        (": nameless",),
        ("no colon",),
        ("X-A b: c",),
    ],
)
def test_a_head_that_could_be_read_in_two_ways_ends_the_connection(server: Server, lines: tuple[str, ...]) -> None:
    """One answer at the most, a refusal, and what comes behind it isn't read as a request."""
    body = b"0\r\n\r\n" + _smuggled(server, 1)
    head = request(server, "Content-Type: application/json", *lines, method="POST", path="/api/v1/query", body=body)
    found = send(server, head)
    assert len(found.statuses) <= 2, found.raw[:500]
    assert all(status in (400, 401, 411, 413, 415, 422, 501) for status in found.statuses), found.raw[:500]


def test_a_body_that_hides_a_request_is_a_body(server: Server) -> None:
    """CL.TE, TE.CL and CL.0: chunked wins, as the standard says, and the hidden request is never carried out."""
    made = server.http.post("/api/v1/companies", json={"name": "Stays"}).json()["id"]
    hidden = INNER.format(id=made, port=server.port, token=server.token).encode()
    shapes = {
        "CL.TE": (
            ["Content-Length: 4", "Transfer-Encoding: chunked"],
            b"%x\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden),
        ),
        "TE.CL": (
            [f"Content-Length: {len(hidden)}", "Transfer-Encoding: chunked"],
            b"%x\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden),
        ),
        "CL.0": ([f"Content-Length: {len(hidden)}"], hidden),
        "GET with a body": ([f"Content-Length: {len(hidden)}"], hidden),
        "chunk extension": (["Transfer-Encoding: chunked"], b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden)),
    }
    for name, (lines, body) in shapes.items():
        method = "GET" if name.startswith("GET") else "POST"
        found = send(server, request(server, *lines, method=method, path="/api/v1/search?q=x", body=body))
        assert len(found.statuses) == 1, (name, found.raw[:800])
        assert server.http.get(f"/api/v1/companies/{made}").json().get("trashed_at") is None, name


@pytest.mark.parametrize("size", ["5g", "-5", "0x5", "", " 5", "5;" + "x" * 70_000])
def test_bad_chunks_end_the_connection(server: Server, size: str) -> None:
    body = f"{size}\r\nhello\r\n0\r\n\r\n".encode() + _smuggled(server, 1)
    lines = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    found = send(server, request(server, *lines, method="POST", path="/api/v1/query", body=body))
    assert all(status >= 400 for status in found.statuses), found.raw[:300]
    assert len(found.statuses) <= 2


@pytest.mark.parametrize(
    "lines", [["X-A: " + "b" * 200_000], [f"X-{n}: {'b' * 100}" for n in range(5_000)]], ids=["long", "many"]
)
def test_endless_heads_are_cut_off(server: Server, lines: list[str]) -> None:
    try:
        found = send(server, request(server, *lines))
    except (BrokenPipeError, ConnectionResetError):
        return
    assert found.statuses in ([400], [431], []), found.raw[:200]


# --- packed bodies ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bomb() -> bytes:
    packed = gzip.compress(b'{"name": "' + b"a" * 64_000_000 + b'"}')
    assert len(packed) < 70_000
    return packed


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x"])
@pytest.mark.parametrize("path", ["/api/v1/companies", "/chat/ask", "/api/v1/imports"])
def test_packed_bodies_are_refused_unopened(server: Server, bomb: bytes, encoding: str, path: str) -> None:
    """A bomb of 64 MB in 64 KB is read as 64 KB of bytes that are no JSON."""
    began = time.monotonic()
    answer = server.http.post(
        path, content=bomb, headers={"Content-Encoding": encoding, "Content-Type": "application/json"}
    )
    assert answer.status_code == 415
    assert time.monotonic() - began < 3


def test_a_plain_body_named_packed_is_refused_not_guessed(server: Server) -> None:
    body = json.dumps({"name": "Packed"}).encode()
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert server.http.post("/api/v1/companies", content=body, headers=headers).status_code == 415
