"""Link and unlink, as the plain changes that they amount to.

Over a link field the record itself changes, over a way back the other one. Over the way back of a join, a record of the
join is made, changed or put into the trash: one for each pair and role. A link knows what stands there, and what its
own set has changed of it by links and plain changes; not what a merge earlier in the same set has moved.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, select

from app.crm.changes import rows
from app.crm.changes.context import Context
from app.crm.changes.validate import Draft
from app.crm.changes.ways import Way, kind_of
from app.crm.schema import TABLES, column_name
from app.shared.contract import ObjectSpec

Id = int | str  # of a record, or "$ref" of one that the set makes
Pair = tuple[Id | None, ...]


@dataclass(slots=True)
class Row:
    """A record of a join in the course of a set."""

    id: Id
    ends: Pair
    kind: str | None
    lives: bool = True


def lowered(context: Context, drafts: list[Draft]) -> list[Draft]:
    """The drafts with every link and unlink put into plain ones. What can't be done is left to the problems."""
    if not any(draft.way for draft in drafts):
        return drafts
    return list(_Lowering(context, drafts).run())


class _Lowering:
    def __init__(self, context: Context, drafts: list[Draft]) -> None:
        self.context, self.drafts = context, drafts
        self.joins = {draft.way.holder.name: draft.way.holder for draft in drafts if draft.way and draft.way.far}
        self.joins = {name: spec for name, spec in self.joins.items() if spec.join}
        self.rows: dict[tuple[str, Id], Row] = {}
        self.pairs: dict[tuple[str, Pair], dict[Id, Row]] = defaultdict(dict)

    def run(self) -> Iterator[Draft]:
        for spec in self.joins.values():
            self._load(spec)
        for place, draft in enumerate(self.drafts):
            if draft.way is None:
                self._follow(draft, place)
                yield draft
            elif draft.way.holder.join and draft.way.far and draft.way.near:
                yield from self._over_join(draft, draft.way, place)
            else:
                yield from _over_link(draft, draft.way)

    # --- records of joins, as they are and as the set leaves them ----------------------------------------------------

    def _load(self, spec: ObjectSpec) -> None:
        """The living records of a join that touch what is linked, and those that the set changes by themselves."""
        table, kind = TABLES[spec.name], kind_of(spec)
        columns = [table.c.id, table.c.trashed_at, *(table.c[column_name(end)] for end in spec.ends)]
        columns += [table.c[kind.name]] if kind else []
        for condition in self._wanted(spec):
            statement = select(*columns).where(condition, self.context.visible(spec.name))
            for found in self.context.connection.execute(statement):
                ends = tuple(found[2 : 2 + len(spec.ends)])
                self._keep(spec, Row(found.id, ends, found[-1] if kind else None, found.trashed_at is None))

    def _wanted(self, spec: ObjectSpec) -> Iterator[ColumnElement[bool]]:
        table = TABLES[spec.name]
        ids = {draft.id for draft in self.drafts if draft.spec.name == spec.name and isinstance(draft.id, int)}
        for chunk in rows.chunks(sorted(ids)):
            yield table.c.id.in_(chunk)
        for end in spec.ends:
            mine = [draft for draft in self.drafts if draft.way and draft.way.holder.name == spec.name]
            near = {draft.id for draft in mine if draft.way and draft.way.near == end and isinstance(draft.id, int)}
            for chunk in rows.chunks(sorted(near)):
                yield table.c[column_name(end)].in_(chunk) & table.c.trashed_at.is_(None)

    def _keep(self, spec: ObjectSpec, row: Row) -> None:
        before = self.rows.get((spec.name, row.id))
        if before:
            self.pairs[spec.name, before.ends].pop(row.id, None)
        self.rows[spec.name, row.id] = row
        if row.lives:
            self.pairs[spec.name, row.ends][row.id] = row

    def _follow(self, draft: Draft, place: int) -> None:
        """What a plain change does to a record of a join."""
        if draft.spec.name not in self.joins:
            return
        spec, kind = draft.spec, kind_of(draft.spec)
        if draft.action == "create":
            draft.ref = draft.ref or f"${_own(place)}"
            row = Row(f"${draft.ref.removeprefix('$')}", (None,) * len(spec.ends), None)
        elif (known := self.rows.get((spec.name, draft.id or 0))) is None:
            return
        else:
            row = replace(known, lives={"trash": False, "purge": False, "restore": True}.get(draft.action, known.lives))
        row.ends = tuple(draft.values.get(end.name, was) for end, was in zip(spec.ends, row.ends, strict=True))
        row.kind = draft.values.get(kind.name, row.kind) if kind else None
        self._keep(spec, row)

    # --- over a join -------------------------------------------------------------------------------------------------

    def _over_join(self, draft: Draft, way: Way, place: int) -> Iterator[Draft]:
        yield _checked(draft)
        ends = {way.near.name: draft.id, way.far.name: draft.to}  # type: ignore[union-attr]
        pair = tuple(ends[end.name] for end in way.holder.ends)
        there = list(self.pairs[way.holder.name, pair].values())
        made = self._link(draft, way, ends, there, place) if draft.action == "link" else self._unlink(draft, way, there)
        for plain in made:
            self._follow(plain, place)
            yield plain

    def _link(self, draft: Draft, way: Way, ends: dict[str, Any], there: list[Row], place: int) -> Iterator[Draft]:
        kind = way.kind.name if way.kind else ""
        asked = draft.values.get(kind)
        row = next((row for row in there if row.kind == asked), None)
        if row is None and asked:
            row = next((row for row in there if row.kind is None), None)  # it gets the role
        elif row is None and len(there) == 1:
            row = there[0]
        if row is not None:
            values = {name: value for name, value in draft.values.items() if name != kind or asked}
            yield Draft(draft.index, "update", way.holder, row.id, values=values)
        elif there and not asked:
            if draft.values:
                self._several(draft, way)
        else:
            said = dict(zip(ends, ("id", "to"), strict=True))
            yield Draft(
                draft.index, "create", way.holder, None, f"${_own(place)}", values=ends | draft.values, said=said
            )

    def _unlink(self, draft: Draft, way: Way, there: list[Row]) -> Iterator[Draft]:
        kind = way.kind.name if way.kind else ""
        found = [row for row in there if row.kind == draft.values[kind]] if draft.values.get(kind) else there
        if len(found) == 1:
            yield Draft(draft.index, "trash", way.holder, found[0].id)
        elif found:
            self._several(draft, way)
        else:
            one = self.context.catalog[way.target].label_one.lower()
            role = " in this role" if draft.values.get(kind) else ""
            message = f"It isn't linked to {one} {draft.to}{role}."
            self.context.problems.refuse(draft.index, "to", message)

    def _several(self, draft: Draft, way: Way) -> None:
        kind = way.kind
        if kind:
            message = f"They are linked more than once: name the {kind.label.lower()}."
            self.context.problems.refuse(draft.index, kind.name, message)


def _own(place: int) -> str:
    """A name for a record that a link makes; no caller can give one with a colon."""
    return f"link:{place}"


def _checked(draft: Draft) -> Draft:
    """The record that is linked from must be there, and as the caller expects it."""
    return Draft(draft.index, "update", draft.spec, draft.id, expect=draft.expect, version=draft.version)


def _over_link(draft: Draft, way: Way) -> Iterator[Draft]:
    """An unlink takes off the link that it names, and no other that stands there by now."""
    links = draft.action == "link"
    if way.near is None and way.far is not None:
        name = way.far.name
        expect = draft.expect
        if not links and draft.to is not None:
            expect = {**(draft.expect or {}), name: draft.to}
        values = {name: draft.to if links else None}
        yield Draft(draft.index, "update", draft.spec, draft.id, values=values, expect=expect, version=draft.version,
                    said={name: "to"} if links else {})  # fmt: skip
    elif way.near is not None:
        yield _checked(draft)
        name = way.near.name
        expect = None if links else {name: draft.id}
        values = {name: draft.id if links else None}
        yield Draft(draft.index, "update", way.holder, draft.to, values=values, expect=expect,
                    said={"id": "to", name: "relation"})  # fmt: skip
