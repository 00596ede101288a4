"""Records that already have a value which only one may have: offered to be opened, or restored from the trash."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.crm import query
from app.crm.pages.reader import Reader
from app.shared.contract import FieldSpec, ObjectSpec, Record
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
