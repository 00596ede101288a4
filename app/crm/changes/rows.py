"""What the door reads before it writes: the rows of the records, the records that they link to, and free ids."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, case, select, text, true

from app.crm.changes.codec import State, from_row
from app.crm.changes.context import Context
from app.crm.query.columns import label as words
from app.crm.query.columns import naming
from app.crm.query.visibility import visible
from app.crm.schema import TABLES, taggings, tags
from app.shared.contract import ObjectSpec

CHUNK = 5_000  # values in one IN list


@dataclass(slots=True, eq=False)
class Work:
    """One record in the course of a set: what it was, and what it will be."""

    spec: ObjectSpec
    id: int
    state: State
    was: State
    version: int = 0
    custom: dict[str, Any] = field(default_factory=dict)  # the JSON column, with what retired fields left there
    trashed_at: datetime | None = None
    was_trashed: bool = False
    created: bool = False
    index: int = 0  # of the operation that last touched it
    purged: bool = False

    @property
    def key(self) -> tuple[str, int]:
        return self.spec.name, self.id

    @property
    def label(self) -> str:
        return label(self.spec, self.id, self.state)


@dataclass(frozen=True, slots=True)
class Target:
    """A record that a link points to."""

    label: str
    trashed: bool
    visible: bool


def label(spec: ObjectSpec, id: int, state: Any) -> str:
    """The words for a record, as the read door says them."""
    return words(spec.label_one, id, state.get(spec.label_field), state.get("body"), state.get("kind"))


def chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def load(
    context: Context, spec: ObjectSpec, ids: Iterable[int], *, with_tags: bool, everyone: bool = False
) -> dict[int, Work]:
    """The records among `ids` that exist and may be seen (or all: `everyone`), living or trashed."""
    rights = true() if everyone else visible(context.principal, spec.name)
    table = TABLES[spec.name]
    found: dict[int, Work] = {}
    for chunk in chunks(ids):
        names = _tags(context.connection, spec, chunk) if with_tags else {}
        statement = select(table).where(table.c.id.in_(chunk), rights)
        for row in context.connection.execute(statement).mappings():
            found[row["id"]] = _work(spec, row, names.get(row["id"], ()))
    return found


def _work(spec: ObjectSpec, row: Any, names: tuple[str, ...]) -> Work:
    state = from_row(spec, row, names)
    trashed = row["trashed_at"]
    return Work(
        spec, row["id"], dict(state), state, row["version"], row["custom"] or {}, trashed, was_trashed=bool(trashed)
    )


def _tags(connection: Connection, spec: ObjectSpec, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    statement = (
        select(taggings.c.record_id, tags.c.name)
        .join(tags, tags.c.id == taggings.c.tag_id)
        .where(taggings.c.object == spec.name, taggings.c.record_id.in_(ids))
        .order_by(tags.c.name_key)
    )
    names: dict[int, tuple[str, ...]] = {}
    for id, name in connection.execute(statement):
        names[id] = (*names.get(id, ()), name)
    return names


def targets(context: Context, object: str, ids: Iterable[int]) -> dict[int, Target]:
    """The records among `ids`, with their labels, and whether they live and may be seen: one statement a chunk."""
    table, spec = TABLES[object], context.catalog[object]
    columns = [table.c.id, *naming(table, spec.label_field)]
    rights = true() if spec.support else visible(context.principal, object)
    seen = case((rights, 1), else_=0).label("seen")
    trashed = table.c.trashed_at if "trashed_at" in table.c else text("NULL AS trashed_at")
    found: dict[int, Target] = {}
    for chunk in chunks(ids):
        for row in context.connection.execute(select(*columns, seen, trashed).where(table.c.id.in_(chunk))).mappings():
            found[row["id"]] = Target(label(spec, row["id"], row), row["trashed_at"] is not None, bool(row["seen"]))
    return found


def allocate(connection: Connection, table: Table, count: int, column: str = "id") -> range | list[int]:
    """Free ids, never used before. The one writer of the moment holds them until it commits."""
    if not count:
        return []
    if connection.dialect.name == "sqlite":
        last = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :t"), {"t": table.name}).scalar()
        first = (last or 0) + 1
        return range(first, first + count)
    statement = text("SELECT nextval(pg_get_serial_sequence(:t, :c)) FROM generate_series(1, :n)")
    return list(connection.execute(statement, {"t": table.name, "c": column, "n": count}).scalars())
