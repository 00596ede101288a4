"""Which records link to others: for deleting one for good, and for undoing the making of one."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
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

Key = tuple[str, int]


class Holders:
    """Who links to the records that a set deletes for good: read once, however many these are.

    `scan`: the set changes links as well, so that others than those in the database may hold some.
    """

    def __init__(self, context: Context, doomed: Mapping[str, Collection[int]], *, scan: bool) -> None:
        self.scan = scan
        self._of: dict[Key, list[Key]] = defaultdict(list)
        wanted: dict[str, set[int]] = defaultdict(set)
        for object, ids in doomed.items():
            for id, spec, _field, holder in holders(context, object, ids):
                self._of[object, id].append((spec.name, holder))
                wanted[spec.name].add(holder)
        self._works: dict[Key, Work] = {}
        for name, ids in wanted.items():
            found = rows.load(context, context.catalog[name], sorted(ids), with_tags=False, everyone=True)
            self._works |= {work.key: work for work in found.values()}

    def join(self, plan: "Plan", work: Work) -> list[Work]:
        """Those that may link to a record, now part of the plan; some don't any more."""
        mine = list(dict.fromkeys(self._of[work.key]))
        for key in mine:
            plan.works.setdefault(key, self._works[key])
        return list(plan.works.values()) if self.scan else [plan.works[key] for key in mine]


def detach(context: Context, plan: "Plan", work: Work, holding: Holders) -> None:
    """Take every link to a record off: a line of the journal for each that has some. A join goes with its end, a file
    with what it hangs on: nobody may see by that who couldn't before."""
    context.labels.links[work.key] = work.label
    befores: dict[Key, State] = {}
    gone: list[Work] = []
    others = holding.join(plan, work)
    for spec, field in links_to(context, work.spec.name):
        for other in others:
            if other.spec.name != spec.name or other.state[field.name] != work.id or other.purged:
                continue
            if spec.join or spec.attached:
                gone.append(other)
            else:
                befores.setdefault(other.key, dict(other.state))
                other.state[field.name] = None
    for key, before in befores.items():
        plan.update(plan.works[key], before)
    for other in gone:
        other.purged = True
        plan.purge(other)


def holders(context: Context, object: str, ids: Collection[int]) -> Iterator[tuple[int, ObjectSpec, FieldSpec, int]]:
    """(id, object, its link, id of the record there that links so), over every link and every id."""
    for spec, field in links_to(context, object):
        for chunk in rows.chunks(sorted(ids)):
            for holder, id in holding(context, spec, field, chunk):
                yield id, spec, field, holder


def links_to(context: Context, object: str) -> Iterator[tuple[ObjectSpec, FieldSpec]]:
    """Every link field that points to an object, custom ones and those of joins included."""
    for spec in context.catalog.objects.values():
        for field in spec.fields:
            if field.type == "link" and field.target == object and not spec.support:
                yield spec, field


def holding(context: Context, spec: ObjectSpec, field: FieldSpec, ids: list[int]) -> list[tuple[int, int]]:
    """(id of the record that links, id of what it links to) of one link field."""
    table = TABLES[spec.name]
    column = link_column(context.connection, table, field)
    found = context.connection.execute(select(table.c.id, column).where(column.in_(ids)))
    return [(holder, int(id)) for holder, id in found]
