"""Reminders of tasks, and the morning's word on what is due: a timer that asks nothing while nothing is due.

When each task is to be called to mind stands in `reminders`, kept by the subscriber from the journal; what has come
due is told and taken out in one transaction. So nothing is told twice or lost over restarts, and of several processes
the one that holds the hooks' lease does it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, func, insert, select

from app.crm import changes, preferences
from app.crm.notifications import proposals, write
from app.crm.schema import TABLES, change_sets, reminders, users
from app.crm.schema import notifications as notes
from app.crm.schema import preferences as preference_table
from app.shared.db import Database
from app.shared.types import utc_now

MORNING = 8  # o'clock, where the user is
KEPT = timedelta(days=90)  # of notifications
AT_MOST = timedelta(minutes=1)  # between two looks at the table: another process may have held the lease
QUARTER = timedelta(minutes=15)  # time zones differ by quarters of an hour
DIGEST = "notifications.morning"  # the preference that holds the last day whose morning was told
_BATCH = 200
Kept = Mapping[int, datetime | None]


# --- the table --------------------------------------------------------------------------------------------------------


def changed(connection: Connection, tasks: Sequence[int]) -> Kept:
    """When each of these tasks is to be called to mind now (None: not), where that isn't what stands in the table."""
    if not tasks:
        return {}
    table = TABLES["tasks"]
    ids = sorted(set(tasks))
    lives = (
        table.c.id.in_(ids),
        table.c.remind_at.is_not(None),
        table.c.done.is_not(True),
        table.c.trashed_at.is_(None),
    )
    wanted = {row.id: row.remind_at for row in connection.execute(select(table.c.id, table.c.remind_at).where(*lives))}
    known = {row.task_id: row.at for row in connection.execute(select(reminders).where(reminders.c.task_id.in_(ids)))}
    told = _told(connection, wanted)
    wanted = {id: at for id, at in wanted.items() if _key(id, at) not in told}
    return {id: wanted.get(id) for id in wanted.keys() | known.keys() if wanted.get(id) != known.get(id)}


def _told(connection: Connection, wanted: Mapping[int, datetime]) -> set[str]:
    """The keys of those that have come already: another change of the task doesn't bring its reminder again."""
    mine = notes.c.object == "tasks", notes.c.record_id.in_(sorted(wanted)), notes.c.kind == "reminder"
    return set(connection.execute(select(notes.c.key).where(*mine)).scalars())


def _key(task: int, at: datetime) -> str:
    return f"reminder:{task}:{at:%Y%m%dT%H%M%S}"


def store(connection: Connection, kept: Kept) -> None:
    if not kept:
        return
    connection.execute(delete(reminders).where(reminders.c.task_id.in_(sorted(kept))))
    rows = [{"task_id": id, "at": at} for id, at in kept.items() if at is not None]
    if rows:
        connection.execute(insert(reminders), rows)


# --- the timer --------------------------------------------------------------------------------------------------------


class Timer:
    """Called once a second by the thread that holds the lease; compares two moments in memory, and mostly returns."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database, self._now = database, now
        self._next = datetime.min.replace(tzinfo=now().tzinfo)
        self._quarter: datetime | None = None

    def look_again(self) -> None:
        """A reminder may have changed."""
        self._next = self._now()

    def __call__(self) -> None:
        now = self._now()
        if now >= self._next:
            self._next = now + AT_MOST
            self._remind(now)
        quarter = _quarter(now)
        if quarter != self._quarter:
            mornings(self._database, now)
            clear(self._database, now)
            self._quarter = quarter

    def _remind(self, now: datetime) -> None:
        with self._database.read() as connection:
            first = connection.scalar(select(func.min(reminders.c.at)))
        if first is not None and first <= now:
            with self._database.write() as connection:
                fire(connection, now)
            self._next = now  # there may be more
        elif first is not None:
            self._next = min(self._next, first)


def _quarter(now: datetime) -> datetime:
    return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)


def fire(connection: Connection, now: datetime) -> int:
    """Tell what has come due, to the task's assignee or else its maker; how many reminders that were."""
    tasks = TABLES["tasks"]
    rows = connection.execute(
        select(reminders.c.task_id, reminders.c.at, tasks.c.owner_id, tasks.c.created_by_id, tasks.c.done,
               tasks.c.trashed_at, tasks.c.id)
        .join(tasks, tasks.c.id == reminders.c.task_id, isouter=True)
        .where(reminders.c.at <= now).order_by(reminders.c.at).limit(_BATCH)
    ).all()  # fmt: skip
    for row in rows:
        if row.id is not None and not row.done and row.trashed_at is None:
            user = row.owner_id or row.created_by_id
            write.tell(
                connection, user, "reminder", _key(row.task_id, row.at), object="tasks", record_id=row.task_id
            )  # fmt: skip
    connection.execute(delete(reminders).where(reminders.c.task_id.in_([row.task_id for row in rows])))
    return len(rows)


