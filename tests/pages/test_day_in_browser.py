"""My day without a mouse at 1440 px, and by touch at 390 px; chains on a task's page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from app.crm.pages import locale
from tests.pages.browsing import PHONE, Site

pytestmark = pytest.mark.browser


def _added(page: Any, *lines: str) -> None:
    page.goto("/tasks/day")
    for line in lines:
        page.fill("#task-text", line)
        page.keyboard.press("Enter")
        expect(page.locator("#task-text")).to_have_value("")


def _row(page: Any, name: str) -> Any:
    return page.locator("[data-task]", has=page.locator(".task-name", has_text=re.compile(f"^{re.escape(name)}$")))


def _section(page: Any, name: str) -> str | None:
    found: str | None = _row(page, name).evaluate("row => row.closest('section').querySelector('h2 a').textContent")
    return found


def test_a_day_is_worked_through_by_the_keyboard_alone(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/tasks/day")
        page.keyboard.press("n")
        page.keyboard.type("Alpha today !high")
        expect(page.locator("#task-read")).to_contain_text("Today")
        page.keyboard.press("Enter")
        expect(_row(page, "Alpha")).to_be_visible()
        for line in ("Beta today", "Gamma today"):
            page.keyboard.type(line)
            page.keyboard.press("Enter")
            expect(page.locator("#task-text")).to_have_value("")
        page.locator("#task-text").blur()
        _row(page, "Alpha").focus()
        page.keyboard.press("m")
        expect(page.locator("#toasts")).to_contain_text("1 task moved to another day")
        expect(page.locator(".day-upcoming")).to_contain_text("Alpha")
        _row(page, "Beta").focus()
        page.keyboard.press("Shift+ArrowDown")
        expect(page.locator("[data-picked]")).to_have_text("2")
        page.keyboard.press("w")
        expect(page.locator("#toasts")).to_contain_text("2 tasks moved to another day")
        expect(page.locator(".day-today", has_text="Beta")).to_have_count(0)
        _row(page, "Gamma").focus()
        page.keyboard.press("t")
        expect(page.locator(".day-today")).to_contain_text("Gamma")
        _row(page, "Gamma").focus()
        page.keyboard.press("x")
        expect(page.locator(".day-done")).to_contain_text("Gamma")
        page.get_by_role("button", name="Undo").last.click()
        page.wait_for_selector("#toasts :text('Change undone')")
        page.goto("/tasks/day")
        assert _section(page, "Gamma") == "Today"


def test_a_date_and_a_reminder_are_set_in_their_dialog_by_the_keyboard(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        _added(page, "Delta today")
        _row(page, "Delta").focus()
        page.keyboard.press("d")
        expect(page.locator("#when-date")).to_be_focused()
        page.fill("#when-date", (locale.today() + timedelta(days=60)).isoformat())
        page.keyboard.press("Enter")
        expect(page.locator(".day-later")).to_contain_text("Delta")
        _row(page, "Delta").focus()
        page.keyboard.press("r")
        page.get_by_role("button", name="In an hour").press("Enter")
        expect(page.locator("#toasts")).to_contain_text("Reminder set for 1 task")
        expect(_row(page, "Delta").locator(".task-bell")).to_be_visible()


def test_a_day_is_worked_through_by_touch(site: Site, browser: Any) -> None:
    with site.page(browser, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        _added(page, "Epsilon today", "Zeta today")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        _row(page, "Epsilon").locator("[data-more-of]").tap()
        page.locator("#when").get_by_role("button", name="Tomorrow", exact=False).first.tap()
        expect(page.locator(".day-upcoming")).to_contain_text("Epsilon")
        for name in ("Epsilon", "Zeta"):
            _row(page, name).locator(".task-pick").tap()
        page.locator("#batch").get_by_role("button", name="Complete").tap()
        expect(page.locator(".day-done")).to_contain_text("Zeta")
        expect(page.locator(".day-done")).to_contain_text("Epsilon")


def test_a_chain_grows_in_place_and_hands_on(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        _added(page, "Eta today")
        _row(page, "Eta").locator(".task-name").click()
        for line in ("Theta", "Iota next week"):
            page.fill("#chain-text", line)
            page.keyboard.press("Enter")
            expect(page.locator(".chain-steps")).to_contain_text(line.split()[0])
        steps = page.locator(".chain-steps li")
        assert ["is-waiting" in (steps.nth(place).get_attribute("class") or "") for place in range(3)] == [
            False,
            True,
            True,
        ]
        steps.nth(0).locator(".tick-button").click()
        page.wait_for_selector("#toasts :text('Task completed')")
        page.reload()
        expect(steps.nth(1)).to_contain_text("Next")
        assert steps.nth(1).locator("time").count() == 1  # due now, which it wasn't


def test_my_day_works_without_scripts(site: Site, browser: Any) -> None:
    context = site.context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto("/tasks/day")
    page.fill("#task-text", "Kappa today")
    page.get_by_role("button", name="Add task").click()
    _row(page, "Kappa").locator(".task-pick").check()
    page.locator("#batch").get_by_role("button", name="Tomorrow").click()
    expect(page.locator(".day-upcoming").get_by_text("Kappa")).to_have_count(1)
    context.close()
