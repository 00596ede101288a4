"""Records as the doors return them, a fixed number of statements for any number of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from app.crm.query.columns import Column, Selection, column, label, naming
from app.crm.query.scope import Scope, open_scope
from app.crm.query.source import Source, to_one
from app.crm.query.suggestions import Collector
from app.crm.query.values import LARGEST
from app.crm.query.visibility import living
from app.crm.schema import taggings, tags
from app.shared.contract import ObjectSpec, Principal, Record, Ref

BATCH = 1000  # ids of one statement


def fetch(
    connection: Connection,
    principal: Principal,
    object: str,
    ids: Iterable[int],
    *,
    trashed: bool = False,
    columns: Sequence[str] = (),
) -> dict[int, Record]:
    """The records among `ids` that the principal may see, in the order of `ids`.

    `columns`: fields and to-one paths; all own fields where none are named.
    `trashed`: those in the trash too. Statements: one for the records and one for their tags, for each 1,000 ids.
    """
    scope = open_scope(connection, principal)
    spec = scope.object(object)
    return read(scope, spec, list(dict.fromkeys(ids)), columns, trashed=trashed)


def labels(connection: Connection, principal: Principal, object: str) -> list[tuple[int, str]]:
    """(id, label) of every living record that the principal may see, by id."""
    scope = open_scope(connection, principal)
    spec = scope.object(object)
    source = Source(scope, spec)
    table = source.table
    statement = (
        select(table.c.id, *naming(table, spec.label_field)).where(scope.seen(object, table)).order_by(table.c.id)
    )
    return [(row[0], label(spec.label_one, *row)) for row in connection.execute(statement)]


def read(
    scope: Scope, spec: ObjectSpec, ids: Sequence[int], columns: Sequence[str] = (), *, trashed: bool = True
) -> dict[int, Record]:
    """The records with these columns (all own fields where none are named), in the order of `ids`."""
    names = tuple(columns) or tuple(field.name for field in spec.fields)
    found: dict[int, Record] = {}
    ids = [number for number in ids if abs(number) <= LARGEST]  # the rest are no record's
    for start in range(0, len(ids), BATCH):
        found |= _batch(scope, spec, ids[start : start + BATCH], names, trashed)
    return {number: found[number] for number in ids if number in found}


def check_columns(source: Source, names: Iterable[str], errors: Collector) -> None:
    """Leave to `errors` what can't be a column."""
    errors.each(partial(to_one, source), names)


def _batch(
    scope: Scope, spec: ObjectSpec, ids: Sequence[int], names: Sequence[str], trashed: bool
) -> dict[int, Record]:
    source, selection = Source(scope, spec), Selection()
    table = source.table
    leaves = {name: to_one(source, name) for name in names}
    columns = [column(selection, leaf, name) for name, leaf in leaves.items()]
    head = _head(selection, source)
    conditions = [table.c.id.in_(ids), scope.visible(spec.name, table)]
    if not trashed:
        conditions.append(living(table, spec.name))
    statement = select(*selection.labelled).select_from(source.clause).where(*conditions)
    rows = scope.connection.execute(statement).fetchall()
    tagged = {name: leaf.source.spec.name for name, leaf in leaves.items() if leaf.field.type == "tags"}
    known = _tags(scope.connection, tagged, columns, rows)
    return {record.id: record for record in _records(spec, rows, columns, head, known)}


def _head(selection: Selection, source: Source) -> dict[str, Column]:
    """The parts that every record has."""
    table, spec = source.table, source.spec
    head = {"label": Column("label", selection.add(table.c.id, *naming(table, spec.label_field)), tuple)}
    for name in ("version", "trashed_at"):
        if name in table.c:
            head[name] = Column(name, selection.add(table.c[name]), lambda parts: parts[0])
    return head


Tags = Mapping[str, Mapping[int, tuple[str, ...]]]  # column -> record id -> names


def _records(
    spec: ObjectSpec, rows: Sequence[Any], columns: Sequence[Column], head: Mapping[str, Column], known: Tags
) -> Iterator[Record]:
    for row in rows:
        values = {item.name: item.read(row) for item in columns}
        for name, by_id in known.items():
            values[name] = by_id.get(values[name], ())
        naming_parts = head["label"].read(row)
        version = head["version"].read(row) if "version" in head else 1
        trashed_at = head["trashed_at"].read(row) if "trashed_at" in head else None
        words = _connected(spec, values) or label(spec.label_one, *naming_parts)
        yield Record(spec.name, naming_parts[0], version, words, values, trashed_at)


def _connected(spec: ObjectSpec, values: Mapping[str, Any]) -> str:
    """A join is called after what it connects, where that was read with it: "Anna Reed – Big deal"."""
    ends = [values.get(end.name) for end in spec.ends] if spec.join else []
    return " – ".join(end.label for end in reversed(ends) if isinstance(end, Ref))


def _tags(connection: Connection, tagged: Mapping[str, str], columns: Sequence[Column], rows: Sequence[Any]) -> Tags:
    """The tags of each column that shows tags, in the order of their names."""
    ids = {item.name: {item.read(row) for row in rows} - {None} for item in columns if item.name in tagged}
    return {name: _tags_of(connection, tagged[name], sorted(wanted)) for name, wanted in ids.items()}


def _tags_of(connection: Connection, object: str, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    if not ids:
        return found
    statement = (
        select(taggings.c.record_id, tags.c.name)
        .join(tags, tags.c.id == taggings.c.tag_id)
        .where(taggings.c.object == object, taggings.c.record_id.in_(ids))
        .order_by(taggings.c.record_id, tags.c.name_key)
    )
    for row in connection.execute(statement):
        found[row.record_id] += (row.name,)
    return found
