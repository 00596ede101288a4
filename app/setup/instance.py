"""An instance, made where it is missing: folder, secret, database. In a linked worktree it starts as a snapshot."""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from app import migrations
from app.setup import worktree
from app.shared import instance
from app.shared.config import ROOT, Settings
from app.shared.db import Database, sqlite_module

Say = Callable[[str], None]


def open_database(settings: Settings, *, empty: bool = False, say: Say = print) -> Database:
    """The instance's database, migrated; everything that it needs is made. Safe beside others who do the same."""
    instance.create(settings)
    path = Path(settings.database.database or "")
    with _alone(settings.instance):
        if not empty:
            _snapshot_of_main(settings, say)
        if settings.database.get_backend_name() == "sqlite" and not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # SQLite's own would be readable by others
        database = Database(settings.database)
        try:
            migrations.upgrade(database)
        except BaseException:
            database.close()
            raise
    return database


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time sets an instance up."""
    descriptor = os.open(folder / "setup.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _snapshot_of_main(settings: Settings, say: Say) -> None:
    """Start a linked worktree's own new instance with what the main checkout's holds now."""
    main = worktree.main_checkout(ROOT)
    target = settings.instance / "crm.db"
    if main is None or settings.instance != ROOT / "instance" or target.exists() or not _is_own_file(settings, target):
        return
    source = main / "instance" / "crm.db"
    if source.exists():
        snapshot(source, target)
        say(f"This worktree starts with a snapshot of the records in {main}. (--empty starts with none.)")


def _is_own_file(settings: Settings, target: Path) -> bool:
    return settings.database.get_backend_name() == "sqlite" and settings.database.database == str(target)


def snapshot(source: Path, target: Path) -> None:
    """Copy a SQLite database as one consistent state, also while others write to it.

    What follows the journal starts anew in the copy: its index is not copied, it is built again.
    """
    driver = sqlite_module()
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    try:
        with (
            closing(driver.connect(f"file:{source}?mode=ro", uri=True, timeout=30)) as old,
            closing(driver.connect(temporary)) as new,
        ):
            old.backup(new)
            _forget_followers(new)
        temporary.chmod(0o600)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _forget_followers(copy: sqlite3.Connection) -> None:
    known = copy.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'consumers'").fetchone()
    if known:
        copy.execute("DELETE FROM consumers")
        copy.commit()
