"""What the door reads before it writes: the rows of the records, the records that they link to, and free ids."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Executable, Select, Table, True_, bindparam, case, null, select, text, true

from app.crm.changes.codec import State, from_row
from app.crm.changes.context import Context
from app.crm.query.columns import label as words
from app.crm.query.columns import naming
from app.crm.schema import TABLES, taggings, tags
from app.shared.contract import ObjectSpec

CHUNK = 5_000  # values in one IN list
_LAST = text("SELECT seq FROM sqlite_sequence WHERE name = :t")
_NEXT = text("SELECT nextval(pg_get_serial_sequence(:t, :c)) FROM generate_series(1, :n)")


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
    name: str = ""  # of a join: what it connects

    @property
    def key(self) -> tuple[str, int]:
        return self.spec.name, self.id

    @property
    def label(self) -> str:
        return self.name or label(self.spec, self.id, self.state)


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


def execute(connection: Connection, statement: Executable, made: Iterable[dict[str, Any]]) -> None:
    """Run a statement for each row, some thousands at a time: a large set's rows are never all in memory at once."""
    for chunk in chunks(made):
        connection.execute(statement, chunk)


def load(
    context: Context, spec: ObjectSpec, ids: Iterable[int], *, with_tags: bool, everyone: bool = False
) -> dict[int, Work]:
    """The records among `ids` that exist and may be seen (or all: `everyone`), living or trashed."""
    rights = true() if everyone else context.visible(spec.name)
    statement = _by_id(TABLES[spec.name])
    statement = statement if isinstance(rights, True_) else statement.where(rights)
    found: dict[int, Work] = {}
    for chunk in chunks(ids):
        names = _tags(context.connection, spec, chunk) if with_tags else {}
        for row in context.connection.execute(statement, {"ids": chunk}).mappings():
            found[row["id"]] = _work(spec, row, names.get(row["id"], ()))
    return found


@cache
def _by_id(table: Table) -> Select[Any]:
    """The rows of some records; made once, for most writes are of one."""
    return select(table).where(table.c.id.in_(bindparam("ids", expanding=True)))


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
    spec = context.catalog[object]
    rights = true() if spec.support else context.visible(object)
    statement = _named(TABLES[object], spec.label_field)
    if not isinstance(rights, True_):
        statement = statement.add_columns(case((rights, 1), else_=0).label("seen"))
    found: dict[int, Target] = {}
    for chunk in chunks(ids):
        for row in context.connection.execute(statement, {"ids": chunk}).mappings():
            seen = bool(row.get("seen", True))
            found[row["id"]] = Target(label(spec, row["id"], row), row["trashed_at"] is not None, seen)
    return found


@cache
def _named(table: Table, label_field: str) -> Select[Any]:
    """The words for some records, and whether they are in the trash."""
    trashed = table.c.trashed_at if "trashed_at" in table.c else null().label("trashed_at")
    columns = [table.c.id, *naming(table, label_field), trashed]
    return select(*columns).where(table.c.id.in_(bindparam("ids", expanding=True)))


def allocate(connection: Connection, table: Table, count: int, column: str = "id") -> range | list[int]:
    """Free ids, never used before. The one writer of the moment holds them until it commits."""
    if not count:
        return []
    if connection.dialect.name == "sqlite":
        last = connection.execute(_LAST, {"t": table.name}).scalar()
        first = (last or 0) + 1
        return range(first, first + count)
    return list(connection.execute(_NEXT, {"t": table.name, "c": column, "n": count}).scalars())
