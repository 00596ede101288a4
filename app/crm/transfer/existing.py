"""Which records the rows mean, and what of a row is new to its record."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from app.crm import query
from app.crm.transfer.columns import Column, Mapping
from app.crm.transfer.drafts import Draft
from app.crm.transfer.links import name_key, walk
from app.crm.transfer.memory import chunks, taken_back
from app.crm.transfer.ownids import is_id
from app.shared.contract import Catalog, Condition, FieldSpec, Principal, Query, Record, Ref
from app.shared.db import text_key
from app.shared.values import as_json


class Existing:
    """The records that a file's rows may mean."""

    def __init__(self, connection: Connection, principal: Principal, mapping: Mapping, catalog: Catalog) -> None:
        self.connection, self.principal, self.mapping, self.catalog = connection, principal, mapping, catalog
        self.object = mapping.spec.name
        self.notes: list[str] = []
        self._taken_back: set[int] | None = None

    # --- by key ------------------------------------------------------------------------------------------------------

    def match(self, drafts: Sequence[Draft]) -> None:
        """Find the record of each row that has a key; rows whose key repeats are set aside."""
        match = self.mapping.match
        if match is None or match.field is None:
            return
        self._repeats(drafts, match)
        waiting = [draft for draft in drafts if draft.outcome == "create"]
        if self.mapping.by_id:
            self._by_id(waiting, match, match.field)
            return
        if not match.is_new:
            self._by_key(waiting, match, match.field)
        waiting = [draft for draft in waiting if draft.outcome == "create"]
        self._adopt(waiting, match)

    def _repeats(self, drafts: Sequence[Draft], match: Column) -> None:
        first: dict[str, Draft] = {}
        repeated = 0
        for draft in drafts:
            key = draft.key if draft.outcome != "known" else name_key(draft.row.cells[match.index])
            if not key:  # of an export, a row that somebody has added
                continue
            before = first.setdefault(key, draft)
            if before is draft:
                continue
            if before.prints.full == draft.prints.full:
                draft.outcome, draft.record = "known", before.record
                repeated += 1
            elif draft.outcome != "failed":
                draft.fail(f"stands in row {before.row.number:,} too, with other values", match)
        if repeated:
            self.notes.append(f"{repeated:,} rows repeat an earlier row of the file word for word: passed over.")

    def _by_key(self, drafts: Sequence[Draft], match: Column, field: FieldSpec) -> None:
        living = self._holders(field, [draft.row.cells[match.index] for draft in drafts], trashed=False)
        trashed = self._holders(field, [draft.row.cells[match.index] for draft in drafts], trashed=True)
        for draft in drafts:
            found = living.get(draft.key or "", [])
            if len(found) > 1:
                draft.fail(f"is the {field.label} of {len(found)} records", match)
            elif found:
                draft.record, draft.outcome = found[0].id, "update"
            elif draft.key in trashed:
                self._in_trash(draft, trashed[draft.key or ""][0], match, field)

    def _by_id(self, drafts: Sequence[Draft], match: Column, field: FieldSpec) -> None:
        """Rows with the program's own ids; a row without one is new."""
        ids = {draft.key: int(draft.key) for draft in drafts if draft.key and is_id(draft.key)}
        found = query.fetch(self.connection, self.principal, self.object, ids.values(), trashed=True)
        for draft in drafts:
            record = found.get(ids.get(draft.key or "", 0))
            if draft.key and record is None:
                draft.fail(f"is the id of no {self.mapping.spec.singular} here", match)
            elif record and record.trashed_at:
                self._in_trash(draft, record, match, field)
            elif record:
                draft.record, draft.outcome = record.id, "update"

    def _in_trash(self, draft: Draft, record: Record, match: Column, field: FieldSpec) -> None:
        """What the undoing of an import put there comes back; what a person put there stays."""
        if self._taken_back is None:
            self._taken_back = taken_back(self.connection, self.object)
        if record.id in self._taken_back:
            draft.record, draft.outcome = record.id, "restore"
        else:
            draft.fail(f"is the {field.label} of {record.label!r}, which is in the trash: restore it first", match)

    def _holders(self, field: FieldSpec, values: Sequence[str], *, trashed: bool) -> dict[str, list[Record]]:
        """The records whose field has one of these values, by the value's key."""
        found: dict[str, list[Record]] = {}
        for chunk in chunks(sorted(set(values))):
            where = Condition(field=field.name, op="in", value=list(chunk))
            asked = Query(object=self.object, where=where, columns=(field.name,), trashed=trashed)
            for record in walk(self.connection, self.principal, asked):
                found.setdefault(name_key(str(record.values[field.name])), []).append(record)
        return found

    def _adopt(self, drafts: Sequence[Draft], match: Column) -> None:
        """A company that the CRM has under the same name, as yet without a key, is the one that the row means."""
        name = self.mapping.of(self.mapping.spec.label_field)
        if self.object != "companies" or name is None or name is match or not drafts:
            return
        keyed = match.field.name if match.field and not match.is_new else None
        free: dict[str, list[int]] = {}
        asked = Query(object=self.object, columns=("name", keyed) if keyed else ("name",))
        for record in walk(self.connection, self.principal, asked):
            if not (keyed and record.values.get(keyed)):
                free.setdefault(name_key(record.label), []).append(record.id)
        adopted = 0
        for draft in drafts:
            ids = free.pop(name_key(str(draft.values.get("name", ""))), [])
            if len(ids) == 1:
                draft.record, draft.outcome = ids[0], "update"
                adopted += 1
        if adopted:
            self.notes.append(f"{adopted:,} companies without a {match.name} were known by their name, and get theirs.")

    # --- by content --------------------------------------------------------------------------------------------------

    def compare(self, drafts: Sequence[Draft]) -> None:
        """Leave of each update what its record doesn't have yet."""
        changing = ("update", "restore")
        updates = {draft.record: draft for draft in drafts if draft.outcome in changing and draft.record is not None}
        for ids in chunks(updates):
            records = query.fetch(self.connection, self.principal, self.object, ids, trashed=True)
            for id in ids:
                draft, record = updates[id], records.get(id)
                if record is None:
                    draft.fail(f"The record {id} that this row became is gone.")
                    continue
                draft.values = {
                    name: value
                    for name, value in draft.values.items()
                    if not self._same(name, record.values.get(name), value)
                }
                if not draft.values and draft.outcome == "update":
                    draft.outcome = "unchanged"

    def _same(self, name: str, current: Any, new: Any) -> bool:
        field = self.mapping.spec.field(name)
        if field is None or current is None:
            return False
        if isinstance(current, Ref):
            return bool(current.id == new)
        if isinstance(current, tuple | list):
            return {text_key(str(item)) for item in current} == {text_key(str(item)) for item in new}
        if isinstance(current, date | datetime):
            return bool(as_json(current) == new)
        if isinstance(current, str):
            return current == str(new).replace("\r\n", "\n").replace("\r", "\n").strip() or current == new
        return bool(as_json(current) == new)

    # --- unique values -----------------------------------------------------------------------------------------------

    def check_unique(self, drafts: Sequence[Draft]) -> None:
        """Unique values (an e-mail address) that another row or another record has already."""
        for column in self.mapping.filled:
            if column.field and column.field.unique and column is not self.mapping.match:
                self._unique(drafts, column, column.field)

    def _unique(self, drafts: Sequence[Draft], column: Column, field: FieldSpec) -> None:
        writing = ("create", "update", "restore")
        mine = [draft for draft in drafts if draft.outcome in writing and field.name in draft.values]
        values = [str(draft.values[field.name]) for draft in mine]
        holders = {} if column.is_new else self._holders(field, values, trashed=False)
        seen: dict[str, Draft] = {}
        for draft in mine:
            key = name_key(str(draft.values[field.name]))
            before = seen.setdefault(key, draft)
            other = next((record for record in holders.get(key, []) if record.id != draft.record), None)
            if before is not draft:
                draft.fail(f"stands in row {before.row.number:,} too, and must be unique", column)
            elif other:
                draft.fail(f"is {other.label!r}'s already, and must be unique", column)
