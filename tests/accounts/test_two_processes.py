"""What one process takes away, another stops honouring: open connections end within five seconds."""

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import make_url
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from app import migrations
from app.crm.accounts import sessions, tokens, users
from app.shared import cookies
from app.shared.db import Database
from tests.conftest import add_user
from tests.processes import Server

WITHIN = 5.0  # seconds
PATHS = ("/live", "/chat/ws")  # of either half

pytestmark = pytest.mark.server


@pytest.fixture
def database(tmp_path: Path) -> Any:
    """The database that the servers serve, opened by this process, which is none of them."""
    (tmp_path / "instance").mkdir(mode=0o700)
    made = Database(make_url(f"sqlite:///{tmp_path / 'instance' / 'crm.db'}"))
    migrations.upgrade(made)
    yield made
    made.close()


def _opened(server: Server, path: str, secret: str) -> ClientConnection:
    headers = {"Cookie": f"{cookies.PLAIN}={secret}"}
    made: ClientConnection = connect(f"ws{server.url[4:]}{path}", additional_headers=headers, origin=Origin(server.url))
    return made


def _ends(connection: ClientConnection, started: float) -> float:
    """Seconds until the connection is closed for want of rights."""
    with suppress(ConnectionClosed):
        while time.monotonic() - started < 2 * WITHIN:
            connection.recv(timeout=2 * WITHIN)
    assert (connection.close_code, connection.close_reason) == (1008, "Sign in again.")
    return time.monotonic() - started


def test_connections_to_both_halves_end_when_another_process_takes_the_rights_away(
    database: Database, new_server: Callable[..., Server], tmp_path: Path
) -> None:
    people = [add_user(database, name, "member").user_id or 0 for name in ("Ben", "Cleo", "Dora")]
    add_user(database, "Anna", "admin", password_hash="x")
    halves = [new_server(tmp_path / "instance", "--only", half) for half in ("crm", "chatbot")]
    with database.write() as connection:
        secrets = [sessions.start(connection, user) for user in people]
    steps: list[Callable[[Any], Any]] = [
        lambda connection: sessions.revoke_all(connection, people[0]),
        lambda connection: users.set_role(connection, people[1], "viewer"),
        lambda connection: users.deactivate(connection, people[2]),
    ]
    for secret, step in zip(secrets, steps, strict=True):
        with ExitStack() as ends:
            opened = [
                ends.enter_context(_opened(server, path, secret)) for server, path in zip(halves, PATHS, strict=True)
            ]
            started = time.monotonic()
            with database.write() as connection:
                step(connection)
            assert all(_ends(each, started) < WITHIN for each in opened)


def test_failed_sign_ins_are_counted_together(
    database: Database, new_server: Callable[..., Server], tmp_path: Path
) -> None:
    add_user(database, "Anna", "admin", "anna@example.com", password_hash="x")
    url = f"sqlite:///{tmp_path / 'instance' / 'crm.db'}"
    servers = [new_server(tmp_path / name, environ={"PARLEY_DATABASE_URL": url}) for name in ("first", "second")]
    answers = []
    for number in range(10):
        server = servers[number % 2]
        form = {"email": "anna@example.com", "password": "wrong wrong wrong"}
        answers.append(httpx.post(f"{server.url}/sign-in", data=form, headers={"Origin": server.url}).status_code)
    assert answers == [422] * 8 + [429] * 2
    with database.write() as connection:
        token = tokens.create(connection, 1, "still served")
    me = httpx.get(f"{servers[0].url}/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert me.status_code == 200
