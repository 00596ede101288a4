"""The first run: ways to begin, and the steps after that, on the first page until an admin puts them away."""

from dataclasses import dataclass

from flask import Response, make_response, redirect
from sqlalchemy import Connection, func, select

from app.crm import demo
from app.crm.accounts import events, users
from app.crm.pages import shaping, undo
from app.crm.pages.reader import Reader
from app.crm.schema import users as user_table
from app.crm.web import principal, services
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.errors import Conflict


@dataclass(frozen=True, slots=True)
class Guide:
    """How far this workspace's first run is. What can be counted is counted, not remembered."""

    is_open: bool
    begins_empty: bool  # an admin chose to begin without records: the first page shows its empty tiles
    demo: int | None  # the change set that brought the demo's records, while they are there
    people: int  # who can sign in
    filled: bool

    @property
    def has_colleagues(self) -> bool:
        return self.people > 1


def state(reader: Reader, filled: bool) -> Guide:
    """The guide as this user sees it: for admins alone."""
    kept = demo.kept(reader.connection)
    if not reader.principal.is_admin:
        return Guide(False, bool(kept.get("empty")), None, 0, filled)
    change_set = (kept.get("demo") or {}).get("change_set")
    people = _people(reader.connection) if kept.get("open") else 0
    return Guide(bool(kept.get("open")), bool(kept.get("empty")), change_set, people, filled)


def _people(connection: Connection) -> int:
    can = (user_table.c.active, user_table.c.password_hash.isnot(None), user_table.c.email_key.isnot(None))
    return int(connection.scalar(select(func.count()).select_from(user_table).where(*can)) or 0)


# --- steps -----------------------------------------------------------------------------------------------------------


def load_demo() -> Response:
    """POST /guide/demo: the demo's records, as one change set of this admin's."""
    shaping.admin()
    try:
        loaded = demo.load(services().database, principal())
    except Conflict:
        return undo.answer("/", "not-empty", bad=True)
    with services().database.write() as connection:
        events.record(connection, "demo.loaded", actor=principal(), detail={"change set": loaded.id})
    return undo.answer("/", "demo")


def remove_demo() -> Response:
    """POST /guide/demo/remove: every record of the demo that still lives to the trash, in one change set."""
    shaping.admin()
    with services().database.read() as connection:
        kept = demo.kept(connection).get("demo")
    if not kept:
        return make_response(redirect("/", 303))
    removed = _trash(principal(), kept["change_set"])
    with services().database.write() as connection:
        for id in kept["users"]:
            users.deactivate(connection, id)
        demo.keep(connection, demo=None)
        events.record(connection, "demo.removed", actor=principal(), detail={"change set": removed})
    return undo.answer("/", "demo-removed", removed)


def _trash(me: Principal, change_set: int) -> int | None:
    """The change set that did it; None where none of them lives."""
    crm = services().crm
    refs = [(ref.object, ref.id) for ref in crm.change_set(me, change_set).records]
    living = crm.get_many(me, refs)
    operations = tuple(Operation(action="trash", object=object, id=id) for object, id in refs if (object, id) in living)
    return crm.apply(me, ChangeSet(title="Demo data removed", operations=operations)).id if operations else None


def start_empty() -> Response:
    """POST /guide/empty: begin without records."""
    return _settle(empty=True, open=True)


def dismiss() -> Response:
    """POST /guide/dismiss: put the guide away; General settings bring it back."""
    return _settle(open=False)


def resume() -> Response:
    """POST /guide/resume."""
    return _settle(open=True)


def _settle(**news: bool) -> Response:
    shaping.admin()
    with services().database.write() as connection:
        demo.keep(connection, **news)
    return make_response(redirect("/", 303))
