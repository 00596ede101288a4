"""The facts of a record at a glance: the few in its head, and those of the company and the person that it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.crm.pages.reader import Reader
from app.shared.contract import FieldSpec, ObjectSpec, Record, Ref
from app.shared.errors import NotFound

_HEAD = {
    "deals": ("stage", "amount", "close_date"),
    "companies": ("industry", "country", "employees"),
    "people": ("title", "company", "email"),
    "tasks": ("due_date", "priority", "owner"),
    "activities": ("kind", "status", "date"),
}
_BESIDE = {
    "companies": ("industry", "country", "employees", "website"),
    "people": ("title", "email", "phone"),
}


@dataclass(frozen=True, slots=True)
class Glance:
    """A linked record and the facts of it that matter here; empty ones are left out."""

    record: Record
    fields: Sequence[FieldSpec]


def head(spec: ObjectSpec, record: Record) -> list[FieldSpec]:
    """The facts that stand in the record's head: of its key fields, those that hold something."""
    fields = (spec.field(name) for name in _HEAD.get(spec.name, ()))
    return [field for field in fields if field and record.values.get(field.name) not in (None, "", ())]


def beside(reader: Reader, record: Record) -> list[Glance]:
    """The company and the person that a deal or a task is about: two statements each."""
    found = (_glance(reader, record.values.get(name)) for name in ("company", "person"))
    return [glance for glance in found if glance and glance.fields]


def _glance(reader: Reader, ref: object) -> Glance | None:
    if not isinstance(ref, Ref) or ref.object not in _BESIDE:
        return None
    try:
        record = reader.record(ref.object, ref.id)
    except NotFound:
        return None
    spec = reader.catalog[ref.object]
    fields = (spec.field(name) for name in _BESIDE[ref.object])
    return Glance(record, [field for field in fields if field and record.values.get(field.name) not in (None, "")])
