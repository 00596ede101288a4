"""Proposals: shown as a diff, kept until they are applied, rejected or too old; nothing of them is written before."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, update

from app.crm import catalog
from app.crm.changes import plan, store, validate
from app.crm.changes.apply import finish
from app.crm.changes.codec import outward
from app.crm.changes.context import Context
from app.crm.changes.rows import Work
from app.crm.changes.subscribe import announce
from app.crm.schema import change_sets
from app.shared.contract import ChangeSet, Operation, Principal, Resolution, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import Conflict, Forbidden
from app.shared.types import utc_now

EXPIRES_AFTER = timedelta(days=7)
_SAID = {
    "applied": "has been applied already",
    "undone": "has been applied and undone",
    "rejected": "has been rejected",
    "expired": "has expired",
}


def propose(
    database: Database, principal: Principal, changes: ChangeSet, *, expires_after: timedelta = EXPIRES_AFTER
) -> StoredChangeSet:
    """Keep a set for a person to apply. Raises what applying it now would raise.

    An update that expects nothing is kept with the values that it would replace: if they differ on applying, that is
    a conflict.
    """
    validate.allowed(principal, changes)
    with database.write() as connection:
        context = Context(connection, principal, catalog.load(connection))
        drafts = validate.drafts(context.catalog, principal, changes, context.problems, lenient=False)
        planned = plan.build(context, drafts)
        operations = kept(context, planned, changes)
        row = store.add(
            context, changes, state="proposed", operations=operations, expires_at=context.now + expires_after
        )
        return store.shown(connection, principal, row)


def kept(context: Context, planned: plan.Plan, changes: ChangeSet) -> list[dict[str, Any]]:
    """The operations as JSON, each update with the values that it replaces: unseen links too."""
    seen: set[tuple[str, int, str]] = set()
    found = []
    for operation in changes.operations:
        expecting: dict[str, Any] = {}
        work = planned.works.get((operation.object, operation.id)) if isinstance(operation.id, int) else None
        if work and operation.action in ("update", "link") and operation.expect is None:
            names = [operation.relation or ""] if operation.action == "link" else operation.values
            anew = [name for name in names if work.spec.field(name) and (*work.key, name) not in seen]
            seen |= {(*work.key, name) for name in anew}
            expecting = (
                {"expect": _old_values(context, work, anew), "version": None}
                if anew or operation.action == "update"
                else {}
            )
        elif work and operation.expect:
            unseen = [name for name, value in operation.expect.items() if value is None and _is_linked(work, name)]
            expecting = {"expect": {**operation.expect, **_old_values(context, work, unseen)}} if unseen else {}
        found.append(operation.model_copy(update=expecting).model_dump(mode="json", exclude_defaults=True))
    return found


def _is_linked(work: Work, name: str) -> bool:
    """Whether a link stands there after all. Where none is expected, the plan has found that it can't be seen."""
    field = work.spec.field(name)
    return field is not None and field.type == "link" and work.was[name] is not None


def _old_values(context: Context, work: Work, names: list[str]) -> dict[str, Any]:
    currency = context.currency(work.spec, work.was)
    fields = [field for name in names if (field := work.spec.field(name))]
    return {field.name: outward(field, work.was[field.name], currency, context.labels) for field in fields}


def apply_proposed(
    database: Database, principal: Principal, change_set: int, resolutions: Sequence[Resolution] = ()
) -> StoredChangeSet:
    """Apply a proposal: by its author, or by an admin, who then answers for it.

    Raises Conflict where it isn't open any more, or where a value that it replaces has changed meanwhile.
    """
    with database.write() as connection:
        row = opened(connection, principal, change_set)
        operations = tuple(Operation.model_validate(item) for item in row.operations)
        changes = ChangeSet(title=row.title, operations=operations)
        validate.allowed(principal, changes)
        context = Context(connection, principal, catalog.load(connection))
        context.resolutions, context.kept = resolutions, True
        drafts = validate.drafts(context.catalog, principal, changes, context.problems, lenient=False)
        planned = plan.build(context, drafts)
        said = {"author_id": principal.user_id, "author": principal.name} if row.author_id != principal.user_id else {}
        store.put(connection, change_set, state="applied", applied_at=context.now, operations=None, **said)
        done = finish(context, planned, store.row(connection, change_set))
        _tell(connection, row, "applied", principal)
    announce(done.id)
    return done


def reject(database: Database, principal: Principal, change_set: int) -> StoredChangeSet:
    """Turn a proposal down: by its author or an admin. Raises Conflict where it isn't open any more."""
    with database.write() as connection:
        row = opened(connection, principal, change_set)
        store.put(connection, change_set, state="rejected")
        _tell(connection, row, "rejected", principal)
        return store.read(connection, principal, change_set)


def _tell(connection: Connection, row: Row[Any], what: str, principal: Principal) -> None:
    from app.crm.notifications import proposals  # which follow the journal that this door writes

    proposals.decided(connection, row, what, principal)


def opened(connection: Connection, principal: Principal, change_set: int) -> Row[Any]:
    """The row of a proposal that can still be decided on."""
    row = store.fetch(connection, principal, change_set)
    if not principal.can_write:
        raise Forbidden("You can look at records, but not change them.")
    state = store.stored(row).state
    if state != "proposed":
        raise Conflict(f"This change {_SAID[state]}.")
    return row


def expire(connection: Connection, now: datetime | None = None) -> int:
    """Note the proposals whose time has passed; how many there were. They count as expired without it, too."""
    late = (change_sets.c.state == "proposed") & (change_sets.c.expires_at <= (now or utc_now()))
    return connection.execute(update(change_sets).where(late).values(state="expired", operations=None)).rowcount
