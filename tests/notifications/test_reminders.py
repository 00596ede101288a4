"""Reminders come at their time, once, over restarts; the morning's word comes in each user's own morning."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from app.crm.notifications import inbox, reminders
from app.crm.port import Crm
from app.crm.schema import reminders as table
from app.crm.schema import users
from app.shared.contract import Principal
from app.shared.db import Database
from tests.conftest import add_user
from tests.notifications.conftest import change, made

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def _kinds(database: Database, principal: Principal) -> list[str]:
    with database.read() as connection:
        return [item.row.kind for item in inbox.listing(connection, principal, limit=20)]


def _at(moment: datetime) -> str:
    return moment.isoformat()


def test_a_reminder_comes_at_its_time_once(
    any_database: Database, crm: Crm, admin: Principal, member: Principal, settle: Callable[[], None]
) -> None:
    clock = Clock(NOON)
    timer = reminders.Timer(any_database, clock)
    made(crm, member, "tasks", name="Call", remind_at=_at(NOON + timedelta(hours=1)))
    settle()
    timer()
    assert _kinds(any_database, member) == []
    clock.now += timedelta(minutes=59)
    timer()
    assert _kinds(any_database, member) == []
    clock.now += timedelta(minutes=1)
    timer()
    timer()
    reminders.Timer(any_database, clock)()  # the process was started anew
    assert _kinds(any_database, member) == ["reminder"]


def test_what_came_due_while_nothing_ran_is_told_at_the_start(
    any_database: Database, crm: Crm, member: Principal, settle: Callable[[], None]
) -> None:
    made(crm, member, "tasks", name="Call", remind_at=_at(NOON))
    settle()
    reminders.Timer(any_database, Clock(NOON + timedelta(hours=5)))()
    assert "reminder" in _kinds(any_database, member)


def test_another_change_of_the_task_doesnt_bring_its_reminder_again(
    any_database: Database, crm: Crm, member: Principal, settle: Callable[[], None]
) -> None:
    task = made(crm, member, "tasks", name="Call", remind_at=_at(NOON))
    settle()
    reminders.Timer(any_database, Clock(NOON + timedelta(minutes=1)))()
    change(crm, member, "tasks", task, priority="high")
    settle()
    reminders.Timer(any_database, Clock(NOON + timedelta(minutes=2)))()
    assert _kinds(any_database, member).count("reminder") == 1
    change(crm, member, "tasks", task, remind_at=_at(NOON + timedelta(days=1)))
    settle()
    reminders.Timer(any_database, Clock(NOON + timedelta(days=2)))()
    assert _kinds(any_database, member).count("reminder") == 2


@pytest.mark.parametrize("values", [{"done": True}, {"remind_at": None}])
def test_a_task_that_is_done_or_has_no_reminder_any_more_brings_none(
    database: Database, crm: Crm, member: Principal, settle: Callable[[], None], values: dict[str, Any]
) -> None:
    task = made(crm, member, "tasks", name="Call", remind_at=_at(NOON))
    settle()
    change(crm, member, "tasks", task, **values)
    settle()
    with database.read() as connection:
        assert connection.execute(select(table)).all() == []


def test_the_assignee_is_reminded_whoever_has_set_it(
    database: Database, crm: Crm, admin: Principal, member: Principal, settle: Callable[[], None]
) -> None:
    made(crm, admin, "tasks", name="Call", owner=member.user_id, remind_at=_at(NOON))
    settle()
    reminders.Timer(database, Clock(NOON))()
    assert "reminder" in _kinds(database, member)
    assert "reminder" not in _kinds(database, admin)


def test_while_nothing_is_due_the_timer_asks_the_database_nothing(
    database: Database, crm: Crm, member: Principal, settle: Callable[[], None]
) -> None:
    clock = Clock(NOON)
    timer = reminders.Timer(database, clock)
    timer()
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    for _ in range(50):
        clock.now += timedelta(seconds=1)
        timer()
    assert asked == []
    clock.now += timedelta(seconds=30)  # another process may have held the lease
    timer()
    assert [one for one in asked if one != "BEGIN"] == ["SELECT min(reminders.at) AS min_1 \nFROM reminders"]


# --- the morning ------------------------------------------------------------------------------------------------------


def test_the_morning_comes_where_the_user_is_and_once_a_day(
    any_database: Database, crm: Crm, admin: Principal, member: Principal
) -> None:
    tokyo = add_user(any_database, "Yuki", "member", timezone="Asia/Tokyo")
    for user, due in ((tokyo, "2026-03-11"), (member, "2026-03-10"), (member, "2026-03-09"), (member, "2026-01-01")):
        made(crm, admin, "tasks", name="Call", owner=user.user_id, due_date=due)
    early = datetime(2026, 3, 10, 7, 45, tzinfo=UTC)  # 16:45 in Tokyo: its day has nothing due
    reminders.mornings(any_database, early)
    assert _kinds(any_database, member) == _kinds(any_database, tokyo) == []
    for minute in (0, 15, 30):
        reminders.mornings(any_database, early.replace(hour=8, minute=minute))
    with any_database.read() as connection:
        (item,) = inbox.listing(connection, member, limit=5)
    assert (item.row.kind, item.row.detail) == ("due", {"today": 1, "overdue": 2})
    reminders.mornings(any_database, early.replace(hour=23))  # 08:00 on the 11th in Tokyo
    assert _kinds(any_database, tokyo) == ["due"]
    assert _kinds(any_database, member) == ["due"]


def test_what_has_long_been_overdue_isnt_told_every_morning(database: Database, crm: Crm, member: Principal) -> None:
    made(crm, member, "tasks", name="Old", due_date="2026-01-01")
    reminders.mornings(database, NOON)
    assert _kinds(database, member) == []


def test_who_is_deactivated_is_told_nothing(
    database: Database, crm: Crm, member: Principal, settle: Callable[[], None]
) -> None:
    made(crm, member, "tasks", name="Call", remind_at=_at(NOON), due_date="2026-03-10")
    settle()
    with database.write() as connection:
        connection.execute(update(users).values(active=False))
    reminders.Timer(database, Clock(NOON))()
    with database.write() as connection:
        connection.execute(update(users).values(active=True))
    assert _kinds(database, member) == []
