"""Unique fields: no two living records share a value. Trashed ones don't block, but are named, to be restored."""

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, select

from app.crm.changes import rows
from app.crm.changes.context import Context
from app.crm.changes.rows import Work
from app.crm.changes.stored import key_column
from app.crm.schema import TABLES
from app.shared.contract import FieldSpec, ObjectSpec
from app.shared.db import text_key

if TYPE_CHECKING:
    from app.crm.changes.plan import Plan


class Holder(NamedTuple):
    """A record that holds a value, and whether the asking user may see it (else it stays unnamed)."""

    id: int
    seen: bool


Held = dict[tuple[str, bool], Holder]  # (key, whether in the trash) -> who holds it


def check(context: Context, plan: "Plan") -> None:
    """Refuse every value that another living record holds, in the database or in the set itself."""
    for spec in {work.spec.name: work.spec for work in plan.works.values()}.values():
        for field in spec.fields:
            if field.unique:
                _check_field(context, [work for work in plan.works.values() if work.spec.name == spec.name], field)


def _check_field(context: Context, works: list[Work], field: FieldSpec) -> None:
    claims = {work.id: key for work in works if (key := _key(work, field)) and _is_claim(work, field)}
    if not claims:
        return
    held = _held(context, works[0].spec, field, sorted(set(claims.values())), {work.id for work in works})
    taken: dict[str, Work] = {}
    for work in sorted(works, key=lambda work: work.id in claims):  # who held a value before comes first
        key = _key(work, field)
        if key is None:
            continue
        other, living = taken.setdefault(key, work), held.get((key, False))
        if work.id in claims and (living or other is not work):
            _refuse(context, work, field, living or Holder(other.id, not other.created), held.get((key, True)))


def _key(work: Work, field: FieldSpec) -> str | None:
    """What a record that lives after the set holds."""
    value = work.state[field.name]
    return None if value is None or work.trashed_at or work.purged else text_key(str(value))


def _is_claim(work: Work, field: FieldSpec) -> bool:
    """Whether the record takes its value by this set."""
    return work.created or work.was_trashed or work.state[field.name] != work.was[field.name]


def _held(context: Context, spec: ObjectSpec, field: FieldSpec, keys: list[str], ours: set[int]) -> Held:
    """Who holds these values, the set's own records left out."""
    table = TABLES[spec.name]
    column = key_column(context.connection, table, field)
    seen = case((context.visible(spec.name), 1), else_=0)
    found: Held = {}
    for chunk in rows.chunks(keys):
        statement = select(column, table.c.id, table.c.trashed_at, seen).where(column.in_(chunk)).order_by(table.c.id)
        for key, id, trashed_at, may_see in context.connection.execute(statement):
            if id not in ours:
                found[key, trashed_at is not None] = Holder(id, bool(may_see))
    return found


def _refuse(context: Context, work: Work, field: FieldSpec, living: Holder, trashed: Holder | None) -> None:
    one = work.spec.label_one.lower()
    message = f"There is already a {one} with this {field.label.lower()}."
    extra: dict[str, Any] = {"existing": living.id} if living.seen else {}
    if trashed and trashed.seen:
        message += f" Another one, {one} {trashed.id}, is in the trash and can be restored instead."
        extra["trashed"] = trashed.id
    context.problems.refuse(work.index, field.name, message, **extra)
