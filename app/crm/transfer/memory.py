"""What came before: rows are known by their content, so that a file can be imported again without doing harm.

A row with a key is known by the content of the columns that are imported ("k:" shape ":" content); when the content of
a key changes, its former content is forgotten. A row without a key is known by all of its cells and by which of the
equal rows it is ("c:" content ":" occurrence), with the shape of the import beside it ("c:" shape ":" ...): the same
rows imported with other columns update their records. The shape is a digest of the mapping.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, delete, func, insert, select

from app.crm.query.visibility import visible
from app.crm.schema import TABLES, change_sets, changes, import_rows
from app.crm.transfer.columns import Mapping
from app.crm.transfer.source import PROBLEM_COLUMN, ROW_COLUMN, Sheet
from app.shared.contract import Principal

Item = TypeVar("Item")
_CHUNK = 500  # values of one IN


@dataclass(frozen=True, slots=True)
class Print:
    """The fingerprints of one row: `content` finds its record, `full` says that nothing is new."""

    content: str
    full: str


def chunks(items: Iterable[Item], size: int = _CHUNK) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def shape(mapping: Mapping) -> str:
    """A digest of which column fills which field, and of the key."""
    pairs = sorted((column.name, column.field.name) for column in mapping.filled if column.field)
    return _digest([mapping.match.name if mapping.match else None, pairs])[:12]


def prints(mapping: Mapping, sheet: Sheet) -> list[Print]:
    """The fingerprints of each row, in the order of the file."""
    form = shape(mapping)
    if mapping.match:
        indexes = sorted({mapping.match.index, *(column.index for column in mapping.filled)})
        keyed = (f"k:{form}:{_digest([row.cells[index] for index in indexes])}" for row in sheet.rows)
        return [Print(found, found) for found in keyed]
    named = [(index, name) for index, name in enumerate(sheet.columns) if name not in (ROW_COLUMN, PROBLEM_COLUMN)]
    seen = Counter[str]()
    found: list[Print] = []
    for row in sheet.rows:
        content = _digest(sorted((name, row.cells[index]) for index, name in named if row.cells[index]))
        seen[content] += 1
        found.append(Print(f"c:{content}:{seen[content]}", f"c:{form}:{content}:{seen[content]}"))
    return found


def _digest(value: object) -> str:
    return sha256(json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass")).hexdigest()[:40]


def known(connection: Connection, object: str, wanted: Collection[str]) -> dict[str, int]:
    """Fingerprint -> record of the rows that came before."""
    found: dict[str, int] = {}
    for chunk in chunks(wanted):
        statement = select(import_rows.c.fingerprint, import_rows.c.record_id).where(
            import_rows.c.object == object, import_rows.c.fingerprint.in_(chunk)
        )
        found |= {row.fingerprint: row.record_id for row in connection.execute(statement)}
    return found


def standing(connection: Connection, principal: Principal, object: str, ids: Collection[int]) -> dict[int, bool]:
    """Of these records, those that the principal may see: id -> whether it is in the trash."""
    table = TABLES[object]
    found: dict[int, bool] = {}
    for chunk in chunks(ids):
        statement = select(table.c.id, table.c.trashed_at.isnot(None).label("trashed"))
        statement = statement.where(table.c.id.in_(chunk), visible(principal, object))
        found |= {row.id: bool(row.trashed) for row in connection.execute(statement)}
    return found


def taken_back(connection: Connection, object: str) -> set[int]:
    """The records whose latest import was undone: what is remembered of their rows no longer holds."""
    undone = select(change_sets.c.id).where(change_sets.c.channel == "import", change_sets.c.state == "undone")
    if connection.execute(undone.limit(1)).first() is None:
        return set()
    latest = (
        select(changes.c.record_id, func.max(changes.c.change_set_id).label("latest"))
        .join(change_sets, change_sets.c.id == changes.c.change_set_id)
        .where(changes.c.object == object, change_sets.c.channel == "import", change_sets.c.undoes_id.is_(None))
        .group_by(changes.c.record_id)
        .subquery()
    )
    return set(connection.execute(select(latest.c.record_id).where(latest.c.latest.in_(undone))).scalars())


def remember(connection: Connection, object: str, found: Sequence[tuple[Print, int]], keyed_shape: str | None) -> None:
    """Note which rows became which records; with a key, the former content of the same records is forgotten."""
    pairs = {text: record for item, record in found for text in (item.content, item.full)}
    for chunk in chunks(pairs):
        connection.execute(
            delete(import_rows).where(import_rows.c.object == object, import_rows.c.fingerprint.in_(chunk))
        )
    if keyed_shape:
        former = import_rows.c.fingerprint.startswith(f"k:{keyed_shape}:", autoescape=True)
        for ids in chunks({record for _, record in found}):
            connection.execute(
                delete(import_rows).where(import_rows.c.object == object, import_rows.c.record_id.in_(ids), former)
            )
    rows = [{"object": object, "fingerprint": text, "record_id": record} for text, record in pairs.items()]
    for some in chunks(rows, 5000):
        connection.execute(insert(import_rows), some)
