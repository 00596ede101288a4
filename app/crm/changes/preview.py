"""What a set would do, told before it is done; and a set without what the door refuses of it.

For sets that do one thing to many records: where one of them can't be changed, the others still are, and what was left
out is said with its reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from app.crm import catalog
from app.crm.changes import plan, validate, write
from app.crm.changes.context import Context
from app.crm.changes.history import masked
from app.crm.changes.plan import Line
from app.shared.contract import Change, ChangeSet, Principal
from app.shared.errors import Conflict, Invalid, NotFound, ParleyError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An operation (counted from 0) that the door would refuse, and why."""

    operation: int
    message: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The lines that applying would write, in order (seq and change_set are 0), and what it would refuse.

    A record that already is as it should be has no line.
    """

    lines: tuple[Change, ...]
    refused: tuple[Refusal, ...]


def preview(connection: Connection, principal: Principal, changes: ChangeSet) -> Preview:
    """Writes nothing. Raises Forbidden, and Invalid for a set that is too large."""
    validate.allowed(principal, changes)
    lines, refused = sifted(changes, lambda part: _lines(connection, principal, part))
    return Preview(tuple(lines or ()), tuple(refused))


def _lines(connection: Connection, principal: Principal, changes: ChangeSet) -> list[Change]:
    context = Context(connection, principal, catalog.load(connection))
    drafts = validate.drafts(context.catalog, principal, changes, context.problems, lenient=False)
    planned = plan.build(context, drafts)
    write.gather_labels(context, planned)
    seen = [line for line in planned.lines if line.work.key not in planned.hidden]
    return masked(connection, principal, [_told(context, line) for line in seen])


def _told(context: Context, line: Line) -> Change:
    """A line as the journal would have it."""
    before, after = write.told(context, line)
    who = context.principal
    return Change(
        0, 0, line.action, line.work.spec.name, line.work.id, line.work.label, before, after,
        context.now, who.name, who.user_id, who.channel,
    )  # fmt: skip


def sifted(changes: ChangeSet, attempt: Callable[[ChangeSet], T]) -> tuple[T | None, list[Refusal]]:
    """What `attempt` gives for the set without the operations that it refuses; None: nothing is left.

    Raises what can't be laid to an operation. `attempt` must have written nothing where it raises.
    """
    kept, refused = list(range(len(changes.operations))), list[Refusal]()
    while kept:
        part = ChangeSet.model_construct(title=changes.title, operations=tuple(changes.operations[at] for at in kept))
        try:
            return attempt(part), refused
        except (Invalid, Conflict, NotFound) as error:
            bad = _by_operation(error, len(kept))
        refused += [Refusal(kept[place], message) for place, message in sorted(bad.items())]
        kept = [at for place, at in enumerate(kept) if place not in bad]
    return None, refused


def _by_operation(error: ParleyError, count: int) -> dict[int, str]:
    """The first reason for each operation that was refused. Raises the error where it names none."""
    found: dict[int, str] = {}
    for item in error.errors:
        place = 0 if count == 1 else (item.extra or {}).get("operation")
        if isinstance(place, int):
            found.setdefault(place, item.message)
    if not found and count == 1:
        return {0: error.detail}
    if not found:
        raise error
    return found
