"""The Query door over many deals: what a page costs as the list grows, and groups against hand-written SQL.

    .venv/bin/python -m bench.doors.reading [--rows 1000 100000 1000000] [--rounds 15] [--dir FOLDER] [--postgres]
                                            [--mixed] [--only pages,groups,timeline]

- pages: the default list with its relations, sorted, filtered, deep inside; the goal is a first page among 1,000,000
  deals within 1.5 times that among 1,000, and no cost that grows with the page's number. `cold` forgets the totals that
  the door remembers before each turn, `warm` doesn't.
- groups: the door's answer beside the SQL that one would write by hand for it: labels, order, totals and the living
  records alone; the goal is within 1.3 times.
- timeline: the last 50 changes of a record with a long past.

Databases are kept in `--dir` for the next run (SQLite alone); without it they are made in a temporary folder.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.crm import changes, query
from app.shared.contract import Page, Principal, Query
from app.shared.db import Database
from bench.doors import deals, sql
from bench.doors.measuring import interleaved, new_database

COLUMNS = "name,company,stage,amount,close_date,owner"  # as the list page asks for
PAGES = {
    "default": "",
    "by amount": "sort=-amount",
    "by name": "sort=name",
    "of an owner": "owner=3",
    "won": "stage=won",
    "open": "stage=open",
    "of a company": "company=7",
    "large ones": "amount__gt=40000",
}
DEEP = {"default": "", "by amount": "sort=-amount", "of an owner": "owner=3"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--dir", type=Path)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--mixed", action="store_true", help="amounts in three currencies instead of one")
    parser.add_argument("--only", default="pages,groups,timeline")
    given = parser.parse_args()
    parts: dict[str, Callable[[dict[int, Database], int], None]] = {
        "pages": pages, "groups": groups, "timeline": timeline,
    }  # fmt: skip
    with databases(given) as found:
        for name in given.only.split(","):
            parts[name](found, given.rounds)


@contextmanager
def databases(given: argparse.Namespace) -> Iterator[dict[int, Database]]:
    """One for each number of rows, smallest first."""
    with ExitStack() as stack:
        folder = given.dir or Path(tempfile.mkdtemp(prefix="parley-bench-"))
        folder.mkdir(parents=True, exist_ok=True)
        if given.dir is None:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield {count: _database(stack, folder, count, given) for count in sorted(given.rows)}


def _database(stack: ExitStack, folder: Path, count: int, given: argparse.Namespace) -> Database:
    if not given.postgres:
        database = deals.opened(folder, count, mixed=given.mixed)
        stack.callback(database.close)
        return database
    made = stack.enter_context(new_database(postgres=True))
    deals.fill(made, count, mixed=given.mixed)
    return made


def _row(name: str, figures: Sequence[str]) -> None:
    print(f"{name:<34}" + "".join(f"{figure:>16}" for figure in figures), flush=True)


def _ask(params: str, **more: Any) -> Query:
    pairs = [tuple(item.split("=", 1)) for item in params.split("&") if item]
    return query.from_params("deals", pairs).model_copy(update=more)  # type: ignore[arg-type]


def _run(database: Database, who: Principal, asked: Query) -> Callable[[], Any]:
    def work() -> Any:
        with database.read() as connection:
            return query.run(connection, who, asked)

    return work


# --- pages -----------------------------------------------------------------------------------------------------------


def pages(found: dict[int, Database], rounds: int) -> None:
    """First pages beside each other, then pages deep inside beside the first."""
    counts = list(found)
    _row("first page, ms", [f"{count:,} rows" for count in counts] + ["warm x first", "cold x first"])
    for name, params in PAGES.items():
        asked = _ask(params, columns=tuple(COLUMNS.split(",")))
        warm = {str(count): _run(database, deals.reader(database), asked) for count, database in found.items()}
        cold = {f"{count} cold": _forgetting(work) for count, work in warm.items()}
        times = interleaved(warm, rounds * 3) | interleaved(cold, rounds)
        last, first = times[str(counts[-1])], times[str(counts[0])]
        figures = [f"{times[str(count)] * 1000:.2f}" for count in counts]
        _row(f"  {name}", [*figures, f"{last / first:.2f}", f"{times[f'{counts[-1]} cold'] / first:.2f}"])
    _deep(found[counts[-1]], rounds)


def _forgetting(work: Callable[[], Any]) -> Callable[[], Any]:
    from app.crm.query import totals

    def forgetful() -> Any:
        totals.forget()
        return work()

    return forgetful


def _deep(database: Database, rounds: int) -> None:
    """The tenth page and the two-hundredth, beside the first."""
    who = deals.reader(database)
    _row("deep pages, ms", ["first", "10th", "200th", "200th x first"])
    for name, params in DEEP.items():
        asked = _ask(params, columns=tuple(COLUMNS.split(",")))
        cursors = _cursors(database, who, asked, (9, 199))
        works = {"first": _run(database, who, asked)}
        works |= {key: _run(database, who, asked.model_copy(update={"cursor": at})) for key, at in cursors.items()}
        times = list(interleaved(works, rounds * 3).values())
        _row(f"  {name}", [*(f"{time * 1000:.2f}" for time in times), f"{times[-1] / times[0]:.2f}"])


def _cursors(database: Database, who: Principal, asked: Query, places: Sequence[int]) -> dict[str, str]:
    found: dict[str, str] = {}
    cursor: str | None = None
    for place in range(1, places[-1] + 1):
        page = _run(database, who, asked.model_copy(update={"cursor": cursor, "columns": ("id",)}))()
        assert isinstance(page, Page)
        cursor = page.next_cursor
        if cursor is None:
            break
        if place in places:
            found[str(place + 1)] = cursor
    return found


# --- groups ----------------------------------------------------------------------------------------------------------


def groups(found: dict[int, Database], rounds: int) -> None:
    """Each grouped query beside its SQL, on the same file; first whether both say the same."""
    for count, database in found.items():
        who = deals.reader(database)
        turns = rounds if count < 500_000 else max(5, rounds // 3)
        _row(f"groups of {count:,} deals, ms", ["door", "by hand", "x by hand", "statements"])
        for name, (params, limit, statements) in sql.GROUPS.items():
            asked = _ask(params, limit=limit)
            by_hand = _by_hand(database, statements)
            _same(name, _run(database, who, asked)(), by_hand())
            times = interleaved({"door": _run(database, who, asked), "hand": by_hand}, turns)
            milliseconds = [f"{times[key] * 1000:.2f}" for key in ("door", "hand")]
            _row(f"  {name}", [*milliseconds, f"{times['door'] / times['hand']:.2f}", str(len(statements))])


def _by_hand(database: Database, statements: Sequence[str]) -> Callable[[], Any]:
    def work() -> Any:
        with database.read() as connection:
            return [connection.execute(text(statement)).all() for statement in statements]

    return work


def _same(name: str, answer: Any, by_hand: Any) -> None:
    """As many groups, in the same order by the first figure, and the same count in all."""
    mine = [row.measures[0] for row in answer.rows]
    theirs = [row.n for row in by_hand[0]]
    if mine != theirs:
        raise SystemExit(f"{name}: the door says {mine[:5]}, the SQL by hand {theirs[:5]}")


# --- timeline --------------------------------------------------------------------------------------------------------


def timeline(found: dict[int, Database], rounds: int) -> None:
    """The last changes of a record with 101 of them."""
    works = {str(count): _history(database, deals.reader(database)) for count, database in found.items()}
    times = interleaved(works, rounds * 3)
    counts = list(found)
    _row("timeline, ms", [f"{count:,} rows" for count in counts] + ["last x first"])
    figures = [f"{times[str(count)] * 1000:.2f}" for count in counts]
    _row("  50 changes", [*figures, f"{times[str(counts[-1])] / times[str(counts[0])]:.2f}"])


def _history(database: Database, who: Principal) -> Callable[[], Any]:
    def work() -> Any:
        with database.read() as connection:
            return changes.history(connection, who, "deals", 1)

    return work


if __name__ == "__main__":
    main()
