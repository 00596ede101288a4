"""The settings as people use them, wide and on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.pages.browsing import PHONE, WIDE, Site
from tests.pages.test_accessibility import faults

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_place_is_reached_from_the_index_and_leads_back(
    site: Site, browser: Browser, size: dict[str, int]
) -> None:
    with site.page(browser, viewport=size) as page:
        page.goto("/settings")
        places = page.locator(".settings-index a")
        addresses = [str(places.nth(at).get_attribute("href")) for at in range(places.count())]
        assert len(addresses) >= 16
        for address in addresses:
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
            nav = page.locator(".settings-nav")
            if size is WIDE:
                expect(nav.locator("[aria-current=page]")).to_have_attribute("href", address)
            else:
                expect(nav).to_be_hidden()
                page.locator(".settings-back").click()
                expect(page.locator(".settings-index").first).to_be_visible()


def test_the_profile_s_example_follows_what_is_chosen(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        page.goto("/settings/profile")
        example = page.locator(".settings-example")
        expect(example).to_contain_text("$1,234,567.89")
        page.get_by_label("Dates, numbers and amounts as in").select_option("en_DE")
        expect(example).to_contain_text("1.234.567,89")
        page.get_by_label("Dates, numbers and amounts as in").select_option("en_US")
        expect(example).to_contain_text("$1,234,567.89")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_word_is_taught_refused_and_forgotten(site: Site, browser: Browser, size: dict[str, int]) -> None:
    with site.page(browser, viewport=size) as page:
        page.goto("/settings/words")
        page.get_by_label("Word", exact=True).fill("booth")
        page.get_by_label("Means").select_option("deals")
        page.keyboard.press("Control+Enter")
        expect(page.locator(".word")).to_have_text("booth")
        page.get_by_label("Word", exact=True).fill("account")
        page.get_by_label("Means").select_option("deals")
        page.get_by_role("button", name="Add").click()
        expect(page.locator("[role=alert]")).to_contain_text("“account” already means Companies.")
        expect(page.get_by_label("Word", exact=True)).to_have_value("account")
        assert faults(page, "main") == []
        page.get_by_role("button", name="Forget “booth”").click()
        expect(page.locator(".word")).to_have_count(0)


def test_an_import_is_followed_from_any_page_and_hidden_once_it_has_ended(site: Site, browser: Browser) -> None:
    rows = "Name,Industry\n" + "".join(f"Firm {number},Medical\n" for number in range(400))
    with site.page(browser) as page:
        page.goto("/companies")
        started: dict[str, Any] = page.evaluate(
            """async (text) => {
              const data = new FormData();
              data.append("object", "companies");
              data.append("file", new Blob([text], { type: "text/csv" }), "firms.csv");
              return (await fetch("/api/v1/imports", { method: "POST", body: data })).json();
            }""",
            rows,
        )
        page.goto("/people")
        tray = page.locator("[data-jobs]")
        expect(tray.locator(f"[data-job=import-{started['id']}]")).to_have_attribute(
            "data-state", "done", timeout=20_000
        )
        expect(tray).to_contain_text("Import: firms.csv")
        assert faults(page, ".jobs-tray") == []
        page.reload()
        expect(tray).to_be_visible()
        tray.get_by_role("button", name="Hide what has ended").click()
        expect(tray).to_be_hidden()
        page.goto("/deals")
        page.wait_for_load_state("networkidle")
        expect(page.locator("[data-jobs]")).to_be_hidden()
