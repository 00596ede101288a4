"""Nothing secret reaches a log line or the audit log: not of sign-in, tokens, links, nor of errors."""

import logging
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from sqlalchemy import select
from starlette.testclient import TestClient

from app import logs
from app.crm.accounts import setup
from app.crm.accounts.local import local_token
from app.crm.schema import security_events
from app.shared import cookies, instance
from app.shared.config import Settings
from app.shared.db import Database
from tests.accounts.browsing import HOME, Visitor, words

PASSWORD, TYPO = "tulip river 42", "tulip-river-wrong"
FIRST = {"workspace": "Acme", "name": "Anna", "email": "anna@acme.example", "password": PASSWORD, "timezone": "UTC"}


@pytest.fixture
def said() -> Iterator[StringIO]:
    """Everything that is logged from here on."""
    root, stream, before = logging.getLogger(), StringIO(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs._formatter(for_people=False, colours=False))
    handler.addFilter(lambda record: not record.name.startswith("httpx"))  # the tests' own client
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    yield stream
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_no_secret_is_logged_or_shown(
    settings: Settings, database: Database, said: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.host import build

    with TestClient(build(settings), base_url=HOME, follow_redirects=False, raise_server_exceptions=False) as client:
        secrets = _live_through(client.app, database, settings, monkeypatch)
        audit = words(Visitor(client.app, database, 1).get("/settings/audit"))
    assert len(secrets) > 9
    logged = said.getvalue()
    assert "/settings/tokens" in logged
    assert "RuntimeError: broken" in logged
    assert "Made an API token" in audit
    with database.read() as connection:
        stored = str(connection.execute(select(security_events)).all())
    for what, secret in secrets.items():
        for place, text in (("log", logged), ("audit page", audit), ("events", stored)):
            assert secret not in text, f"{what} stands in the {place}"


def _live_through(app: Any, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Do everything that has to do with a secret, well and badly; the secrets by what they are."""
    anna, path = Visitor(app), setup.link(database, settings)
    assert path is not None
    found = {"setup link": path.rsplit("/", 1)[1], "password": PASSWORD, "mistyped password": TYPO}
    found |= {"instance's secret": instance.secret(settings), "local token": local_token(settings)}
    anna.post(path, **FIRST | {"password": "short"})
    assert anna.post(path, **FIRST).status_code == 303
    anna.post("/sign-in", email=TYPO, password=TYPO)
    anna.post("/sign-in", email="anna@acme.example", password=TYPO)
    anna.post("/sign-in", email="anna@acme.example", password=PASSWORD)
    found["session"] = anna.client.cookies[cookies.PLAIN]
    found["token"] = _in(anna.post("/settings/tokens", name="x", scope="write", days="30"), r"(pat_[\w-]+)\"")
    ben = {"name": "Ben", "email": "ben@acme.example", "role": "member", "team": ""}
    found["invitation"] = _in(anna.post("/settings/users", **ben), r"/invitation/([\w-]+)")
    found["second invitation"] = _in(anna.post("/settings/users/2/link"), r"/invitation/([\w-]+)")
    found["invited password"] = "tundra lamp 99"
    accepted = Visitor(app).post(
        f"/invitation/{found['second invitation']}", name="Ben", password=found["invited password"]
    )
    assert accepted.status_code == 303
    found["new password"] = "copper moss 17"
    anna.post("/settings/profile/password", current=PASSWORD, new=found["new password"])
    _fail(anna, found, monkeypatch)
    return found


def _in(answer: Any, pattern: str) -> str:
    match = re.search(pattern, answer.text)
    assert match is not None
    return match[1]


def _fail(anna: Visitor, found: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors in the middle of it, whose tracebacks are logged."""

    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr("app.crm.accounts.signing_in.sign_in", broken)
        patch.setattr("app.crm.accounts.tokens.listing", broken)
        patch.setattr("app.crm.accounts.invitation.invited", broken)
        anna.post("/sign-in", email="anna@acme.example", password=found["new password"])
        anna.client.get("/settings/tokens", headers={"Authorization": f"Bearer {found['token']}"})
        anna.get(f"/invitation/{found['invitation']}")
