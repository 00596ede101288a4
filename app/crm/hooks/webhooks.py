"""Webhooks as admins keep them: made, changed, tried, switched off, deleted. Rights are the caller's to check."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from app.crm.accounts import events
from app.crm.changes import journal_end
from app.crm.hooks import enqueue, payload, signing
from app.crm.objects import WRITTEN_OBJECTS
from app.crm.schema import users, webhook_deliveries, webhooks
from app.shared.config import Settings
from app.shared.contract import Principal
from app.shared.errors import Conflict, FieldError, Invalid, NotFound
from app.shared.outgoing import Allowed, BadUrl, NotAllowed, target
from app.shared.outgoing.addresses import literal
from app.shared.types import utc_now

MOST = 30  # webhooks; each may have a thread
LONGEST = 200  # characters of a description
ACTIONS = tuple(payload.PAST)
deliveries = webhook_deliveries


@dataclass(frozen=True, slots=True)
class Wanted:
    """A webhook as an admin describes it; empty choices are everything."""

    url: str
    description: str = ""
    objects: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    active: bool = True

    def check(self, settings: Settings) -> dict[str, Any]:
        """The columns. Raises Invalid, naming every bad field."""
        bad = [*_bad_url(settings, self.url.strip()), *_bad_choices(self)]
        if len(self.description) > LONGEST:
            bad.append(FieldError("description", f"Use at most {LONGEST} characters."))
        if bad:
            raise Invalid(" ".join(dict.fromkeys(item.message for item in bad)), bad)
        return {
            "url": self.url.strip(), "description": " ".join(self.description.split()),
            "objects": sorted(set(self.objects)), "actions": sorted(set(self.actions)),
        }  # fmt: skip


def _bad_url(settings: Settings, url: str) -> list[FieldError]:
    """What is wrong with it by its spelling alone; where a name leads is seen when something is sent."""
    try:
        there = target(url)
        written = literal(there.host)
        if written:
            Allowed.read(settings.outgoing_allow).check(there.host, there.port, [written])
    except (BadUrl, NotAllowed) as error:
        return [FieldError("url", str(error))]
    return []


def _bad_choices(wanted: Wanted) -> list[FieldError]:
    known = {"objects": WRITTEN_OBJECTS, "actions": ACTIONS}
    given = {"objects": wanted.objects, "actions": wanted.actions}
    return [
        FieldError(field, f"There is no {item!r}. Known: {', '.join(known[field])}.")
        for field, items in given.items()
        for item in items
        if item not in known[field]
    ]


def listing(connection: Connection) -> Sequence[Row[Any]]:
    """Every webhook, with its maker's name and how many deliveries wait."""
    waiting = (
        select(func.count())
        .where(deliveries.c.webhook_id == webhooks.c.id, deliveries.c.next_at.is_not(None))
        .scalar_subquery()
    )
    joined = webhooks.join(users, users.c.id == webhooks.c.created_by_id)
    columns = (webhooks, users.c.name.label("maker"), waiting.label("pending"))
    return connection.execute(select(*columns).select_from(joined).order_by(webhooks.c.id)).all()


def get(connection: Connection, hook: int) -> Row[Any]:
    """Raises NotFound."""
    for row in listing(connection):
        if row.id == hook:
            return row
    raise NotFound(f"There is no webhook {hook}.")


def create(connection: Connection, settings: Settings, principal: Principal, wanted: Wanted) -> tuple[Row[Any], str]:
    """The new webhook and its secret, which is not shown again. It is told of what happens from now on.

    Raises Invalid, naming every bad field; Conflict where there are too many already.
    """
    if principal.user_id is None:
        raise Conflict("A webhook is made by an admin with an account: it sees what that admin may see.")
    columns = wanted.check(settings)
    if (connection.scalar(select(func.count()).select_from(webhooks)) or 0) >= MOST:
        raise Conflict(f"There are {MOST} webhooks already. Delete one first.")
    salt = signing.new_salt()
    made = columns | {
        "active": wanted.active, "salt": salt, "after_seq": journal_end(connection), "created_at": utc_now(),
        "created_by_id": principal.user_id,
    }  # fmt: skip
    hook = connection.execute(insert(webhooks).values(**made).returning(webhooks.c.id)).scalar_one()
    _record(connection, "webhook.created", principal, hook, columns["url"])
    return get(connection, hook), signing.secret(settings, salt)


