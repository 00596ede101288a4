"""The Change door against the same rows written by hand through SQLAlchemy Core, on the same kind of file.

    .venv/bin/python -m bench.doors.writing [--postgres] [--size 100000] [--rounds 300] [--only single,bulk,timeline]

- single: one record's update and create through the door, against that row's UPDATE or INSERT and commit with
  `synchronous=FULL`. Goal: within 3x, one commit and a fixed number of statements.
- bulk: a set of `--size` new deals (stage, amount) and people (e-mail, phone), all linked, some with tags and a text,
  it writes (records, journal, change set, tags, search documents with their index). Goal: within 4x. Then its undo, the
  undo of that, one update of all as a set, and its undo; every restoration is compared table by table.
- timeline: the history of a record with 10 changes, and with 10,000.

Memory is this process's: what it held before a step, and the most that it held during it.
"""

import argparse
import hashlib
import random
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update

from app.crm import changes
from app.crm.schema import TABLES, change_sets, search_documents, taggings, tags
from app.crm.schema import changes as journal
from app.shared.contract import SYSTEM, ChangeSet, Operation, StoredChangeSet
from app.shared.db import Database
from app.shared.types import utc_now
from bench.doors.measuring import counted, interleaved, new_database, timed

COMPANIES = 1_000
STAGES = ("lead", "qualified", "proposal", "negotiation", "won", "lost")
WORDS = "renewal pilot migration rollout licence support training audit upgrade integration".split()
TAGS = ("priority", "partner", "renewal", "at risk")
COMPANY, PERSON, DEAL = TABLES["companies"], TABLES["people"], TABLES["deals"]
WRITTEN = (tags, PERSON, DEAL, taggings, change_sets, journal, search_documents)  # in the order of their links
COMPARED = (PERSON, DEAL, taggings, search_documents)
KEPT_BY_THE_PROGRAM = {"version", "updated_at", "seq"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--only", default="single,bulk,timeline")
    given = parser.parse_args()
    for name in given.only.split(","):
        with new_database(postgres=given.postgres) as database:
            {"single": single, "bulk": bulk, "timeline": timeline}[name](database, given)


def report(name: str, **figures: float | int | str) -> None:
    shown = [f"{key} {value:,.4g}" if isinstance(value, float) else f"{key} {value}" for key, value in figures.items()]
    print(f"{name:<28} {'   '.join(shown)}", flush=True)


# --- one record ------------------------------------------------------------------------------------------------------


def single(database: Database, given: argparse.Namespace) -> None:
    """One commit each: the door's update and create beside the plain statements of their rows."""
    numbers = iter(range(10**9))
    first = apply(database, _new("companies", name="Acme", city="Ulm")).records[0].id

    def door_update() -> None:
        apply(database, Operation(action="update", object="companies", id=first, values={"city": f"C{next(numbers)}"}))

    def door_create() -> None:
        apply(database, _new("companies", name=f"C{next(numbers)}", city="Ulm"))

    def plain_update() -> None:
        city = f"C{next(numbers)}"
        values = {"city": city, "city_key": city.casefold(), "updated_at": utc_now(), "version": COMPANY.c.version + 1}
        with database.write() as connection:
            connection.execute(update(COMPANY).where(COMPANY.c.id == first).values(values))

    def plain_create() -> None:
        name, now = f"C{next(numbers)}", utc_now()
        values = {"name": name, "name_key": name.casefold(), "city": "Ulm", "city_key": "ulm"}
        with database.write() as connection:
            connection.execute(insert(COMPANY).values(created_at=now, updated_at=now, version=1, custom={}, **values))

    for name, door, plain in (("update", door_update, plain_update), ("create", door_create, plain_create)):
        found = interleaved({"door": door, "plain": plain}, given.rounds)
        with counted(database) as seen:
            door()
        milliseconds = {f"{key}_ms": value * 1000 for key, value in found.items()}
        report(f"single {name}", **milliseconds, ratio=found["door"] / found["plain"], statements=len(seen))


def _new(object: str, **values: Any) -> Operation:
    return Operation(action="create", object=object, values=values)


def apply(database: Database, *operations: Operation, title: str = "") -> StoredChangeSet:
    return changes.apply(database, SYSTEM, ChangeSet(title=title, operations=operations))


# --- many records ----------------------------------------------------------------------------------------------------


def bulk(database: Database, given: argparse.Namespace) -> None:
    """A large set, what its rows cost alone, and the ways back."""
    apply(database, *(_new("companies", name=f"Company {n}") for n in range(COMPANIES)))
    before = newest(database)
    with timed() as spent:
        operations = tuple(new_records(given.size))
    report(f"{given.size:,} operations", s=spent.seconds, before_mb=spent.before, peak_mb=spent.peak)
    made, door = _step(database, "create", given.size, lambda: apply(database, *operations, title="Many").id)
    operations = ()
    report("executemany of its rows", **_plain(database, given, before, door))
    after = digest(database)
    undone, _ = _step(database, "undo of the creates", given.size, lambda: changes.undo(database, SYSTEM, made).id)
    _step(database, "undo of the undo", given.size, lambda: changes.undo(database, SYSTEM, undone))
    print("  all as after the creates:", digest(database) == after)
    many = tuple(_edits_of_all(database))
    edited, _ = _step(database, "update of all", given.size, lambda: apply(database, *many).id)
    many = ()
    _step(database, "undo of the update", given.size, lambda: changes.undo(database, SYSTEM, edited))
    print("  all as before the update:", digest(database) == after)


def _step(database: Database, name: str, size: int, work: Callable[[], Any]) -> tuple[Any, float]:
    with counted(database) as seen, timed() as spent:
        found = work()
    memory = {"before_mb": spent.before, "peak_mb": spent.peak, "kb_each": (spent.peak - spent.before) * 1024 / size}
    report(name, s=spent.seconds, statements=len(seen), **memory)
    return found, spent.seconds


def _plain(
    database: Database, given: argparse.Namespace, before: dict[Table, int], door: float
) -> dict[str, float | int | str]:
    """The same rows into a database of their own, by `executemany` and one commit."""
    with database.read() as connection:
        rows = {table: written(connection, table, before[table]) for table in WRITTEN}
    with new_database(postgres=given.postgres) as other:
        apply(other, *(_new("companies", name=f"Company {n}") for n in range(COMPANIES)))
        with timed() as spent, other.write() as connection:
            for table, found in rows.items():
                connection.execute(insert(table), found)
    return {"s": spent.seconds, "ratio": door / spent.seconds, "rows": sum(map(len, rows.values()))}


def _edits_of_all(database: Database) -> Iterator[Operation]:
    values = {"deals": {"amount": 5, "probability": 15, "lost_reason": "none yet"}, "people": {"city": "Ulm"}}
    with database.read() as connection:
        for object, given in values.items():
            for id in connection.execute(select(TABLES[object].c.id)).scalars():
                yield Operation(action="update", object=object, id=id, values=given)


def new_records(count: int) -> Iterator[Operation]:
    """Deals and people in turn, as an import would bring them: some with tags, some with a text."""
    pick = random.Random(7)
    for number in range(count):
        object, values = ("people", _person(pick, number)) if number % 2 else ("deals", _deal(pick, number))
        values["company"] = pick.randint(1, COMPANIES)
        if number % 3 == 0:
            values["tags"] = pick.sample(TAGS, k=pick.randint(1, 2))
        if number % 3 == 1:
            values["description"] = " ".join(pick.choices(WORDS, k=25))
        yield _new(object, **values)


def _deal(pick: random.Random, number: int) -> dict[str, Any]:
    return {
        "name": f"Deal {number} {' '.join(pick.choices(WORDS, k=3))}",
        "stage": pick.choice(STAGES),
        "amount": pick.randint(1, 100_000) + 0.5,
        "close_date": f"2024-{pick.randint(1, 12):02}-{pick.randint(1, 28):02}",
    }


def _person(pick: random.Random, number: int) -> dict[str, Any]:
    return {
        "name": f"Person {number}",
        "email": f"person{number}@example.com",
        "phone": f"+1 212 555 {pick.randint(0, 9999):04}",
        "title": pick.choice(WORDS),
        "city": "Springfield",
    }


def _key(table: Table) -> Any:
    return next(iter(table.primary_key.columns)) if table is not taggings else table.c.record_id


def newest(database: Database) -> dict[Table, int]:
    with database.read() as connection:
        return {table: connection.scalar(select(func.max(_key(table)))) or 0 for table in WRITTEN}


def written(connection: Connection, table: Table, after: int) -> list[dict[str, Any]]:
    statement = select(table).where(_key(table) > after)
    return [dict(row) for row in connection.execute(statement).mappings()]


def digest(database: Database) -> str:
    """One hash over all records, tags and searchable texts; what the program keeps by itself is left out."""
    found = hashlib.sha256()
    with database.read() as connection:
        for table in COMPARED:
            columns = [column for column in table.c if column.name not in KEPT_BY_THE_PROGRAM]
            columns = [column for column in columns if table is not search_documents or column.name != "id"]
            order = [c for c in columns if c.name in ("object", "record_id", "tag_id", "id")]
            for row in connection.execute(select(*columns).order_by(*order)):
                found.update(repr(tuple(row)).encode())
    return found.hexdigest()


# --- a timeline ------------------------------------------------------------------------------------------------------


def timeline(database: Database, given: argparse.Namespace) -> None:
    """The newest 50 changes of a record, and a page in the middle, whatever its past."""
    quiet, busy = (apply(database, _new("companies", name=name)).records[0].id for name in ("Quiet", "Busy"))
    for id, count in ((quiet, 10), (busy, 10_000)):
        for start in range(0, count, 1_000):
            numbers = range(start, min(count, start + 1_000))
            edits = (Operation(action="update", object="companies", id=id, values={"city": f"C{n}"}) for n in numbers)
            apply(database, *edits)

    def read(id: int, before: int | None = None) -> None:
        with database.read() as connection:
            changes.history(connection, SYSTEM, "companies", id, 10, before)

    with database.read() as connection:
        middle = connection.scalar(select(func.max(journal.c.seq)).where(journal.c.record_id == busy)) or 0
    works = {"10": lambda: read(quiet), "10000": lambda: read(busy), "middle": lambda: read(busy, middle - 5_000)}
    found = interleaved(works, given.rounds)
    with counted(database) as seen:
        read(busy)
    milliseconds = {f"of_{key}_ms": value * 1000 for key, value in found.items()}
    report("timeline, 10 lines", **milliseconds, ratio=found["10000"] / found["10"], statements=len(seen))


if __name__ == "__main__":
    main()
