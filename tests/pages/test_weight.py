"""The limits of what a page may cost: 150 kB for a first visit in all, 25 kB for a next page, nothing that shifts."""

from typing import Any

import httpx
import pytest

from tests.pages.browsing import PHONE, Site
from tests.pages.weighing import first_visit, next_page

FIRST, NEXT, SHIFT = 150_000, 25_000, 0.02
PAGES = {
    "list": "/deals",
    "record": "/companies/{acme}",
    "board": "/deals/board",
    "dashboard": "/?period=all",
    "form": "/deals/new",
}

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit_and_a_next_page_are_light_and_nothing_shifts(site: Site, browser: Any, name: str) -> None:
    path = PAGES[name].format(**site.ids)
    first, after = first_visit(site, browser, path), next_page(site, browser, path)
    assert first.bytes < FIRST, first
    assert after.bytes < NEXT, after
    assert max(first.shift, after.shift) < SHIFT, (first, after)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_shifts_on_a_phone(site: Site, browser: Any, name: str) -> None:
    options = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    first = first_visit(site, browser, PAGES[name].format(**site.ids), **options)
    assert first.shift < SHIFT, first


def test_pages_and_scripts_come_compressed_and_scripts_for_ever(site: Site) -> None:
    headers = {"Cookie": f"parley_session={site.session}", "Accept-Encoding": "gzip"}
    with httpx.Client(base_url=site.url, headers=headers, trust_env=False) as http:
        page = http.get("/deals")
        assert page.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in page.headers["vary"]
        addresses = {part.split('"')[0] for part in page.text.split('src="')[1:] + page.text.split('href="')[1:]}
        files = sorted(address for address in addresses if address.startswith("/static/"))
        assert len(files) > 5
        for address in files:
            file = http.get(address)
            assert "immutable" in file.headers["cache-control"], address
            small = int(file.headers["content-length"]) < 512 and "content-encoding" not in file.headers
            assert small or file.headers["content-encoding"] == "gzip", address