# --- the morning ------------------------------------------------------------------------------------------------------


def mornings(database: Database, now: datetime) -> None:
    """Tell each user whose morning has come, once a day, what is due and what has become overdue."""
    with database.read() as connection:
        up = [(row, day) for row in _users(connection) if (day := _day(row, now)) and str(day) != row.value]
        due = _due(connection, [(row.id, day) for row, day in up])
    if not up:
        return
    with database.write() as connection:
        for row, day in up:
            today, yesterday, overdue = due.get(row.id, (0, 0, 0))
            if today or yesterday:
                detail = {"today": today, "overdue": overdue}
                write.tell(connection, row.id, "due", f"due:{day}", detail, object="tasks")
            preferences.put(connection, row.id, DIGEST, str(day))


def _users(connection: Connection) -> list[Row[Any]]:
    """Active users with the day whose morning they have had."""
    mine = (preference_table.c.user_id == users.c.id) & (preference_table.c.key == DIGEST)
    statement = select(users.c.id, users.c.timezone, preference_table.c.value).select_from(
        users.join(preference_table, mine, isouter=True)
    )
    return list(connection.execute(statement.where(users.c.active)))


def _day(row: Row[Any], now: datetime) -> date | None:
    """The user's day, once its morning has come."""
    local = now.astimezone(ZoneInfo(row.timezone))
    return local.date() if local.hour >= MORNING else None


def _due(connection: Connection, asked: Sequence[tuple[int, date]]) -> dict[int, tuple[int, int, int]]:
    """(due today, due yesterday, overdue in all) for each user on their day; one statement for all of them."""
    if not asked:
        return {}
    tasks, last = TABLES["tasks"], max(day for _, day in asked)
    open_ = (tasks.c.done.is_not(True), tasks.c.trashed_at.is_(None), tasks.c.due_date <= last)
    mine = tasks.c.owner_id.in_([user for user, _ in asked])
    counts = select(tasks.c.owner_id, tasks.c.due_date, func.count()).where(*open_, mine)
    found: dict[int, tuple[int, int, int]] = {}
    days = dict(asked)
    for user, due, count in connection.execute(counts.group_by(tasks.c.owner_id, tasks.c.due_date)):
        today, yesterday, overdue = found.get(user, (0, 0, 0))
        late = (days[user] - due).days
        found[user] = (today + count * (late == 0), yesterday + count * (late == 1), overdue + count * (late > 0))
    return found


# --- what has had its time --------------------------------------------------------------------------------------------


def clear(database: Database, now: datetime) -> None:
    """Note proposals that have expired, and tell their authors; drop notifications that are older than 90 days."""
    late = (change_sets.c.state == "proposed", change_sets.c.expires_at <= now)
    with database.read() as connection:
        expired = connection.execute(select(change_sets.c.id).where(*late).limit(1)).first()
        old = connection.execute(select(notes.c.id).where(notes.c.created_at < now - KEPT).limit(1)).first()
    if expired or old:
        with database.write() as connection:
            connection.execute(delete(notes).where(notes.c.created_at < now - KEPT))
            for row in connection.execute(select(change_sets).where(*late)).all():
                proposals.decided(connection, row, "expired")
            changes.expire(connection, now)
