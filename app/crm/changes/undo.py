"""Undo: the exact former state of every record that a set touched, unless later edits stand in the way.

The making of a record is undone by the trash, so that nothing is lost; undoing that brings it back. What was deleted
for good stays so.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, select

from app.crm import catalog
from app.crm.changes import chains, hidden, joins, net, references, rows, store, unique, write
from app.crm.changes.codec import decode, encode
from app.crm.changes.context import Context, Problems
from app.crm.changes.net import Key, Net
from app.crm.changes.plan import Line, Plan
from app.crm.changes.rows import Work
from app.crm.changes.subscribe import announce
from app.crm.schema import TABLES
from app.shared.contract import ChangeSet, FieldSpec, Principal, StoredChangeSet
from app.shared.db import Database, text_key
from app.shared.errors import Conflict, FieldError, Forbidden

MOST_NAMED = 100  # obstacles that a conflict names
_SAID = {"undone": "has been undone already", "proposed": "hasn't been applied"}


def undo(database: Database, principal: Principal, change_set: int) -> StoredChangeSet:
    """Undo an applied set, of any size, as an applied set of its own.

    Raises Conflict naming every later edit that stands in the way; then nothing is written.
    """
    with database.write() as connection:
        done = undo_within(connection, principal, change_set)
    announce(done.id)
    return done


def undo_within(connection: Connection, principal: Principal, change_set: int) -> StoredChangeSet:
    """Undo in the caller's own write transaction; after its commit the caller calls `announce(set.id)`."""
    if not principal.can_write:
        raise Forbidden("You can look at records, but not change them.")
    row = store.fetch(connection, principal, change_set)
    if row.state != "applied":
        raise Conflict(f"This change {_SAID.get(row.state, 'was never applied')}.")
    return _Undo(Context(connection, principal, catalog.load(connection)), row).run()


