"""Applying: one transaction, checked against the old values."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Row

from app.crm import catalog
from app.crm.catalog import State
from app.crm.changes import plan, store, validate, write
from app.crm.changes.context import Context, Problems
from app.crm.changes.plan import Plan
from app.crm.changes.subscribe import announce
from app.crm.changes.validate import Draft
from app.shared.contract import Catalog, ChangeSet, Principal, Ref, Resolution, StoredChangeSet
from app.shared.db import Database


def apply(
    database: Database,
    principal: Principal,
    changes: ChangeSet | int,
    *,
    lenient: bool = False,
    resolutions: Sequence[Resolution] = (),
) -> StoredChangeSet:
    """Apply a set, or a proposed one by its id. `records` of the answer: one for each record touched, in order.

    Raises Invalid (every bad field at once), Conflict (yours and theirs for each value that someone else has changed),
    NotFound, Forbidden. Nothing is written then. `resolutions` settle such a conflict: with `yours` the value is
    written all the same, with `theirs` the field is left out of the change; what isn't settled is a Conflict still.
    """
    if isinstance(changes, int):
        from app.crm.changes.propose import apply_proposed

        return apply_proposed(database, principal, changes, resolutions)
    validate.allowed(principal, changes)
    prepared = _Prepared(_known(database), principal, changes, lenient, resolutions)  # before the lock is taken
    with database.write() as connection:
        done = prepared.apply(connection, catalog.state(connection))
    announce(done.id)
    return done


def _known(database: Database) -> Catalog:
    """The catalog as it was seen last; that it still holds is known once the lock is held."""
    known = catalog.cached(database.engine)
    if known is None:
        with database.read() as connection:
            known = catalog.load(connection)
    return known


def apply_within(
    connection: Connection,
    principal: Principal,
    changes: ChangeSet,
    *,
    lenient: bool = False,
    resolutions: Sequence[Resolution] = (),
    uploads: Mapping[int, Mapping[str, Any]] = MappingProxyType({}),
) -> StoredChangeSet:
    """Apply a set in the caller's own write transaction; after its commit the caller calls `announce(set.id)`.

    `uploads`: what has been received for the files that it makes, by the number of the operation.
    """
    validate.allowed(principal, changes)
    now = catalog.state(connection)
    prepared = _Prepared(now.catalog, principal, changes, lenient, resolutions)
    prepared.uploads = uploads
    return prepared.apply(connection, now)


def check(connection: Connection, principal: Principal, changes: ChangeSet, *, lenient: bool = False) -> Sequence[Ref]:
    """Raise what applying would raise, and write nothing. The records that it would touch; new ones have no id yet."""
    validate.allowed(principal, changes)
    now = catalog.state(connection)
    planned = _Prepared(now.catalog, principal, changes, lenient).plan(connection, now)[1]
    return [Ref(work.spec.name, 0 if work.created else work.id, work.label) for work in planned.seen()]


class _Prepared:
    """A set whose values are parsed; the rest needs the database."""

    def __init__(
        self,
        known: Catalog,
        principal: Principal,
        changes: ChangeSet,
        lenient: bool,
        resolutions: Sequence[Resolution] = (),
    ) -> None:
        self.principal, self.changes, self.lenient, self.resolutions = principal, changes, lenient, resolutions
        self.uploads: Mapping[int, Mapping[str, Any]] = {}
        self._parse(known)

    def _parse(self, known: Catalog) -> None:
        self.known, self.problems = known, Problems()
        self.drafts: list[Draft] = validate.drafts(
            known, self.principal, self.changes, self.problems, lenient=self.lenient
        )

    def plan(self, connection: Connection, now: State) -> tuple[Context, Plan]:
        """The plan under what is declared now; parsed anew where that has changed since."""
        if now.catalog is not self.known:
            self._parse(now.catalog)
        context = Context(connection, self.principal, self.known, self.lenient, self.problems, rules=now.rules)
        context.resolutions, context.uploads = self.resolutions, self.uploads
        return context, plan.build(context, self.drafts)

    def apply(self, connection: Connection, now: State) -> StoredChangeSet:
        context, planned = self.plan(connection, now)
        return finish(context, planned, store.add(context, self.changes, state="applied", applied_at=context.now))


def finish(context: Context, planned: Plan, row: Row[Any]) -> StoredChangeSet:
    """Write a plan under the row of its change set; the set as it is then."""
    write.write(context, planned, row.id)
    return store.stored(row, [Ref(work.spec.name, work.id, work.label) for work in planned.seen()])
