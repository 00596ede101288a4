"""From drafts to a plan: every record as it will be, every line of the journal, and nothing written yet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.crm.changes import chains, joins, linking, references, resolutions, rows, rules, unique
from app.crm.changes.assign import Assigner
from app.crm.changes.codec import EMPTY, State, empty, outward
from app.crm.changes.context import Context
from app.crm.changes.rows import Work
from app.crm.changes.seen import Targets
from app.crm.changes.validate import Draft
from app.crm.schema import TABLES, tags
from app.shared.contract import FieldSpec
from app.shared.db import text_key
from app.shared.errors import Conflict, NotFound
from app.shared.values import as_json


@dataclass(slots=True)
class Line:
    """One line of the journal: the changed fields of one record, before and after."""

    action: str
    work: Work
    before: State = field(default_factory=dict)
    after: State = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What a set will do. `works` in the order of the operations that first touch them."""

    works: dict[tuple[str, int], Work] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    hidden: set[tuple[str, int]] = field(default_factory=set)  # works that the principal may not see: never named

    def update(self, work: Work, before: State) -> None:
        """A line for what differs between the state before and the work's own."""
        changed = [name for name, value in work.state.items() if before[name] != value]
        if changed:
            after = {name: work.state[name] for name in changed}
            self.lines.append(Line("update", work, {name: before[name] for name in changed}, after))

    def seen(self) -> list[Work]:
        """The works to tell of."""
        return [work for key, work in self.works.items() if key not in self.hidden]

    def purge(self, work: Work) -> None:
        self.lines.append(Line("purge", work))


def build(context: Context, drafts: list[Draft]) -> Plan:
    """Plan a set. Raises NotFound, Invalid (every bad field at once) or Conflict (yours and theirs)."""
    drafts = resolutions.settle(linking.lowered(context, drafts), context.resolutions, context.problems)
    return _Planner(context, drafts).plan()


def blank(context: Context, object: str) -> State:
    """A record that nothing has been given for."""
    fields = context.catalog[object].fields
    return {item.name: empty(item) if item.default is None else item.default for item in fields}


