"""The audit log: security events and applied change sets in one order, newest first, by keyset.

Each page asks both tables for at most a page and merges them. Where one person is asked for, events are read once by
who did it and once by whose account it is; every one of these statements is answered from an index.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select, true, union_all

from app.crm.accounts import events
from app.crm.schema import change_sets, changes, security_events, users
from app.shared.errors import BadRequest

RECORDS = "records"  # the kind of change sets
SHOWN_CHANGES = 3
_AT = {"event": security_events.c.at, "set": change_sets.c.applied_at}
_ID = {"event": security_events.c.id, "set": change_sets.c.id}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: whose, of what kind (`records`: change sets), from when until before when."""

    person: int | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: who did what, when, from where, and through which channel."""

    at: datetime
    source: str  # event or set
    id: int
    kind: str
    what: str
    actor: str
    channel: str
    about: str = ""  # whose account it is about, where that isn't the actor's
    address: str = ""
    user_agent: str = ""
    detail: Sequence[tuple[str, str]] = ()
    records: Sequence[tuple[str, str]] = ()  # (label, address) of the first records that were changed
    more: int = 0  # how many records there are beyond those

    @property
    def cursor(self) -> str:
        return f"{self.at.isoformat()}_{self.source}_{self.id}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the page before ended: entries of one moment stand as events, then sets, each by falling id."""

    at: datetime
    source: str
    id: int = field(default=0)

    def after(self, source: str) -> ColumnElement[bool]:
        at, id_ = _AT[source], _ID[source]
        if source == self.source:
            return and_(at <= self.at, or_(at < self.at, id_ < self.id))
        return at <= self.at if source > self.source else at < self.at


def page(connection: Connection, wanted: Wanted, before: str = "", limit: int = 50) -> tuple[list[Entry], str]:
    """A page of the log, and the cursor of the next one ("": this is the last). Raises BadRequest for a bad cursor."""
    place = _place(before) if before else None
    rows = [*_events(connection, wanted, place, limit + 1), *_sets(connection, wanted, place, limit + 1)]
    rows.sort(key=lambda item: (item[1].at, item[0] == "event", item[1].id), reverse=True)
    shown = rows[:limit]
    entries = [_event(row) if source == "event" else _set(row) for source, row in shown]
    entries = _with_records(connection, entries)
    return entries, entries[-1].cursor if len(rows) > limit else ""


def _place(text: str) -> _Place:
    try:
        at, source, id_ = text.rsplit("_", 2)
        place = _Place(datetime.fromisoformat(at), source, int(id_))
    except ValueError:
        place = None
    if place is None or place.source not in _AT or place.at.tzinfo is None or not 0 < place.id < 2**53:
        raise BadRequest("This page of the audit log can't be found. Open the log anew.")
    return place


def _narrowed(statement: Select[Any], source: str, wanted: Wanted, place: _Place | None, limit: int) -> Select[Any]:
    at, id_ = _AT[source], _ID[source]
    if wanted.since:
        statement = statement.where(at >= wanted.since)
    if wanted.until:
        statement = statement.where(at < wanted.until)
    if place:
        statement = statement.where(place.after(source))
    return statement.order_by(at.desc(), id_.desc()).limit(limit)


# --- security events -------------------------------------------------------------------------------------------------

_ABOUT = users.alias("about")


def _events(connection: Connection, wanted: Wanted, place: _Place | None, limit: int) -> list[tuple[str, Row[Any]]]:
    if wanted.kind == RECORDS:
        return []
    statement = select(security_events, _ABOUT.c.name.label("about")).join(
        _ABOUT, _ABOUT.c.id == security_events.c.user_id, isouter=True
    )
    if wanted.kind:
        statement = statement.where(security_events.c.kind == wanted.kind)
    whose = [column == wanted.person for column in _PERSON] if wanted.person is not None else [true()]
    found: dict[int, Row[Any]] = {}
    for condition in whose:
        asked = _narrowed(statement.where(condition), "event", wanted, place, limit)
        found |= {row.id: row for row in connection.execute(asked)}
    return [("event", row) for row in found.values()]


_PERSON = (security_events.c.actor_id, security_events.c.user_id)


def _event(row: Row[Any]) -> Entry:
    return Entry(
        at=row.at,
        source="event",
        id=row.id,
        kind=row.kind,
        what=events.KINDS.get(row.kind, row.kind),
        actor=row.actor,
        channel=row.channel,
        about=row.about or "" if row.user_id != row.actor_id else "",
        address=row.address or "",
        user_agent=row.user_agent or "",
        detail=[(str(key).replace("_", " "), _shown(value)) for key, value in row.detail.items()],
    )


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


# --- change sets -----------------------------------------------------------------------------------------------------


def _sets(connection: Connection, wanted: Wanted, place: _Place | None, limit: int) -> list[tuple[str, Row[Any]]]:
    if wanted.kind not in ("", RECORDS):
        return []
    columns = [change_sets.c[name] for name in ("id", "title", "author", "channel", "count", "undoes_id")]
    statement = select(*columns, change_sets.c.applied_at.label("at")).where(change_sets.c.applied_at.is_not(None))
    if wanted.person is not None:
        statement = statement.where(change_sets.c.author_id == wanted.person)
    return [("set", row) for row in connection.execute(_narrowed(statement, "set", wanted, place, limit))]


def _set(row: Row[Any]) -> Entry:
    return Entry(
        at=row.at,
        source="set",
        id=row.id,
        kind=RECORDS,
        what=row.title or ("Undid a change" if row.undoes_id else "Changed records"),
        actor=row.author,
        channel=row.channel,
        more=row._mapping["count"],
    )


def _with_records(connection: Connection, entries: list[Entry]) -> list[Entry]:
    """The first records of each set of the page: one statement, a few lines of each set."""
    sets = [entry.id for entry in entries if entry.source == "set"]
    if not sets:
        return entries
    columns = (changes.c.change_set_id, changes.c.object, changes.c.record_id, changes.c.label, changes.c.seq)
    firsts = [
        select(select(*columns).where(changes.c.change_set_id == id_).order_by(changes.c.seq).limit(SHOWN_CHANGES)
               .subquery())
        for id_ in sets
    ]  # fmt: skip
    found: dict[int, dict[str, str]] = {}
    for row in connection.execute(union_all(*firsts)):
        found.setdefault(row.change_set_id, {})[f"/{row.object}/{row.record_id}"] = row.label
    return [_naming(entry, found.get(entry.id, {})) if entry.source == "set" else entry for entry in entries]


def _naming(entry: Entry, records: dict[str, str]) -> Entry:
    named = [(label, url) for url, label in records.items()]
    return replace(entry, records=named, more=max(0, entry.more - len(named)))
