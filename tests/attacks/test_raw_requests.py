"""Names, targets, methods and origins that no client library would send, over raw sockets to a real server."""

import pytest

from tests.attacks.wire import request, send
from tests.processes import Server

pytestmark = pytest.mark.server


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
