"""Two workspaces that differ by records alone that some may not see: for them nothing at all may differ.

The first has, of every object, a record of Olga's (and one in her trash) with marked values; the second is a copy from
which those records, their journal and their texts are gone. Everyone else has a record of every object, linked to hers.
"""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient

from app.crm import changes
from app.crm.objects import BUILT_IN, JOIN_OBJECTS, RECORD_OBJECTS
from app.crm.port import Crm
from app.crm.schema import TABLES, change_sets, search_documents, settings, taggings, teams
from app.crm.schema import changes as journal
from app.shared import instance
from app.shared.config import load
from app.shared.contract import SYSTEM, ChangeSet, FieldSpec, Operation, Principal
from app.shared.db import Database, sqlite_module
from tests.conftest import add_user, bearer
from tests.uploads import uploaded

HOME = "http://127.0.0.1:5050"
MARK = "zqxhidden"
AMOUNT = 7_717_171  # of her deal, in major units
OBJECTS = (*RECORD_OBJECTS, *JOIN_OBJECTS)
RULES = ("everyone", "team", "owner")
Refs = dict[str, list[int]]


@dataclass
class Workspace:
    """A host over a database, and who asks."""

    database: Database
    opened: Callable[[], TestClient]
    people: Mapping[str, Principal]
    tokens: Mapping[str, str]
    hers: Refs  # object -> ids: the living one first, then the one in the trash; of notes also a private one
    own: Mapping[str, Refs]

    @cached_property
    def client(self) -> TestClient:
        """Of the whole host."""
        return self.opened()

    @property
    def crm(self) -> Crm:
        return Crm(self.database)

    def get(self, who: str, address: str) -> Any:
        self.client.cookies.clear()  # a toast of what was sent before
        return self.client.get(address, headers=self.headers(who))

    def headers(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}", "Origin": HOME}

    def rule(self, rule: str) -> None:
        """Everyone, the owner's team, or the owner alone sees a record, of every object."""
        with self.database.write() as connection:
            connection.execute(delete(settings).where(settings.c.key.startswith("visibility.")))
            names = [{"key": f"visibility.{name}", "value": rule} for name in RECORD_OBJECTS]
            connection.execute(insert(settings), names)


# Everyone who asks: the role, and the team. Olga, whose records these are, is a member of team 1.
PEOPLE: dict[str, tuple[Any, int | None]] = {
    "olga": ("member", 1),
    "mate": ("member", 1),
    "watching mate": ("viewer", 1),
    "other": ("member", 2),
    "watching other": ("viewer", 2),
    "loner": ("member", None),
    "admin": ("admin", 2),
}


def hidden_from(rule: str) -> list[str]:
    """Who may not see Olga's records under a rule."""
    if rule == "everyone":
        return []
    asking = [who for who, (role, _) in PEOPLE.items() if who != "olga" and role != "admin"]
    return asking if rule == "owner" else [who for who in asking if PEOPLE[who][1] != 1]


@contextmanager
def workspaces(folder: Path, template: Path) -> Iterator[tuple[Workspace, Workspace]]:
    """With Olga's records, and without."""
    shutil.copyfile(template, folder / "with.db")
    database = Database(make_url(f"sqlite:///{folder / 'with.db'}"))
    people = _people(database)
    tokens = {name: bearer(database, who) for name, who in people.items()}
    hers, own = _fill(database, people)
    database.close()
    shutil.copyfile(folder / "with.db", folder / "without.db")
    _take_out(folder / "without.db", hers)
    with ExitStack() as stack:
        yield tuple(
            stack.enter_context(_opened(folder / name, folder / f"{name}.db", people, tokens, hers, own))
            for name in ("with", "without")
        )  # type: ignore[misc]


@contextmanager
def _opened(folder: Path, file: Path, people: Any, tokens: Any, hers: Refs, own: Any) -> Iterator[Workspace]:
    from app.host import build

    folder.mkdir()
    shutil.move(file, folder / "crm.db")
    made = load({"PARLEY_OLLAMA_URL": ""}, instance=folder)
    instance.create(made)
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    with ExitStack() as stack:

        def client() -> TestClient:
            return stack.enter_context(TestClient(build(made), base_url=HOME, follow_redirects=False))

        yield Workspace(database, client, people, tokens, hers, own)
    database.close()


def _people(database: Database) -> dict[str, Principal]:
    with database.write() as connection:
        for number in (1, 2):
            connection.execute(insert(teams).values(id=number, name=f"Team {number}", name_key=f"team {number}"))
    return {
        name: add_user(database, name, role, f"{name.replace(' ', '.')}@example.com", team_id=team)
        for name, (role, team) in PEOPLE.items()
    }


