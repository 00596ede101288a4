"""The import itself: planned against one view of the records, then written as one change set in one transaction."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, func, select

from app.crm import catalog as catalogs
from app.crm import customization
from app.crm.accounts import users as accounts
from app.crm.changes.apply import apply_within
from app.crm.changes.subscribe import announce
from app.crm.schema import changes as journal
from app.crm.schema import users
from app.crm.transfer import memory, planner, source
from app.crm.transfer.links import name_key
from app.crm.transfer.options import Options
from app.crm.transfer.planner import Plan, Planned, Progress
from app.crm.transfer.report import Report
from app.crm.transfer.source import Sheet
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database

Settled = Callable[[Connection, Report], None]  # called in the transaction of the import, once all is written


def quiet(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def plan(
    database: Database,
    principal: Principal,
    file: Path | IO[bytes] | Sheet,
    options: Options,
    progress: Progress = quiet,
) -> Report:
    """What an import would do; writes nothing. Raises Invalid, Forbidden."""
    return run(database, principal, file, replace(options, dry_run=True), progress)


def run(
    database: Database,
    principal: Principal,
    file: Path | IO[bytes] | Sheet,
    options: Options,
    progress: Progress = quiet,
    settled: Settled | None = None,
) -> Report:
    """Import a file; a dry run writes nothing. `progress` may raise `Canceled`: then nothing is written.

    Raises Invalid or Forbidden where nothing can be imported at all. Rows that can't be are in the report.
    """
    started = time.perf_counter()
    sheet = file if isinstance(file, Sheet) else source.read(file)
    principal = replace(principal, channel="import")
    with database.read() as connection:
        seen = _state(connection)
        found = planner.make(connection, principal, sheet, options, progress)
        if options.dry_run:
            _name_fields(connection, found)
    if not options.dry_run:
        found = _write(database, principal, sheet, options, progress, found, seen, settled)
    found.report.seconds = time.perf_counter() - started
    return found.report


def _name_fields(connection: Connection, found: Plan) -> None:
    """Give the report the names that new fields will get: a column's own may be taken, say, by a way back."""
    names = customization.names_of_new(connection, found.mapping.spec.name, [field.label for field in found.fields])
    found.report.rename(dict(zip((field.name for field in found.fields), names, strict=True)))


def _state(connection: Connection) -> tuple[Any, ...]:
    """What a plan rests on: while none of it moves, the plan holds."""
    return (
        catalogs.load(connection).version,
        connection.execute(select(func.max(journal.c.seq))).scalar(),
        tuple(connection.execute(select(func.count(), func.max(users.c.id)).select_from(users)).one()),
    )


def _write(
    database: Database,
    principal: Principal,
    sheet: Sheet,
    options: Options,
    progress: Progress,
    found: Plan,
    seen: tuple[Any, ...],
    settled: Settled | None,
) -> Plan:
    """Write the plan; where somebody has written since it was made, it is made anew first, holding the lock."""
    change_set = None
    with database.write() as connection:
        if _state(connection) != seen:
            found = planner.make(connection, principal, sheet, options, progress)
        total = len(found.operations)
        progress("Writing", 0, total)
        if found.operations:
            change_set = found.report.change_set = _Writer(connection, principal, found, sheet).write()
        _remember(connection, options.object, found, change_set)
        progress("Writing", total, total)
        if settled:
            settled(connection, found.report)
    if change_set is not None:
        announce(change_set)
        if found.fields:
            customization.build_indexes(database)
    return found


class _Writer:
    """What the plan needs that isn't a record (fields, stages, owners), then its operations as one change set."""

    def __init__(self, connection: Connection, principal: Principal, found: Plan, sheet: Sheet) -> None:
        self.connection, self.principal, self.plan, self.sheet = connection, principal, found, sheet
        self.owners: dict[str, int] = {}
        self.names: dict[str, str] = {}  # a new field's name in the plan -> the name that it got
        fields = found.mapping.spec.fields
        self.owner_fields = {field.name for field in fields if field.type == "link" and field.target == "users"}

    def write(self) -> int:
        self._fields()
        self._stages()
        self._owners()
        operations = tuple(self._operation(planned) for planned in self.plan.operations)
        spec = self.plan.mapping.spec
        title = f"Import of {self.sheet.name} into {spec.label.lower()}"
        made = ChangeSet.model_construct(title=title, operations=operations)
        return apply_within(self.connection, self.principal, made, lenient=True).id

    def _fields(self) -> None:
        for field in self.plan.fields:
            made = customization.create_field(
                self.connection,
                self.plan.mapping.spec.name,
                field.label,
                field.type,
                unique=field.unique,
                integer=field.integer,
                actor=self.principal,
            )
            self.names[field.name] = made.name
        self.plan.report.rename(self.names)

    def _stages(self) -> None:
        for pipeline, label in self.plan.stages:
            kind = _kind(label)
            customization.create_stage(self.connection, label, pipeline=pipeline, kind=kind, actor=self.principal)

    def _owners(self) -> None:
        for name in self.plan.owners:
            self.owners[f"@{name_key(name)}"] = accounts.create(self.connection, name=name)

    def _operation(self, planned: Planned) -> Operation:
        values = {
            self.names.get(name, name): self.owners.get(value, value) if name in self.owner_fields else value
            for name, value in planned.values.items()
        }
        return Operation.model_construct(
            action=planned.action, object=planned.object, id=planned.id, ref=planned.ref, values=values
        )


def _kind(label: str) -> str:
    """Whether a stage of this name is an end: "Closed won" is, "Prospecting" isn't."""
    words = name_key(label).replace("-", " ").replace("_", " ").split()
    return "won" if "won" in words else "lost" if "lost" in words else "open"


def _remember(connection: Connection, object: str, found: Plan, change_set: int | None) -> None:
    """Note which rows became which records."""
    made: list[int] = []
    if change_set is not None:
        lines = select(journal.c.record_id).where(
            journal.c.change_set_id == change_set, journal.c.action == "create", journal.c.object == object
        )
        made = list(connection.execute(lines.order_by(journal.c.seq)).scalars())
    ids = iter(made)
    rows = list(found.settled)
    for planned in found.operations:
        if planned.object != object:
            continue
        record = planned.id if planned.id is not None else next(ids)
        if planned.prints:
            rows.append((planned.prints, record))
    match = found.mapping.match
    memory.remember(connection, object, rows, memory.shape(found.mapping) if match else None)
