"""The bytes of files: one file on disk for each content, named by its SHA-256, in the instance's folder.

A content is put in place in the transaction that makes its record, and removed once the last record that had it has
been deleted for good. Both happen under the one write lock, so neither can overtake the other.
"""

import errno
import hashlib
import os
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy import Connection, delete, exists, func, insert, select

from app.crm import changes
from app.crm.changes.apply import apply_within
from app.crm.files.kinds import Kind
from app.crm.schema import TABLES, file_contents
from app.crm.schema import changes as journal
from app.shared.contract import ChangeSet, Principal, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import ParleyError
from app.shared.types import utc_now

log = structlog.get_logger(__name__)
LEFT_BEHIND = 24 * 3600  # seconds after which an unfinished upload is nobody's any more
_HEAD = 4096


class NoRoom(ParleyError):
    status = 507
    title = "The disk is full"


@contextmanager
def _on_disk() -> Iterator[None]:
    """A full disk, said in words."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoRoom("The server's disk is full. Nothing of this upload was kept; tell an admin.") from error
        raise


class Incoming:
    """A file on its way in: on disk and hashed as it comes. Whatever isn't kept is gone when it is discarded."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.size, self.head = name, 0, b""
        self.path = folder / secrets.token_hex(16)
        self._hash = hashlib.sha256()
        with _on_disk():
            self._file = open(self.path, "xb", opener=_private)  # noqa: SIM115 - closed by `finish` or `discard`

    def write(self, piece: bytes) -> None:
        with _on_disk():
            self._file.write(piece)
        self._hash.update(piece)
        self.head += piece[: _HEAD - len(self.head)] if len(self.head) < _HEAD else b""
        self.size += len(piece)

    def finish(self) -> None:
        """Every byte is on the disk from here on."""
        with _on_disk():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def discard(self) -> None:
        with suppress(OSError):  # a full disk can't flush what is left
            self._file.close()
        self.path.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class Received:
    """An upload that has come whole: where it is, what it is, and the text in it."""

    def __init__(self, incoming: Incoming, kind: Kind, text: str) -> None:
        self.incoming, self.kind, self.text = incoming, kind, text

    @property
    def kept(self) -> dict[str, object]:
        """What the record of the file says of its content."""
        found = {"media_type": self.kind.media_type, "size": self.incoming.size, "sha256": self.incoming.sha256}
        return found | {"text": self.text or None}


class Store:
    """The folder of one instance, with what keeps it tidy."""

    def __init__(self, instance: Path, database: Database, limit: int) -> None:
        self.folder, self.database, self.limit = instance / "files", database, limit
        self._woken, self._ending = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    # --- in and out ---------------------------------------------------------------------------------------------------

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    def incoming(self, name: str) -> Incoming:
        with _on_disk():
            self._arrivals.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Incoming(self._arrivals, name)

    @property
    def _arrivals(self) -> Path:
        return self.folder / "incoming"

    def keep(self, principal: Principal, wanted: ChangeSet, received: list[Received]) -> StoredChangeSet:
        """Make the records of some uploads, and put their bytes in place: all of it or nothing."""
        uploads = {number: item.kept for number, item in enumerate(received)}
        try:
            with self.database.write() as connection:
                stored = apply_within(connection, principal, wanted, uploads=uploads)
                for item in received:
                    self._place(connection, item.incoming)
        except BaseException:
            self._withdraw({item.incoming.sha256 for item in received})
            raise
        changes.announce(stored.id)
        return stored

    def _place(self, connection: Connection, incoming: Incoming) -> None:
        sha256, target = incoming.sha256, self.path(incoming.sha256)
        known = select(file_contents.c.sha256).where(file_contents.c.sha256 == sha256)
        if connection.scalar(known) is None:
            row = {"sha256": sha256, "size": incoming.size, "created_at": utc_now()}
            connection.execute(insert(file_contents).values(row))
        with _on_disk():
            target.parent.mkdir(exist_ok=True, mode=0o700)
            os.replace(incoming.path, target)
            _sync(target.parent)

    def _withdraw(self, placed: Iterable[str]) -> None:
        """Bytes whose record was not made after all, unless another record has the same."""
        with self.database.write() as connection:
            for sha256 in placed:
                if connection.scalar(select(file_contents.c.size).where(file_contents.c.sha256 == sha256)) is None:
                    self.path(sha256).unlink(missing_ok=True)

    # --- tidying ------------------------------------------------------------------------------------------------------

    def tidy(self) -> int:
        """Remove the bytes that no record has any more, living or in the trash; how many contents there were."""
        files = TABLES["files"]
        used = exists().where(files.c.sha256 == file_contents.c.sha256)
        with self.database.write() as connection:
            gone = list(connection.execute(select(file_contents.c.sha256).where(~used)).scalars())
            for sha256 in gone:
                self.path(sha256).unlink(missing_ok=True)
                connection.execute(delete(file_contents).where(file_contents.c.sha256 == sha256))
        return len(gone)

    def sweep(self) -> None:
        """Remove what uploads left behind that no server could end."""
        for path in self._arrivals.glob("*") if self._arrivals.is_dir() else ():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - LEFT_BEHIND:
                    path.unlink()

    def start(self) -> None:
        """Tidy up now, and after each deletion for good."""
        self._stop_listening = changes.subscribe(lambda _change_set: self._woken.set())
        self._thread = threading.Thread(target=self._run, name="files", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop_listening()
        self._ending.set()
        self._woken.set()
        if self._thread:
            self._thread.join(timeout=3)

    def _run(self) -> None:
        position = 0
        self.sweep()
        while not self._ending.is_set():
            self._woken.clear()
            try:
                position = self._follow(position)
            except Exception:
                log.exception("The bytes of deleted files could not be removed; the next change tries again")
            self._woken.wait()

    def _follow(self, position: int) -> int:
        """Tidy up where the journal tells of files deleted for good since this position; at the start in any case."""
        with self.database.read() as connection:
            end = changes.journal_end(connection)
            purged = select(journal.c.seq).where(journal.c.seq > position, journal.c.seq <= end)
            purged = purged.where(journal.c.object == "files", journal.c.action == "purge").limit(1)
            due = position == 0 or connection.scalar(purged) is not None
        if due:
            self.tidy()
        return end


def _sync(folder: Path) -> None:
    """The name of a file lasts once its folder is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def held(connection: Connection) -> tuple[int, int]:
    """(how many contents, bytes of them all)."""
    row = connection.execute(select(func.count(), func.coalesce(func.sum(file_contents.c.size), 0))).one()
    return int(row[0]), int(row[1])
