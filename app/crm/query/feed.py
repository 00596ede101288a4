"""What hangs at a record, by time: the notes, activities, tasks and files of its timeline.

A company has what hangs at its people and deals too, a person what hangs at their deals, and every record the texts
that mention it. One statement a kind: each way to the record is read from its own index, newest first, and they are
joined; everything on the way is narrowed by what the principal may see.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, literal, select, tuple_, union_all

from app.crm.objects import BUILT_IN
from app.crm.query.visibility import living, visible
from app.crm.schema import TABLES, column_name, mentions
from app.shared.contract import Principal

Sql = ColumnElement[Any]
_MENTIONING = frozenset({"notes", "activities"})  # whose texts stand in the timeline of what they mention


@dataclass(frozen=True, slots=True)
class Feed:
    """One kind of thing in timelines: by which column it stands in time, and which of its records do."""

    object: str
    at: str
    holds: Callable[[FromClause, datetime], Sql | None] = lambda _table, _now: None
    rising: bool = False  # what comes first stands first


FEEDS = {
    "notes": Feed("notes", "created_at", lambda table, _now: table.c.pinned.is_not(True)),
    "activities": Feed("activities", "date", lambda table, now: table.c.date <= now),
    "tasks": Feed("tasks", "done_at", lambda table, _now: table.c.done.is_(True)),
    "files": Feed("files", "created_at"),
}
PLANNED = (
    Feed("tasks", "due_date", lambda table, _now: table.c.done.is_not(True), rising=True),
    Feed("activities", "date", lambda table, now: table.c.date > now, rising=True),
)
PINNED = Feed("notes", "created_at", lambda table, _now: table.c.pinned.is_(True))


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a timeline; `mentions`: it hangs elsewhere, its text links here."""

    at: datetime | date | None
    id: int
    mentions: bool


def hanging(
    connection: Connection,
    principal: Principal,
    feed: Feed,
    object: str,
    id: int,
    *,
    now: datetime,
    before: tuple[datetime, int] | None = None,
    limit: int = 25,
) -> Sequence[Entry]:
    """What of one kind hangs at a record, in the feed's order; `before`: time and id of the last one of a page."""
    found = [_branch(principal, feed, way, now, before, limit) for way in _ways(principal, feed, object, id)]
    if not found:
        return []
    joined = union_all(*(select(branch) for branch in found)).subquery()
    order = (joined.c.at.asc().nulls_last(), joined.c.id) if feed.rising else (joined.c.at.desc(), joined.c.id.desc())
    statement = select(joined.c.at, joined.c.id, joined.c.mentions).order_by(*order).limit(limit * len(found))
    entries: dict[int, Entry] = {}
    for row in connection.execute(statement):
        known = entries.get(row.id)
        entries[row.id] = Entry(_aware(row.at), row.id, bool(row.mentions) and (known is None or known.mentions))
    return list(entries.values())[:limit]


def _aware(at: Any) -> Any:
    return at.replace(tzinfo=UTC) if isinstance(at, datetime) and at.tzinfo is None else at


def _ways(principal: Principal, feed: Feed, object: str, id: int) -> Iterator[Callable[[FromClause], tuple[Sql, int]]]:
    """Each way from things of this kind to the record: a condition, and whether it is a mention."""
    links = {field.target: column_name(field) for field in BUILT_IN[feed.object].fields if field.type == "link"}
    for target, ids in _near(principal, object, id):
        if target in links and target != feed.object:
            yield lambda table, column=links[target], ids=ids: (  # type: ignore[misc]
                table.c[column].in_(ids) if isinstance(ids, Select) else table.c[column] == ids,
                0,
            )
    if feed.object in _MENTIONING:
        said = select(mentions.c.record_id).where(
            mentions.c.object == feed.object, mentions.c.target == object, mentions.c.target_id == id
        )
        yield lambda table: (table.c.id.in_(said), 1)


def _near(principal: Principal, object: str, id: int) -> Iterator[tuple[str, int | Select[Any]]]:
    """The record itself, and those whose things stand in its timeline as well."""
    yield object, id
    if object == "companies":
        for name in ("people", "deals"):
            yield name, _living(principal, name, lambda table: table.c.company_id == id)
    elif object == "people":
        roles = TABLES["deal_contacts"]
        joined = select(roles.c.deal_id).where(roles.c.person_id == id, roles.c.trashed_at.is_(None))
        yield "deals", _living(principal, "deals", lambda table: table.c.person_id == id)
        yield "deals", _living(principal, "deals", lambda table: table.c.id.in_(joined))


def _living(principal: Principal, object: str, which: Callable[[FromClause], Sql]) -> Select[Any]:
    table = TABLES[object].alias()
    return select(table.c.id).where(which(table), living(table, object), visible(principal, object, table))


def _branch(
    principal: Principal,
    feed: Feed,
    way: Callable[[FromClause], tuple[Sql, int]],
    now: datetime,
    before: tuple[datetime, int] | None,
    limit: int,
) -> Any:
    table = TABLES[feed.object].alias()
    at = table.c[feed.at]
    condition, mentioning = way(table)
    asked = [condition, living(table, feed.object), visible(principal, feed.object, table)]
    if (holds := feed.holds(table, now)) is not None:
        asked.append(holds)
    if not feed.rising:
        asked.append(at.is_not(None))
    if before is not None:
        asked.append(tuple_(at, table.c.id) < tuple_(literal(before[0], at.type), literal(before[1])))
    order = (at.asc().nulls_last(), table.c.id) if feed.rising else (at.desc(), table.c.id.desc())
    columns = (at.label("at"), table.c.id.label("id"), literal(mentioning).label("mentions"))
    return select(*columns).where(and_(*asked)).order_by(*order).limit(limit).subquery()
