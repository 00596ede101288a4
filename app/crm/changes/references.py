"""Which records link to others: for deleting one for good, and for undoing the making of one."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.crm.changes import rows
from app.crm.changes.codec import State
from app.crm.changes.context import Context
from app.crm.changes.rows import Work
from app.crm.changes.stored import link_column
from app.crm.schema import TABLES
from app.shared.contract import FieldSpec, ObjectSpec

if TYPE_CHECKING:
    from app.crm.changes.plan import Plan


def detach(context: Context, plan: "Plan", work: Work) -> None:
    """Take every link to a record off: a line of the journal for each record that has some."""
    context.labels.links[work.key] = work.label
    befores: dict[tuple[str, int], State] = {}
    for spec, field in _links_to(context, work.spec.name):
        holders = {id for id, _ in _holding(context, spec, field, [work.id])}
        missing = sorted(holders - {id for name, id in plan.works if name == spec.name})
        found = rows.load(context, spec, missing, with_tags=False, everyone=True)
        plan.works |= {other.key: other for other in found.values()}
        for other in list(plan.works.values()):
            if other.spec.name == spec.name and other.state[field.name] == work.id:
                befores.setdefault(other.key, dict(other.state))
                other.state[field.name] = None
    for key, before in befores.items():
        plan.update(plan.works[key], before)


def holders(context: Context, object: str, ids: Collection[int]) -> Iterator[tuple[int, ObjectSpec, int]]:
    """(id, object, id of the record there that links to it), over every link and every id."""
    for spec, field in _links_to(context, object):
        for chunk in rows.chunks(sorted(ids)):
            for holder, id in _holding(context, spec, field, chunk):
                yield id, spec, holder


def _links_to(context: Context, object: str) -> Iterator[tuple[ObjectSpec, FieldSpec]]:
    for spec in context.catalog.objects.values():
        for field in spec.fields:
            if field.type == "link" and field.target == object and not spec.support:
                yield spec, field


def _holding(context: Context, spec: ObjectSpec, field: FieldSpec, ids: list[int]) -> list[tuple[int, int]]:
    table = TABLES[spec.name]
    column = link_column(context.connection, table, field)
    found = context.connection.execute(select(table.c.id, column).where(column.in_(ids)))
    return [(holder, int(id)) for holder, id in found]
