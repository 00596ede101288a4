"""The right side and the head of a record in Chromium: added in place, linked, given roles; neighbours, print."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import PHONE, Site
from tests.pages.test_accessibility import faults

pytestmark = pytest.mark.browser


def test_related_records_are_added_one_after_the_other_by_the_keyboard(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/companies/{site.ids['acme']}")
        page.evaluate("window.same = true")
        people = page.locator("#related-people")
        people.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(people.locator("[name=name]")).to_be_focused()
        before = int(people.locator("h2 .count").inner_text())
        for name in ("Ada First", "Bea Second"):
            page.keyboard.type(name)
            page.keyboard.press("Enter")
            expect(page.locator("#toasts")).to_contain_text("Person created")
            expect(people.locator("[name=name]")).to_have_value("")
            expect(people.locator("[name=name]")).to_be_focused()
        expect(people.locator("h2 .count")).to_have_text(str(before + 2))
        people.locator("[name=name]").fill("Cia")
        people.locator("[name=email]").fill("nonsense")
        page.keyboard.press("Enter")
        expect(people.locator(".error")).to_contain_text("e-mail address")
        expect(people.locator("[name=email]")).to_be_focused()
        expect(people.locator("[name=name]")).to_have_value("Cia")
        assert faults(page, "main") == []
        page.keyboard.press("Escape")
        expect(people.locator("summary")).to_be_focused()
        assert page.evaluate("window.same")  # still the same page


def test_an_existing_record_is_linked_and_unlinked(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/companies/{site.ids['long']}")
        people = page.locator("#related-people")
        people.locator("summary").click()
        people.locator("[role=combobox]").fill("paula")
        page.wait_for_selector("#related-people [role=option][aria-selected=true]")
        page.keyboard.press("Enter")
        expect(people.locator("[role=combobox]")).to_have_value("Paula Berg")
        page.keyboard.press("Enter")
        expect(people.locator(".related-list")).to_contain_text("Paula Berg")
        people.locator("li", has_text="Paula Berg").hover()
        people.get_by_role("button", name="Unlink Paula Berg").click()
        expect(people.locator(".related-list")).to_have_count(0)
        page.keyboard.press("Control+z")
        expect(page.locator("#toasts")).to_contain_text("Change undone")
        page.reload()
        expect(people.locator(".related-list")).to_contain_text("Paula Berg")


def test_contacts_get_roles_in_place_and_the_coverage_follows(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/deals/{site.ids['deals'][7]}")
        contacts = page.locator("#links-contacts")
        expect(contacts).to_contain_text("0 of 5 MEDDPICC roles")
        contacts.locator("summary").click()
        contacts.locator("[role=combobox]").fill("paula")
        page.wait_for_selector("#links-contacts [role=option][aria-selected=true]")
        page.keyboard.press("Enter")
        contacts.locator("[name=role]").select_option("user")
        contacts.get_by_role("button", name="Add", exact=True).click()
        expect(contacts.locator(".role")).to_contain_text("User")
        expect(contacts).to_contain_text("0 of 5")
        contacts.locator(".role .edit-mark").focus()
        page.keyboard.press("Enter")
        page.locator(".editor-box select").select_option(label="Champion")
        page.keyboard.press("Enter")
        expect(contacts.locator(".role")).to_contain_text("Champion")
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        page.reload()
        expect(contacts).to_contain_text("1 of 5 MEDDPICC roles")
        assert faults(page, "main") == []


def test_a_record_knows_its_neighbours_in_the_list_one_came_from(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?stage=lead&sort=name")
        names = page.locator("a.open").all_inner_texts()
        page.locator("a.open").nth(1).click()
        page.wait_for_url("**/deals/*")
        expect(page.locator("[data-place]")).to_have_text(re.compile(r"^2 / \d+$"))
        page.keyboard.press("j")
        expect(page.locator("h1")).to_have_text(names[2])
        expect(page.locator("[data-place]")).to_have_text(re.compile(r"^3 / \d+$"))  # its scripts are there too
        page.keyboard.press("k")
        expect(page.locator("h1")).to_have_text(names[1])
        page.locator("a.crumb").first.click()
        page.wait_for_url("**/deals?stage=lead&sort=name")
        page.goto(f"/companies/{site.ids['acme']}")
        expect(page.locator("[data-neighbours]")).to_be_hidden()


def test_the_link_is_copied_and_the_print_has_nothing_to_press(site: Site, browser: Any) -> None:
    context = site.context(browser, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"/companies/{site.ids['acme']}?from=mail")
    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#toasts")).to_contain_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.url}/companies/{site.ids['acme']}"
    page.emulate_media(media="print")
    for gone in (".sidebar", ".composer", ".top-actions", ".edit-mark", ".join-add", ".join-remove", "#toasts"):
        assert not page.locator(gone).first.is_visible(), gone
    for kept in (".facts", "#timeline", ".related-list", "h1"):
        assert page.locator(kept).first.is_visible(), kept
    context.close()


def test_on_a_phone_related_records_are_added_by_touch(site: Site, browser: Any) -> None:
    with site.page(browser, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        page.goto(f"/companies/{site.ids['hostile']}")
        tasks = page.locator("#related-tasks")
        tasks.locator("summary").tap()
        tasks.locator("[name=name]").fill("Ring them")
        tasks.get_by_role("button", name="Create").tap()
        expect(tasks.locator(".related-list")).to_contain_text("Ring them")
        expect(page.locator(".next-step")).to_contain_text("Ring them")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert faults(page, "#related-tasks") == []  # what the bar at the foot covers elsewhere is scrolled to
