"""Linked git worktrees: an instance of their own, which starts as a snapshot of the main checkout's."""

import shutil
import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest

from app import migrations, runtime
from app.setup import instance, worktree
from app.shared.config import ROOT, load
from app.shared.db import Database, sqlite_module
from tests.conftest import add_user
from tests.processes import start_server

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A main checkout of this program with one linked worktree, `linked`."""
    main = tmp_path / "main"
    shutil.copytree(ROOT / "app", main / "app", ignore=shutil.ignore_patterns("__pycache__"))
    git(main, "init", "--quiet")
    git(main, "add", ".")
    git(main, "commit", "--quiet", "-m", "All")
    git(main, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    return main


def filled(folder: Path) -> Database:
    """An instance with one user."""
    settings = load({}, instance=folder)
    database = instance.open_database(settings)
    add_user(database, "Anna", "admin")
    return database


def names(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [row[0] for row in connection.execute("SELECT name FROM users ORDER BY id")]
    connection.close()
    return found


@needs_git
def test_a_linked_worktree_knows_its_main_checkout(checkout: Path) -> None:
    assert worktree.main_checkout(checkout.parent / "linked") == checkout.resolve()
    assert worktree.main_checkout(checkout) is None


def test_a_folder_without_git_has_no_main_checkout(tmp_path: Path) -> None:
    assert worktree.main_checkout(tmp_path) is None
    (tmp_path / ".git").write_text("gitdir: /nowhere/at/all\n")
    assert worktree.main_checkout(tmp_path) is None


def test_a_snapshot_is_whole_while_others_write(tmp_path: Path, database: Database) -> None:
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        count = 0
        while not stop.is_set():
            add_user(database, f"User{count}", "member")
            count += 1
            written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        written.wait(5)
        source = Path(database.url.database or "")
        for number in range(5):
            instance.snapshot(source, tmp_path / f"copy{number}.db")
    finally:
        stop.set()
        writer.join()
    for number in range(5):
        driver = sqlite_module()
        copy = driver.connect(tmp_path / f"copy{number}.db")
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = [row[0] for row in copy.execute("SELECT name FROM users ORDER BY id")]
        copy.close()
        assert found == [f"User{index}" for index in range(len(found))]


def test_a_snapshot_s_index_begins_anew(tmp_path: Path, database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO consumers (name, seq) VALUES ('vectors', 7)")
    instance.snapshot(Path(database.url.database or ""), tmp_path / "copy.db")
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT count(*) FROM consumers").fetchone() == (0,)
    copy.close()


def test_a_failed_snapshot_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is no database at all, whatever its name says" * 100)
    with pytest.raises(sqlite_module().DatabaseError):
        instance.snapshot(tmp_path / "broken.db", tmp_path / "copy.db")
    assert [path.name for path in tmp_path.glob("*copy*")] == []


@needs_git
@pytest.mark.server
def test_a_linked_worktree_starts_with_the_main_checkout_s_records(checkout: Path) -> None:
    database = filled(checkout / "instance")
    linked = checkout.parent / "linked"
    server = start_server(linked / "instance", cwd=linked, environ={"PYTHONPATH": str(linked)})
    try:
        assert names(linked / "instance" / "crm.db") == ["Anna"]
        assert f"snapshot of the records in {checkout}" in server.output
        add_user(database, "Ben", "member")
    finally:
        server.end()
        database.close()
    again = start_server(linked / "instance", cwd=linked)
    again.end()
    assert "snapshot" not in again.output
    assert names(linked / "instance" / "crm.db") == ["Anna"]


@needs_git
@pytest.mark.server
def test_a_linked_worktree_may_start_empty(checkout: Path) -> None:
    filled(checkout / "instance").close()
    linked = checkout.parent / "linked"
    server = start_server(linked / "instance", "--empty", cwd=linked)
    server.end()
    assert names(linked / "instance" / "crm.db") == []
    assert "snapshot" not in server.output


@needs_git
@pytest.mark.server
def test_a_linked_worktree_that_names_the_main_instance_shares_it(checkout: Path) -> None:
    filled(checkout / "instance").close()
    linked = checkout.parent / "linked"
    server = start_server(checkout / "instance", cwd=checkout)
    second = subprocess.run(
        [*server.process.args, "--instance", str(checkout / "instance")],  # type: ignore[misc]
        cwd=linked, env=None, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    server.end()
    assert second.returncode == 3
    assert f"already running at {server.url}" in second.stdout
    assert not (linked / "instance").exists()


def test_a_new_instance_is_for_its_owner_alone(tmp_path: Path) -> None:
    database = instance.open_database(load({}, instance=tmp_path / "new"))
    with database.read() as connection:
        assert migrations.current(connection) == migrations.head()
    database.close()
    assert (tmp_path / "new" / "crm.db").stat().st_mode & 0o077 == 0
    assert runtime.servers(tmp_path / "new") == []
