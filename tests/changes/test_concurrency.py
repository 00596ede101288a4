"""Many writers at once, and writers that die."""

import subprocess
import sys
import textwrap
import threading
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app.crm.schema import TABLES, change_sets, search_documents
from app.crm.schema import changes as journal
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import Conflict
from tests.changes.helpers import apply, create, row, update


def _count(database: Database, table: Any) -> int:
    with database.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def _run(*works: Any) -> list[BaseException]:
    failed: list[BaseException] = []

    def guarded(work: Any) -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


def test_a_thousand_small_writes_of_eight_threads_meet_no_lock(any_database: Database, admin: Principal) -> None:
    records = [create(any_database, admin, "companies", name=f"C{n}", employees=0) for n in range(8)]

    def writer(number: int) -> Any:
        def work() -> None:
            for count in range(1, 126):
                update(any_database, admin, records[number], employees=count)

        return work

    assert _run(*(writer(number) for number in range(8))) == []
    assert [row(any_database, ref)["employees"] for ref in records] == [125] * 8
    assert [row(any_database, ref)["version"] for ref in records] == [126] * 8
    assert _count(any_database, journal) == _count(any_database, change_sets) == 1008


def test_of_two_changes_of_one_version_one_conflicts(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme")

    def change(name: str) -> Any:
        operation = {"action": "update", "object": "companies", "id": acme.id, "values": {"name": name}, "version": 1}
        return lambda: apply(any_database, admin, operation)

    failed = _run(*(change(f"Name {number}") for number in range(6)))
    assert [type(error) for error in failed] == [Conflict] * 5
    assert row(any_database, acme)["version"] == 2


DYING = """
    import os, sys
    from sqlalchemy.engine import make_url
    from app.crm import changes
    from app.shared.contract import SYSTEM, ChangeSet, Operation
    from app.shared.db import Database

    database = Database(make_url(sys.argv[1]))
    new = [{"name": f"C{n}", "tags": ["t"]} for n in range(500)]
    operations = [Operation(action="create", object="companies", values=values) for values in new]
    operations.append(Operation(action="update", object="companies", id=1, values={"name": "Half-written"}))
    with database.write() as connection:
        changes.apply_within(connection, SYSTEM, ChangeSet(operations=tuple(operations)))
        print("written", flush=True)
        os._exit(9)
"""


def test_a_writer_that_dies_leaves_nothing_half_written(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme")
    url = any_database.url.render_as_string(hide_password=False)
    died = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(DYING), url], capture_output=True, text=True, timeout=60, check=False
    )
    assert (died.returncode, died.stdout) == (9, "written\n"), died.stderr
    assert row(any_database, acme)["name"] == "Acme"
    counts = [_count(any_database, table) for table in (TABLES["companies"], journal, change_sets, search_documents)]
    assert counts == [1, 1, 1, 1]
    update(any_database, admin, acme, name="Next writer")
    if any_database.is_sqlite:
        with any_database.read() as connection:
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_a_failure_in_the_middle_of_writing_rolls_everything_back(
    database: Database, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.crm.changes import index

    def fail(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(index, "write", fail)
    with pytest.raises(RuntimeError):
        create(database, admin, "companies", name="Acme", tags=["x"])
    assert [_count(database, table) for table in (TABLES["companies"], journal, change_sets)] == [0, 0, 0]
