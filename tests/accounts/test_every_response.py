"""Every response of the whole host has the security headers, errors of every layer too; no page has inline code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from starlette.testclient import TestClient

from app.crm.port import Crm
from app.shared.config import ROOT, Settings
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database
from tests.accounts.browsing import HOME, Visitor
from tests.test_every_route import EXPECTED

FIXED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
HANDLER = re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE)
STYLE = re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE)
SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")([^>]*)>")


@pytest.fixture
def whole(settings: Settings) -> Iterator[TestClient]:
    """The whole host, whose errors come as answers."""
    from app.host import build

    with (
        structlog.testing.capture_logs(),
        TestClient(build(settings), base_url=HOME, follow_redirects=False, raise_server_exceptions=False) as made,
    ):
        yield made


def assert_headers(answer: Any, where: str) -> None:
    for name, value in FIXED.items():
        assert answer.headers.get_list(name) == [value], (where, name)
    assert "camera=()" in answer.headers["permissions-policy"], where
    (policy,) = answer.headers.get_list("content-security-policy")
    if policy.startswith("sandbox"):
        return
    for part in ("default-src 'none'", "img-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy, (where, policy)
    assert not re.search(r"unsafe|data:|\*|https?://(?!127|localhost|\[::1)", policy), (where, policy)


def test_every_route_answers_with_them_whoever_asks(whole: TestClient, database: Database, admin: Principal) -> None:
    inside = Visitor(whole.app, database, admin.user_id).client
    for route in EXPECTED:
        method, rule = route.split(" ", 1)
        if method == "WS":
            continue
        path = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule)
        path = re.sub(r"<[^>]*>|\{[^}]*\}", "999999", path)
        for client in (whole, inside):
            answer = client.request(method, path, headers={"Origin": HOME})
            assert_headers(answer, route)
            public = path in ("/healthz", "/readyz", "/openapi.json", "/docs", "/favicon.ico") or "/static" in path
            assert public or "no-store" in answer.headers["cache-control"], route


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/nothing", {}, 303),
        ("GET", "/api/v1/nothing", {}, 401),
        ("POST", "/healthz", {}, 404),
        ("GET", "/static/nothing.css", {}, 404),
        ("DELETE", "/static/css/base.css", {}, 405),
        ("GET", "/healthz", {"Host": "evil.example"}, 400),
        ("POST", "/sign-in", {}, 403),
        ("POST", "/sign-in", {"Origin": HOME, "Content-Length": "9999999"}, 413),
        ("GET", "/favicon.ico", {}, 302),
    ],
)
def test_refusals_have_them(whole: TestClient, method: str, path: str, headers: dict[str, str], status: int) -> None:
    answer = whole.request(method, path, headers=headers)
    assert answer.status_code == status
    assert_headers(answer, path)


def test_errors_that_nobody_foresaw_have_them_in_each_layer(
    whole: TestClient, database: Database, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("hunter2")

    inside = Visitor(whole.app, database, admin.user_id).client
    monkeypatch.setattr("app.crm.query.pages.run", broken)  # a page
    monkeypatch.setattr("app.readiness.overall", broken)  # the host's own route
    for path in ("/deals", "/api/v1/deals", "/readyz"):
        answer = inside.get(path)
        assert answer.status_code == 500, path
        assert "hunter2" not in answer.text
        assert_headers(answer, path)
    monkeypatch.setattr("app.shared.identity.read_credentials", broken)  # the identity layer itself
    for path in ("/deals", "/api/v1/deals"):
        answer = inside.get(path)
        assert answer.status_code == 500, path
        assert "hunter2" not in answer.text
        assert_headers(answer, path)
        assert answer.headers["cache-control"] == "no-store"


def test_the_icon_that_browsers_ask_for_is_there(whole: TestClient) -> None:
    answer = whole.get("/favicon.ico", follow_redirects=True)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


# --- what pages hold --------------------------------------------------------------------------------------------------


def _templates() -> list[Path]:
    return [path for path in (ROOT / "app").rglob("*.html") if "vendor" not in path.parts]


@pytest.mark.parametrize("path", _templates(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_has_inline_code(path: Path) -> None:
    source = path.read_text()
    assert not HANDLER.search(source)
    assert not STYLE.search(source)
    assert "javascript:" not in source
    assert not re.search(r"""[^"']\s*\|\s*safe\b""", source), "only words of the template itself are HTML"
    for attributes in SCRIPT.findall(source):
        assert 'nonce="{{ nonce }}"' in attributes


def test_no_script_makes_code_of_text() -> None:
    for path in (ROOT / "app" / "static" / "js").glob("*.js"):
        source = path.read_text()
        assert not re.search(r"\beval\(|new Function\(|document\.write|setTimeout\([\"'`]", source), path


@pytest.fixture
def _filled(crm: Crm, admin: Principal) -> None:
    for object, values in (
        ("companies", {"name": "Acme", "website": "https://acme.example"}), ("people", {"name": "Ada"}),
        ("deals", {"name": "Pilot", "amount": 5}), ("tasks", {"name": "Call"}), ("notes", {"body": "<img src=x>"}),
        ("activities", {"kind": "call", "date": "2024-11-05"}),
    ):  # fmt: skip
        crm.apply(admin, ChangeSet(operations=(Operation(action="create", object=object, values=values),)))


@pytest.mark.usefixtures("_filled")
def test_no_page_has_inline_code_but_under_its_own_nonce(
    whole: TestClient, database: Database, admin: Principal
) -> None:
    """From the start page over every link of ours, as far as they lead."""
    visitor = Visitor(whole.app, database, admin.user_id)
    seen: set[str] = set()
    left = ["/", "/settings/audit"]
    while left and len(seen) < 90:
        path = left.pop(0)
        shape = re.sub(r"\d+|\?.*", "", path)
        if shape in seen or path.startswith(("/static", "/export")):
            continue
        seen.add(shape)
        answer = visitor.get(path)
        if "text/html" in answer.headers.get("content-type", ""):
            _look_at(answer, path)
            left += [link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)"', answer.text)]
    assert len(seen) > 25


def _look_at(answer: Any, path: str) -> None:
    assert_headers(answer, path)
    nonces = re.findall(r"'nonce-([^']+)'", answer.headers["content-security-policy"])
    assert not HANDLER.search(answer.text), path
    assert not STYLE.search(answer.text), path
    for attributes in SCRIPT.findall(answer.text):
        assert f'nonce="{nonces[0]}"' in attributes, path
    for target, attributes in re.findall(r'<a[^>]*href="(https?:[^"]+)"([^>]*)>', answer.text):
        assert {"noopener", "noreferrer", "nofollow"} <= set(re.split(r'[ "=]', attributes)), (path, target)
