"""Failed sign-ins are counted in the database: for all processes together, and across restarts."""

from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from app.crm.accounts import attempts, passwords, signing_in, users
from app.crm.accounts.attempts import Allowance
from app.crm.accounts.sessions import Device
from app.crm.schema import attempts as table
from app.crm.schema import security_events
from app.shared.db import Database
from app.shared.errors import Invalid
from app.shared.limits import Limited

PASSWORD = "tulip river 42"
HERE = Device("Firefox", "10.0.0.7")
THERE = replace(HERE, address="10.0.0.8")


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are compared as they are: what is tested here is the counting."""
    monkeypatch.setattr(passwords, "verify", lambda stored, password: stored is not None and stored == password)
    monkeypatch.setattr(passwords, "is_outdated", lambda stored: False)


@pytest.fixture
def anna(any_database: Database) -> int:
    with any_database.write() as connection:
        return users.create(connection, name="Anna", email="anna@example.com", role="admin", password_hash=PASSWORD)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The moment that the counters take for now."""
    import time

    now = [time.time()]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def fail(database: Database, email: str = "anna@example.com", device: Device = HERE, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Invalid):
            signing_in.sign_in(database, email, "wrong", device)


def rows(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_a_user_is_slowed_down_after_eight_failures_from_one_address_and_not_elsewhere(
    any_database: Database, anna: int
) -> None:
    fail(any_database, times=8)
    with pytest.raises(Limited) as limited:
        signing_in.sign_in(any_database, "ANNA@example.com ", PASSWORD, HERE)
    assert 60 < limited.value.retry_after < 300
    fail(any_database, device=THERE)
    fail(any_database, "ben@example.com")
    assert signing_in.sign_in(any_database, "anna@example.com", PASSWORD, THERE)


def test_another_process_and_a_restart_count_on(any_database: Database, anna: int) -> None:
    fail(any_database, times=5)
    other = Database(any_database.url)
    try:
        fail(other, times=3)
        for database in (other, any_database):
            with pytest.raises(Limited):
                signing_in.sign_in(database, "anna@example.com", PASSWORD, HERE)
    finally:
        other.close()


def test_an_address_that_tries_many_accounts_is_slowed_down(database: Database) -> None:
    for number in range(attempts.ADDRESS.burst):
        fail(database, f"user{number}@example.com")
    with pytest.raises(Limited):
        signing_in.sign_in(database, "another@example.com", "wrong", HERE)
    fail(database, "another@example.com", THERE)


def test_one_ipv6_network_counts_as_one_address(database: Database) -> None:
    for number in range(8):
        fail(database, device=replace(HERE, address=f"2001:db8::{number:x}"))
    with pytest.raises(Limited):
        signing_in.sign_in(database, "anna@example.com", "wrong", replace(HERE, address="2001:db8::ffff:1"))


def test_success_forgives_the_failures_before(any_database: Database, anna: int) -> None:
    for _ in range(3):
        fail(any_database, times=7)
        signing_in.sign_in(any_database, "anna@example.com", PASSWORD, HERE)


def test_a_good_sign_in_without_failures_before_writes_no_counter(any_database: Database, anna: int) -> None:
    seen: list[str] = []
    event.listen(any_database.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    signing_in.sign_in(any_database, "anna@example.com", PASSWORD, HERE)
    assert [statement for statement in seen if "attempts" in statement and not statement.startswith("SELECT")] == []
    assert rows(any_database) == 0


def test_attempts_come_back_with_time(any_database: Database, anna: int, clock: list[float]) -> None:
    fail(any_database, times=8)
    clock[0] += attempts.ACCOUNT_HERE.interval + 1
    fail(any_database)
    with pytest.raises(Limited):
        signing_in.sign_in(any_database, "anna@example.com", PASSWORD, HERE)


def test_what_says_nothing_any_more_is_dropped(any_database: Database, anna: int, clock: list[float]) -> None:
    fail(any_database, times=3)
    assert rows(any_database) == 4
    clock[0] += attempts.ACCOUNT.seconds + 1
    fail(any_database, "ben@example.com", THERE)
    assert rows(any_database) == 4


def test_the_table_is_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MOST_ROWS", 10)
    for number in range(12):
        fail(database, f"user{number}@example.com", replace(HERE, address=f"10.1.{number}.1"))
    assert rows(database) == 10


def test_the_table_holds_nothing_that_was_typed(database: Database) -> None:
    fail(database, "hunter2-my-password")
    with database.read() as connection:
        stored = [*connection.execute(select(table)), *connection.execute(select(security_events))]
    assert stored
    assert "hunter2" not in str(stored)


def test_failures_are_noted_and_the_last_one_says_so(any_database: Database, anna: int) -> None:
    fail(any_database, times=8)
    fail(any_database, "nobody@example.com")
    with any_database.read() as connection:
        found = connection.execute(select(security_events).order_by(security_events.c.id)).all()
    assert [row.kind for row in found] == ["session.refused"] * 7 + ["session.blocked", "session.refused"]
    assert {row.user_id for row in found[:8]} == {anna}
    assert (found[8].user_id, found[8].detail) == (None, {"account": "unknown"})
    assert {row.address for row in found} == {"10.0.0.7"}


def test_the_notes_are_bounded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "EVENTS", Allowance("events", 3, 3600))
    for number in range(6):
        fail(database, f"user{number}@example.com")
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(security_events)) == 3
