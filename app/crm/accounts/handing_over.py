"""What becomes of the records of somebody who leaves: they stay theirs, or pass to a colleague in one change set.

Handed over are companies, people, deals and tasks that are not done. Notes and activities keep their author: they say
who wrote and who met.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from app.crm import changes
from app.crm.accounts import events, users
from app.crm.query import visible
from app.crm.schema import TABLES
from app.shared.contract import ChangeSet, Operation, Principal, StoredChangeSet
from app.shared.errors import FieldError, Invalid

OBJECTS = ("companies", "people", "deals", "tasks")


def owned(connection: Connection, principal: Principal, user_id: int) -> dict[str, int]:
    """How many records of each object would pass on; objects without any are left out."""
    found = {name: connection.scalar(select(func.count()).where(_theirs(principal, name, user_id))) for name in OBJECTS}
    return {name: count for name, count in found.items() if count}


def hand_over(connection: Connection, principal: Principal, user_id: int, to: int) -> StoredChangeSet | None:
    """Make `to` the owner of what `user_id` owns, as one set that can be undone; None where that is nothing.

    In the caller's write transaction: after its commit the caller calls `changes.announce` with the set's id.
    """
    _check(connection, user_id, to)
    operations = tuple(
        Operation(action="update", object=name, id=id_, values={"owner": to})
        for name in OBJECTS
        for id_ in connection.execute(_ids(principal, name, user_id)).scalars()
    )
    if not operations:
        return None
    title = f"Hand over from {users.get(connection, user_id).name} to {users.get(connection, to).name}"
    done = changes.apply_within(connection, principal, ChangeSet(title=title, operations=operations), lenient=True)
    detail = {"to": users.get(connection, to).name, "count": len(operations), "change_set": done.id}
    events.record(connection, "records.handed_over", actor=principal, user_id=user_id, detail=detail)
    return done


def _check(connection: Connection, user_id: int, to: int) -> None:
    if to == user_id or not users.get(connection, to).active:
        reason = "Choose somebody else who is active."
        raise Invalid("The records can't go there.", [FieldError("to", reason)])


def _theirs(principal: Principal, name: str, user_id: int) -> ColumnElement[bool]:
    table = TABLES[name]
    mine = and_(table.c.owner_id == user_id, table.c.trashed_at.is_(None), visible(principal, name))
    return and_(mine, table.c.done.is_not(True)) if name == "tasks" else mine


def _ids(principal: Principal, name: str, user_id: int) -> Select[Any]:
    return select(TABLES[name].c.id).where(_theirs(principal, name, user_id)).order_by(TABLES[name].c.id)
