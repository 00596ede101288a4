"""What a user reads: their notifications about what they may see now, how many are new, and that they were read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, literal_column, or_, select, update

from app.crm import query
from app.crm.objects import RECORD_OBJECTS
from app.crm.query.visibility import visible
from app.crm.schema import TABLES
from app.crm.schema import notifications as table
from app.shared.contract import Principal, Record
from app.shared.types import utc_now

MOST_COUNTED = 99
Ref = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification with its record as the reader may see it, and the one that it was added to."""

    row: Row[Any]
    record: Record | None = None
    about: Record | None = None

    @property
    def is_read(self) -> bool:
        return self.row.read_at is not None

    @property
    def at(self) -> datetime:
        return self.row.created_at  # type: ignore[no-any-return]


def _mine(principal: Principal) -> ColumnElement[bool]:
    """The user's own, but for those about a record that they may not see any more, or that is gone for good."""
    seen = [_sees(principal, object) for object in RECORD_OBJECTS]
    return and_(table.c.user_id == principal.user_id, or_(table.c.record_id.is_(None), *seen))


def _sees(principal: Principal, object: str) -> ColumnElement[bool]:
    record = TABLES[object].alias()
    rows: Select[Any] = select(literal_column("1")).select_from(record)
    there = rows.where(record.c.id == table.c.record_id, visible(principal, object, record))
    return and_(table.c.object == object, exists(there.correlate(table)))


def unread(connection: Connection, principal: Principal) -> int:
    """How many are new, at most 100; one statement over the user's unread ones alone."""
    if principal.user_id is None:
        return 0
    new = select(table.c.id).where(table.c.read_at.is_(None), _mine(principal)).limit(MOST_COUNTED + 1)
    return connection.scalar(select(func.count()).select_from(new.subquery())) or 0


def listing(
    connection: Connection, principal: Principal, *, limit: int, before: int | None = None, new: bool = False
) -> list[Notification]:
    """Newest first; `before` is the last id of the page before. Statements: one, and two for each kind of record."""
    statement = select(table).where(_mine(principal)).order_by(table.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(table.c.id < before)
    if new:
        statement = statement.where(table.c.read_at.is_(None))
    rows = connection.execute(statement).all()
    records = _records(connection, principal, {ref for row in rows for ref in (_ref(row), _about(row)) if ref})
    return [Notification(row, records.get(_ref(row) or ("", 0)), records.get(_about(row) or ("", 0))) for row in rows]


def _ref(row: Row[Any]) -> Ref | None:
    return (row.object, row.record_id) if row.record_id is not None else None


def _about(row: Row[Any]) -> Ref | None:
    found = row.detail.get("about")
    return (found[0], found[1]) if found else None


def _records(connection: Connection, principal: Principal, refs: Collection[Ref]) -> dict[Ref, Record]:
    found: dict[Ref, Record] = {}
    for object in sorted({object for object, _ in refs}):
        ids = sorted(id for name, id in refs if name == object)
        records = query.fetch(connection, principal, object, ids, trashed=True)
        found |= {(object, id): record for id, record in records.items()}
    return found


def mark(connection: Connection, user_id: int, ids: Sequence[int] | None = None, *, read: bool = True) -> None:
    """Note the user's own notifications (all of them: None) as read, or as new again."""
    mine = [table.c.user_id == user_id, table.c.read_at.is_(None) if read else table.c.read_at.is_not(None)]
    if ids is not None:
        mine.append(table.c.id.in_(list(ids)))
    connection.execute(update(table).where(*mine).values(read_at=utc_now() if read else None))


def since(connection: Connection, after: int) -> tuple[int, set[int]]:
    """The newest id, and whose notifications are newer than `after`: what open pages are told."""
    rows = connection.execute(select(table.c.id, table.c.user_id).where(table.c.id > after).limit(10_000)).all()
    return max((row.id for row in rows), default=after), {row.user_id for row in rows}


def newest(connection: Connection) -> int:
    return connection.scalar(select(func.coalesce(func.max(table.c.id), 0))) or 0
