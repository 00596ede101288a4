"""The journal as an outbox, with writers in other processes: in commit order, without gaps, nothing half-written."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app.crm import changes
from app.crm.schema import TABLES, change_sets, search_documents, taggings
from app.crm.schema import changes as journal
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database
from tests.changes.helpers import create

EACH = 3  # records in a set
# Writes sets until it is told how many, or killed. It dawdles before the commit, with its numbers already taken: a
# reader that could see later numbers meanwhile would pass over these.
WRITER = f"""
    import random, sys, time
    from sqlalchemy.engine import make_url
    from app.crm import changes
    from app.shared.contract import ChangeSet, Operation, Principal
    from app.shared.db import Database

    url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    database, me = Database(make_url(url)), Principal(None, name, "admin")

    def new(number):
        values = {{"name": f"{{name}} {{number}}", "tags": [name]}}
        return Operation(action="create", object="companies", values=values)

    print("ready", flush=True)
    for number in range(count):
        with database.write() as connection:
            made = ChangeSet(operations=tuple(new(number) for _ in range({EACH})))
            changes.apply_within(connection, me, made)
            time.sleep(random.random() * 0.02)
        print(number, flush=True)
        time.sleep(random.random() * 0.02)  # SQLite lets one who waits try again every few milliseconds
"""


@pytest.fixture
def writers(any_database: Database) -> Iterator[Any]:
    """Starts processes that write to the test's database; ended with the test."""
    started: list[subprocess.Popen[str]] = []
    url = any_database.url.render_as_string(hide_password=False)

    def start(name: str, count: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", textwrap.dedent(WRITER), url, name, str(count)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _read_on(database: Database, seen: list[int], limit: int = 7) -> int:
    """Follow the journal by one page; how many lines that were."""
    with database.read() as connection:
        lines = changes.journal(connection, seen[-1] if seen else 0, limit)
    seen += [seq for seq, _, _ in lines]
    return len(lines)


def test_a_follower_of_two_writing_processes_misses_nothing(
    any_database: Database, admin: Principal, writers: Any
) -> None:
    sets = 15
    processes = [writers(name, sets) for name in ("one", "two")]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    seen: list[int] = []
    give_up = time.monotonic() + 60
    while len(seen) < 2 * sets * EACH and time.monotonic() < give_up:
        _read_on(any_database, seen)
    assert [process.wait(timeout=30) for process in processes] == [0, 0]
    assert _read_on(any_database, seen) == 0
    assert seen == sorted(set(seen))
    with any_database.read() as connection:
        assert list(connection.scalars(select(journal.c.seq).order_by(journal.c.seq))) == seen
        authors = list(connection.scalars(select(change_sets.c.author).order_by(change_sets.c.id)))
    assert sorted(authors) == ["one"] * sets + ["two"] * sets
    assert authors not in (["one"] * sets + ["two"] * sets, ["two"] * sets + ["one"] * sets)  # they did take turns


def test_a_second_writer_waits_until_the_first_has_committed(any_database: Database, admin: Principal) -> None:
    """Two engines share no lock of a process. Numbers that are taken but not committed yet hold back all later ones."""
    other = Database(any_database.url)
    with any_database.write() as connection:
        new = Operation(action="create", object="companies", values={"name": "First"})
        first = changes.apply_within(connection, admin, ChangeSet(operations=(new,)))
        second = threading.Thread(target=create, args=(other, admin, "companies"), kwargs={"name": "Second"})
        second.start()
        second.join(0.4)
        assert second.is_alive()
        assert _read_on(any_database, []) == 0
    second.join(30)
    other.close()
    with any_database.read() as connection:
        lines = connection.execute(select(journal.c.label, journal.c.change_set_id).order_by(journal.c.seq)).all()
    assert [line.label for line in lines] == ["First", "Second"]
    assert [line.change_set_id for line in lines] == [first.id, first.id + 1]


def _whole(database: Database) -> int:
    """How many sets there are, each with all its lines, records, tags and texts."""
    company = TABLES["companies"]
    with database.read() as connection:
        sets = connection.scalar(select(func.count()).select_from(change_sets)) or 0
        lines = select(journal.c.change_set_id, func.count().label("n")).group_by(journal.c.change_set_id)
        assert {row.n for row in connection.execute(lines)} <= {EACH}
        ids = list(connection.scalars(select(journal.c.record_id).order_by(journal.c.record_id)))
        assert len(ids) == sets * EACH
        assert list(connection.scalars(select(company.c.id).order_by(company.c.id))) == ids
        assert list(connection.scalars(select(taggings.c.record_id).order_by(taggings.c.record_id))) == ids
        found = select(search_documents.c.record_id).order_by(search_documents.c.record_id)
        assert list(connection.scalars(found)) == ids
    if database.is_sqlite:
        _check_file(database)
    return int(sets)


def _check_file(database: Database) -> None:
    """By a connection of its own: one that has looked before may hold an outdated picture of the full-text index."""
    fresh = Database(database.url)
    with fresh.read() as connection:
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    fresh.close()


def test_a_killed_writer_leaves_whole_sets_and_no_lock(any_database: Database, writers: Any) -> None:
    """Every set that it had reported is there, and nothing but whole sets."""
    known = 0
    for round in range(2):
        process = writers("victim", 100_000)
        for _ in range(6 + round):
            last = process.stdout.readline()
        time.sleep(0.002 * round)  # somewhere in the middle of a transaction
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(timeout=10) == -signal.SIGKILL
        sets = _whole(any_database)
        assert sets - known >= int(last) + 1
        known = sets


def test_the_next_writer_goes_on_after_a_killed_one(any_database: Database, admin: Principal, writers: Any) -> None:
    process = writers("victim", 100_000)
    for _ in range(3):
        process.stdout.readline()
    seen: list[int] = []
    while _read_on(any_database, seen):
        pass
    process.kill()
    process.wait()
    while _read_on(any_database, seen):
        pass
    before = list(seen)
    made = create(any_database, admin, "companies", name="Next")
    assert _read_on(any_database, seen) == 1
    assert seen[-1] > before[-1]
    with any_database.read() as connection:
        assert changes.journal(connection, before[-1])[0][1:] == ("companies", made.id)
