"""The texts of records for an index beside full text: built anew page by page, kept up by the journal."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select, tuple_

from app.crm.objects import BUILT_IN
from app.crm.query.columns import label, naming
from app.crm.schema import PROSE, TABLES, changes, column_name, users
from app.crm.schema import search_documents as stored
from app.shared.contract import Document, ObjectSpec, Ref

CHUNK = 1_000
_LINKS = {"company": "companies", "person": "people", "deal": "deals"}
Key = tuple[str, int]


def documents(connection: Connection, refs: Sequence[Key]) -> Sequence[Document]:
    """The texts of these records, in their order; trashed and gone ones with `text=None`. Unnarrowed."""
    found: dict[Key, Document] = {}
    for name in dict.fromkeys(name for name, _ in refs):
        ids = sorted({id for other, id in refs if other == name})
        for start in range(0, len(ids), CHUNK):
            found |= _of(connection, name, ids[start : start + CHUNK])
    return [found[ref] for ref in refs]


def _of(connection: Connection, name: str, ids: list[int]) -> dict[Key, Document]:
    spec = BUILT_IN[name]
    statement = select(stored).where(stored.c.object == name, stored.c.record_id.in_(ids))
    texts = {row.record_id: row for row in connection.execute(statement)}
    facts = {row.id: row for row in connection.execute(_facts(spec, list(texts)))} if texts else {}
    refs = _refs(connection, spec, facts.values())
    living = {(name, id): _document(spec, texts[id], fact, refs) for id, fact in facts.items()}
    gone = _gone(connection, name, [id for id in ids if (name, id) not in living])
    return living | gone


def _facts(spec: ObjectSpec, ids: list[int]) -> Any:
    """What stands around a text: the record's name, date, author and links."""
    records = TABLES[spec.name]
    date = spec.field(spec.date_field or "created_at")
    when = records.c[column_name(date)] if date else records.c.created_at
    links = [records.c[f"{name}_id"] for name in _links(spec)]
    statement = select(records.c.id, when.label("at"), users.c.name.label("author"), *links)
    statement = statement.join(users, users.c.id == records.c.owner_id, isouter=True)
    return statement.where(records.c.id.in_(ids), records.c.trashed_at.is_(None))


def _links(spec: ObjectSpec) -> list[str]:
    return [name for name, target in _LINKS.items() if (field := spec.field(name)) and field.target == target]


def _refs(connection: Connection, spec: ObjectSpec, facts: Iterable[Row[Any]]) -> dict[Key, Ref]:
    """The living companies, people and deals that these records link to: one statement for each kind."""
    facts = list(facts)
    refs: dict[Key, Ref] = {}
    for name in _links(spec):
        target = _LINKS[name]
        ids = {id for fact in facts if (id := fact._mapping[f"{name}_id"])}
        if ids:
            table, one = TABLES[target], BUILT_IN[target]
            statement = select(table.c.id, *naming(table, one.label_field)).where(table.c.id.in_(sorted(ids)))
            for row in connection.execute(statement.where(table.c.trashed_at.is_(None))):
                refs[target, row[0]] = Ref(target, row[0], label(one.label_one, *row))
    return refs


def _document(spec: ObjectSpec, text: Row[Any], fact: Row[Any], refs: dict[Key, Ref]) -> Document:
    keys = [(_LINKS[name], fact._mapping[f"{name}_id"]) for name in _links(spec)]
    return Document(
        spec.name,
        fact.id,
        text.seq,
        text.title,
        text.body.partition(PROSE)[2],
        fact.at,
        fact.author,
        tuple(refs[key] for key in keys if key in refs),
    )


def _gone(connection: Connection, name: str, ids: list[int]) -> dict[Key, Document]:
    last: dict[int, int] = defaultdict(int)
    if ids:
        newest = select(changes.c.record_id, func.max(changes.c.seq)).where(changes.c.object == name)
        newest = newest.where(changes.c.record_id.in_(ids)).group_by(changes.c.record_id)
        last |= {row[0]: row[1] for row in connection.execute(newest)}
    return {(name, id): Document(name, id, last[id]) for id in ids}


def document_refs(connection: Connection, before: Key | None = None, limit: int = 1000) -> Sequence[Key]:
    """Every living record that has prose, in pages; `before` is the last one of the page before.

    Kind by kind, newest first in each: an order that holds whatever comes or goes meanwhile.
    """
    place = tuple_(stored.c.object, stored.c.record_id)
    statement = select(stored.c.object, stored.c.record_id).where(stored.c.body.contains(PROSE))
    if before is not None:
        statement = statement.where(place < before)
    statement = statement.order_by(stored.c.object.desc(), stored.c.record_id.desc()).limit(limit)
    return [(row.object, row.record_id) for row in connection.execute(statement)]
