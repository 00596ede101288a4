"""From a file to the operations that import it: everything is decided here, and nothing is written."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.crm import catalog as catalogs
from app.crm import query
from app.crm.transfer import columns, memory, ownids, suspects
from app.crm.transfer.cells import Reader
from app.crm.transfer.columns import Mapping
from app.crm.transfer.drafts import Draft, RowReader
from app.crm.transfer.existing import Existing
from app.crm.transfer.links import Directory, name_key
from app.crm.transfer.options import Options
from app.crm.transfer.report import Report
from app.crm.transfer.resolve import Resolver
from app.crm.transfer.source import Sheet
from app.shared.contract import Action, Catalog, FieldSpec, Group, Groups, Principal, Query
from app.shared.errors import FieldError, Forbidden, Invalid

Progress = Callable[[str, int, int], None]  # (what is being done, rows done, rows in all); may raise Canceled
MAX_ROWS = 100_000  # operations of one change set, see `app.crm.changes`
FEW = 200  # different values of a field that are compared with each other
_STEP = 200  # rows between two reports of progress


@dataclass(slots=True)
class Planned:
    """One operation. `print_` is remembered for the record that it leaves; values may hold "$ref" and "@owner"."""

    action: Action
    object: str
    id: int | None
    ref: str | None
    values: dict[str, Any]
    prints: memory.Print | None = None


@dataclass(slots=True)
class Plan:
    """What an import will do. `settled` are rows that need no operation, yet are to be remembered."""

    mapping: Mapping
    report: Report
    operations: list[Planned] = field(default_factory=list)
    settled: list[tuple[memory.Print, int]] = field(default_factory=list)
    fields: list[FieldSpec] = field(default_factory=list)
    stages: list[tuple[str, str]] = field(default_factory=list)  # (pipeline's name, label)
    owners: list[str] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)


def make(connection: Connection, principal: Principal, sheet: Sheet, options: Options, progress: Progress) -> Plan:
    """Plan an import. Raises Invalid or Forbidden where it can't be done at all; rows that can't are in the report."""
    return _Planner(connection, principal, sheet, options, progress).make()


class _Planner:
    def __init__(
        self, connection: Connection, principal: Principal, sheet: Sheet, options: Options, progress: Progress
    ) -> None:
        self.connection, self.principal, self.sheet, self.options = connection, principal, sheet, options
        self.progress = progress
        self.catalog: Catalog = catalogs.load(connection)
        _check(self.catalog, principal, sheet, options)
        has_ids = ownids.carries_ids(connection, principal, self.catalog[options.object], sheet)
        self.mapping = columns.build(self.catalog, sheet, options, principal.locale, has_ids=has_ids)
        if self.mapping.match and self.mapping.match.is_new and not principal.is_admin:
            raise Forbidden("Only an admin can create an external key by an import.")
        self.report = self._new_report()
        self.plan = Plan(self.mapping, self.report)

    def make(self) -> Plan:
        drafts = self._drafts()
        self.plan.drafts = drafts
        reader = RowReader(self.mapping, Reader(self.catalog.currency, self.principal.timezone))
        for index, draft in enumerate(drafts):
            if draft.outcome != "known":
                reader.read(draft)
            self._tick("Reading rows", index, len(drafts))
        existing = Existing(self.connection, self.principal, self.mapping, self.catalog)
        existing.match(drafts)
        directory = Directory(self.connection, self.principal, self.catalog)
        resolver = Resolver(self.mapping, self.catalog, directory, self.options.create)
        for index, draft in enumerate(resolver.in_order(drafts)):
            resolver.resolve(draft)
            self._tick("Checking rows", index, len(drafts))
        existing.compare(drafts)
        existing.check_unique(drafts)
        self._collect(drafts, resolver)
        self._remark(reader, resolver, existing, directory)
        return self.plan

    def _new_report(self) -> Report:
        sheet, match = self.sheet, self.mapping.match
        return Report(
            self.options.object,
            sheet.name,
            self.options.dry_run,
            sheet.encoding,
            columns_delimiter(sheet),
            rows=len(sheet.rows) + len(sheet.ragged),
            columns=self.mapping.columns,
            match=match.field.name if match and match.field else None,
            notes=[*sheet.notes, *self.mapping.notes],
        )

    def _tick(self, what: str, done: int, total: int) -> None:
        if done % _STEP == 0 or done + 1 == total:
            self.progress(what, done + 1, total)

    def _drafts(self) -> list[Draft]:
        """Each row with what is remembered of it: rows that came before, unchanged, are left alone."""
        found = memory.prints(self.mapping, self.sheet)
        known = memory.known(
            self.connection, self.options.object, {text for item in found for text in (item.content, item.full)}
        )
        standing = memory.standing(self.connection, self.principal, self.options.object, set(known.values()))
        stale = memory.taken_back(self.connection, self.options.object) if known else set()
        drafts = [Draft(row, prints) for row, prints in zip(self.sheet.rows, found, strict=True)]
        for draft in drafts:
            record = known.get(draft.prints.full, known.get(draft.prints.content))
            if record is None or record not in standing:
                continue
            draft.record = record
            if record in stale:
                draft.outcome = "restore" if standing[record] else "update"
            else:
                draft.outcome = "known" if draft.prints.full in known or standing[record] else "update"
        return drafts

    def _collect(self, drafts: list[Draft], resolver: "Resolver") -> None:
        """Operations in an order in which every link points back, and the counts of the report."""
        report, object = self.report, self.options.object
        for made in resolver.made:
            self.plan.operations.append(Planned("create", made.object, None, made.ref, made.values))
        for draft in resolver.ordered:
            if draft.outcome == "restore":
                self.plan.operations.append(Planned("restore", object, draft.record, None, {}, draft.prints))
            if draft.outcome == "create":
                self.plan.operations.append(Planned("create", object, None, draft.ref, draft.values, draft.prints))
            elif draft.outcome in ("update", "restore") and draft.values:
                self.plan.operations.append(Planned("update", object, draft.record, None, draft.values, draft.prints))
            elif draft.outcome == "unchanged" and draft.record is not None:
                self.plan.settled.append((draft.prints, draft.record))
        counts = Counter(draft.outcome for draft in drafts)
        report.created, report.updated, report.restored = counts["create"], counts["update"], counts["restore"]
        report.unchanged, report.known = counts["unchanged"], counts["known"]
        report.failed = counts["failed"] + len(self.sheet.ragged)
        errors = [error for draft in drafts for error in draft.errors] + [error for _, error in self.sheet.ragged]
        report.errors = sorted(errors, key=lambda error: error.row)
        if len(self.plan.operations) > MAX_ROWS:
            raise Invalid(f"One import makes at most {MAX_ROWS:,} changes: split the file.")
        if self.plan.operations:
            self.plan.fields = [column.field for column in self.mapping.filled if column.is_new and column.field]
        self.plan.stages, self.plan.owners = resolver.stages, resolver.owners
        report.made = {
            kind: names
            for kind, names in (
                ("fields", [item.name for item in self.plan.fields]),
                ("stages", [label for _, label in resolver.stages]),
                ("owners", resolver.owners),
                ("companies", [made.values["name"] for made in resolver.made if made.object == "companies"]),
                ("people", [made.values["name"] for made in resolver.made if made.object == "people"]),
            )
            if names
        }

    def _remark(self, reader: RowReader, resolver: "Resolver", existing: Existing, directory: Directory) -> None:
        notes = self.report.notes
        for name, count in reader.rounded.items():
            notes.append(f"{count:,} values of {name} were rounded to the currency's smallest unit.")
        notes.extend(existing.notes)
        self._twins(directory)
        notes.extend(resolver.notes())
        if self.plan.owners:
            notes.append("Owners that are created can't sign in until they are invited.")
        for column in self.mapping.filled:
            if (
                column.field
                and column.field.type in ("link", "stage", "date", "money")
                and reader.empty.get(column.name)
            ):
                notes.append(
                    f"{reader.empty[column.name]:,} rows have no {column.name}: {column.field.name} stays empty."
                )
        for column in self.mapping.filled:
            self.report.suspects += self._suspects(column, directory)

    def _twins(self, directory: Directory) -> None:
        """Say how many rows would make a second record of a name: with a key by name they update the first."""
        spec = self.mapping.spec
        label, column = spec.field(spec.label_field), self.mapping.of(spec.label_field)
        if self.mapping.match or label is None or column is None or label.type not in columns.MATCHABLE:
            return
        there = {name_key(name) for name in directory.names(spec.name).spelling}
        made = [draft for draft in self.plan.drafts if draft.outcome == "create"]
        self.report.twins = sum(name_key(str(draft.values.get(label.name, ""))) in there for draft in made)
        if self.report.twins:
            self.report.twin_field = label.name
            rows = "1 row has" if self.report.twins == 1 else f"{self.report.twins:,} rows have"
            self.report.notes.append(
                f"{rows} the name of a record that exists, and would make a second one of it. "
                f"Match by {column.name} to update those that are there."
            )

    def _suspects(self, column: columns.Column, directory: Directory) -> list[suspects.Suspect]:
        return suspects.find(column, self.sheet.values(column.index), self._names(column, directory))

    def _names(self, column: columns.Column, directory: Directory) -> list[str]:
        """What the CRM has for a column's values: names of records, stages, or the values of a field that has few."""
        field = column.field
        if field is None or column.is_new:
            return []
        if field.type == "link":
            return directory.names(field.target or "").spelling
        if field.type == "stage":
            return [option.label for option in field.options]
        if field.type != "text" or field.unique or len(self.sheet.values(column.index)) > FEW:
            return []
        asked = Query(object=self.options.object, group_by=(Group(field=field.name),), limit=FEW)
        found = query.run(self.connection, self.principal, asked)
        return [str(row.keys[0]) for row in found.rows if row.keys[0]] if isinstance(found, Groups) else []


def columns_delimiter(sheet: Sheet) -> str:
    """The delimiter in words."""
    from app.crm.transfer.source import DELIMITERS

    return DELIMITERS[sheet.delimiter]


def _check(catalog: Catalog, principal: Principal, sheet: Sheet, options: Options) -> None:
    """What no mapping can mend."""
    spec = catalog.objects.get(options.object)
    if spec is None or not spec.is_typed:
        known = [name for name, item in catalog.objects.items() if item.is_typed]
        message = f"{options.object!r} can't be imported. Known objects: {', '.join(known)}."
        raise Invalid(message, [FieldError("object", message)])
    if not principal.can_write:
        raise Forbidden("You can look at records, but not import any.")
    shaping = sorted(options.create & {"fields", "owners", "stages"})
    if shaping and not principal.is_admin:
        raise Forbidden(f"Only an admin can create {' and '.join(shaping)} by an import.")
    if not sheet.rows and not sheet.ragged:
        raise Invalid(f"{sheet.name} has a header and no rows: there is nothing to import.")
    if len(sheet.rows) > MAX_ROWS:
        raise Invalid(f"{sheet.name} has {len(sheet.rows):,} rows; one import takes {MAX_ROWS:,}. Split the file.")
