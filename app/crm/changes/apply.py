"""Applying: one transaction, checked against the old values."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from app.crm import catalog
from app.crm.changes import plan, store, validate, write
from app.crm.changes.context import Context, Problems
from app.crm.changes.plan import Plan
from app.crm.changes.subscribe import announce
from app.crm.changes.validate import Draft
from app.shared.contract import Catalog, ChangeSet, Principal, Ref, StoredChangeSet
from app.shared.db import Database


def apply(
    database: Database, principal: Principal, changes: ChangeSet | int, *, lenient: bool = False
) -> StoredChangeSet:
    """Apply a set, or a proposed one by its id. `records` of the answer: one for each record touched, in order.

    Raises Invalid (every bad field at once), Conflict (yours and theirs for each value that someone else has changed),
    NotFound, Forbidden. Nothing is written then.
    """
    if isinstance(changes, int):
        from app.crm.changes.propose import apply_proposed

        return apply_proposed(database, principal, changes)
    validate.allowed(principal, changes)
    with database.read() as connection:
        known = catalog.load(connection)
    prepared = _Prepared(known, principal, changes, lenient)  # what needs no lock is done before it is taken
    with database.write() as connection:
        done = prepared.apply(connection)
    announce(done.id)
    return done


def apply_within(
    connection: Connection, principal: Principal, changes: ChangeSet, *, lenient: bool = False
) -> StoredChangeSet:
    """Apply a set in the caller's own write transaction; after its commit the caller calls `announce(set.id)`."""
    validate.allowed(principal, changes)
    return _Prepared(catalog.load(connection), principal, changes, lenient).apply(connection)


def check(connection: Connection, principal: Principal, changes: ChangeSet, *, lenient: bool = False) -> Sequence[Ref]:
    """Raise what applying would raise, and write nothing. The records that it would touch; new ones have no id yet."""
    validate.allowed(principal, changes)
    planned = _Prepared(catalog.load(connection), principal, changes, lenient).plan(connection)[1]
    return [Ref(work.spec.name, 0 if work.created else work.id, work.label) for work in planned.works.values()]


class _Prepared:
    """A set whose values are parsed; the rest needs the database."""

    def __init__(self, known: Catalog, principal: Principal, changes: ChangeSet, lenient: bool) -> None:
        self.known, self.principal, self.changes, self.lenient = known, principal, changes, lenient
        self.problems = Problems()
        self.drafts: list[Draft] = validate.drafts(known, principal, changes, self.problems, lenient=lenient)

    def plan(self, connection: Connection) -> tuple[Context, Plan]:
        context = Context(connection, self.principal, self.known, self.lenient, self.problems)
        return context, plan.build(context, self.drafts)

    def apply(self, connection: Connection) -> StoredChangeSet:
        context, planned = self.plan(connection)
        return finish(context, planned, store.add(context, self.changes, state="applied", applied_at=context.now))


def finish(context: Context, planned: Plan, row: Row[Any]) -> StoredChangeSet:
    """Write a plan under the row of its change set; the set as it is then."""
    write.write(context, planned, row.id)
    return store.stored(row, [Ref(work.spec.name, work.id, work.label) for work in planned.works.values()])
