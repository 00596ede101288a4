"""Records of joins: one for each pair and role, named after what they connect."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.crm.changes import rows
from app.crm.changes.codec import State
from app.crm.changes.context import Context
from app.crm.changes.rows import Work
from app.crm.changes.ways import kind_of
from app.crm.schema import TABLES, column_name
from app.shared.contract import ObjectSpec

if TYPE_CHECKING:
    from app.crm.changes.plan import Plan

Place = tuple[Any, ...]  # the ends, and the role


def place(spec: ObjectSpec, state: State) -> Place:
    """What no two living records of a join share: what they connect, and the role."""
    kind = kind_of(spec)
    return (*(state[end.name] for end in spec.ends), state[kind.name] if kind else None)


def lives(work: Work) -> bool:
    return not work.trashed_at and not work.purged


def check(context: Context, plan: "Plan") -> None:
    """Refuse what would connect the same records twice in the same role."""
    for spec in {work.spec.name: work.spec for work in plan.works.values() if work.spec.join}.values():
        mine = [work for work in plan.works.values() if work.spec.name == spec.name]
        claims = [work for work in mine if lives(work) and _is_claim(spec, work)]
        if claims:
            _check(context, spec, mine, claims)


def _is_claim(spec: ObjectSpec, work: Work) -> bool:
    return work.created or work.was_trashed or place(spec, work.state) != place(spec, work.was)


def _check(context: Context, spec: ObjectSpec, mine: list[Work], claims: list[Work]) -> None:
    taken = _standing(context, spec, claims, {work.id for work in mine})
    claiming = {id(work) for work in claims}
    taken |= {place(spec, work.state) for work in mine if lives(work) and id(work) not in claiming}
    kind = kind_of(spec)
    for work in claims:
        here = place(spec, work.state)
        if here in taken:
            other = spec.ends[-1].label.lower()
            role = f" in this {kind.label.lower()}" if kind else ""
            message = f"This {other} already stands there{role}."
            context.problems.refuse(work.index, kind.name if kind else spec.ends[-1].name, message)
        taken.add(here)


def _standing(context: Context, spec: ObjectSpec, claims: list[Work], ours: set[int]) -> set[Place]:
    """What other living records of the join hold, read by their first end."""
    table, kind = TABLES[spec.name], kind_of(spec)
    ends = [table.c[column_name(end)] for end in spec.ends]
    columns = [table.c.id, *ends, *([table.c[kind.name]] if kind else [])]
    firsts = {work.state[spec.ends[0].name] for work in claims} - {None}
    found: set[Place] = set()
    for chunk in rows.chunks(sorted(firsts)):
        statement = select(*columns).where(ends[0].in_(chunk), table.c.trashed_at.is_(None))
        for row in context.connection.execute(statement):
            if row.id not in ours:
                found.add((*row[1:], *(() if kind else (None,))))
    return found


def name(context: Context, works: Iterable[Work]) -> None:
    """Call each record of a join after what it connects: "Anna Reed – Big deal". Reads the labels that are missing."""
    joins = [work for work in works if work.spec.join]
    wanted: dict[str, set[int]] = {}
    for work in joins:
        for end in work.spec.ends:
            if work.state[end.name] and (end.target or "", work.state[end.name]) not in context.labels.links:
                wanted.setdefault(end.target or "", set()).add(work.state[end.name])
    for target, ids in sorted(wanted.items()):
        found = rows.targets(context, target, sorted(ids))
        context.labels.links |= {(target, id): one.label for id, one in found.items()}
    for work in joins:
        labels = [context.labels.links.get((end.target or "", work.state[end.name]), "") for end in work.spec.ends]
        work.name = " – ".join(label for label in reversed(labels) if label)
