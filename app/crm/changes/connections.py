"""The lines of the journal about what a record is connected with over joins, for its timeline."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from app.crm.objects import BUILT_IN, JOIN_OBJECTS
from app.crm.query.columns import label, naming
from app.crm.query.visibility import visible
from app.crm.schema import TABLES, changes, column_name
from app.shared.contract import FieldSpec, ObjectSpec, Principal

Named = tuple[RowMapping, str]


def lines(connection: Connection, principal: Principal, object: str, id: int, some: Select[Any]) -> list[Named]:
    """Lines about the joins of a record, each with the name of the other end; `some` selects lines, in order.

    One statement for each join of the object, and one for the names where there are any.
    """
    return [item for join, near in _joins(object) for item in _of(connection, principal, join, near, id, some)]


def _joins(object: str) -> Iterator[tuple[ObjectSpec, FieldSpec]]:
    for name in JOIN_OBJECTS:
        for end in BUILT_IN[name].ends:
            if end.target == object:
                yield BUILT_IN[name], end


def _of(
    connection: Connection, principal: Principal, join: ObjectSpec, near: FieldSpec, id: int, some: Select[Any]
) -> Iterator[Named]:
    table = TABLES[join.name]
    mine = select(table.c.id).where(table.c[column_name(near)] == id, visible(principal, join.name))
    wanted = some.where(changes.c.object == join.name, changes.c.record_id.in_(mine))
    found = connection.execute(wanted).mappings().all()
    names = _names(connection, join, near, sorted({row["id"] for row in found})) if found else {}
    yield from ((row, names.get(row["id"], row["label"])) for row in found)


def _names(connection: Connection, join: ObjectSpec, near: FieldSpec, ids: list[int]) -> dict[int, str]:
    """What each join connects the record with, by the join's id."""
    far = next(end for end in join.ends if end.name != near.name)
    table, spec = TABLES[join.name], BUILT_IN[far.target or ""]
    other = TABLES[spec.name]
    statement = select(table.c.id, other.c.id, *naming(other, spec.label_field))
    statement = statement.join_from(table, other, other.c.id == table.c[column_name(far)]).where(table.c.id.in_(ids))
    return {row[0]: label(spec.label_one, *row[1:]) for row in connection.execute(statement)}
