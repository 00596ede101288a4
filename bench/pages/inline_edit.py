"""Input to paint of inline edits, measured in Chromium, over a list of 100,000 deals.

    .venv/bin/python -m bench.pages.inline_edit [--rows 100000] [--edits 30]

Opening: from the key that opens the editor to the frame that shows it. Saving: from Enter to the frame that shows the
new value, which is painted before the server answers. Confirming: until the server's own value stands there. Turning a
page: from the click to the first row of the next page. Milliseconds, p50 and p95. The aim is 100 ms to the paint.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.engine import make_url

from app import migrations
from app.crm.accounts import sessions
from app.crm.port import Crm
from app.crm.schema import TABLES
from app.shared.db import Database, text_key
from tests.conftest import add_user
from tests.pages.browsing import Site, chromium
from tests.pages.site import Maker, fill
from tests.processes import start_server

AIM = 100
ROWS = 40  # of the page, edited in turn
HAND = 150  # milliseconds until the next key: as long as a hand takes
BATCH = 5_000
# Notes, for each key that is pressed, when the next frame after what it waits for has been painted.
WATCH = """() => {
  window.paints = {};
  const frame = (done) => requestAnimationFrame(() => setTimeout(done));
  const wait = (name, since, ready) => { if (ready()) frame(() => { window.paints[name] = performance.now() - since; });
    else requestAnimationFrame(() => wait(name, since, ready)); };
  addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    const since = event.timeStamp, open = document.querySelector('.editor-box');
    window.paints = {};
    if (!open) { wait('open', since, () => document.querySelector('.editor-box :focus')); return; }
    const cell = open.closest('td'), typed = open.querySelector('input:not([type=hidden])').value;
    const there = () => document.querySelector(`tr[data-id="${cell.parentElement.dataset.id}"] [data-field=name]`);
    wait('save', since, () => there()?.textContent.includes(typed) && !document.querySelector('.editor-box'));
    wait('confirm', since, () => there()?.textContent.includes(typed) && !document.querySelector('[aria-busy=true]'));
  }, true);
}"""


def fill_deals(database: Database, rows: int) -> None:
    """Deals beyond the first few, straight into the table: the making of them isn't measured."""
    deals = TABLES["deals"]
    with database.write() as connection:
        first = dict(connection.execute(deals.select().limit(1)).mappings().one())
        for start in range(0, rows, BATCH):
            batch = (_deal(first, start + index) for index in range(min(BATCH, rows - start)))
            connection.execute(insert(deals), list(batch))


def _deal(like: dict[str, Any], number: int) -> dict[str, Any]:
    name = f"Bench {number:06}"
    return like | {"id": 1_000_000 + number, "name": name, "name_key": text_key(name), "amount": 100 * number}


@contextmanager
def served(rows: int) -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
        migrations.upgrade(database)
        admin = add_user(database, "Anna Reyes", "admin", "anna@example.com")
        ids = fill(Maker(Crm(database), admin))
        fill_deals(database, rows)
        with database.write() as connection:
            secret = sessions.start(connection, admin.user_id or 0)
        database.close()
        server = start_server(folder)
        try:
            yield Site(server.url, secret, ids)
        finally:
            server.end()
            shutil.rmtree(folder, ignore_errors=True)


def edits(page: Any, count: int) -> dict[str, list[float]]:
    """Rename the first rows one after the other, by the keyboard."""
    found: dict[str, list[float]] = {"save": [], "confirm": []}
    page.goto("/deals?sort=-amount")
    page.wait_for_selector("table[role=grid]")
    page.evaluate(WATCH)
    for number in range(count):
        page.locator("tbody tr").nth(number % ROWS).locator("a.open").focus()
        page.wait_for_timeout(HAND)
        page.keyboard.press("F2")
        page.wait_for_selector(".editor-box :focus")
        page.keyboard.type(f"Bench edited {number:04}")
        page.keyboard.press("Enter")
        page.wait_for_function("window.paints.confirm !== undefined")
        for name, value in page.evaluate("window.paints").items():
            found[name].append(value)
    return found


def opened(page: Any, count: int) -> list[float]:
    """Open and leave the editor of an amount."""
    found = []
    for number in range(count):
        page.locator("tbody tr").nth(number % ROWS).locator("[data-field=amount]").focus()
        page.wait_for_timeout(HAND)
        page.keyboard.press("Enter")
        page.wait_for_function("window.paints.open !== undefined")
        found.append(page.evaluate("window.paints.open"))
        page.keyboard.press("Escape")
    return found


def pages(page: Any, count: int) -> list[float]:
    """Go on through the list; each time until the next page's first row is painted."""
    found = []
    for _ in range(count):
        page.locator("a[rel=next]").click()
        page.wait_for_load_state("load")
        entry = "performance.getEntriesByType('paint').find((one) => one.name === 'first-contentful-paint').startTime"
        page.wait_for_function(f"performance.getEntriesByType('paint').length && {entry} > 0")
        found.append(page.evaluate(entry))
    return found


def told(name: str, values: Sequence[float]) -> str:
    ranked = sorted(values)
    p95 = ranked[min(len(ranked) - 1, round(0.95 * (len(ranked) - 1)))]
    return f"{name:<10} n={len(ranked):<4} p50 {statistics.median(ranked):7.1f}  p95 {p95:7.1f}  max {ranked[-1]:7.1f}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--edits", type=int, default=30)
    asked = options.parse_args()
    with served(asked.rows) as site, chromium() as browser:
        page = site.context(browser, bypass_csp=True).new_page()
        found = edits(page, asked.edits)
        found["open"] = opened(page, asked.edits)
        found["page"] = pages(page, 10)
        for name, values in found.items():
            print(told(name, values))
        print(f"aim: open and save under {AIM} ms at p95")


if __name__ == "__main__":
    main()
