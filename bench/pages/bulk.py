"""What a bulk change of a list costs, from the page's requests to the undo.

    .venv/bin/python -m bench.pages.bulk [--postgres] [--size 10000]

- preview: what the dialog waits for, `POST /deals/bulk` up to its answer, without the network.
- run: the change set of the whole selection, as its job makes it; others wait for the write lock as long.
- undo: `POST /changes/<id>/undo` of it.

Each of two works: one that writes a field (ids are enough to plan it), and one that adds a tag (every record's tags are
read first). Memory is the most that this process held during a step, beyond what it held before.
"""

import argparse
from collections.abc import Callable
from typing import Any

from app.crm import catalog, changes
from app.crm.bulk import runs, selection
from app.crm.bulk.work import Work, preview
from app.shared.contract import SYSTEM, ChangeSet, Operation, Principal
from app.shared.db import Database
from bench.doors.measuring import new_database, timed
from tests.conftest import add_user

WORKS = {"a field": Work("update", {"probability": 42}), "a tag": Work("update", add=("chosen",))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--size", type=int, default=10_000)
    given = parser.parse_args()
    with new_database(postgres=given.postgres) as database:
        anna = add_user(database, "Anna", "admin", "anna@example.com")
        made = (
            Operation.model_construct(
                action="create", object="deals", values={"name": f"Deal {place}", "amount": place}
            )
            for place in range(given.size)
        )
        changes.apply(database, SYSTEM, ChangeSet.model_construct(title="", operations=tuple(made)))
        for name, work in WORKS.items():
            measure(database, anna, name, work)


def measure(database: Database, anna: Principal, name: str, work: Work) -> None:
    everything = selection.read("deals", "", [], is_all=True)

    def look() -> Any:
        with database.read() as connection:
            return preview(connection, anna, everything, work, catalog.load(connection)["deals"])

    def run() -> int:
        found = runs.read(database, anna, runs.start(database, anna, everything, work, patience=600))
        return int(found["report"]["change_set"])

    seen = told(f"preview of {name}", look)
    change_set = told(f"run of {name}", run)
    told(f"undo of {name}", lambda: changes.undo(database, anna, change_set))
    print(f"{'':<24} {seen.changing:,} of {seen.found:,} records")


def told(name: str, step: Callable[[], Any]) -> Any:
    with timed() as spent:
        found = step()
    print(f"{name:<24} {spent.seconds:7.2f} s   {spent.peak - spent.before:+6.0f} MB at most", flush=True)
    return found


if __name__ == "__main__":
    main()