class _Undo:
    def __init__(self, context: Context, row: Row[Any]) -> None:
        self.context, self.connection, self.row = context, context.connection, row
        self.obstacles: list[FieldError] = []
        self.count, self.records = 0, set[Key]()  # of all obstacles, named or not
        self.unseen: set[Key] = set()  # records that a merge has moved without showing them
        self.made: dict[str, set[int]] = defaultdict(set)  # what the set created, by object

    def run(self) -> StoredChangeSet:
        planned = Plan()
        for nets in net.batches(self.connection, self.row.id):
            self._plan(planned, nets)
        self._targets_exist(planned)
        self._still_fits(planned)
        self._unlinked(planned)
        self._check()
        id = store.add(self.context, ChangeSet(title=self._title(), operations=()), **self._columns()).id
        write.write(self.context, planned, id)
        self._note(id, len(planned.works))
        return store.read(self.connection, self.context.principal, id)

    def _title(self) -> str:
        title = self.row.title
        return title.removeprefix("Undo: ") if title.startswith("Undo: ") else f"Undo: {title}".removesuffix(": ")

    def _columns(self) -> dict[str, Any]:
        return {"state": "applied", "applied_at": self.context.now, "undoes_id": self.row.id}

    def _note(self, id: int, count: int) -> None:
        store.put(self.connection, id, count=count)
        store.put(self.connection, self.row.id, state="undone", undone_by_id=id)
        self._turn_before(self.row)

    def _turn_before(self, row: Row[Any]) -> None:
        """What had been undone holds again; where it was an undo itself, what that undid is undone again; and so on."""
        holds = False
        while row.undoes_id is not None:
            before = store.row(self.connection, row.undoes_id)
            if before.undone_by_id != (None if holds else row.id) or before.state not in ("applied", "undone"):
                return  # another undo of it has been made meanwhile, and stands
            turned = (
                {"state": "undone", "undone_by_id": row.id} if holds else {"state": "applied", "undone_by_id": None}
            )
            store.put(self.connection, before.id, **turned)
            row, holds = before, not holds

    def _check(self) -> None:
        """Raises Conflict: five records in its sentence, a hundred obstacles in its errors, and how many more."""
        if not self.obstacles:
            return
        names = list({_record(error): str((error.extra or {})["label"]) for error in self.obstacles}.values())[:5]
        others = f" and {len(self.records) - len(names):,} more" if len(self.records) > len(names) else ""
        if (unnamed := self.count - len(self.obstacles)) > 0:
            self.obstacles.append(FieldError("more", f"And {unnamed:,} more.", {"count": unnamed}))
        raise Conflict(f"Later changes stand in the way: {', '.join(names)}{others}.", self.obstacles)

    # --- one batch ---------------------------------------------------------------------------------------------------

    def _plan(self, planned: Plan, nets: dict[Key, Net]) -> None:
        for key, work in self._load(nets).items():
            planned.works[key] = work
            self._take_back(planned, work, nets[key])

    def _load(self, nets: dict[Key, Net]) -> dict[Key, Work]:
        works: dict[Key, Work] = {}
        for name in sorted({name for name, _ in nets}):
            ids = sorted(id for other, id in nets if other == name)
            found = rows.load(self.context, self.context.catalog[name], ids, with_tags=True)
            found |= self._moved(nets, name, [id for id in ids if id not in found])
            self._missing(nets, name, [id for id in ids if id not in found])
            works |= {(name, id): work for id, work in found.items()}
        return {key: works[key] for key in nets if key in works}

    def _moved(self, nets: dict[Key, Net], name: str, ids: list[int]) -> dict[int, Work]:
        """What a merge has moved unseen, it takes back unseen."""
        moved = hidden.moved(self.context, self._fates, nets, name, ids) if ids else {}
        self.unseen |= {work.key for work in moved.values()}
        return moved

    @cached_property
    def _fates(self) -> hidden.Fates:
        return hidden.fates(self.connection, self.row.id)

    def _missing(self, nets: dict[Key, Net], name: str, ids: list[int]) -> None:
        for chunk in rows.chunks(ids):
            table = TABLES[name]
            if self.connection.scalar(select(table.c.id).where(table.c.id.in_(chunk)).limit(1)) is not None:
                raise Forbidden("This change touches records that you can't see.")
            for id in chunk:
                label = nets[name, id].label
                self._stands("id", f"{label} has been deleted for good.", name, id, label)

    def _stands(self, field: str, message: str, object: str, id: int, label: str, extra: Any = None) -> None:
        if (object, id) in self.unseen:
            label = f"a {self.context.catalog[object].label_one.lower()} that you can't see"
            field, message, id, extra = "id", f"{label.capitalize()} has been changed since.", 0, None
        self.count += 1
        self.records.add((object, id))
        if len(self.obstacles) < MOST_NAMED:
            named = {"object": object, "id": id, "label": label}
            self.obstacles.append(FieldError(field, message, named | (extra or {})))

    def _take_back(self, planned: Plan, work: Work, change: Net) -> None:
        if change.purged:
            self._stands("id", f"{work.label} has been deleted for good.", *work.key, work.label)
        elif bool(work.trashed_at) != change.is_trashed and not hidden.is_move(work.spec, change, self._fates):
            where = "is in the trash now" if work.trashed_at else "has been restored"
            self._stands("trashed_at", f"{work.label} {where}.", *work.key, work.label)
        elif change.created:
            self._unedited(work, change, work.spec.fields)
            self.made[work.spec.name].add(work.id)
            self._move(planned, work, trash=True)
        else:
            self._restore(planned, work, change)

    def _restore(self, planned: Plan, work: Work, change: Net) -> None:
        fields = tuple(field for field in work.spec.fields if field.name in change.before)
        self._unedited(work, change, fields)
        before = dict(work.state)
        if change.moves and not change.was_trashed:
            self._move(planned, work, trash=False)
        for field in fields:
            work.state[field.name] = decode(field, change.before[field.name])
        planned.update(work, before)
        if change.was_trashed:
            self._move(planned, work, trash=True)

    def _move(self, planned: Plan, work: Work, *, trash: bool) -> None:
        if bool(work.trashed_at) != trash:
            work.trashed_at = self.context.now if trash else None
            planned.lines.append(Line("trash" if trash else "restore", work))

    # --- what may stand in the way -----------------------------------------------------------------------------------

    def _unedited(self, work: Work, change: Net, fields: Iterable[FieldSpec]) -> None:
        """Each field must hold what the set left there; what the program keeps by itself follows the others."""
        for field in fields:
            left = decode(field, change.after.get(field.name))
            if not field.read_only and not _same(field, work.state[field.name], left):
                self._edited(work, field, change)

    def _edited(self, work: Work, field: FieldSpec, change: Net) -> None:
        value = work.state[field.name]
        yours = change.before.get(field.name)
        if field.type == "link" and len(self.obstacles) < MOST_NAMED:
            value, yours = self._seen(field, value), yours and self._seen(field, yours["id"]) and yours
        theirs = encode(field, value, self.context.currency(work.spec, work.state), self.context.labels)
        extra = {"yours": yours, "theirs": theirs}
        message = f"{field.label} of {work.label} has been changed since."
        self._stands(field.name, message, *work.key, work.label, extra=extra)

    def _seen(self, field: FieldSpec, id: int | None) -> int | None:
        """What a link points to, where the principal may see it, its label noted. A link to anything else is none."""
        key = (field.target or "", id or 0)
        if id and key not in self.context.labels.links:
            self._label(key[0], [id])
        return id if key in self.context.labels.links else None

    def _label(self, object: str, ids: list[int]) -> set[int]:
        found = rows.targets(self.context, object, ids)
        self.context.labels.links |= {(object, id): target.label for id, target in found.items() if target.visible}
        return set(found)

    def _targets_exist(self, planned: Plan) -> None:
        """What a link is to point to again must still be there, be it in the trash."""
        wanted: dict[str, dict[int, tuple[Work, FieldSpec]]] = defaultdict(dict)
        for work in planned.works.values():
            for field in work.spec.fields:
                value = work.state[field.name]
                if field.type == "link" and value and value != work.was[field.name]:
                    wanted[field.target or ""][value] = (work, field)
        for target, linked in wanted.items():
            there = self._label(target, sorted(linked))
            for work, field in (found for id, found in linked.items() if id not in there):
                message = f"What {field.label} of {work.label} pointed to has been deleted for good."
                self._stands(field.name, message, *work.key, work.label)

    def _still_fits(self, planned: Plan) -> None:
        self.context.problems = Problems()
        for index, work in enumerate(planned.works.values()):
            work.index = index
        self.context.problems.several = True
        unique.check(self.context, planned)
        joins.check(self.context, planned)
        chains.check(self.context, planned)
        works = list(planned.works.values())
        for error in self.context.problems.invalid:
            extra = dict(error.extra or {})
            position: int = extra.pop("operation")
            work = works[position]
            self._stands(error.field, error.message, *work.key, work.label, extra=extra)

    def _unlinked(self, planned: Plan) -> None:
        """Nothing that lives afterwards may still link to what the set had made."""
        for object, ids in self.made.items():
            linking: dict[str, dict[int, int]] = defaultdict(dict)
            for id, spec, field, holder in references.holders(self.context, object, ids):
                work = planned.works.get((spec.name, holder))
                if work is None or (not work.trashed_at and work.state[field.name] == id):
                    linking[spec.name][holder] = id
            for name, holders in linking.items():
                self._name_holders(object, name, holders)

    def _name_holders(self, object: str, name: str, holders: dict[int, int]) -> None:
        for holder, target in rows.targets(self.context, name, sorted(holders)).items():
            if target.trashed:
                continue
            label = target.label if target.visible else f"a {self.context.catalog[name].label_one.lower()}"
            one = self.context.catalog[object].label_one.lower()
            self._stands("id", f"{label} links to {one} {holders[holder]}.", name, holder, label)


def _record(error: FieldError) -> Key:
    extra = error.extra or {}
    return str(extra["object"]), int(extra["id"])


def _same(field: FieldSpec, current: Any, left: Any) -> bool:
    if field.type == "tags":
        return {text_key(name) for name in current} == {text_key(name) for name in left}
    return bool(current == left)
