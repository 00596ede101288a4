"""Whether a file's first column has the ids of this workspace's own records."""

from collections.abc import Sequence

from sqlalchemy import Connection

from app.crm import query
from app.crm.transfer.links import name_key
from app.crm.transfer.own import is_export
from app.crm.transfer.source import Sheet
from app.shared.contract import ObjectSpec, Principal

_LONGEST = 18  # digits of an id


def is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST


def carries_ids(connection: Connection, principal: Principal, spec: ObjectSpec, sheet: Sheet) -> bool:
    """Whether the first column has the ids of this workspace's records: most of them must have the rows' names."""
    labels = label_column(spec, sheet.columns)
    rows = [row for row in sheet.rows if row.cells[0]]
    if not is_export(sheet.columns) or labels is None or not rows or not all(is_id(row.cells[0]) for row in rows):
        return False
    named = {int(row.cells[0]): name_key(row.cells[labels]) for row in rows}
    found = query.fetch(connection, principal, spec.name, named, trashed=True)
    return 2 * sum(_is_named(record.label, named[id]) for id, record in found.items()) >= len(named)


def _is_named(label: str, text: str) -> bool:
    """A long text is called by its beginning."""
    key = name_key(label).rstrip("… ")
    return bool(key) and text.startswith(key)


def label_column(spec: ObjectSpec, columns: Sequence[str]) -> int | None:
    """The place of the column that has the records' names."""
    field = spec.field(spec.label_field)
    names = {field.name, field.label} if field else set()
    return next((place for place, name in enumerate(columns) if name in names), None)


def is_named_so(
    connection: Connection, principal: Principal, spec: ObjectSpec, names: Sequence[str], sample: Sequence[str]
) -> bool:
    """The same of one row of a file with these columns, before the whole file is there."""
    labels = label_column(spec, names)
    if not is_export(names) or labels is None or len(sample) <= labels or not is_id(sample[0]):
        return False
    record = query.fetch(connection, principal, spec.name, [int(sample[0])], trashed=True).get(int(sample[0]))
    return record is not None and _is_named(record.label[: len(sample[labels])], name_key(sample[labels]))
