"""A real server with a filled workspace over a model server that the test controls from outside."""

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from app.crm.accounts import sessions
from app.crm.port import Crm
from app.shared.db import Database
from tests.chat.model_server import FakeOllama
from tests.conftest import add_user, bearer
from tests.pages.browsing import Site
from tests.pages.site import Maker, fill
from tests.processes import Server, start_server


@contextmanager
def fake_ollama(fake: FakeOllama) -> Iterator[FakeOllama]:
    """The model server in a thread of its own; the test changes its fields and calls `end`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(fake.__aenter__(), loop).result(5)
    try:
        yield fake
    finally:
        asyncio.run_coroutine_threadsafe(fake.end(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def prepare(folder: Path, template: Path, deals: int = 60) -> dict[str, Any]:
    """An instance with an admin, her session and token, and a filled workspace."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template, folder / "crm.db")
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    admin = add_user(database, "Anna Reyes", "admin", "anna@example.com")
    ids = fill(Maker(Crm(database), admin), deals=deals)
    assert admin.user_id is not None
    with database.write() as connection:
        session = sessions.start(connection, admin.user_id)
    token = bearer(database, admin)
    database.close()
    return {"session": session, "token": token, "ids": ids}


def serve(folder: Path, made: dict[str, Any], ollama: str, *arguments: str, **environ: str) -> tuple[Server, Site]:
    server = start_server(folder, *arguments, environ={"PARLEY_OLLAMA_URL": ollama, **environ}, token=made["token"])
    return server, Site(server.url, made["session"], made["ids"])


def wait_for_model(server: Server, name: str | None, seconds: float = 20) -> None:
    import time

    deadline = time.monotonic() + seconds
    while server.http.get("/chat/model").json()["model"] != name:
        assert time.monotonic() < deadline, f"the model never became {name}"
        time.sleep(0.05)