def change(connection: Connection, settings: Settings, principal: Principal, hook: int, wanted: Wanted) -> Row[Any]:
    """Change it; switched on again, it hears of what happens from then on. Raises NotFound, Invalid."""
    before = get(connection, hook)
    connection.execute(update(webhooks).where(webhooks.c.id == hook).values(**wanted.check(settings)))
    if wanted.active and not before.active:
        fresh = {"active": True, "off_reason": "", "failing_since": None, "after_seq": journal_end(connection)}
        connection.execute(update(webhooks).where(webhooks.c.id == hook).values(**fresh))
        _record(connection, "webhook.resumed", principal, hook, wanted.url)
    elif before.active and not wanted.active:
        enqueue.switch_off(connection, hook, "")
        _record(connection, "webhook.paused", principal, hook, wanted.url)
    _record(connection, "webhook.changed", principal, hook, wanted.url)
    return get(connection, hook)


def renew(connection: Connection, settings: Settings, principal: Principal, hook: int) -> str:
    """A new secret, from the next attempt on; the old one signs nothing any more. Raises NotFound."""
    url, salt = get(connection, hook).url, signing.new_salt()
    connection.execute(update(webhooks).where(webhooks.c.id == hook).values(salt=salt))
    _record(connection, "webhook.secret", principal, hook, url)
    return signing.secret(settings, salt)


def remove(connection: Connection, principal: Principal, hook: int) -> None:
    """Delete it with its deliveries. Raises NotFound."""
    url = get(connection, hook).url
    connection.execute(delete(deliveries).where(deliveries.c.webhook_id == hook))
    connection.execute(delete(webhooks).where(webhooks.c.id == hook))
    _record(connection, "webhook.deleted", principal, hook, url)


def test(connection: Connection, hook: int) -> Row[Any]:
    """Queue a test event, which is attempted once, also while the webhook is off. Raises NotFound."""
    get(connection, hook)
    made = enqueue.new(hook, payload.TEST)
    return connection.execute(insert(deliveries).values(**made).returning(deliveries)).one()


def again(connection: Connection, hook: int, delivery: int) -> Row[Any]:
    """Send a delivery again, under its id, as if it were new. Raises NotFound, Conflict."""
    row = connection.execute(
        select(deliveries).where(deliveries.c.id == delivery, deliveries.c.webhook_id == hook)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no delivery {delivery} of this webhook.")
    if not get(connection, hook).active and row.type != payload.TEST:
        raise Conflict("The webhook is off. Switch it on first.")
    fresh = {"state": "pending", "attempts": 0, "next_at": utc_now(), "error": "", "response_status": None}
    changed = update(deliveries).where(deliveries.c.id == delivery).values(**fresh).returning(deliveries)
    return connection.execute(changed).one()


def sent(connection: Connection, hook: int, limit: int, before: int | None = None) -> Sequence[Row[Any]]:
    """Deliveries, newest first; `before`: the last id of the page before. Raises NotFound."""
    get(connection, hook)
    statement = select(deliveries).where(deliveries.c.webhook_id == hook).order_by(deliveries.c.id.desc()).limit(limit)
    return connection.execute(statement if before is None else statement.where(deliveries.c.id < before)).all()


def count(connection: Connection, hook: int) -> int:
    """How many deliveries are kept."""
    statement = select(func.count()).where(deliveries.c.webhook_id == hook)
    return connection.scalar(statement) or 0


def _record(connection: Connection, kind: str, principal: Principal, hook: int, url: str) -> None:
    """Note it in the audit log; of the address the host alone, as the rest may hold the receiver's own secret."""
    events.record(connection, kind, actor=principal, detail={"webhook": hook, "host": target(url.strip()).host})
