"""A workspace worth attacking: two teams that may not see each other's deals, private notes, and a host before it."""

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog.testing
from sqlalchemy import select
from starlette.testclient import TestClient

from app.chatbot.tables import metadata as chat_metadata
from app.crm import customization
from app.crm.accounts import sessions, teams, tokens
from app.crm.port import Crm
from app.crm.schema import metadata as crm_metadata
from app.shared import instance
from app.shared.config import load
from app.shared.contract import Principal
from app.shared.db import Database
from tests.conftest import add_user
from tests.pages.site import Maker

HOME = "http://127.0.0.1:5050"
MOVING = frozenset({"sessions", "tokens"})  # tables that note when a credential was last used
# A word that stands in a record and nowhere else: where it shows, the record was seen.
SECRETS = {name: f"Sesam{name}{secrets.token_hex(3)}" for name in ("otto", "mia", "ben", "anna")}


@dataclass
class Office:
    """Ben and Mia are one team, Otto another, Vera looks, Anna is the admin. Each has deals and a private note."""

    database: Database
    people: dict[str, Principal]
    crm: Crm
    ids: dict[str, int] = field(default_factory=dict)
    client: Any = None
    host: Any = None

    def token(self, who: str, *scopes: str) -> str:
        with self.database.write() as connection:
            return tokens.create(connection, self.people[who].user_id or 0, "attack", scopes or ("read", "write"))

    def session(self, who: str) -> str:
        with self.database.write() as connection:
            return sessions.start(connection, self.people[who].user_id or 0)

    def as_token(self, who: str, *scopes: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(who, *scopes)}"}

    def as_person(self, who: str) -> dict[str, str]:
        return {"Cookie": f"parley_session={self.session(who)}", "Origin": HOME}

    def digest(self) -> str:
        """Of everything that is stored, but for when a credential was last used."""
        digest = hashlib.sha256()
        with self.database.read() as connection:
            for table in (*crm_metadata.sorted_tables, *chat_metadata.sorted_tables):
                if table.name not in MOVING:
                    rows = sorted(map(repr, connection.execute(select(table))))
                    digest.update("\n".join([table.name, *rows]).encode())
        return digest.hexdigest()


def fill(folder: Path, template: Path) -> Office:
    """An instance with its people and records; nothing is served yet."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template, folder / "crm.db")
    settings = load({"PARLEY_OLLAMA_URL": ""}, instance=folder)
    instance.create(settings)
    database = Database(settings.database)
    with database.write() as connection:
        north, south = teams.ensure(connection, "North"), teams.ensure(connection, "South")
        customization.set_setting(connection, "visibility.deals", "team")
        customization.create_field(connection, "deals", "Codename", "text")
        customization.create_field(connection, "companies", "Region", "select", options=["North", "South"])
    people = {
        "anna": add_user(database, "Anna", "admin"),
        "ben": add_user(database, "Ben", "member", team_id=north),
        "mia": add_user(database, "Mia", "member", team_id=north),
        "otto": add_user(database, "Otto", "member", team_id=south),
        "vera": add_user(database, "Vera", "viewer", team_id=north),
    }
    office = Office(database, people, Crm(database))
    for who, word in SECRETS.items():
        make = Maker(office.crm, people[who])
        office.ids[f"{who}.company"] = make("companies", name=f"Company of {who}")
        deals = [{"name": f"{word} deal {n}", "amount": n, "owner": people[who].user_id} for n in range(5)]
        office.ids[f"{who}.deal"] = make.many("deals", deals)[0]
        office.ids[f"{who}.note"] = make("notes", body=f"{word} private", private=True)
        office.ids[f"{who}.task"] = make("tasks", name=f"Task of {who}")
    return office


@contextmanager
def opened(folder: Path, template: Path) -> Iterator[Office]:
    """The workspace behind the whole host, in this process."""
    from app.host import build

    office = fill(folder, template)
    office.host = build(load({"PARLEY_OLLAMA_URL": ""}, instance=folder))
    quiet = structlog.testing.capture_logs()
    with quiet, TestClient(office.host, base_url=HOME, follow_redirects=False, raise_server_exceptions=False) as client:
        office.client = client
        yield office
    office.database.close()
