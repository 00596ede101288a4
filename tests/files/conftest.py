"""Files go through the whole host: up over HTTP, down over HTTP, and what is between them on a real disk."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from sqlalchemy import select
from starlette.testclient import TestClient

from app.crm.accounts import sessions
from app.crm.files.store import Store
from app.crm.port import Crm
from app.crm.schema import file_contents
from app.host import build
from app.shared import instance
from app.shared.config import load
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database
from tests.conftest import add_user, bearer
from tests.pages.site import Maker

HOME = "http://127.0.0.1:5050"
LIMIT = 2 * 1024**2


@dataclass
class Desk:
    """A host with people, whom it is asked for."""

    client: TestClient
    database: Database
    people: dict[str, Principal]
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def crm(self) -> Crm:
        return Crm(self.database)

    @property
    def store(self) -> Store:
        return Store(self.folder, self.database, LIMIT)

    def make(self, who: str = "mia") -> Maker:
        return Maker(self.crm, self.people[who])

    def headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}", "Origin": HOME}

    def cookie(self, who: str) -> dict[str, str]:
        with self.database.write() as connection:
            secret = sessions.start(connection, self.people[who].user_id or 0)
        return {"Cookie": f"parley_session={secret}", "Origin": HOME}

    def send(self, name: str, body: bytes, who: str = "mia", **data: Any) -> Any:
        """Upload over REST."""
        headers = self.headers(who) | data.pop("headers", {})
        return self.client.post("/api/v1/files", headers=headers, files={"file": (name, body)}, data=data)

    def add(self, name: str, body: bytes, who: str = "mia", **data: Any) -> int:
        answer = self.send(name, body, who, **data)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def get(self, path: str, who: str = "mia", **headers: str) -> Any:
        return self.client.get(path, headers=self.headers(who) | headers)

    def change(self, who: str, *actions: tuple[str, str, int]) -> None:
        for action, object, id in actions:
            operation = Operation(action=action, object=object, id=id)  # type: ignore[arg-type]
            self.crm.apply(self.people[who], ChangeSet(operations=(operation,)))

    def on_disk(self) -> list[str]:
        """Every file under the folder of files, whole and unfinished."""
        return sorted(path.name for path in (self.folder / "files").rglob("*") if path.is_file())

    def contents(self) -> set[str]:
        with self.database.read() as connection:
            return set(connection.execute(select(file_contents.c.sha256)).scalars())


@pytest.fixture
def desk(tmp_path: Path, sqlite_template: Path) -> Iterator[Desk]:
    folder = tmp_path / "instance"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "crm.db")
    settings = load({"PARLEY_OLLAMA_URL": "", "PARLEY_UPLOAD_LIMIT": "2"}, instance=folder)
    instance.create(settings)
    database = Database(settings.database)
    roles: dict[str, Any] = {"anna": "admin", "mia": "member", "otto": "member", "vera": "viewer"}
    people = {name: add_user(database, name.title(), role) for name, role in roles.items()}
    tokens = {name: bearer(database, who) for name, who in people.items()}
    host, quiet = build(settings, only="crm"), structlog.testing.capture_logs()
    with quiet, TestClient(host, base_url=HOME, follow_redirects=False, raise_server_exceptions=False) as client:
        yield Desk(client, database, people, folder, tokens)
    database.close()
