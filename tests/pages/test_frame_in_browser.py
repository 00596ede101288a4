"""The frame without a mouse: the palette, quick create, the keys and their sheet, the bell, and the way back."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy.engine import make_url

from app.crm.accounts import sessions
from app.crm.port import Crm
from app.shared.db import Database
from tests.conftest import add_user
from tests.pages.browsing import PHONE, Site
from tests.pages.site import Maker, fill
from tests.processes import start_server

pytestmark = pytest.mark.browser


@dataclass
class Two:
    """A workspace of two people: Anna's browser, and what Ben does."""

    anna: Site
    ben: httpx.Client
    anna_id: int


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("frame")
    shutil.copyfile(sqlite_template, folder / "crm.db")
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    people = [add_user(database, name, "admin", f"{name[:3]}@example.com") for name in ("Anna Reyes", "Ben Okoye")]
    ids = fill(Maker(Crm(database), people[0]), deals=12)
    with database.write() as connection:
        secrets = [sessions.start(connection, one.user_id or 0) for one in people]
    database.close()
    server = start_server(folder)
    headers = {"Cookie": f"parley_session={secrets[1]}", "Origin": server.url}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as ben:
        yield Two(Site(server.url, secrets[0], ids), ben, people[0].user_id or 0)
    server.end()


# --- the bell ---------------------------------------------------------------------------------------------------------


def test_the_bell_counts_at_once_in_every_tab_and_its_panel_is_read_by_the_keyboard(two: Two, browser: Any) -> None:
    with two.anna.context(browser) as context:
        page, other = context.new_page(), context.new_page()
        page.goto("/settings/profile")  # a page without records hears of it too
        other.goto("/companies")
        page.bring_to_front()
        note = {
            "name": "Question",
            "body": f"[@Anna Reyes](/users/{two.anna_id}) can you?",
            "company": two.anna.ids["acme"],
        }
        assert two.ben.post("/api/v1/notes", json=note).status_code == 201
        deal = two.anna.ids["deals"][0]
        assert two.ben.patch(f"/api/v1/deals/{deal}", json={"stage": "won"}).status_code == 200
        expect(page.locator(".sidebar [data-bell-count]")).to_have_text("2", timeout=8_000)
        expect(other.locator(".sidebar [data-bell-count]")).to_have_text("2")
        page.locator(".sidebar [data-bell]").press("Enter")
        expect(page.locator(".bell-panel .note-open").first).to_be_focused()
        expect(page.locator(".bell-panel")).to_contain_text("Ben Okoye mentioned you")
        expect(page.locator(".bell-panel")).to_contain_text("stage to Won")
        page.keyboard.press("x")
        expect(page.locator(".sidebar [data-bell-count]")).to_have_text("1")
        expect(other.locator(".sidebar [data-bell-count]")).to_have_text("1")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/(notes|deals)/\d+$"))
        expect(page.locator(".sidebar [data-bell-count]")).to_have_text("")


def test_following_is_a_switch_on_the_record(two: Two, browser: Any) -> None:
    with two.anna.page(browser) as page:
        page.goto(f"/companies/{two.anna.ids['acme']}")
        expect(page.locator(".follow")).to_contain_text("1 follower")
        page.get_by_role("button", name="Following").press("Enter")
        expect(page.get_by_role("button", name="Follow", exact=True)).to_be_visible()
        expect(page.locator(".follow")).not_to_contain_text("follower")
        page.get_by_role("button", name="Follow", exact=True).press("Enter")
        expect(page.locator(".follow")).to_contain_text("1 follower")


def test_which_kinds_one_is_told_of_is_chosen_in_the_settings(two: Two, browser: Any) -> None:
    with two.anna.page(browser) as page:
        page.goto("/settings/notifications")
        page.get_by_label("Due tasks").uncheck()
        page.get_by_role("button", name="Save").click()
        page.wait_for_selector("#toasts :text('Saved')")
        assert not page.get_by_label("Due tasks").is_checked()
        assert page.get_by_label("Mentions").is_checked()


# --- the palette ------------------------------------------------------------------------------------------------------


