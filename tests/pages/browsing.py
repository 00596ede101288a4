"""Chromium for the tests of pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.setup.browser import find

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@dataclass
class Site:
    """A running server with a filled workspace."""

    url: str
    session: str
    ids: dict[str, Any]

    def context(self, browser: "Browser", **options: Any) -> "BrowserContext":
        """A browser of the admin's own, signed in."""
        made = browser.new_context(**{"viewport": WIDE, "base_url": self.url, **options})
        made.add_cookies([{"name": "parley_session", "value": self.session, "url": self.url}])
        made.set_default_timeout(15_000)
        return made

    @contextmanager
    def page(self, browser: "Browser", **options: Any) -> "Iterator[Page]":
        """A page on which nothing may go wrong: an error of a script or a refused resource fails the test."""
        context = self.context(browser, **options)
        page, faults = context.new_page(), []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        yield page
        context.close()
        assert not [fault for fault in faults if "409" not in fault and "422" not in fault], faults


@contextmanager
def chromium() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        yield browser
        browser.close()
