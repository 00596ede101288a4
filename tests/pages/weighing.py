"""What a page costs a browser: the compressed bytes that come over the line, and how much shifts while it loads."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.pages.browsing import WIDE, Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

_WATCH_SHIFTS = """() => { window.shift = 0; window.moved = []; new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) { window.shift += entry.value;
        window.moved.push(...entry.sources.map((one) => one.node?.outerHTML?.slice(0, 80))); }
    }).observe({type: "layout-shift", buffered: true}); }"""


@dataclass(frozen=True, slots=True)
class Weight:
    """Of one page: bytes on the line, in how many requests, and its cumulative layout shift with what has moved."""

    bytes: float
    requests: int
    shift: float
    moved: tuple[Any, ...]


@contextmanager
def _counting(context: "BrowserContext", page: "Page") -> "Iterator[list[float]]":
    """The compressed size of everything that is loaded meanwhile."""
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    yield sizes


def _visit(page: "Page", url: str, sizes: list[float]) -> Weight:
    page.goto(url, wait_until="networkidle")
    page.evaluate(_WATCH_SHIFTS)
    page.wait_for_timeout(150)
    shift, moved = page.evaluate("[window.shift, window.moved]")
    return Weight(sum(sizes), len(sizes), shift, tuple(moved))


def first_visit(site: Site, browser: "Browser", path: str, **options: Any) -> Weight:
    """With nothing in the browser's cache."""
    with site.context(browser, **options) as context:
        page = context.new_page()
        with _counting(context, page) as sizes:
            return _visit(page, path, sizes)


def next_page(site: Site, browser: "Browser", path: str, before: str = "/tasks", **options: Any) -> Weight:
    """After another page, with what that has left in the cache."""
    with site.context(browser, **options) as context:
        page = context.new_page()
        page.goto(before, wait_until="networkidle")
        with _counting(context, page) as sizes:
            return _visit(page, path, sizes)


def stranger(browser: "Browser", url: str) -> Weight:
    """The first visit to any address, as somebody who isn't signed in."""
    with browser.new_context(viewport=WIDE) as context:
        page = context.new_page()
        with _counting(context, page) as sizes:
            return _visit(page, url, sizes)
