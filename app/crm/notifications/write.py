"""Notifications as rows: the same is told once, what comes in masses is told as one, and small edits are gathered."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, tuple_

from app.crm.notifications import people
from app.crm.notifications.audience import News
from app.crm.schema import notifications as table
from app.shared.types import utc_now

SINGLY = 3  # records of one kind in one change set that are told one by one
GATHERED = timedelta(minutes=30)  # edits of one record by one person, unread, are one notification
Values = dict[str, Any]


def rows(news: Iterable[News]) -> list[Values]:
    """The rows for some news: one for each record, or one for many of a kind in one set."""
    groups: dict[tuple[int, str, int, str], list[News]] = defaultdict(list)
    for one in news:
        groups[one.user, one.kind, one.line.change_set_id, one.ref[0]].append(one)
    return [row for group in groups.values() for row in (_singly(group) if len(group) <= SINGLY else [_many(group)])]


def _singly(group: Sequence[News]) -> list[Values]:
    return [
        _row(one, f"{one.kind}:{one.line.change_set_id}:{one.ref[0]}:{one.ref[1]}", dict(one.detail), one.ref[1])
        for one in group
    ]


def _many(group: Sequence[News]) -> Values:
    first = group[0]
    detail = {"count": len(group), "action": first.detail.get("action", "")}
    return _row(first, f"{first.kind}:{first.line.change_set_id}:{first.ref[0]}", detail, None)


def _row(one: News, key: str, detail: Values, id: int | None) -> Values:
    return {
        "user_id": one.user, "kind": one.kind, "key": key, "object": one.ref[0], "record_id": id,
        "change_set_id": one.line.change_set_id, "actor": one.line.author, "detail": detail,
    }  # fmt: skip


def add(connection: Connection, made: Sequence[Values]) -> None:
    """Store what wasn't told yet. Parts of one large set add up; an unread edit of the same record gives way."""
    if not made:
        return
    now = utc_now()
    known = _known(connection, made)
    fresh: list[Values] = []
    gone: list[int] = []
    for row in made:
        old = known.get((row["user_id"], row["key"]))
        if old is not None and "count" not in row["detail"]:
            continue
        if old is not None:
            row["detail"]["count"] += old.detail.get("count", 0)
            gone.append(old.id)
        fresh.append(row | {"created_at": now})
    gone += _gather(connection, fresh)
    if gone:
        connection.execute(delete(table).where(table.c.id.in_(gone)))
    if fresh:
        connection.execute(insert(table), fresh)


def _known(connection: Connection, made: Sequence[Values]) -> dict[tuple[int, str], Row[Any]]:
    keys = [(row["user_id"], row["key"]) for row in made]
    statement = select(table).where(tuple_(table.c.user_id, table.c.key).in_(keys))
    return {(row.user_id, row.key): row for row in connection.execute(statement)}


def _gather(connection: Connection, fresh: Sequence[Values]) -> list[int]:
    """The ids of unread edits that the new ones say too; their fields are added to these."""
    edits = {
        (row["user_id"], row["object"], row["record_id"]): row
        for row in fresh
        if row["kind"] == "changed" and "fields" in row["detail"]
    }
    if not edits:
        return []
    same = tuple_(table.c.user_id, table.c.object, table.c.record_id).in_(list(edits))
    since = table.c.created_at > utc_now() - GATHERED
    found = connection.execute(select(table).where(same, table.c.kind == "changed", table.c.read_at.is_(None), since))
    gone = []
    for old in found:
        row = edits[old.user_id, old.object, old.record_id]
        if old.actor == row["actor"] and "fields" in old.detail:
            fields = dict.fromkeys([*old.detail["fields"], *row["detail"]["fields"]])
            row["detail"] = {**old.detail, **row["detail"], "fields": list(fields)}
            gone.append(old.id)
    return gone


def tell(
    connection: Connection,
    user_id: int | None,
    kind: str,
    key: str,
    detail: Mapping[str, Any] | None = None,
    **row: Any,
) -> None:
    """One notification that isn't of the journal, unless its user is away, doesn't want it or has it already."""
    if user_id is None or user_id not in people.principals(connection, [user_id]):
        return
    if kind in people.turned_off(connection, user_id):
        return
    add(connection, [{"user_id": user_id, "kind": kind, "key": key, "detail": dict(detail or {}), **_BLANK, **row}])


_BLANK: Values = {"object": "", "record_id": None, "change_set_id": None, "actor": ""}
