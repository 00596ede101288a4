"""Merge: what links to the twins links to the survivor, its empty fields are filled from them, they go to the trash.

Whatever links to a twin is moved, also what the merging principal can't see (another's private note): it would hang on
a record in the trash otherwise. Nothing of it shows in the answer, and an undo takes it back like the rest.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.crm.changes import joins, references, rows
from app.crm.changes.assign import Assigner
from app.crm.changes.codec import EMPTY, State
from app.crm.changes.context import Context
from app.crm.changes.plan import Line, Plan
from app.crm.changes.rows import Work
from app.crm.changes.stored import link_column
from app.crm.changes.validate import Draft
from app.crm.schema import TABLES
from app.shared.contract import FieldSpec, ObjectSpec
from app.shared.db import text_key
from app.shared.errors import Conflict, NotFound

Key = tuple[str, int]
_TOGETHER = ("pipeline", "stage", "probability", "currency", "tags")  # not filled one by one


def merge(context: Context, plan: Plan, assigner: Assigner, draft: Draft, work: Work) -> None:
    """Merge a draft's twins into its record. Raises NotFound, and Conflict where one of them is in the trash."""
    twins = [_twin(plan, draft, id) for id in draft.twins]
    for one in (work, *twins):
        if one.trashed_at:
            raise Conflict(f"{one.label} is in the trash. Restore it first.")
    before = dict(work.state)
    uppers = {field.name: _upper(context, plan, field, work, twins) for field in _own_links(work.spec)}
    _Moving(context, plan, work, twins).move()
    _fill(context, work, twins)
    work.state |= uppers
    for twin in twins:
        twin.trashed_at = context.now  # before the given values are looked at: none of them may link to a twin
    assigner.assign(draft, work, new=False)
    plan.update(work, before)
    plan.lines += [Line("trash", twin) for twin in twins]


def _twin(plan: Plan, draft: Draft, id: int) -> Work:
    twin = plan.works.get((draft.spec.name, id))
    if twin is None or twin.purged or twin.key in plan.hidden:
        raise NotFound(f"There is no {draft.spec.label_one.lower()} {id}.")
    return twin


# --- what links to the twins -----------------------------------------------------------------------------------------


class _Moving:
    """Moves every link from the twins to the survivor; of a join, what would stand there twice goes to the trash."""

    def __init__(self, context: Context, plan: Plan, work: Work, twins: list[Work]) -> None:
        self.context, self.plan, self.work = context, plan, work
        self.ids = {twin.id for twin in twins}
        self.befores: dict[Key, State] = {}
        self.doubled: list[Work] = []

    def move(self) -> None:
        for spec, field in references.links_to(self.context, self.work.spec.name):
            self._load(spec, field)
            mine = [other for other in self.plan.works.values() if self._moves(other, spec, field)]
            if spec.join:
                mine = self._without_doubles(spec, field, mine)
            for other in mine:
                self.befores.setdefault(other.key, dict(other.state))
                other.state[field.name] = self.work.id
        for key, before in self.befores.items():
            self.plan.update(self.plan.works[key], before)
        for other in self.doubled:
            other.trashed_at = self.context.now
            self.plan.lines.append(Line("trash", other))

    def _moves(self, other: Work, spec: ObjectSpec, field: FieldSpec) -> bool:
        """The twins keep their own links, for whoever restores them; the survivor's are settled apart."""
        if other.spec.name != spec.name or other.purged or other.state[field.name] not in self.ids:
            return False
        return other is not self.work and not (spec.name == self.work.spec.name and other.id in self.ids)

    def _load(self, spec: ObjectSpec, field: FieldSpec) -> None:
        found = self._missing(spec, field, self.ids)
        seen = self._seen(spec, found)
        self.plan.hidden |= {(spec.name, id) for id in found if id not in seen}
        self.plan.works |= {other.key: other for other in found.values()}

    def _missing(self, spec: ObjectSpec, field: FieldSpec, ids: Iterable[int]) -> dict[int, Work]:
        """The records that link to one of these and that the plan doesn't hold yet."""
        linking = {id for id, _ in references.holding(self.context, spec, field, sorted(ids))}
        missing = sorted(id for id in linking if (spec.name, id) not in self.plan.works)
        return rows.load(self.context, spec, missing, with_tags=False, everyone=True)

    def _seen(self, spec: ObjectSpec, found: dict[int, Work]) -> set[int]:
        table, seen = TABLES[spec.name], set()
        for chunk in rows.chunks(sorted(found)):
            statement = select(table.c.id).where(table.c.id.in_(chunk), self.context.visible(spec.name))
            seen |= set(self.context.connection.execute(statement).scalars())
        return seen

    def _without_doubles(self, spec: ObjectSpec, field: FieldSpec, mine: list[Work]) -> list[Work]:
        """A contact who stands there in the same role already isn't moved; what only it says is kept."""
        standing = self._missing(spec, field, [self.work.id]) if mine else {}
        standing |= {other.id: other for other in self.plan.works.values() if other.spec.name == spec.name}
        here = [other for other in standing.values() if other.state[field.name] == self.work.id and joins.lives(other)]
        kept = {joins.place(spec, other.state): other for other in sorted(here, key=lambda other: other.id)}
        moving = []
        for other in sorted(mine, key=lambda other: other.id):
            first = kept.setdefault(joins.place(spec, other.state | {field.name: self.work.id}), other)
            if first is other or not joins.lives(other):
                moving.append(other)
            else:
                self.doubled.append(other)
                if other.key not in self.plan.hidden:
                    self._tell(spec, first, other)
        return moving

    def _tell(self, spec: ObjectSpec, first: Work, other: Work) -> None:
        """The first gets what it lacks and the other says."""
        lacking = [
            field.name
            for field in spec.fields
            if not field.read_only and first.state[field.name] in EMPTY and other.state[field.name] not in EMPTY
        ]
        if lacking:
            self.plan.works.setdefault(first.key, first)
            self.befores.setdefault(first.key, dict(first.state))
            first.state |= {name: other.state[name] for name in lacking}


