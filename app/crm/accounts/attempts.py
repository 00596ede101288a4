"""Failed attempts at sign-in, counted in the database: all processes together, and across restarts.

Each key is a leaky bucket kept as one number: the moment from which all of its attempts are there again. Good sign-ins
write nothing here unless they forgive failures. Keys are digests, so that what strangers type is not kept.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from app.crm.schema import attempts as table
from app.shared.db import text_key
from app.shared.limits import address_key

MOST_ROWS = 20_000  # beyond them those that are forgotten soonest go first


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` failures at once, and the same number again over `seconds`."""

    name: str
    burst: int
    seconds: float

    @property
    def interval(self) -> float:
        """Seconds by which one attempt comes back."""
        return self.seconds / self.burst


# The widest is by account from everywhere, so that a stranger who fails on purpose doesn't lock somebody out soon.
ADDRESS = Allowance("address", 40, 900)
ACCOUNT_HERE = Allowance("account here", 8, 900)
ACCOUNT = Allowance("account", 100, 3600)
EVENTS = Allowance("events", 500, 3600)  # failures that are written to the audit log


@dataclass(frozen=True, slots=True)
class Bucket:
    """One thing that is counted."""

    allowance: Allowance
    key: str

    def used(self, until: float, now: float) -> float:
        """How many attempts are gone."""
        return max(0.0, until - now) / self.allowance.interval

    def wait(self, until: float, now: float) -> float:
        """Seconds until there is an attempt; 0 where there is one now."""
        return max(0.0, until - now - (self.allowance.burst - 1) * self.allowance.interval)


def bucket(allowance: Allowance, what: str = "") -> Bucket:
    return Bucket(allowance, hashlib.sha256(f"{allowance.name} {what}".encode("utf-8", "replace")).hexdigest()[:40])


def buckets(email: str, address: str) -> list[Bucket]:
    """By address, by account from that address, and by account."""
    account, here = (text_key(email.strip()) or "")[:320], address_key(address)
    return [bucket(ADDRESS, here), bucket(ACCOUNT_HERE, f"{account} {here}"), bucket(ACCOUNT, account)]


def read(connection: Connection, wanted: Sequence[Bucket]) -> dict[str, float]:
    """The numbers of those that have one."""
    found = select(table.c.key, table.c.until).where(table.c.key.in_([item.key for item in wanted]))
    return {row.key: row.until for row in connection.execute(found)}


def wait(known: dict[str, float], wanted: Sequence[Bucket]) -> float:
    """Seconds until all of them have an attempt; 0 where they do now."""
    now = time.time()
    return max(item.wait(known.get(item.key, 0.0), now) for item in wanted)


def take(connection: Connection, wanted: Sequence[Bucket]) -> list[float]:
    """Count one attempt in each of them; how many each had used before. In a write transaction."""
    now, known = time.time(), read(connection, wanted)
    connection.execute(delete(table).where(table.c.until < now - 1))
    for item in wanted:
        until = max(known.get(item.key, 0.0), now) + item.allowance.interval
        done = connection.execute(update(table).where(table.c.key == item.key).values(until=until))
        if done.rowcount == 0:
            connection.execute(insert(table).values(key=item.key, until=until))
    _bound(connection)
    return [item.used(known.get(item.key, 0.0), now) for item in wanted]


def forget(connection: Connection, wanted: Sequence[Bucket]) -> None:
    connection.execute(delete(table).where(table.c.key.in_([item.key for item in wanted])))


def _bound(connection: Connection) -> None:
    rows = connection.scalar(select(func.count()).select_from(table)) or 0
    if rows > MOST_ROWS:
        first = select(table.c.key).order_by(table.c.until).limit(rows - MOST_ROWS)
        connection.execute(delete(table).where(table.c.key.in_(first)))
