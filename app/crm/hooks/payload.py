"""What a webhook sends: built when it is sent, so that it shows what its maker may see then, and nothing purged."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from app.crm.changes.history import matching
from app.crm.changes.store import record_visible
from app.crm.objects import BUILT_IN
from app.crm.schema import change_sets, changes, users
from app.shared.contract import Change, Principal
from app.shared.values import as_json

# What the journal's lines say was done, as the second word of an event's type.
PAST = {"create": "created", "update": "updated", "trash": "trashed", "restore": "restored", "purge": "purged"}
TEST = "webhook.test"


def type_of(object: str, action: str) -> str:
    """`deals.updated`."""
    return f"{object}.{PAST.get(action, action)}"


def maker(connection: Connection, user_id: int) -> Principal | None:
    """The admin who made a webhook, with whose rights it sees; None once they are no active admin."""
    row = connection.execute(select(users).where(users.c.id == user_id)).one_or_none()
    if row is None or not row.active or row.role != "admin":
        return None
    return Principal(
        user_id=row.id, name=row.name, role=row.role, email=row.email, team_id=row.team_id, channel="api",
        scopes=frozenset({"read"}), timezone=row.timezone, locale=row.locale,
    )  # fmt: skip


def shown(principal: Principal) -> ColumnElement[bool]:
    """The lines that a webhook sends: about records that its maker may see, and that a record is gone for good."""
    return or_(record_visible(principal), changes.c.action == "purge")


def visible_seqs(connection: Connection, principal: Principal, seqs: Sequence[int]) -> set[int]:
    """Those of the lines that the webhook may send."""
    within = changes.c.seq.between(min(seqs), max(seqs))
    found = connection.execute(select(changes.c.seq).where(within, shown(principal))).scalars()
    return set(found) & set(seqs)


def of_delivery(connection: Connection, principal: Principal, delivery: Row[Any]) -> bytes | None:
    """The body; None where nothing of it may be shown any more."""
    mine = (
        changes.c.change_set_id == delivery.change_set_id,
        changes.c.object == delivery.object,
        changes.c.action == delivery.action,
        changes.c.seq.between(delivery.first_seq, delivery.last_seq),
    )
    lines = matching(connection, principal, *mine, shown(principal))
    if not lines:
        return None
    columns = (
        change_sets.c.id, change_sets.c.author, change_sets.c.author_id, change_sets.c.channel,
        change_sets.c.applied_at, change_sets.c.undoes_id,
    )  # fmt: skip
    change_set = connection.execute(select(*columns).where(change_sets.c.id == delivery.change_set_id)).one()
    about = {
        "id": change_set.id, "author": change_set.author, "author_id": change_set.author_id,
        "channel": change_set.channel, "applied_at": as_json(change_set.applied_at), "undoes": change_set.undoes_id,
    }  # fmt: skip
    return _body(delivery, change_set.applied_at, {"change_set": about, "changes": list(map(_change, lines))})


def of_test(delivery: Row[Any]) -> bytes:
    return _body(delivery, delivery.created_at, {"change_set": None, "changes": []})


def _change(line: Change) -> dict[str, Any]:
    gone = line.action == "purge"
    return {
        "seq": line.seq, "action": line.action, "object": line.object, "id": line.id,
        "label": "" if gone else line.label,  # what is gone for good is told by its number alone
        "url": None if gone or BUILT_IN[line.object].join else f"/{line.object}/{line.id}",
        "before": {} if gone else _plain(line.before.items()), "after": {} if gone else _plain(line.after.items()),
    }  # fmt: skip


def _plain(values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: as_json(value) for name, value in values}


def _body(delivery: Row[Any], at: datetime, data: dict[str, Any]) -> bytes:
    body = {"id": delivery.message_id, "type": delivery.type, "timestamp": as_json(at), "data": data}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
