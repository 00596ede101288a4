"""A small company's records, asked about on a day of our own choosing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from app.chatbot.exact import answer
from app.chatbot.types import Answer, Context, Passage, Turn
from app.crm import customization
from app.crm.port import Crm
from app.shared.contract import ChangeSet, Operation, Principal, Ref
from app.shared.db import Database
from tests.conftest import add_user

TODAY = date(2025, 3, 15)

COMPANIES = [
    {"name": "Northwind", "industry": "medical", "country": "Kenya", "employees": 900, "annual_revenue": 5_000_000},
    {"name": "Blue Harbour Ltd", "industry": "medical", "country": "Japan", "employees": 12_000,
     "annual_revenue": 70_000},
    {"name": "Grünwald & Söhne", "industry": "retail", "country": "Germany", "employees": 40, "annual_revenue": 90_000},
    {"name": "Silverline", "industry": "retail", "country": "Kenya", "employees": 5_000},
    {"name": "Empty Rooms", "industry": "finance", "employees": 7},
]  # fmt: skip
# name, company, owner, stage, amount, close date, product
DEALS = [
    ("Pumps", "Northwind", "Anna", "won", 1_000, "2024-11-05", "Alpha Max"),
    ("More pumps", "Northwind", "Anna", "won", 3_000, "2024-12-10", "Alpha Max"),
    ("Valves", "Northwind", "Ben", "lost", 0, "2024-11-20", "Beta"),
    ("Hoses", "Northwind", "Ben", "lead", 4_500, None, "Beta"),
    ("Scanner", "Blue Harbour Ltd", "Ben", "won", 20_000, "2025-02-03", "Alpha Max"),
    ("Scanner two", "Blue Harbour Ltd", "Anna", "proposal", 12_000, "2025-04-01", "Gamma 500"),
    ("Shelves", "Grünwald & Söhne", "Anna", "lost", 500, "2025-01-15", "Beta"),
    ("Loose end", None, "Ben", "won", 250, "2025-03-14", None),
]
PEOPLE = [
    {"name": "Mira Stokes", "company": "Northwind", "email": "mira@northwind.example"},
    {"name": "Mira Quill", "company": "Silverline"},
    {"name": "Jonas Ferro", "company": "Blue Harbour Ltd", "email": "jonas@harbour.example"},
]
ACTIVITIES = [
    {"name": "First call", "kind": "call", "date": "2025-03-10T09:00:00Z", "company": "Northwind",
     "person": "Mira Stokes", "body": "Integration with the old system is her worry."},
    {"name": "Visit", "kind": "meeting", "date": "2024-12-01T09:00:00Z", "company": "Blue Harbour Ltd",
     "person": "Jonas Ferro", "body": "They asked for a lower price."},
]  # fmt: skip


def _create(object: str, ref: str | None = None, **values: Any) -> Operation:
    return Operation(action="create", object=object, ref=ref, values=values)


def _ref(name: str) -> str:
    """A name for the record within its change set."""
    return "".join(letter for letter in name if letter.isascii() and letter.isalnum())


def _linked(values: dict[str, Any]) -> dict[str, Any]:
    """Links to companies and people by the name of the record in this set."""
    links = {name: f"${_ref(values[name])}" for name in ("company", "person") if values.get(name)}
    return {name: value for name, value in (values | links).items() if value is not None}


def operations(owners: dict[str, int]) -> list[Operation]:
    found = [_create("companies", _ref(row["name"]), **row) for row in COMPANIES]
    found += [_create("people", _ref(row["name"]), **_linked(row)) for row in PEOPLE]
    for name, company, owner, stage, amount, closes, product in DEALS:
        values = {"name": name, "company": company, "owner": owners[owner], "stage": stage, "amount": amount,
                  "close_date": closes, "product": product}  # fmt: skip
        found.append(_create("deals", **_linked(values)))
    found += [_create("activities", **_linked(row)) for row in ACTIVITIES]
    return [*found, _create("tasks", name="Send the offer", due_date="2025-03-20", owner=owners["Anna"], done=False)]


class Listener:
    """A retriever that remembers what it was asked, and finds what it was given."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.passages: list[Passage] = []

    def search(self, principal: Principal, text: str, **rest: Any) -> Sequence[Passage]:
        self.asked.append({"text": text, **rest})
        return self.passages


@dataclass
class Desk:
    """Where questions are asked."""

    crm: Crm
    principal: Principal
    listener: Listener = field(default_factory=Listener)

    def ask(self, *questions: str, record: Ref | None = None, on: date = TODAY) -> Answer:
        """The answer to the last question of a conversation."""
        turns: tuple[Turn, ...] = ()
        for question in questions:
            found = answer(self.crm, self.listener, self.principal, question, Context(record, history=turns), on=on)
            query = found.query.model_dump(mode="json") if found.query else None
            cited = [{"object": one.object, "id": one.id, "label": one.label} for one in found.citations]
            turns = (*turns, Turn(question, {"mode": found.mode, "query": query, "citations": cited}))
        return found

    def value(self, *questions: str) -> Any:
        """The first figure of an exact answer; else its text, so that a failed comparison says why."""
        found = self.ask(*questions)
        return found.figures[0].value if found.mode == "exact" and found.figures else found.text

    def labels(self, *questions: str) -> list[str]:
        """The labels of the rows of an exact answer."""
        found = self.ask(*questions)
        return [row["label"] for row in found.rows] if found.mode == "exact" else [found.text]

    def groups(self, *questions: str) -> dict[str, Any]:
        """The groups of an exact answer with their measure."""
        found = self.ask(*questions)
        if found.mode != "exact":
            return {"text": found.text}
        return {row["label"]: row[found.columns[-1]["name"]] for row in found.rows}

    def link(self, label: str, object: str) -> tuple[str, int]:
        return object, next(id for id, other in self.crm.labels(self.principal, object) if other == label)


def furnish(database: Database, anna: Principal) -> Desk:
    """Puts the records into a database and gives Anna's desk."""
    ben = add_user(database, "Ben", "member")
    with database.write() as connection:
        customization.create_field(connection, "deals", "Product")
        customization.create_field(connection, "companies", "Year founded", "number", integer=True)
    assert anna.user_id is not None
    assert ben.user_id is not None
    crm = Crm(database)
    owners = {"Anna": anna.user_id, "Ben": ben.user_id}
    crm.apply(anna, ChangeSet(title="Records", operations=tuple(operations(owners))))
    return Desk(crm, anna)


@pytest.fixture(scope="session")
def shared_desk(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("understanding") / "crm.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(make_url(f"sqlite:///{path}"))
    yield furnish(database, add_user(database, "Anna", "admin"))
    database.close()


@pytest.fixture
def desk(shared_desk: Desk) -> Desk:
    """Records that every reading test shares: nothing may be written to them."""
    shared_desk.listener = Listener()
    return shared_desk


@pytest.fixture
def own_desk(any_database: Database, admin: Principal) -> Desk:
    """Records of this test's own, on SQLite and on PostgreSQL."""
    return furnish(any_database, admin)
