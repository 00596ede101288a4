"""How soon a change by somebody else is seen: from its commit to its paint, with 50 pages open.

    .venv/bin/python -m bench.pages.live [--records 10000] [--open 50] [--changes 60] [--pause 0.5]

Two pages stand in Chromium, a list and a board; the others are WebSockets as pages hold them. One person changes an
amount, over and over; the commit is when the server has answered. A page's paint is two frames after the text changed.
Printed: the 50th and the 95th percentile in milliseconds, of the news over the sockets and of each page's paint.
"""

import argparse
import asyncio
import json
import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import websockets

from bench.pages.serving import RECORDS, Served, served
from tests.pages.browsing import Site, chromium

_LIMIT = 10.0  # seconds that a change may take to be seen
_WATCH = """() => { window.seen = {}; const look = () => {
    for (const found of document.querySelector("#content").innerText.matchAll(/77,\\d{3},\\d{3}/g)) {
      const text = found[0]; if (window.seen[text]) continue; window.seen[text] = -1;
      requestAnimationFrame(() => requestAnimationFrame(() => { window.seen[text] = Date.now(); })); } };
    const all = {childList: true, subtree: true, characterData: true};
    new MutationObserver(look).observe(document.querySelector("#content"), all); }"""


@dataclass
class Sockets:
    """Pages that only listen: when each change reached each of them, in seconds since the epoch."""

    served: Served
    count: int
    heard: list[tuple[int, float]] = field(default_factory=list)  # (change set, when)
    ready: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        asyncio.run(self._all())

    async def _all(self) -> None:
        tasks = [asyncio.create_task(self._one(number)) for number in range(self.count)]
        await asyncio.sleep(2)
        self.ready.set()
        await asyncio.to_thread(self.over.wait)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, number: int) -> None:
        secret = self.served.sessions[number % len(self.served.sessions)]
        headers = {"Cookie": f"parley_session={secret}", "Origin": self.served.url}
        address = self.served.url.replace("http", "ws", 1) + "/live"
        async with websockets.connect(address, additional_headers=headers, proxy=None) as socket:
            async for text in socket:
                message = json.loads(text)
                for change in message.get("changes", ()):
                    self.heard.append((change["change_set"], time.time()))


def percentiles(name: str, values: Sequence[float], lost: int) -> str:
    if len(values) < 2:
        return f"| {name} | – | – | {len(values)} | {lost} |"
    cuts = statistics.quantiles(values, n=100)
    return f"| {name} | {1000 * cuts[49]:.0f} | {1000 * cuts[94]:.0f} | {len(values)} | {lost} |"


def change(http: httpx.Client, deal: int, number: int) -> tuple[str, int, float]:
    """Give the deal an amount that no other has: its text, the change set, and when it was committed."""
    amount = 77_000_000 + number
    answer = http.patch(f"/api/v1/deals/{deal}", json={"amount": amount})
    answer.raise_for_status()
    at = time.time()
    latest = http.get("/api/v1/changes", params={"sort": "-created_at", "limit": 1}).json()["items"][0]
    return f"{amount:,}", int(latest["id"]), at


def wait(pages: Mapping[str, Any], text: str) -> dict[str, float]:
    """When each page had painted the text, in seconds since the epoch; those that haven't within the limit are out."""
    deadline, found = time.time() + _LIMIT, {}
    while time.time() < deadline and len(found) < len(pages):
        for name, page in pages.items():
            if name not in found and (at := page.evaluate("text => window.seen[text] || 0", text)) > 0:
                found[name] = float(at) / 1000
        time.sleep(0.02)
    return found


def measure(served_: Served, options: argparse.Namespace) -> None:
    sockets = Sockets(served_, options.open - 2)
    thread = threading.Thread(target=sockets.run)
    thread.start()
    sockets.ready.wait()
    site = Site(served_.url, served_.sessions[0], {})
    headers = {"Cookie": f"parley_session={served_.sessions[1]}", "Origin": served_.url}
    painted: dict[str, list[float]] = {"list": [], "board": []}
    lost = dict.fromkeys(painted, 0)
    commits: dict[int, float] = {}
    try:
        with chromium() as browser, httpx.Client(base_url=served_.url, headers=headers, trust_env=False) as http:
            deal = http.get("/api/v1/deals", params={"stage": "lead", "sort": "-amount", "limit": 1}).json()["items"][0]
            pages = {"list": "/deals?stage=lead&sort=-amount", "board": "/deals/board"}
            opened = {name: site.context(browser).new_page() for name in pages}  # windows of their own: none is hidden
            for name, page in opened.items():
                page.goto(pages[name], wait_until="networkidle")
                page.evaluate(_WATCH)
            for number in range(options.changes):
                text, change_set, at = change(http, deal["id"], number)
                commits[change_set] = at
                seen = wait(opened, text)
                for name in opened:
                    lost[name] += name not in seen
                    painted[name] += [max(seen[name] - at, 0)] if name in seen else []
                time.sleep(options.pause)
    finally:
        sockets.over.set()
        thread.join()
    heard = [max(when - commits[change_set], 0) for change_set, when in sockets.heard if change_set in commits]
    print("| from commit to | p50, ms | p95, ms | seen | lost |\n|---|---|---|---|---|")
    print(percentiles(f"{sockets.count} sockets", heard, len(commits) * sockets.count - len(heard)))
    for name, values in painted.items():
        print(percentiles(f"paint of the {name}", values, lost[name]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--open", type=int, default=50)
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--pause", type=float, default=0.5)
    options = parser.parse_args()
    with served(options.records) as served_:
        measure(served_, options)


if __name__ == "__main__":
    main()