class _Planner:
    def __init__(self, context: Context, drafts: list[Draft]) -> None:
        self.context, self.drafts, self.result = context, drafts, Plan()
        self.refs: dict[str, Work] = {}
        self.targets = Targets(context, self.result.works, self.result.hidden)
        self.assigner = Assigner(context, self.refs, self.targets)
        self.ids: dict[str, Iterator[int]] = {}
        self.actions: dict[str, Callable[[Draft, Work], None]] = {
            "update": self._update,
            "trash": self._trash,
            "restore": self._restore,
            "purge": self._purge,
            "merge": self._merge,
        }

    def plan(self) -> Plan:
        self._read()
        touched: dict[tuple[str, int], Work] = {}
        for draft in self.drafts:
            work = self._create(draft) if draft.action == "create" else self._change(draft)
            if work:
                touched.setdefault(work.key, work)
        self.result.works = touched | self.result.works
        chains.check(self.context, self.result)
        chains.unlock(self.context, self.result)
        unique.check(self.context, self.result)
        joins.check(self.context, self.result)
        self.context.problems.check()
        return self.result

    # --- reading -----------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Everything that the set needs, in a number of statements that depends on the objects in it alone."""
        loaded: dict[tuple[str, int], Work] = {}
        for name in self._objects():
            mine = [draft for draft in self.drafts if draft.spec.name == name]
            ids = {id for draft in mine for id in (draft.id, *draft.twins) if isinstance(id, int)}
            with_tags = any("tags" in draft.values or "tags" in (draft.expect or ()) or draft.twins for draft in mine)
            found = rows.load(self.context, mine[0].spec, sorted(ids), with_tags=with_tags) if ids else {}
            loaded |= {(name, id): work for id, work in found.items()}
            creates = sum(draft.action == "create" for draft in mine)
            self.ids[name] = iter(rows.allocate(self.context.connection, TABLES[name], creates))
        self.result.works |= loaded
        self.holding = self._holding()
        self._targets()
        self._tags()

    def _holding(self) -> references.Holders:
        """Who links to what this set deletes for good."""
        doomed: dict[str, set[int]] = {}
        for draft in self.drafts:
            if draft.action == "purge" and isinstance(draft.id, int):
                doomed.setdefault(draft.spec.name, set()).add(draft.id)
        relinks = any(draft.action not in ("purge", "trash", "restore") for draft in self.drafts)
        return references.Holders(self.context, doomed, scan=relinks)

    def _objects(self) -> list[str]:
        return list(dict.fromkeys(draft.spec.name for draft in self.drafts))

    def _targets(self) -> None:
        """The records that links point to, now and after: for checks, and for the journal's labels."""
        wanted: dict[str, set[int]] = {}
        for draft in self.drafts:
            self._wants(draft, wanted)
        for target, ids in sorted(wanted.items()):
            self.targets.read(target, ids)

    def _wants(self, draft: Draft, wanted: dict[str, set[int]]) -> None:
        work = self.result.works.get((draft.spec.name, draft.id)) if isinstance(draft.id, int) else None
        rules.fill(self.context, draft.spec.name, draft.values, new=draft.action == "create")
        for item in draft.spec.fields:
            if item.type != "link" or not (item.name in draft.values or item.name in (draft.expect or ())):
                continue
            expected = (draft.expect or {}).get(item.name)
            values = (draft.values.get(item.name), work.state[item.name] if work else None, expected)
            wanted.setdefault(item.target or "", set()).update(id for id in values if type(id) is int)

    def _tags(self) -> None:
        names = {name for draft in self.drafts for name in draft.values.get("tags", ())}
        keys = {text_key(name): name for name in names}
        known: dict[str, str] = {}
        for chunk in rows.chunks(sorted(keys, key=str)):
            found = select(tags.c.name_key, tags.c.name).where(tags.c.name_key.in_(chunk))
            known |= {row.name_key: row.name for row in self.context.connection.execute(found)}
        self.assigner.tag_names = {name: known.get(text_key(name) or "", keys[text_key(name)]) for name in names}

    # --- actions -----------------------------------------------------------------------------------------------------

    def _create(self, draft: Draft) -> Work:
        state = blank(self.context, draft.spec.name) | self._uploaded(draft)
        id = next(self.ids[draft.spec.name])
        work = Work(draft.spec, id, state, dict(state), created=True, index=draft.index)
        self.assigner.assign(draft, work, new=True)
        self.result.works[work.key] = work
        if draft.ref:
            self.refs[draft.ref.removeprefix("$")] = work
        after = {name: value for name, value in work.state.items() if value not in EMPTY}
        self.result.lines.append(Line("create", work, {}, after))
        return work

    def _uploaded(self, draft: Draft) -> State:
        """What is kept of an uploaded file. Without an upload there is no file to make a record of."""
        if not draft.spec.attached:
            return {}
        if draft.index not in self.context.uploads:
            self.context.problems.refuse(draft.index, "object", f"A {draft.spec.singular} is made by uploading it.")
        return dict(self.context.uploads.get(draft.index, {}))

    def _change(self, draft: Draft) -> Work | None:
        work = self._work(draft)
        if work is not None:
            work.index = draft.index
            if self._fresh(draft, work):
                self.actions[draft.action](draft, work)
        return work

    def _work(self, draft: Draft) -> Work | None:
        one = draft.spec.label_one.lower()
        if isinstance(draft.id, str):
            made = self.refs.get(draft.id[1:])
            if made is None or made.spec.name != draft.spec.name:
                message = f"{draft.id} isn't created by an earlier operation of this set."
                self.context.problems.refuse(draft.index, draft.said.get("id", "id"), message)
                return None
            return made
        work = self.result.works.get((draft.spec.name, draft.id or 0))
        if work is None or work.purged or work.key in self.result.hidden:
            if "id" not in draft.said and not self.context.problems.several:
                raise NotFound(f"There is no {one} {draft.id}.")
            self.context.problems.refuse(draft.index, draft.said.get("id", "id"), f"There is no {one} {draft.id}.")
            return None
        return work

    def _update(self, draft: Draft, work: Work) -> None:
        if work.trashed_at:
            self._stops(draft, f"{work.label} is in the trash. Restore it first.")
            return
        before = dict(work.state)
        self.assigner.assign(draft, work, new=False)
        self.result.update(work, before)

    def _trash(self, draft: Draft, work: Work) -> None:
        if not work.trashed_at:
            work.trashed_at = self.context.now
            self.result.lines.append(Line("trash", work))

    def _restore(self, draft: Draft, work: Work) -> None:
        if work.trashed_at:
            work.trashed_at = None
            self.result.lines.append(Line("restore", work))

    def _purge(self, draft: Draft, work: Work) -> None:
        if not work.trashed_at:
            self._stops(draft, f"{work.label} isn't in the trash. Only what is there can be deleted for good.")
            return
        references.detach(self.context, self.result, work, self.holding)
        work.purged = True
        self.result.lines.append(Line("purge", work))

    def _merge(self, draft: Draft, work: Work) -> None:
        from app.crm.changes.merging import merge  # it plans with this module's types

        merge(self.context, self.result, self.assigner, draft, work)

    def _stops(self, draft: Draft, message: str) -> None:
        """The record isn't where this change needs it: said of one operation at once, of several with all else."""
        if not self.context.problems.several:
            raise Conflict(message)
        self.context.problems.conflict(draft.index, "id", message)

    # --- old values --------------------------------------------------------------------------------------------------

    def _fresh(self, draft: Draft, work: Work) -> bool:
        """Whether the record is as the change expects it; else the conflict is noted, field by field."""
        stale = draft.version is not None and draft.version != work.version and not work.created
        if draft.expect is not None:
            differing = [name for name, value in draft.expect.items() if not self._same(work, name, value)]
        else:
            disputed = [name for name in draft.values if name not in draft.settled] if stale else []
            differing = [name for name in disputed if not self._same(work, name, draft.values[name])]
            stale = stale and (bool(differing) or not draft.settled)
        for name in differing:
            self._conflict(draft, work, name)
        if stale and draft.expect is None:
            message = f"{work.label} has changed since version {draft.version}: it is at version {work.version} now."
            said = {"label": "Version", "yours": draft.version, "theirs": work.version}
            self.context.problems.conflict(draft.index, "version", message, **said, **_record(work))
        return not differing and not (stale and draft.expect is None)

    def _same(self, work: Work, name: str, expected: Any) -> bool:
        item = work.spec.field(name)
        if item is not None and item.type == "link" and isinstance(expected, str):
            made = self.refs.get(expected[1:])
            return made is not None and bool(work.state[name] == made.id)
        if item is not None and item.type == "link":
            noted = self.context.kept and work.state[name] == expected
            return bool(noted or self.targets.shown(item, work.state[name]) == expected)
        if item is None or item.type not in ("money", "stage", "tags"):
            return bool(work.state[name] == expected)
        shown = outward(item, work.state[name], self.context.currency(work.spec, work.state), self.context.labels)
        if item.type == "tags":
            return [text_key(tag) for tag in expected] == [text_key(tag) for tag in shown]
        if item.type == "money" or shown is None or expected is None:
            return bool(shown == expected)
        return self.context.stages.find(work.state["pipeline"], expected) == self.context.stages.all[work.state[name]]

    def _conflict(self, draft: Draft, work: Work, name: str) -> None:
        item = work.spec.field(name)
        if item is None:
            return
        currency = self.context.currency(work.spec, work.state)
        theirs = outward(item, self.targets.shown(item, work.state[name]), currency, self.context.labels)
        message = f"{item.label} of {work.label} has changed meanwhile."
        yours = self._yours(item, draft.values.get(name))
        extra = {"label": item.label, "yours": yours, "theirs": theirs} | _record(work)
        self.context.problems.conflict(draft.index, name, message, **extra)

    def _yours(self, item: FieldSpec, value: Any) -> Any:
        """The given value as it was meant: money and stages are still in the words of the caller."""
        if item.type == "link" and isinstance(value, int):
            return {"id": value, "label": self.context.labels.links.get((item.target or "", value), "")}
        return as_json(value)


def _record(work: Work) -> dict[str, Any]:
    """The record of a conflict."""
    return {"object": work.spec.name, "id": work.id, "record": work.label, "version": work.version}
