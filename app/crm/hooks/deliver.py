"""One attempt at one delivery: build, sign, send, and note what came of it."""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select, update

from app import __version__
from app.crm.hooks import enqueue, payload, signing
from app.crm.schema import webhook_deliveries, webhooks
from app.shared.config import Settings
from app.shared.db import Database
from app.shared.outgoing import Allowed, Bounds
from app.shared.types import utc_now

if TYPE_CHECKING:
    from app.shared.outgoing.clients import Client

SECONDS = 10.0  # for the whole attempt
# After each failed attempt, how long until the next; after the last there is none.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1_800, 7_200, 21_600, 86_400))
JITTER = 0.1  # a wait is longer by up to this share
PATIENCE = timedelta(days=5)  # of nothing but failures, after which a webhook is switched off
GONE = "The receiver said that it is gone for good (410)."
TIRED = "Nothing but failures for 5 days."
UNSEEN = "What it told of is gone, or may not be seen any more."
deliveries = webhook_deliveries
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an attempt. `status`: None where there was no answer, with the reason in a sentence."""

    status: int | None
    error: str = ""
    milliseconds: int = 0

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Sender:
    """Sends deliveries; for one thread."""

    def __init__(self, settings: Settings, database: Database, *, now: Callable[[], datetime] = utc_now) -> None:
        self._settings = settings
        self._database = database
        self._now = now
        self._client: Client | None = None

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def send_next(self, hook: int) -> bool:
        """Attempt this webhook's oldest delivery that is due; False where none is."""
        with self._database.read() as connection:
            row = connection.execute(_DUE, {"hook": hook, "now": self._now()}).one_or_none()
            body = _body(connection, row) if row else None
        if row is None:
            return False
        result = self._post(row, body) if body is not None else None
        with self._database.write() as connection:
            self._note(connection, row, result)
        return True

    def _post(self, row: Row[Any], body: bytes) -> Result:
        from app.shared.outgoing import clients

        headers = signing.headers(signing.key(self._settings, row.salt), row.message_id, int(time.time()), body)
        headers |= {"Content-Type": "application/json", "User-Agent": f"Parley/{__version__}"}
        if self._client is None:
            bounds = Bounds(connect=5.0, read=SECONDS, total=SECONDS, size=65_536)
            self._client = clients.client(Allowed.read(self._settings.outgoing_allow), bounds)
        began = time.monotonic()
        try:
            with self._client.stream("POST", row.url, content=body, headers=headers) as response:
                return Result(response.status_code, _told(response.status_code), _since(began))
        except clients.Refused as error:
            return Result(None, str(error), _since(began))
        except clients.CannotConnect as error:
            return Result(None, f"No connection: {error or 'not in time'}.", _since(began))
        except clients.Timeout:
            return Result(None, f"No answer within {SECONDS:g} seconds.", _since(began))
        except clients.Failure as error:
            return Result(None, f"The connection broke: {str(error) or type(error).__name__}.", _since(began))
        except Exception as error:  # whatever the address does to the client, it is this webhook's own trouble
            log.warning("A webhook could not be sent", exc_info=True)
            return Result(None, f"It could not be sent: {error}.", _since(began))

    def _note(self, connection: Connection, row: Row[Any], result: Result | None) -> None:
        """The delivery's new state, and what it says of the webhook."""
        if result is None:
            values: dict[str, Any] = {"state": "dropped", "next_at": None, "error": UNSEEN}
        else:
            values = self._values(row, result)
        mine = deliveries.c.id == row.id, deliveries.c.state == "pending"  # not dropped meanwhile
        connection.execute(update(deliveries).where(*mine).values(**values))
        if result is not None and row.type != payload.TEST:
            self._judge(connection, row, result)

    def _values(self, row: Row[Any], result: Result) -> dict[str, Any]:
        now, attempts = self._now(), row.attempts + 1
        values = {
            "attempts": attempts, "attempted_at": now, "response_status": result.status, "error": result.error[:500],
            "milliseconds": result.milliseconds,
        }  # fmt: skip
        if result.is_good:
            return values | {"state": "delivered", "next_at": None}
        if result.status == 410 or attempts > len(WAITS) or row.type == payload.TEST:
            return values | {"state": "failed", "next_at": None}
        return values | {"next_at": now + WAITS[attempts - 1] * (1 + JITTER * random.random())}  # noqa: S311  # no secret

    def _judge(self, connection: Connection, row: Row[Any], result: Result) -> None:
        now = self._now()
        since = None if result.is_good else row.failing_since or now
        if since != row.failing_since:
            connection.execute(update(webhooks).where(webhooks.c.id == row.webhook_id).values(failing_since=since))
        if result.status == 410:
            enqueue.switch_off(connection, row.webhook_id, GONE)
        elif since is not None and now - since > PATIENCE:
            enqueue.switch_off(connection, row.webhook_id, TIRED)


def _due() -> Any:
    from sqlalchemy import bindparam

    hook = (webhooks.c.url, webhooks.c.salt, webhooks.c.failing_since, webhooks.c.created_by_id)
    joined = deliveries.join(webhooks, webhooks.c.id == deliveries.c.webhook_id)
    due = (
        deliveries.c.webhook_id == bindparam("hook"),
        deliveries.c.next_at <= bindparam("now", type_=deliveries.c.next_at.type),
    )
    return select(deliveries, *hook).select_from(joined).where(*due).order_by(deliveries.c.id).limit(1)


_DUE = _due()


def due_webhooks(connection: Connection, now: datetime) -> list[int]:
    """The webhooks with something to send now."""
    return list(
        connection.execute(select(deliveries.c.webhook_id).where(deliveries.c.next_at <= now).distinct()).scalars()
    )


def _body(connection: Connection, row: Row[Any]) -> bytes | None:
    if row.type == payload.TEST:
        return payload.of_test(row)
    principal = payload.maker(connection, row.created_by_id)
    return payload.of_delivery(connection, principal, row) if principal else None


def _told(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"It answered {status}, which leads elsewhere: give the address that it leads to."
    return f"It answered {status}."


def _since(began: float) -> int:
    return round(1000 * (time.monotonic() - began))
