"""A server over 10,000 deals (and their companies), and sessions of its people."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.crm.accounts import sessions
from bench.doors.deals import opened
from tests.processes import Server, start_server

RECORDS = 10_000
PAGES = {"list": "/deals", "record": "/deals/5", "board": "/deals/board", "dashboard": "/?period=all"}


@dataclass
class Served:
    """A running server; `sessions` are secrets of its people, the first an admin's."""

    server: Server
    sessions: list[str]

    @property
    def url(self) -> str:
        return self.server.url


@contextmanager
def served(count: int = RECORDS, people: int = 2) -> Iterator[Served]:
    """Made anew in a temporary folder, ended and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="parley-pages-"))
    try:
        database = opened(folder, count)
        with database.write() as connection:
            secrets = [sessions.start(connection, user) for user in range(1, people + 1)]
        database.close()
        (folder / f"deals-{count}.db").rename(folder / "crm.db")
        server = start_server(folder)
        try:
            yield Served(server, secrets)
        finally:
            server.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
