"""From the journal to deliveries: the durable subscriber `webhooks`."""

import secrets
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from app.crm.changes.subscribers import Answer, Line, Subscriber
from app.crm.hooks import payload
from app.crm.schema import webhook_deliveries, webhooks
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.types import utc_now

NAME = "webhooks"
MOST_CHANGES = 100  # in one delivery
NO_MAKER = "The admin who made it can't administer any more. Somebody else must make it anew."
Values = dict[str, Any]


def subscriber(database: Database) -> Subscriber:
    return Subscriber(NAME, lambda lines: _handle(database, lines), _begins)


def _begins(connection: Connection) -> int | None:
    """The oldest position that any webhook asks for; None while there is none."""
    found: int | None = connection.scalar(select(func.min(webhooks.c.after_seq)).where(webhooks.c.active))
    return found


def _handle(database: Database, lines: Sequence[Line]) -> Answer:
    made: list[Values] = []
    orphans: list[int] = []
    with database.read() as connection:
        for hook in connection.execute(select(webhooks).where(webhooks.c.active)).all():
            wanted = [line for line in lines if line.seq > hook.after_seq and wants(hook, line.object, line.action)]
            principal = payload.maker(connection, hook.created_by_id)
            if principal is None:
                orphans.append(hook.id)
            elif wanted:
                made += _deliveries(hook, _seen(connection, principal, wanted))
    if not made and not orphans:
        return "ignored"
    return lambda connection: _store(connection, made, orphans)


def wants(hook: Row[Any], object: str, action: str) -> bool:
    """Whether a webhook was set up for this; an empty choice is everything."""
    return (not hook.objects or object in hook.objects) and (not hook.actions or action in hook.actions)


def _seen(connection: Connection, principal: Principal, lines: Sequence[Line]) -> list[Line]:
    seqs = payload.visible_seqs(connection, principal, [line.seq for line in lines])
    return [line for line in lines if line.seq in seqs]


def _deliveries(hook: Row[Any], lines: Sequence[Line]) -> Iterator[Values]:
    """One for each kind of change in a set, in the order of their first lines, in pieces of at most a hundred."""
    places: dict[tuple[int, str, str], int] = {}
    for line in lines:
        places.setdefault(_kind(line), line.seq)
    ordered = sorted(lines, key=lambda line: (places[_kind(line)], line.seq))
    for (change_set, object, action), group in groupby(ordered, _kind):
        mine = list(group)
        for start in range(0, len(mine), MOST_CHANGES):
            piece = mine[start : start + MOST_CHANGES]
            yield new(hook.id, payload.type_of(object, action)) | {
                "change_set_id": change_set, "object": object, "action": action,
                "first_seq": piece[0].seq, "last_seq": piece[-1].seq, "count": len(piece),
            }  # fmt: skip


def _kind(line: Line) -> tuple[int, str, str]:
    return line.change_set, line.object, line.action


def new(hook: int, type_: str) -> Values:
    """A delivery that is due at once."""
    now = utc_now()
    return {
        "webhook_id": hook, "message_id": f"msg_{secrets.token_hex(16)}", "type": type_, "state": "pending",
        "created_at": now, "next_at": now,
    }  # fmt: skip


def _store(connection: Connection, made: list[Values], orphans: list[int]) -> None:
    """Those of webhooks that were deleted or switched off meanwhile are left out."""
    living = set(connection.execute(select(webhooks.c.id).where(webhooks.c.active)).scalars())
    kept = [row for row in made if row["webhook_id"] in living]
    if kept:
        connection.execute(insert(webhook_deliveries), kept)
    for hook in orphans:
        switch_off(connection, hook, NO_MAKER)


def switch_off(connection: Connection, hook: int, reason: str) -> None:
    """Send nothing more, and say why; "" where an admin wanted it. What was still to be sent is dropped."""
    connection.execute(update(webhooks).where(webhooks.c.id == hook).values(active=False, off_reason=reason))
    waiting = webhook_deliveries.c.webhook_id == hook, webhook_deliveries.c.next_at.is_not(None)
    dropped = {"state": "dropped", "next_at": None, "error": reason or "The webhook was switched off."}
    connection.execute(update(webhook_deliveries).where(*waiting).values(**dropped))
