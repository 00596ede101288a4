"""The latest changes as a reader of the first page wants them: a set of many (an import) is one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from app.crm.changes.history import matching
from app.crm.changes.store import record_visible
from app.crm.schema import change_sets, changes
from app.shared.contract import Change, Principal

_LOOKED_AT = 200  # sets, of which some may hold nothing that the reader may see
_MOST = 1000  # lines of one set that are counted


@dataclass(frozen=True, slots=True)
class Folded:
    """One applied set: its first change that the reader may see, and how many of its changes those are."""

    first: Change
    count: int
    is_bound: bool  # there are more than `count`
    undoes: bool  # it took back another set


def folded(connection: Connection, principal: Principal, limit: int = 8) -> Sequence[Folded]:
    """The latest applied sets that touched a record which the principal may see, newest first.

    Its cost is bounded by `limit`, whatever the sizes of the sets and of the journal.
    """
    mine = select(changes.c.seq).where(changes.c.change_set_id == change_sets.c.id, record_visible(principal))
    first = mine.order_by(changes.c.seq).limit(1).correlate(change_sets).scalar_subquery()
    newest = select(change_sets.c.id).where(change_sets.c.applied_at.is_not(None))
    newest = newest.order_by(change_sets.c.applied_at.desc(), change_sets.c.id.desc()).limit(_LOOKED_AT)
    found = select(change_sets.c.id, change_sets.c.undoes_id, first.label("first"))
    found = found.where(change_sets.c.id.in_(newest), first.is_not(None))
    rows = connection.execute(
        found.order_by(change_sets.c.applied_at.desc(), change_sets.c.id.desc()).limit(limit)
    ).all()
    lines = {line.seq: line for line in matching(connection, principal, changes.c.seq.in_([row.first for row in rows]))}
    counts = _counts(connection, principal, [row.id for row in rows])
    return [
        Folded(lines[row.first], min(counts[row.id], _MOST), counts[row.id] > _MOST, row.undoes_id is not None)
        for row in rows
        if row.first in lines
    ]


def _counts(connection: Connection, principal: Principal, ids: Sequence[int]) -> dict[int, int]:
    """How many records of each set the principal may see, counted as far as is said."""
    counted: dict[int, Any] = {}
    for id in ids:
        lines = select(changes.c.seq).where(changes.c.change_set_id == id, record_visible(principal)).limit(_MOST + 1)
        counted[id] = select(func.count()).select_from(lines.subquery()).scalar_subquery()
    if not counted:
        return {}
    return dict(zip(counted, connection.execute(select(*counted.values())).one(), strict=True))
