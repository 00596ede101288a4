"""Durable subscribers hear of every change, in commit order, at least once, without gaps, whoever else fails."""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, text, update

from app.crm.changes.subscribers import JITTER, Line, Reader, Subscriber, lines_after, wait
from app.crm.hooks.follower import Hooks
from app.crm.hooks.lease import Lease
from app.crm.schema import changes, consumers
from app.crm.schema import settings as setting_table
from app.shared.config import Settings
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.types import utc_now
from tests.conftest import add_user
from tests.hooks.conftest import create
from tests.hooks.receiver import wait_until


class Listener:
    """Remembers what it was told; fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.lines: list[Line] = []
        self.calls = 0

    def __call__(self, lines: Sequence[Line]) -> None:
        self.calls += 1
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the listener is out")
        self.lines += lines

    @property
    def seqs(self) -> list[int]:
        return [line.seq for line in self.lines]


def _all(database: Database) -> list[int]:
    with database.read() as connection:
        return list(connection.execute(select(changes.c.seq).order_by(changes.c.seq)).scalars())


def _row(database: Database, name: str) -> Any:
    with database.read() as connection:
        return connection.execute(select(consumers).where(consumers.c.name == name)).one_or_none()


def _drain(reader: Reader) -> None:
    while reader.step():
        pass


def test_every_line_comes_once_in_order_while_many_write(
    any_database: Database, admin: Principal, running: Callable[..., Hooks]
) -> None:
    listener = Listener()
    running(Subscriber("listener", listener, batch=7))
    writers = [
        threading.Thread(target=lambda: [create(any_database, admin, count=3) for _ in range(5)]) for _ in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    wait_until(lambda: len(listener.lines) >= 60)
    assert listener.seqs == _all(any_database)
    assert listener.lines[0] == Line(listener.seqs[0], 1, "create", "companies", 1)


def test_a_subscriber_hears_at_once_what_was_committed(
    database: Database, admin: Principal, inner: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.crm.hooks.follower.POLL", 30)
    listener = Listener()
    hooks = Hooks(inner, database, [Subscriber("listener", listener)])
    hooks.start()
    try:
        time.sleep(0.05)
        began = time.monotonic()
        create(database, admin)
        wait_until(lambda: bool(listener.lines))
        assert time.monotonic() - began < 2
    finally:
        hooks.stop()


def test_what_another_process_wrote_is_found_by_looking(
    database: Database, admin: Principal, running: Callable[..., Hooks], monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener()
    running(Subscriber("listener", listener))
    monkeypatch.setattr(sys.modules["app.crm.changes.subscribe"], "_callbacks", [])
    create(database, admin)
    wait_until(lambda: bool(listener.lines))


def test_a_failing_subscriber_harms_neither_the_write_nor_the_others(
    any_database: Database, admin: Principal, running: Callable[..., Hooks]
) -> None:
    good, bad = Listener(), Listener(failures=10**6)
    hooks = running(Subscriber("good", good), Subscriber("bad", bad))
    for _ in range(3):
        create(any_database, admin)
    wait_until(lambda: len(good.lines) == 3 and hooks.state()["status"] == "degraded")
    wait_until(lambda: _row(any_database, "bad") is not None)
    row = _row(any_database, "bad")
    assert (row.seq, row.failures > 0, row.error) == (0, True, "RuntimeError: the listener is out")
    assert row.next_at > row.failed_at
    assert "bad failed" in hooks.state()["why"]
    state = next(state for state in hooks.states if state.name == "bad")
    assert state.lag >= 3
    assert bad.calls < 5  # it waits longer and longer


def test_after_failures_the_same_lines_come_again(database: Database, admin: Principal) -> None:
    listener, clock = Listener(failures=2), [utc_now()]
    reader = Reader(database, Subscriber("listener", listener), now=lambda: clock[0])
    create(database, admin, count=3)
    for failures in (1, 2):
        assert not reader.step()
        assert reader.state.failures == failures
        assert not reader.step()  # not before its time
        assert listener.calls == failures
        clock[0] += timedelta(seconds=5)
    _drain(reader)
    assert listener.seqs == _all(database)
    row = _row(database, "listener")
    assert (row.seq, row.failures, row.error, row.failed_at, row.next_at) == (max(_all(database)), 0, "", None, None)


def test_failures_are_remembered_by_the_next_process(database: Database, admin: Principal) -> None:
    listener, now = Listener(failures=1), utc_now()
    create(database, admin)
    Reader(database, Subscriber("listener", listener), now=lambda: now).step()
    following = Reader(database, Subscriber("listener", listener), now=lambda: now)
    following.step()
    assert listener.calls == 1
    assert following.state.failures == 1
    _drain(Reader(database, Subscriber("listener", listener), now=lambda: now + timedelta(seconds=5)))
    assert listener.seqs == _all(database)


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_the_waits_double_up_to_five_minutes_within_the_bounds_of_the_jitter(chance: float) -> None:
    for failures in range(1, 40):
        plain = min(300.0, 2.0 ** (failures - 1))
        found = wait(failures, lambda: chance).total_seconds()
        assert found == pytest.approx(plain * (1 - JITTER + 2 * JITTER * chance))
        assert plain * (1 - JITTER) <= wait(failures).total_seconds() <= plain * (1 + JITTER)


def _counting(connection: Connection) -> None:
    key = "test.count"
    known = connection.execute(update(setting_table).where(setting_table.c.key == key).values(value=[1]))
    if not known.rowcount:
        connection.execute(insert(setting_table).values(key=key, value=[0]))


def test_what_it_writes_and_its_position_are_one_transaction(any_database: Database, admin: Principal) -> None:
    """A crash before the commit leaves neither; the lines come again."""
    crashes = [True]

    def store(connection: Connection) -> None:
        _counting(connection)
        if crashes.pop():
            raise RuntimeError("the power went")

    create(any_database, admin)
    now = utc_now()
    Reader(any_database, Subscriber("counter", lambda _lines: store), now=lambda: now).step()
    assert _row(any_database, "counter").seq == 0
    crashes.append(False)
    _drain(Reader(any_database, Subscriber("counter", lambda _lines: store), now=lambda: now + timedelta(seconds=5)))
    with any_database.read() as connection:
        count = select(func.count()).where(setting_table.c.key == "test.count", setting_table.c.value.is_not(None))
        assert connection.scalar(count) == 1
    assert _row(any_database, "counter").seq == max(_all(any_database))


def test_a_crash_after_the_work_gives_the_same_lines_again(
    database: Database, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener()
    create(database, admin, count=2)
    with monkeypatch.context() as patch:
        patch.setattr("app.crm.changes.subscribers.advance", _crash)
        patch.setattr(Reader, "_failed", lambda *_: None)
        Reader(database, Subscriber("listener", listener)).step()
    _drain(Reader(database, Subscriber("listener", listener)))
    assert listener.seqs == _all(database) * 2


def _crash(*_: Any) -> None:
    raise SystemError("killed")


def test_lines_of_no_interest_cost_no_write(database: Database, admin: Principal) -> None:
    heard: list[int] = []

    def handle(lines: Sequence[Line]) -> Any:
        heard.extend(line.seq for line in lines)
        return "ignored"

    reader = Reader(database, Subscriber("picky", handle))
    for _ in range(3):
        create(database, admin)
        _drain(reader)
    assert heard == _all(database)
    assert _row(database, "picky") is None
    _drain(Reader(database, Subscriber("picky", handle)))  # after a restart they are looked at again
    assert heard == _all(database) * 2
    create(database, admin, count=1200)
    _drain(reader)
    assert _row(database, "picky").seq > 1000  # noted once in a while all the same


def test_who_wants_nothing_now_is_idle_and_begins_where_it_says(database: Database, admin: Principal) -> None:
    listener = Listener()
    begins: list[int | None] = [None]
    reader = Reader(database, Subscriber("late", listener, begins=lambda _connection: begins[0]))
    create(database, admin, count=3)
    assert not reader.step()
    assert reader.state.idle
    assert reader.state.lag == 0
    begins[0] = _all(database)[1]
    _drain(reader)
    assert listener.seqs == _all(database)[2:]


def test_a_batch_holds_no_more_than_its_size(database: Database, admin: Principal) -> None:
    create(database, admin, count=25)
    with database.read() as connection:
        assert [line.id for line in lines_after(connection, 0, 10)] == list(range(1, 11))
    sizes: list[int] = []
    _drain(Reader(database, Subscriber("small", lambda lines: sizes.append(len(lines)), batch=10)))
    assert sizes == [10, 10, 5]


# --- several processes over one PostgreSQL ---


def test_one_process_at_a_time_runs_the_hooks(
    postgres_database: Database, inner: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.crm.hooks.follower.POLL", 0.03)
    admin = add_user(postgres_database, "Anna", "admin")
    other = Database(postgres_database.url)
    first_heard, second_heard = Listener(), Listener()
    first = Hooks(inner, postgres_database, [Subscriber("listener", first_heard)])
    second = Hooks(inner, other, [Subscriber("listener", second_heard)])
    try:
        first.start()
        wait_until(lambda: first._lease._connection is not None)
        second.start()
        wait_until(lambda: not second.runs_here)
        create(postgres_database, admin, count=5)
        wait_until(lambda: len(first_heard.lines) == 5)
        assert second_heard.lines == []
        assert second.state()["why"] == "Another process runs the hooks."
        first.stop()
        create(other, admin, count=5)
        wait_until(lambda: len(second_heard.lines) == 5)
        assert first_heard.seqs + second_heard.seqs == _all(postgres_database)
    finally:
        first.stop()
        second.stop()
        other.close()


def test_a_lease_whose_connection_was_cut_is_taken_anew(postgres_database: Database) -> None:
    first, other = Lease(postgres_database), Database(postgres_database.url)
    second = Lease(other)
    try:
        assert first.held()
        assert not second.held()
        with other.write() as connection:
            statement = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7231905"
            connection.execute(text(statement))
        wait_until(second.held)
        assert not first.held()
    finally:
        first.release()
        second.release()
        other.close()
