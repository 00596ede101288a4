"""Change sets as they are kept: rows to `StoredChangeSet`, and who may see which."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, exists, false, func, insert, or_, select, update

from app.crm.changes import beside, seen
from app.crm.changes.context import Context
from app.crm.objects import WRITTEN_OBJECTS
from app.crm.query.visibility import visible
from app.crm.schema import TABLES, change_sets, changes
from app.shared.contract import ChangeSet, Operation, Principal, Ref, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import NotFound
from app.shared.types import utc_now

MOST_RECORDS = 1_000  # named by `get`; the journal has all
_ADDED = insert(change_sets).returning(change_sets)


def add(context: Context, changes_: ChangeSet, **columns: Any) -> Row[Any]:
    """A new row, by this principal, now."""
    row = {
        "title": changes_.title,
        "author_id": context.principal.user_id,
        "author": context.principal.name,
        "channel": context.principal.channel,
        "created_at": context.now,
        "count": len(changes_.operations),
    }
    added = context.connection.execute(_ADDED, row | columns).one()
    beside.note(context.connection, added.id)
    return added


def put(connection: Connection, change_set: int, **columns: Any) -> None:
    connection.execute(update(change_sets).where(change_sets.c.id == change_set).values(**columns))


def get(database: Database, principal: Principal, change_set: int) -> StoredChangeSet:
    """One set, with up to 1,000 of the records that it touched. Raises NotFound, also where it may not be seen."""
    with database.read() as connection:
        return read(connection, principal, change_set)


def read(connection: Connection, principal: Principal, change_set: int) -> StoredChangeSet:
    row = fetch(connection, principal, change_set)
    return shown(connection, principal, row, touched(connection, principal, change_set))


def shown(connection: Connection, principal: Principal, row: Row[Any], records: Iterable[Ref] = ()) -> StoredChangeSet:
    """A set as the principal may read it."""
    return stored(row, records, seen.operations(connection, principal, [row]).get(row.id, ()))


def fetch(connection: Connection, principal: Principal, change_set: int) -> Row[Any]:
    """The row, where the principal may see it. Raises NotFound."""
    statement = select(change_sets).where(change_sets.c.id == change_set, may_see(principal))
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"There is no change set {change_set}.")
    return row


def row(connection: Connection, change_set: int) -> Row[Any]:
    return connection.execute(select(change_sets).where(change_sets.c.id == change_set)).one()


def may_see(principal: Principal) -> ColumnElement[bool]:
    """Admins see every set; others their own, and the applied ones that touch a record which they may see."""
    if principal.is_admin:
        return change_sets.c.id.is_not(None)
    mine = change_sets.c.author_id == principal.user_id if principal.user_id is not None else false()
    of_this = select(changes.c.seq).where(changes.c.change_set_id == change_sets.c.id, record_visible(principal))
    return or_(mine, exists(of_this.correlate(change_sets)))


def record_visible(principal: Principal) -> ColumnElement[bool]:
    """The condition that a line of the journal is about a record that the principal may see."""
    return or_(*(_is_visible(principal, name) for name in WRITTEN_OBJECTS))


def _is_visible(principal: Principal, name: str) -> ColumnElement[bool]:
    table = TABLES[name]
    found = select(table.c.id).where(table.c.id == changes.c.record_id, visible(principal, name))
    return and_(changes.c.object == name, exists(found.correlate(changes)))


def touched(connection: Connection, principal: Principal, change_set: int) -> tuple[Ref, ...]:
    """The records of an applied set that the principal may see, in the order of the journal."""
    statement = (
        select(changes.c.object, changes.c.record_id, changes.c.label)
        .where(changes.c.change_set_id == change_set, record_visible(principal))
        .order_by(changes.c.seq)
        .limit(MOST_RECORDS)
    )
    found = {(row.object, row.record_id): row.label for row in connection.execute(statement)}
    return tuple(Ref(object, id, label) for (object, id), label in found.items())


def stored(row: Row[Any], records: Iterable[Ref] = (), operations: Iterable[Operation] = ()) -> StoredChangeSet:
    """A row as a set. Its operations are for the caller to give: no principal may read them as they are kept."""
    return StoredChangeSet(
        id=row.id,
        state=_state(row),
        title=row.title,
        author=row.author,
        author_id=row.author_id,
        channel=row.channel,
        created_at=row.created_at,
        applied_at=row.applied_at,
        expires_at=row.expires_at,
        undoes=row.undoes_id,
        undone_by=row.undone_by_id,
        count=row._mapping["count"],
        operations=tuple(operations),
        records=tuple(records),
    )


def _state(row: Row[Any]) -> Any:
    """A proposal whose time has passed counts as expired, whether or not anything has noted it yet."""
    return "expired" if row.state == "proposed" and row.expires_at and row.expires_at <= utc_now() else row.state


def listing(
    connection: Connection,
    principal: Principal,
    *,
    state: str | None = None,
    limit: int = 50,
    before: int | None = None,
    ascending: bool = False,
) -> Sequence[StoredChangeSet]:
    """Change sets, newest first (or oldest first), in pages: `before` is the last id of the page before."""
    order = change_sets.c.id.asc() if ascending else change_sets.c.id.desc()
    statement = select(change_sets).where(may_see(principal)).order_by(order).limit(limit)
    if before is not None:
        statement = statement.where(change_sets.c.id > before if ascending else change_sets.c.id < before)
    if state is not None:
        statement = statement.where(_effective_state(utc_now()) == state)
    found = connection.execute(statement).all()
    kept = seen.operations(connection, principal, found)
    return [stored(row, (), kept.get(row.id, ())) for row in found]


def count(connection: Connection, principal: Principal, *, state: str | None = None, bound: int) -> int:
    """How many sets `listing` would give in all, counted no further than one past the bound."""
    statement = select(change_sets.c.id).where(may_see(principal))
    if state is not None:
        statement = statement.where(_effective_state(utc_now()) == state)
    return connection.scalar(select(func.count()).select_from(statement.limit(bound + 1).subquery())) or 0


def _effective_state(now: datetime) -> ColumnElement[str]:
    late = and_(change_sets.c.state == "proposed", change_sets.c.expires_at <= now)
    return case((late, "expired"), else_=change_sets.c.state)
