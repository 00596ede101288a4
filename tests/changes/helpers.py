"""Short ways to change records and to look at what the tables hold."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, select

from app.crm import changes
from app.crm.schema import PROSE, TABLES, search_documents, taggings, tags
from app.shared.contract import Change, ChangeSet, Operation, Principal, Ref, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import ParleyError


def change_set(*operations: dict[str, Any], title: str = "") -> ChangeSet:
    return ChangeSet(title=title, operations=tuple(Operation(**operation) for operation in operations))


def apply(database: Database, principal: Principal, *operations: dict[str, Any], **rest: Any) -> StoredChangeSet:
    return changes.apply(database, principal, change_set(*operations), **rest)


def create(database: Database, principal: Principal, object: str, **values: Any) -> Ref:
    """The new record."""
    made = apply(database, principal, {"action": "create", "object": object, "values": values})
    return made.records[0]


def update(database: Database, principal: Principal, ref: Ref, /, **values: Any) -> StoredChangeSet:
    return apply(database, principal, {"action": "update", "object": ref.object, "id": ref.id, "values": values})


def act(database: Database, principal: Principal, action: str, *refs: Ref) -> StoredChangeSet:
    """Trash, restore or purge."""
    return apply(database, principal, *({"action": action, "object": ref.object, "id": ref.id} for ref in refs))


def row(database: Database, ref: Ref) -> dict[str, Any]:
    """The record's row as the table holds it."""
    table = TABLES[ref.object]
    with database.read() as connection:
        return dict(connection.execute(select(table).where(table.c.id == ref.id)).mappings().one())


def tags_of(database: Database, ref: Ref) -> list[str]:
    statement = select(tags.c.name).join(taggings, taggings.c.tag_id == tags.c.id)
    mine = (taggings.c.object == ref.object) & (taggings.c.record_id == ref.id)
    with database.read() as connection:
        return list(connection.execute(statement.where(mine).order_by(tags.c.name_key)).scalars())


def document(database: Database, ref: Ref) -> tuple[str, str, str] | None:
    """Title, short texts and prose of the record's searchable text."""
    columns = search_documents.c
    statement = select(columns.title, columns.body).where(columns.object == ref.object, columns.record_id == ref.id)
    with database.read() as connection:
        found = connection.execute(statement).one_or_none()
    if found is None:
        return None
    short, _, prose = found.body.partition(PROSE)
    return found.title, short, prose


def history(database: Database, principal: Principal, ref: Ref) -> list[Change]:
    with database.read() as connection:
        return list(changes.history(connection, principal, ref.object, ref.id))


def errors(error: ParleyError) -> dict[str, str]:
    """Field -> message."""
    return {item.field: item.message for item in error.errors}


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that run meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
