"""python -m bench.assistant.speed: exact answers at 100,000 deals and 100,000 names, beside the bare SQL of the same.

Each question is asked as the assistant is asked (the lexicon brought up to date, read, computed, put in words), in
turns with the SQL that gives its figures and rows alone: the ratio within one run is what counts. Then: how long the
lexicon takes to build, and to follow one change of a name. `--folder DIR` keeps the database for the next run.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import func, insert, select, text

from app.chatbot.exact import answer
from app.chatbot.types import Context
from app.chatbot.understanding import lexicons
from app.crm.port import Crm
from app.crm.schema import TABLES
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database
from app.shared.types import utc_now
from bench.assistant.run import Listener
from bench.doors import deals
from bench.doors.measuring import resident

DEALS = PEOPLE = 100_000
TODAY = date(2025, 3, 15)
_LIVING = "d.trashed_at IS NULL"
_WON = f"FROM deals d JOIN stages s ON s.id = d.stage_id WHERE {_LIVING} AND s.kind = 'won'"
_PERIOD = "AND d.close_date BETWEEN '2024-01-01' AND '2024-12-31'"
_COMPANY = "AND d.company_id = (SELECT id FROM companies WHERE name_key = 'company 7919')"
_PERSON = "'first{0} last{0}'"
# the question, and the SQL of its figures and of the first rows that an answer shows
QUESTIONS: dict[str, tuple[str, ...]] = {
    "how many deals did we win in 2024?": (f"SELECT count(*) {_WON} {_PERIOD}",
                                           f"SELECT d.* {_WON} {_PERIOD} ORDER BY d.id DESC LIMIT 50"),
    "total won amount": (f"SELECT sum(d.amount) {_WON}", f"SELECT count(*) {_WON}", f"SELECT d.* {_WON} LIMIT 50"),
    "won amount by owner": (f"SELECT d.owner_id, sum(d.amount), min(d.currency_key) {_WON} GROUP BY d.owner_id",
                            f"SELECT sum(d.amount) {_WON}"),
    "deals by stage": (f"SELECT d.stage_id, count(*) FROM deals d WHERE {_LIVING} GROUP BY d.stage_id",),
    "open deals of Company 7919": (f"SELECT count(*) FROM deals d WHERE {_LIVING} {_COMPANY}",
                                   f"SELECT d.* FROM deals d WHERE {_LIVING} {_COMPANY}"),
    "how many deals does compny 7919 have": (f"SELECT count(*) FROM deals d WHERE {_LIVING} {_COMPANY}",),
    "what is the email of First4711 Last4711": (
        f"SELECT * FROM people WHERE name_key = {_PERSON.format(4711)}",),
    "win rate by owner in 2024": (
        f"SELECT d.owner_id, s.kind, count(*) FROM deals d JOIN stages s ON s.id = d.stage_id "
        f"WHERE {_LIVING} {_PERIOD} GROUP BY d.owner_id, s.kind",),
    "how much is Deal 7919 renewal worth": ("SELECT * FROM deals WHERE name_key = 'deal 7919 renewal'",),
    "how many unicorns did we win": ("SELECT 1",),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with _database(given.folder) as database:
        who, port = deals.reader(database), Crm(database)
        _lexicon(port, who)
        times = {question: _times(port, who, question, sql, given.rounds) for question, sql in QUESTIONS.items()}
        _changes(port, who)
    _report(times)


@contextmanager
def _database(folder: Path | None) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as scratch:
        database = deals.opened(folder or Path(scratch), DEALS)
        _people(database)
        try:
            yield database
        finally:
            database.close()


def _people(database: Database) -> None:
    """As many names again, each of its own."""
    table = TABLES["people"]
    with database.write() as connection:
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            return
        now = utc_now()
        rows = [{"id": n, "name": f"First{n} Last{n}", "name_key": f"first{n} last{n}", "email": f"p{n}@example.com",
                 "email_key": f"p{n}@example.com", "company_id": n % 5000 + 1, "created_at": now, "updated_at": now,
                 "custom": {}} for n in range(1, PEOPLE + 1)]  # fmt: skip
        connection.execute(insert(table), rows)


def _lexicon(port: Crm, who: Principal) -> None:
    before, started = resident(), time.perf_counter()
    lexicons(port).get(port, who)
    print(f"lexicon of {DEALS // deals.PER_COMPANY + PEOPLE:,} names: built in {time.perf_counter() - started:.2f} s, "
          f"{resident() - before:.0f} MB")  # fmt: skip


def _times(
    port: Crm, who: Principal, question: str, sql: tuple[str, ...], rounds: int
) -> tuple[list[float], list[float]]:
    works: tuple[Callable[[], object], Callable[[], object]] = (
        lambda: answer(port, Listener(port, who), who, question, Context(), on=TODAY),
        lambda: _bare(port.database, sql),
    )
    found: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for work, times in zip(works, found, strict=True):
            started = time.perf_counter()
            work()
            if turn:
                times.append(time.perf_counter() - started)
    return found


def _bare(database: Database, sql: tuple[str, ...]) -> None:
    with database.read() as connection:
        for statement in sql:
            connection.execute(text(statement)).all()


def _changes(port: Crm, who: Principal) -> None:
    """A name changes: the next question knows it."""
    times = []
    for number in range(1, 6):
        rows = (Operation(action="update", object="people", id=number, values={"name": f"Renamed Number{number}"}),)
        port.apply(who, ChangeSet(title="Renamed", operations=rows))
        started = time.perf_counter()
        lexicons(port).get(port, who)
        times.append(time.perf_counter() - started)
    print(f"a changed name is followed in {statistics.median(times) * 1000:.1f} ms")


def _report(times: dict[str, tuple[list[float], list[float]]]) -> None:
    print(f"{'question':<44}{'p50':>8}{'p95':>8}{'SQL p50':>9}{'ratio':>7}   (ms)")
    for question, (asked, bare) in times.items():
        middle, alone = statistics.median(asked) * 1000, statistics.median(bare) * 1000
        print(f"{question:<44}{middle:>8.1f}{_p95(asked):>8.1f}{alone:>9.1f}{middle / alone:>7.1f}")
    every = [one for asked, _ in times.values() for one in asked]
    print(f"{'all':<44}{statistics.median(every) * 1000:>8.1f}{_p95(every):>8.1f}")


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000


if __name__ == "__main__":
    main()
