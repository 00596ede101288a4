"""Durable subscribers: who must hear of every change, in commit order, at least once, whatever happens meanwhile.

A subscriber has a name and a position in the journal (the table `consumers`). It is called after the commit, with
batches of lines; what it wants written is written in the transaction that notes its new position. Where it fails, it
gets the same lines again, later and later; nobody else waits for it, least of all the write. For a light hint that
something was committed, without any promise, there is `subscribe`.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from app.crm.changes.journal import advance, journal_end
from app.crm.schema import changes, consumers
from app.shared.db import Database
from app.shared.types import utc_now

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0  # seconds after a failure; doubled each time
JITTER = 0.2  # a wait is shorter or longer by up to this share, so that failures don't march in step
LONGEST_ERROR = 500  # characters kept of an error
NOTED_EVERY = 1_000  # lines of no interest after which the position is noted all the same
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal: what was done to which record."""

    seq: int
    change_set: int
    action: str
    object: str
    id: int


Store = Callable[[Connection], None]  # writes what came of a batch, in the transaction that notes the position
Answer = Store | None | Literal["ignored"]  # None: done; "ignored": nothing of it was of interest


def from_the_start(_connection: Connection) -> int | None:
    return 0


@dataclass(frozen=True, slots=True)
class Subscriber:
    """`handle` is called outside of any transaction, and may be called again with lines that it has had.

    `begins`: the position after which the journal is of interest; None where nothing is of interest now, so that
    nothing is read or noted.
    """

    name: str
    handle: Callable[[Sequence[Line]], Answer]
    begins: Callable[[Connection], int | None] = from_the_start
    batch: int = 500  # lines


@dataclass(slots=True)
class State:
    """How a subscriber stands, as last seen; for health, metrics and the settings page."""

    name: str
    position: int = 0
    lag: int = 0  # positions between it and the journal's end; at least the number of lines
    failures: int = 0  # in a row
    error: str = ""
    failed_at: datetime | None = None
    next_at: datetime | None = None  # the next try
    idle: bool = True  # nothing is of interest to it now


def wait(failures: int, chance: Callable[[], float] = random.random) -> timedelta:
    """How long to wait after so many failures in a row: 1 s, 2 s, 4 s up to 5 minutes, each by up to a fifth more or
    less."""
    seconds = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(failures - 1, 20))
    return timedelta(seconds=seconds * (1 - JITTER + 2 * JITTER * chance()))


class Reader:
    """One subscriber at its place in the journal. `step` until it says that there is no more."""

    def __init__(self, database: Database, subscriber: Subscriber, *, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._subscriber = subscriber
        self._now = now
        self._read = 0  # up to here lines were of no interest; not noted yet
        self.state = State(subscriber.name)

    def step(self) -> bool:
        """Hand over one batch; whether there may be more at once. Raises nothing but errors of the database."""
        lines = self._next()
        if not lines:
            return False
        try:
            self._hand_over(lines)
        except Exception as error:
            log.warning("A subscriber to changes failed", exc_info=True, extra={"subscriber": self._subscriber.name})
            self._failed(error)
            return False
        return self.state.lag > 0

    def _next(self) -> list[Line]:
        """The lines that it hasn't had, unless it has to wait."""
        name = self._subscriber.name
        with self._database.read() as connection:
            row = connection.execute(select(consumers).where(consumers.c.name == name)).one_or_none()
            begins = self._subscriber.begins(connection)
            end = journal_end(connection)
            self._look(row, begins, end)
            if begins is None or self.state.lag == 0 or (self.state.next_at and self.state.next_at > self._now()):
                return []
            return lines_after(connection, self.state.position, self._subscriber.batch)

    def _look(self, row: Row[Any] | None, begins: int | None, end: int) -> None:
        state = self.state
        noted = row.seq if row else 0
        state.idle = begins is None
        state.position = end if begins is None else max(noted, begins, self._read)
        state.lag = max(0, end - state.position)
        if row is not None:
            state.failures, state.error = row.failures, row.error
            state.failed_at, state.next_at = row.failed_at, row.next_at

    def _hand_over(self, lines: Sequence[Line]) -> None:
        answer = self._subscriber.handle(lines)
        last = lines[-1].seq
        if answer == "ignored" and not self.state.failures and last - self._noted_at() < NOTED_EVERY:
            self._read = last
        else:
            with self._database.write() as connection:
                if callable(answer):
                    answer(connection)
                advance(connection, self._subscriber.name, last)
                self._put(connection, failures=0, error="", failed_at=None, next_at=None)
            self._read = 0
            self.state.failures, self.state.error, self.state.failed_at, self.state.next_at = 0, "", None, None
        self.state.lag = max(0, self.state.lag - (last - self.state.position))
        self.state.position = last

    def _noted_at(self) -> int:
        with self._database.read() as connection:
            found = connection.scalar(select(consumers.c.seq).where(consumers.c.name == self._subscriber.name))
        return int(found or 0)

    def _failed(self, error: Exception) -> None:
        state, now = self.state, self._now()
        state.failures += 1
        state.error = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
        state.failed_at, state.next_at = now, now + wait(state.failures)
        with self._database.write() as connection:
            known = connection.execute(select(consumers.c.name).where(consumers.c.name == state.name)).first()
            if known is None:
                connection.execute(insert(consumers).values(name=state.name, seq=0))
            self._put(connection, failures=state.failures, error=state.error, failed_at=now, next_at=state.next_at)

    def _put(self, connection: Connection, **values: Any) -> None:
        connection.execute(update(consumers).where(consumers.c.name == self._subscriber.name).values(**values))


def lines_after(connection: Connection, after: int, limit: int) -> list[Line]:
    """Lines after a position, in commit order; gaps in the numbers are none in the lines."""
    columns = (changes.c.seq, changes.c.change_set_id, changes.c.action, changes.c.object, changes.c.record_id)
    statement = select(*columns).where(changes.c.seq > after).order_by(changes.c.seq).limit(limit)
    return [Line(*row) for row in connection.execute(statement)]