def _fill(database: Database, people: Mapping[str, Principal]) -> tuple[Refs, dict[str, Refs]]:
    own = {name: _records(database, SYSTEM, who, f"own {name}", {}) for name, who in people.items() if name != "olga"}
    olga = people["olga"]
    hers = _records(database, olga, olga, MARK, {})
    gone = _records(database, olga, olga, f"{MARK} gone", {})
    for name in RECORD_OBJECTS:
        _apply(database, olga, Operation(action="trash", object=name, id=gone[name][0]))
    secret = {"name": f"{MARK} private", "body": f"{MARK} private", "company": hers["companies"][0], "private": True}
    private = _apply(database, olga, Operation(action="create", object="notes", values=secret))
    for mine in own.values():  # last: the journal's end, which live pages start at, is the same for all
        _link(database, mine, hers)
    found = {name: [*hers[name], *gone[name]] for name in OBJECTS}
    return found | {"notes": [*found["notes"], private]}, own


def _records(database: Database, author: Principal, owner: Principal, words: str, links: Refs) -> Refs:
    """One record of every object, linked to each other."""
    made: Refs = {}
    for name in OBJECTS:
        values = {field.name: _value(field, words, owner, made) for field in BUILT_IN[name].fields}
        kept = {key: value for key, value in values.items() if value is not None}
        made[name] = [_apply(database, author, Operation(action="create", object=name, values=kept))]
    return made


def _value(field: FieldSpec, words: str, owner: Principal, made: Refs) -> Any:
    if field.read_only or field.name == "private":
        return None
    if field.type == "link":
        return owner.user_id if field.target == "users" else made.get(field.target or "", [None])[0]
    texts = {
        "email": f"{words.replace(' ', '.')}@example.com", "url": f"https://{words.replace(' ', '-')}.example",
        "phone": "+1 650 253 0000", "number": 77, "money": AMOUNT, "boolean": False, "date": "2031-07-17",
        "datetime": "2031-07-17T07:17:00Z", "select": field.options[-1].key if field.options else None,
        "stage": "won", "tags": ["common"],
    }  # fmt: skip
    if field.name == "currency":
        return "USD"
    return texts.get(field.type, f"{words} {field.name}")


def _apply(database: Database, author: Principal, operation: Operation) -> int:
    if operation.object == "files" and operation.action == "create":
        return uploaded(database, author, text=str(operation.values["name"]), **operation.values)
    return changes.apply(database, author, ChangeSet(operations=(operation,))).records[0].id


def _link(database: Database, mine: Refs, hers: Refs) -> None:
    """Point all that is one's own at Olga's: it stays one's own, and shows nothing of hers."""
    for name in RECORD_OBJECTS:
        links = {
            field.name: hers[field.target or ""][0]
            for field in BUILT_IN[name].fields
            if field.type == "link" and field.target in RECORD_OBJECTS
        }
        if links:
            _apply(database, SYSTEM, Operation(action="update", object=name, id=mine[name][0], values=links))
    for name in JOIN_OBJECTS:
        first, *others = BUILT_IN[name].ends
        values: dict[str, Any] = {first.name: mine[first.target or ""][0]}
        values |= {end.name: hers[end.target or ""][0] if end.target in hers else 1 for end in others}
        _apply(database, SYSTEM, Operation(action="create", object=name, values=values))


def _take_out(file: Path, hers: Refs) -> None:
    """Leave nothing of these records, as if they had never been; links to them lead nowhere."""
    connection = sqlite_module().connect(file)
    gone = {(name, id) for name, ids in hers.items() for id in ids}
    for name, id in gone:
        connection.execute(f"DELETE FROM {TABLES[name].name} WHERE id = ?", (id,))
        for table in (search_documents, taggings, journal):
            connection.execute(f"DELETE FROM {table.name} WHERE object = ? AND record_id = ?", (name, id))
    connection.execute(f"DELETE FROM {change_sets.name} WHERE id NOT IN (SELECT change_set_id FROM {journal.name})")
    connection.commit()
    connection.close()


# --- comparing the two ------------------------------------------------------------------------------------------------

Two = tuple[Workspace, Workspace]

# Answers hold some things that are new each time, or that say when they were made.
_CHANGING = re.compile(
    r'<time datetime="[^"]*T[^>]*>[^<]*</time>|nonce="[^"]+"'
    r'|name="_?(?:csrf|once|token|key)"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="_?(?:csrf|once|token|key)"'
    r"|\d+ (?:seconds?|minutes?) ago|just now|T\d\d:\d\d:\d\d[^\"<]*|\"(?:score|request_id)\": ?[^,}]+"
    r"|[0-9a-f]{32}|[\w-]{43}"
)


def shown(answer: Any) -> tuple[int, str, str]:
    headers = answer.headers
    return (
        answer.status_code,
        _CHANGING.sub("…", headers.get("location", "") + headers.get("etag", "")),
        _CHANGING.sub("…", answer.text),
    )


def set_rule(both: Two, rule: str) -> None:
    for workspace in both:
        workspace.rule(rule)
