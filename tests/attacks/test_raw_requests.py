"""What no client library would send, over raw sockets to a real server: names, lengths, folds, smuggled requests."""

import gzip
import json
import re
import socket
import time
from dataclasses import dataclass

import pytest

from tests.processes import Server

pytestmark = pytest.mark.server
WAIT = 5.0  # seconds


@dataclass
class Reply:
    """All bytes that came until the server closed or fell silent, and the status of each response in them."""

    raw: bytes

    @property
    def statuses(self) -> list[int]:
        return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.raw)]


def send(server: Server, data: bytes, silence: float = 0.25) -> Reply:
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT) as connection:
        connection.sendall(data)
        received, deadline = b"", time.monotonic() + WAIT
        connection.settimeout(silence)
        while time.monotonic() < deadline:
            try:
                piece = connection.recv(65536)
            except (TimeoutError, ConnectionResetError):
                if received:
                    break
                continue
            if not piece:
                break
            received += piece
    return Reply(received)


def request(
    server: Server, *lines: str, method: str = "GET", path: str = "/api/v1/me", host: str | None = "", body: bytes = b""
) -> bytes:
    """A request signed in by the token; `host` None sends none."""
    named = [] if host is None else [f"Host: {host or f'127.0.0.1:{server.port}'}"]
    head = [f"{method} {path} HTTP/1.1", *named, f"Authorization: Bearer {server.token}", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


@pytest.fixture(autouse=True)
def _still_well(server: Server) -> object:
    """Whatever was sent, the server goes on serving."""
    yield
    assert send(server, request(server, "Connection: close")).statuses == [200]


# --- the Host header --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:{port}", "LOCALHOST:{port}", "localhost", "[::1]:{port}", "127.0.0.1:1"]
)
def test_our_own_names_are_answered(server: Server, host: str) -> None:
    assert send(server, request(server, "Connection: close", host=host.format(port=server.port))).statuses == [200]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.evil.example",
        "127.0.0.1:{port}.evil.example",
        "localhost.",
        "127.0.0.1.",
        "evil.example@127.0.0.1:{port}",
        "127.0.0.1:{port}@evil.example",
        "user:pw@127.0.0.1",
        "127.0.0.1:x",
        "127.0.0.1:",
        "127.0.0.1:999999",
        "127.0.0.1/..",
        "127.0.0.1#",
        "127.0.0.1?",
        "[::1",
        "::1",
        "[::ffff:127.0.0.1]",
        "[::1%25lo]",
        "0x7f.0.0.1",
        "2130706433",
        "127.1",
        "0.0.0.0",
        "[::]",
        "localhost,evil.example",
        "localhost evil.example",
        "xn--lcalhost-x0a",
        "l\xf6calhost",
        "a" * 5000,
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/me", "/healthz", "/sign-in"])
def test_no_other_spelling_of_a_host_is_ours(server: Server, host: str, path: str) -> None:
    found = send(server, request(server, "Connection: close", host=host.format(port=server.port), path=path), 0.2)
    assert found.statuses == [400], found.raw[:300]


def test_no_host_two_hosts_and_an_empty_one_are_refused(server: Server) -> None:
    own = f"Host: 127.0.0.1:{server.port}"
    for lines, host in (([], None), (["Host: evil.example"], ""), ([own], "evil.example"), (["Host:"], None)):
        assert send(server, request(server, *lines, "Connection: close", host=host)).statuses == [400]


@pytest.mark.parametrize(
    "line",
    [
        "X-Forwarded-Host: evil.example",
        "Forwarded: host=evil.example;proto=https",
        "X-Host: evil.example",
        "X-Forwarded-Server: evil.example",
        "X-HTTP-Host-Override: evil.example",
        "X-Original-URL: /settings/users",
        "X-Rewrite-URL: /settings/users",
        "X-Forwarded-Prefix: //evil.example",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Port: 443",
        "X-Script-Name: //evil.example",
        "Script-Name: /evil",
    ],
)
def test_no_header_beside_it_takes_the_hosts_place(server: Server, line: str) -> None:
    """Neither in a redirect, nor in a page, nor in a cookie, nor in what is asked for."""
    stranger = request(server, line, "Connection: close", path="/deals").replace(
        f"Authorization: Bearer {server.token}".encode(), b"Accept: text/html"
    )
    found = send(server, stranger)
    assert found.statuses == [303]
    assert b"evil" not in found.raw
    assert b"location: /sign-in?next=/deals" in found.raw.lower()
    assert b"strict-transport" not in found.raw.lower()
    page = send(server, request(server, line, "Connection: close", path="/companies"))
    assert page.statuses == [200]
    assert b"evil" not in page.raw
    assert b"/settings/users/" not in page.raw


