"""The journal as news: which records have changed, in what, by whom, and what they belong to; for one reader's eyes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from app.crm.objects import BUILT_IN
from app.crm.query.visibility import visible
from app.crm.schema import TABLES, change_sets, changes, column_name
from app.shared.contract import Principal

Ref = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One change of one record. It names fields, not values: a page asks for those through its own door."""

    seq: int
    change_set: int
    action: str  # create, update, trash, restore, purge
    object: str
    id: int
    fields: tuple[str, ...]
    author: str
    author_id: int | None
    channel: str

    @property
    def ref(self) -> Ref:
        return self.object, self.id


def read(connection: Connection, after: int, limit: int) -> list[Line]:
    """The lines of the journal after a position, in commit order."""
    statement = (
        select(changes, change_sets.c.author, change_sets.c.author_id, change_sets.c.channel)
        .join(change_sets, change_sets.c.id == changes.c.change_set_id)
        .where(changes.c.seq > after)
        .order_by(changes.c.seq)
        .limit(limit)
    )
    return [
        Line(row.seq, row.change_set_id, row.action, row.object, row.record_id, _fields(row.before, row.after),
             row.author, row.author_id, row.channel)
        for row in connection.execute(statement)
    ]  # fmt: skip


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*before, *after)))


def told(connection: Connection, principal: Principal, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """What of these lines the principal may see, as JSON; one statement for each kind of record.

    `about` are the records that the changed one is linked to: their pages show it too.
    """
    about = _about(connection, principal, lines)
    return [
        {
            "seq": line.seq,
            "change_set": line.change_set,
            "action": line.action,
            "object": line.object,
            "id": line.id,
            "fields": list(line.fields),
            "about": [list(ref) for ref in about[line.ref]],
            "by": {"id": line.author_id, "name": line.author, "channel": line.channel},
        }
        for line in lines
        if line.ref in about
    ]


def _about(connection: Connection, principal: Principal, lines: Iterable[Line]) -> dict[Ref, tuple[Ref, ...]]:
    """The visible ones of the changed records, each with what it links to."""
    ids: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        ids[line.object].add(line.id)
    found: dict[Ref, tuple[Ref, ...]] = {}
    for object, wanted in ids.items():
        table = TABLES[object]
        links = [field for field in BUILT_IN[object].fields if field.type == "link" and field.target != "users"]
        columns = [table.c[column_name(field)] for field in links]
        statement = select(table.c.id, *columns).where(table.c.id.in_(sorted(wanted)), visible(principal, object))
        for id, *values in connection.execute(statement):
            targets = zip(links, values, strict=True)
            found[object, id] = tuple((field.target or "", value) for field, value in targets if value is not None)
    return found