# --- the survivor ----------------------------------------------------------------------------------------------------


def _own_links(spec: ObjectSpec) -> list[FieldSpec]:
    """Links to the object's own kind: a company's parent, a task's task before."""
    return [field for field in spec.fields if field.type == "link" and field.target == spec.name]


def _upper(context: Context, plan: Plan, field: FieldSpec, work: Work, twins: list[Work]) -> int | None:
    """Where the survivor's link to its own kind leads: its own, else a twin's, but never round to itself by merging."""
    ids = {twin.id for twin in twins}
    own: int | None = work.state[field.name]
    if own is not None and not _meets(context, plan, field, own, ids):
        return own
    others = [twin.state[field.name] for twin in twins if twin.state[field.name] is not None]
    return next((id for id in others if not _meets(context, plan, field, id, ids | {work.id})), None)


def _meets(context: Context, plan: Plan, field: FieldSpec, id: int | None, avoided: set[int]) -> bool:
    """Whether the chain that begins at a record comes to one of those to avoid; one small statement a step."""
    passed: set[int] = set()
    while id is not None and id not in passed:
        if id in avoided:
            return True
        passed.add(id)
        id = _next(context, plan, field, id)
    return False


def _next(context: Context, plan: Plan, field: FieldSpec, id: int) -> int | None:
    known = plan.works.get((field.target or "", id))
    if known is not None:
        found: int | None = known.state[field.name]
        return found
    table = TABLES[field.target or ""]
    column = link_column(context.connection, table, field)
    stored = context.connection.scalar(select(column).where(table.c.id == id))
    return None if stored is None else int(stored)


def _fill(context: Context, work: Work, twins: list[Work]) -> None:
    """The survivor's empty fields from the twins, in their order; all their tags."""
    skipped = {*_TOGETHER, *(field.name for field in _own_links(work.spec))}
    for twin in twins:
        priced = _prices_agree(context, work, twin)
        for field in work.spec.fields:
            if field.read_only or (field.type == "money" and not priced):
                continue
            if field.name not in skipped and work.state[field.name] in EMPTY:
                work.state[field.name] = twin.state[field.name]
    if "tags" in work.state:
        names = {text_key(name): name for one in (*reversed(twins), work) for name in one.state["tags"]}
        work.state["tags"] = tuple(names[key] for key in sorted(names, key=str))


def _prices_agree(context: Context, work: Work, twin: Work) -> bool:
    """Whether the twin's amounts mean the same on the survivor; where it has none, it takes the twin's currency."""
    if not context.has_currency(work.spec):
        return True
    if not _amounts(work) and (_amounts(twin) or work.state["currency"] is None):
        work.state["currency"] = twin.state["currency"]
    return context.currency(work.spec, work.state) == context.currency(twin.spec, twin.state)


def _amounts(work: Work) -> list[Any]:
    return [work.state[f.name] for f in work.spec.fields if f.type == "money" and work.state[f.name] is not None]