@pytest.mark.parametrize(
    "target", ["http://evil.example/api/v1/me", "http://127.0.0.1@evil.example/api/v1/me", "https://evil.example/"]
)
def test_an_absolute_address_changes_neither_host_nor_path(server: Server, target: str) -> None:
    """Uvicorn gives the whole target as the path, which is none of ours; the Host header alone is believed."""
    found = send(server, request(server, "Connection: close", path=target))
    assert found.statuses in ([400], [404]), found.raw[:300]
    refused = send(server, request(server, "Connection: close", path=target, host="evil.example"))
    assert refused.statuses == [400]


@pytest.mark.parametrize(
    "target",
    [
        "*",
        "evil.example:443",
        "",
        "//evil.example/deals",
        "/\\evil.example",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/..%2f..%2fshared/config.py",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/..\\..\\host.py",
        "/api/v1/imports/..%2f..%2fcrm.db/errors",
        "/%00",
        "/deals%0d%0aSet-Cookie:%20x=1",
        "/\x00",
        "/" + "a" * 70_000,
    ],
)
def test_odd_targets_lead_nowhere(server: Server, target: str) -> None:
    found = send(server, request(server, "Connection: close", path=target))
    assert found.statuses, found.raw[:200]
    assert all(status in (303, 400, 401, 404, 414, 431) for status in found.statuses), found.raw[:300]
    assert b"set-cookie: x" not in found.raw.lower()
    assert b"root:" not in found.raw
    assert b"[project]" not in found.raw


# --- methods ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["X-HTTP-Method-Override: DELETE", "X-HTTP-Method: DELETE", "X-Method-Override: DELETE", "Method: DELETE"]
)
def test_no_header_and_no_field_overrides_the_method(server: Server, line: str) -> None:
    made = server.http.post("/api/v1/companies", json={"name": "Stays"}).json()["id"]
    path = f"/api/v1/companies/{made}"
    assert send(server, request(server, line, "Connection: close", path=path)).statuses == [200]
    body = b"_method=DELETE"
    form = (
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        line,
        "Connection: close",
    )
    for target in (path, f"{path}?_method=DELETE"):
        assert send(server, request(server, *form, method="POST", path=target, body=body)).statuses == [405]
    assert server.http.get(path).json().get("trashed_at") is None


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "GE T", "\x01", "A" * 300])
def test_unknown_methods_are_refused_and_echo_nothing(server: Server, method: str) -> None:
    found = send(server, request(server, "X-Secret: sesame", "Connection: close", method=method))
    assert found.statuses in ([400], [401], [403], [404], [405], [501]), found.raw[:200]
    assert b"sesame" not in found.raw


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


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x"])
@pytest.mark.parametrize("path", ["/api/v1/companies", "/chat/ask", "/api/v1/imports"])
def test_packed_bodies_are_refused_unopened(server: Server, encoding: str, path: str) -> None:
    """A bomb of 64 MB in 64 KB is read as 64 KB of bytes that are no JSON."""
    bomb = gzip.compress(b'{"name": "' + b"a" * 64_000_000 + b'"}')
    assert len(bomb) < 70_000
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


# --- origins ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "https://evil.example",
        "http://127.0.0.1",
        "file://",
        "http://localhost:{port}.evil.example",
        "http://127.0.0.1:{port}/",
        "http://user@127.0.0.1:{port}",
        "HTTPS://127.0.0.1:{port}",
    ],
)
def test_a_session_from_another_site_changes_nothing(server: Server, origin: str | None) -> None:
    """Sign-in itself is refused, so that no site can sign somebody in as somebody else."""
    line = [] if origin is None else [f"Origin: {origin.format(port=server.port)}"]
    body = b"email=a@example.com&password=x"
    form = (
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        *line,
        "Connection: close",
    )
    data = request(server, *form, method="POST", path="/sign-in", body=body)
    found = send(server, data.replace(b"Authorization: Bearer", b"X-No: "))
    assert found.statuses == [403], found.raw[:300]
