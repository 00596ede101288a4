"""Lists as pages, over 1,000 and over 100,000 deals: the figures that count are the ratios within one run.

    .venv/bin/python -m bench.pages.lists [--rows 1000 100000] [--rounds 9] [--dir FOLDER] [--plans]

- first and deep: the first page, and the 200th (of the small list its last), reached by its cursor.
- sorts: by each column of the usual list, in both directions, by two and by three.
- filters, groups, figures at the foot: the usual ones.
- `--plans`: how SQLite goes about each, as EXPLAIN QUERY PLAN says it, where it scans or sorts.

Each page is rendered whole by the CRM half, signed in as an admin. The goal is 1.5 times for what an index serves; what
has to look at all rows once (figures, groups, orders without an index) grows with them, and is told beside its SQL.
"""

import argparse
import re
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.crm.app import create_app
from app.crm.port import Crm
from app.shared import instance
from app.shared.config import load
from app.shared.contract import Principal
from app.shared.db import Database
from bench.doors import deals
from bench.doors.measuring import counted, interleaved

PAGES = {
    "first page": "/deals",
    "100 rows a page": "/deals?size=100",
    "by name": "/deals?sort=name",
    "by company": "/deals?sort=company",
    "by stage": "/deals?sort=stage",
    "by amount": "/deals?sort=amount",
    "by amount, down": "/deals?sort=-amount",
    "by close date": "/deals?sort=-close_date",
    "by owner": "/deals?sort=owner",
    "by stage, amount": "/deals?sort=stage,-amount",
    "by owner, stage, amount": "/deals?sort=owner,stage,-amount",
    "won": "/deals?stage=won",
    "open, of an owner, by amount": "/deals?stage=open&owner=3&sort=-amount",
    "of an industry": "/deals?company.industry=medical",
    "by an industry": "/deals?sort=company.industry&fields=name,company.industry,amount",
    "no figures": "/deals?totals=none",
    "four figures": "/deals?totals=avg:amount,filled:company,max:close_date,empty:owner",
    "grouped by stage": "/deals?group=stage",
    "grouped by owner": "/deals?group=owner&group_order=-sum:amount",
    "grouped by month": "/deals?group=close_date:month",
}
DEEP = 200  # the page
ROWS = 50


class Pages:
    """The pages over one database."""

    def __init__(self, database: Database, folder: Path) -> None:
        settings = load({"PARLEY_OLLAMA_URL": ""}, instance=folder)
        instance.create(settings)
        self.database, self.who = database, deals.reader(database)
        self.client = create_app(settings, database, Crm(database)).test_client()

    def get(self, url: str) -> str:
        scope = {"parley.principal": _page_principal(self.who), "parley.nonce": "n"}
        answer = self.client.get(url, environ_base={"asgi.scope": scope})
        if answer.status_code != 200:
            raise RuntimeError(f"{url}: {answer.status_code}")
        return answer.get_data(as_text=True)

    def deep(self) -> str:
        """The address of the 200th page, or of the last one."""
        url = "/deals?sort=-amount&size=200&totals=none"
        for _page in range(DEEP * ROWS // 200 - 1):
            found = re.search(r'rel="next" href="([^"]*)"', self.get(url))
            if found is None:
                break
            url = unescape(found[1])
        return url.replace("size=200&", "").replace("&size=200", "")


def _page_principal(who: Principal) -> Principal:
    return Principal(who.user_id, who.name, "admin", email=who.email, channel="page")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--dir", type=Path)
    parser.add_argument("--plans", action="store_true", help="print how SQLite goes about each of the largest list")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = given.dir or Path(name)
        sites = {count: Pages(deals.opened(folder, count), Path(name) / str(count)) for count in given.rows}
        compare(sites, given.rounds)
        if given.plans:
            plans(sites[max(sites)])
        for site in sites.values():
            site.database.close()


def compare(sites: dict[int, Pages], rounds: int) -> None:
    """A line for each page: milliseconds over each number of deals, largest in times of smallest, statements."""
    counts = sorted(sites)
    print(f"{'':30}" + "".join(f"{count:>12,}" for count in counts) + f"{'times':>8}{'statements':>12}")
    deep = {count: site.deep() for count, site in sites.items()}
    for name, urls in [*((name, dict.fromkeys(counts, url)) for name, url in PAGES.items()), (f"page {DEEP}", deep)]:
        works: dict[str, Callable[[], object]] = {
            str(count): partial(sites[count].get, urls[count]) for count in counts
        }
        found = interleaved(works, rounds)
        with counted(sites[counts[-1]].database) as seen:
            sites[counts[-1]].get(urls[counts[-1]])
        times = found[str(counts[-1])] / found[str(counts[0])]
        figures = "".join(f"{found[str(count)] * 1000:>12.1f}" for count in counts)
        print(f"{name:30}{figures}{times:>8.2f}{len(seen):>12}", flush=True)


def plans(site: Pages) -> None:
    """The steps that scan a table or sort into a heap, for each page."""
    for name, url in PAGES.items():
        seen: list[tuple[str, Any]] = []

        def note(_conn: object, _cursor: object, sql: str, values: Any, *_rest: object, kept: Any = seen) -> None:
            kept.append((sql, values))

        event.listen(site.database.engine, "before_cursor_execute", note)
        site.get(url)
        event.remove(site.database.engine, "before_cursor_execute", note)
        print(f"\n{name}  {url}")
        for line in dict.fromkeys(_steps(site.database, seen)):
            print("   ", line)


def _steps(database: Database, statements: Sequence[tuple[str, Any]]) -> list[str]:
    found: list[str] = []
    with database.read() as connection:
        for sql, values in statements:
            if sql.startswith("SELECT"):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
                found += [row[-1] for row in rows if "deals" in row[-1] or "TEMP B-TREE" in row[-1]]
    return found


if __name__ == "__main__":
    main()
