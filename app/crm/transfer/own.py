"""The program's own exports among the files that are imported: which columns of theirs say nothing new, and whose ids.

An export begins with the records' ids, names each link's id beside its name, and an amount's currency where that has
no column. None of that is a field to be made. Its ids find the records again, but only where they are this
workspace's: many a foreign file begins with an ID.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.shared.contract import FieldSpec, ObjectSpec

ID = FieldSpec("id", "ID", "key", unique=True, read_only=True)
_HEADS = ("ID", "id")


def is_export(columns: Sequence[str]) -> bool:
    """Whether a file with these columns may be an export: whether its first one is named as the ids are there."""
    return bool(columns) and columns[0] in _HEADS


@dataclass(frozen=True, slots=True)
class Known:
    """A column of an export that makes no field: the field that it fills all the same, or why it is left out."""

    field: str = ""
    note: str = ""


def known(spec: ObjectSpec, name: str) -> Known | None:
    """What a column is in an export; None where it is none of the export's own."""
    said = name.removeprefix("'").casefold()
    if said == "id":
        return Known(note="the program's own id")
    for field in spec.fields:
        heads = (field.name, field.label.casefold())
        if said in heads and field.read_only:
            return Known(note=f"{field.label} is kept by the program")
        if field.type == "link" and said in (f"{heads[0]}.id", f"{heads[1]} id"):
            return Known(note=f"the id of {field.label}, which goes by its name")
        if field.type == "money" and said in (f"{heads[0]}.currency", f"{heads[1]} currency"):
            return Known("currency" if spec.field("currency") else "", f"the currency of {field.label}")
        if field.type in ("link", "stage") and said.startswith((f"{heads[0]}.", f"{heads[1]} › ")):
            return Known(note=f"of the record that {field.label} names")
    return None
