"""Records that already have a value which only one may have: offered to be opened, or restored from the trash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.crm import query
from app.crm.pages.reader import Reader
from app.crm.query import visible
from app.crm.schema import TABLES
from app.shared.contract import FieldSpec, ObjectSpec, Record
from app.shared.db import text_key
from app.shared.errors import FieldError


@dataclass(frozen=True, slots=True)
class Twin:
    """A record that has the refused value of `field`. In the trash, it can come back without that value."""

    field: FieldSpec
    record: Record


def found(reader: Reader, spec: ObjectSpec, errors: Sequence[FieldError]) -> list[Twin]:
    """The records that the door has named, as far as the asking user may see them; the living ones first."""
    named = [
        (field, id)
        for key in ("existing", "trashed")
        for error in errors
        if (field := spec.field(error.field)) and isinstance(id := (error.extra or {}).get(key), int)
    ]
    if not named:
        return []
    records = query.fetch(reader.connection, reader.principal, spec.name, [id for _, id in named], trashed=True)
    return [Twin(field, records[id]) for field, id in named if id in records]


_COMPARED = {"companies": ("name",), "people": ("email", "name"), "deals": ("name",)}
_MOST_ALIKE = 3


def alike(reader: Reader, spec: ObjectSpec, values: Mapping[str, Any]) -> list[Twin]:
    """Living records that a new one with these values would likely double: the same name or e-mail, in other cases too.

    One statement for each value that is compared, by its index.
    """
    made: dict[int, FieldSpec] = {}
    table = TABLES[spec.name]
    for name in _COMPARED.get(spec.name, ()):
        field, key = spec.field(name), text_key(str(values.get(name) or "").strip())
        if field is None or not key:
            continue
        same = select(table.c.id).where(table.c[f"{name}_key"] == key, table.c.trashed_at.is_(None))
        same = same.where(visible(reader.principal, spec.name)).order_by(table.c.id).limit(_MOST_ALIKE)
        for id in reader.connection.execute(same).scalars():
            made.setdefault(id, field)
    records = query.fetch(reader.connection, reader.principal, spec.name, list(made)[:_MOST_ALIKE]) if made else {}
    return [Twin(made[id], record) for id, record in records.items()]