def test_the_palette_begins_with_what_was_seen_last_and_offers_what_the_page_can_do(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/people/{site.ids['paula']}")
        page.goto(f"/companies/{site.ids['acme']}")
        page.keyboard.press("Control+k")
        rows = page.locator("#palette [role=option]")
        expect(rows.first).to_contain_text("Paula Berg")
        page.keyboard.type("unfol")
        expect(rows.first).to_contain_text("Unfollow")
        page.keyboard.press("Enter")
        page.wait_for_selector("#toasts :text('You don')")
        page.keyboard.press("Control+k")
        page.keyboard.type("dark")
        expect(rows.first).to_contain_text("Dark theme")
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_ctrl_enter_asks_the_assistant_what_was_typed(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/companies")
        page.keyboard.press("Control+k")
        page.keyboard.type("how many companies")
        expect(page.locator("#palette [role=option]").last).to_contain_text("Ask the assistant")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#assistant")).to_contain_text("how many companies")


def test_the_search_page_serves_without_scripts(site: Site, browser: Any) -> None:
    context = site.context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.locator(".sidebar-search").click()
    page.fill("#search-q", "paula")
    page.get_by_role("button", name="Search").click()
    assert page.get_by_role("link", name="Paula Berg").count() == 1
    context.close()


# --- quick create -----------------------------------------------------------------------------------------------------


def test_a_record_is_created_on_any_page_by_the_keyboard_and_the_page_stays(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/companies/{site.ids['acme']}")
        page.keyboard.press("c")
        expect(page.locator("#create-name")).to_be_focused()
        expect(page.locator("#create-company")).to_have_value("Acme")  # of the record in view
        page.keyboard.type("Quick deal")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#toasts")).to_contain_text("Deal created")
        expect(page.locator("#toasts")).to_contain_text("Quick deal")
        assert page.url.endswith(f"/companies/{site.ids['acme']}")
        page.get_by_role("button", name="Undo").click()
        page.wait_for_selector("#toasts :text('Change undone')")


def test_likely_twins_are_told_before_they_are_made(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/companies")
        page.keyboard.press("c")
        page.locator("#create-name").fill("ACME")
        page.keyboard.press("Control+Enter")  # at once: the answer says so too
        expect(page.locator(".create [data-alike]")).to_contain_text("There is already Acme with the same name")
        assert page.locator("#toasts").inner_text() == ""
        page.keyboard.press("Control+Enter")
        expect(page.locator("#toasts")).to_contain_text("Company created")


def test_the_kind_is_changed_by_arrows_and_another_is_added_at_once(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/companies")
        page.keyboard.press("c")
        page.locator("#create-name").fill("Rosa Quick")
        page.locator("[name=_kind]:checked").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".create-form")).to_have_attribute("action", "/create/people")
        expect(page.locator("#create-name")).to_have_value("Rosa Quick")
        page.get_by_role("button", name="Save and add another").press("Enter")
        expect(page.locator("#toasts")).to_contain_text("Person created")
        expect(page.locator("#create-name")).to_have_value("")
        expect(page.locator("#create-name")).to_be_focused()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#create-name-error")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".create")).not_to_be_visible()


def test_quick_create_fits_a_phone(site: Site, browser: Any) -> None:
    with site.page(browser, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        page.goto("/deals")
        page.keyboard.press("c")
        page.locator("#create-name").fill("Phone deal")
        box = page.locator(".create").bounding_box()
        assert box
        assert box["width"] <= PHONE["width"]
        page.get_by_role("button", name="Create deal").tap()
        expect(page.locator("#toasts")).to_contain_text("Phone deal")


# --- keys -------------------------------------------------------------------------------------------------------------


def test_g_and_a_letter_go_somewhere_and_j_and_k_walk_through_a_list(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/")
        for letter, path in (("d", "/deals"), ("t", "/tasks/day"), ("c", "/companies")):
            page.keyboard.press("g")
            page.keyboard.press(letter)
            page.wait_for_url(f"**{path}")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(page.locator("tbody a.open").first).to_be_focused()


def test_the_sheet_turns_single_keys_off_and_on(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/companies")
        page.keyboard.press("?")
        page.get_by_label("Single keys act at once").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        page.keyboard.press("g")
        page.keyboard.press("d")
        page.wait_for_timeout(200)
        assert page.url.endswith("/companies")
        assert page.locator(".create").count() == 0
        page.keyboard.press("Control+k")
        page.keyboard.type("shortcuts")
        page.keyboard.press("Enter")
        page.get_by_label("Single keys act at once").check()
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        expect(page.locator(".create")).to_be_visible()


def test_a_records_breadcrumb_leads_back_to_the_list_as_it_was(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?stage__in=won&sort=-amount")
        page.locator("tbody a.open").first.click()
        page.wait_for_url(re.compile(r"/deals/\d+$"))
        page.locator(".top a.crumb").click()
        page.wait_for_url("**/deals?stage__in=won&sort=-amount")
