"""The board in Chromium: cards move by mouse, touch and keyboard, a loss asks why, and nothing is left behind."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browsing import PHONE, Site

pytestmark = pytest.mark.browser


def _lane(page: Page, key: str) -> Any:
    return page.locator(f"[data-lane='{key}']")


def _first(page: Page, key: str) -> tuple[str, Any]:
    """A column's first card: its record's id, and its name's link."""
    card = _lane(page, key).locator(".board-card").first
    return str(card.get_attribute("data-id")), card.locator(".board-name")


def _card(page: Page, key: str, id: str) -> Any:
    return _lane(page, key).locator(f".board-card[data-id='{id}']")


def test_a_card_is_carried_by_the_keyboard_and_each_step_is_said(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        id, link = _first(page, "lead")
        name = link.inner_text()
        said = page.locator("#board-says")
        link.focus()
        page.keyboard.press(" ")
        expect(said).to_contain_text(f"Picked up {name}, in Lead.")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(said).to_have_text(f"{name} is over Proposal, column 3 of 6.")
        page.keyboard.press("ArrowDown")
        expect(said).to_contain_text("follows from the order")
        page.keyboard.press(" ")
        page.wait_for_selector("#toasts :text('Deal moved')")
        expect(said).to_have_text(f"{name} was dropped in Proposal.")
        expect(_card(page, "proposal", id).locator(".board-name")).to_be_focused()
        page.reload()
        expect(_card(page, "proposal", id)).to_have_count(1)


def test_control_z_takes_a_move_back_and_control_y_makes_it_again(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        id, link = _first(page, "lead")
        link.focus()
        for key in (" ", "ArrowRight", " "):
            page.keyboard.press(key)
        toasts = page.locator("#toasts [data-toast]")
        expect(toasts).to_contain_text("Deal moved")
        page.keyboard.press("Control+z")
        expect(_card(page, "lead", id)).to_have_count(1)
        expect(toasts).to_have_count(1)  # the move's own has gone with the move
        expect(toasts).to_contain_text("Change undone")
        page.keyboard.press("Control+y")
        expect(_card(page, "qualified", id)).to_have_count(1)
        expect(toasts).to_have_count(1)
        page.get_by_role("button", name="Undo").click()
        expect(_card(page, "lead", id)).to_have_count(1)


def test_escape_takes_a_carried_card_back_to_its_place(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        before = page.locator("[data-lane=qualified]").inner_text()
        id, link = _first(page, "qualified")
        link.focus()
        page.keyboard.press(" ")
        page.keyboard.press("End")
        expect(_card(page, "lost", id)).to_have_count(1)
        page.keyboard.press("Escape")
        expect(_card(page, "qualified", id).locator(".board-name")).to_be_focused()
        assert page.locator("[data-lane=qualified]").inner_text() == before
        expect(page.locator("#board-says")).to_contain_text("is back in Qualified")


def test_arrows_walk_over_the_cards(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        _first(page, "lead")[1].focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        focused = page.evaluate("document.activeElement.closest('[data-lane]').dataset.lane")
        place = "[...document.activeElement.closest('ul').children].indexOf(document.activeElement.closest('li'))"
        assert (focused, page.evaluate(place)) == ("qualified", 1)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/deals/\d+$"))


def test_a_loss_asks_why_escape_takes_it_back_and_undo_the_reason_too(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        id, link = _first(page, "negotiation")
        link.focus()
        page.keyboard.press(" ")
        page.keyboard.press("End")
        page.keyboard.press(" ")
        expect(page.locator("#ask")).to_contain_text("Why was it lost?")
        expect(page.locator("#lost_reason")).to_be_focused()
        page.keyboard.press("Escape")
        expect(_card(page, "negotiation", id)).to_have_count(1)
        _card(page, "negotiation", id).hover()
        _card(page, "negotiation", id).locator("[data-move]").click()
        page.get_by_role("menuitem", name="Lost").click()
        page.locator("#lost_reason").fill("No budget")
        page.keyboard.press("Enter")
        expect(_card(page, "lost", id)).to_have_count(1)
        page.goto(f"/deals/{id}")
        expect(page.locator(".record-facts")).to_contain_text("No budget")
        page.go_back()
        _card(page, "lost", id).locator("[data-move]").click()
        page.get_by_role("menuitem", name="Lead").click()  # the menu names every column but its own
        page.wait_for_selector("#toasts :text('Deal moved')")
        page.get_by_role("button", name="Undo").click()
        page.wait_for_selector("#toasts :text('Change undone')")
        expect(_card(page, "lost", id)).to_have_count(1)


def test_a_reason_used_before_is_one_click_away(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        for number in range(2):
            id, _link = _first(page, "proposal")
            _card(page, "proposal", id).locator("[data-move]").click()
            page.get_by_role("menuitem", name="Lost").click()
            if number:
                page.get_by_role("group", name="Reasons used before").get_by_text("Too dear").click()
            else:
                page.locator("#lost_reason").fill("Too dear")
            page.get_by_role("button", name="Move to Lost").click()
            expect(_card(page, "lost", id)).to_have_count(1)


def test_a_win_offers_the_close_date(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        id, _link = _first(page, "proposal")
        _card(page, "proposal", id).locator("[data-move]").click()
        page.get_by_role("menuitem", name="Won").click()
        expect(page.locator("#ask")).to_contain_text("Planned:")
        page.locator("#close_date").fill("2026-02-03")
        page.get_by_role("button", name="Move to Won").click()
        expect(_card(page, "won", id)).to_have_count(1)
        page.goto(f"/deals/{id}")
        expect(page.locator(".record-head")).to_contain_text("Feb 3, 2026")


def test_a_moved_cards_menu_is_that_of_its_new_column(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        id, _link = _first(page, "lead")
        for key, name, has in (("lead", "Qualified", "Proposal"), ("qualified", "Lead", "Negotiation")):
            _card(page, key, id).locator("[data-move]").click()
            menu = page.get_by_role("menu", name="Move to")
            expect(menu.get_by_role("menuitem", name=has)).to_have_count(1)
            expect(menu.get_by_role("menuitem")).to_have_count(5)
            menu.get_by_role("menuitem", name=name).click()
            page.wait_for_selector("#toasts :text('Deal moved')")


def test_a_card_is_dragged_with_a_finger(site: Site, browser: Any) -> None:
    with site.page(browser, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        page.goto("/deals/board")
        page.wait_for_selector("[data-draggable]")
        id, _link = _first(page, "lead")
        start = _card(page, "lead", id).bounding_box()
        assert start
        touch = page.context.new_cdp_session(page)

        def send(kind: str, *at: float) -> None:
            points = [{"x": at[0], "y": at[1]}] if at else []
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        x, y = start["x"] + 60, start["y"] + 30
        send("touchStart", x, y)
        page.wait_for_timeout(400)  # held: before that a finger scrolls
        for step in range(1, 13):
            send("touchMove", x + 22 * step, y + 4 * step)
            page.wait_for_timeout(30)
        send("touchEnd")
        page.wait_for_selector("#toasts :text('Deal moved')")
        expect(_card(page, "lead", id)).to_have_count(0)


def test_a_folded_column_stays_folded_on_the_next_visit(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        lane = _lane(page, "won")
        lane.get_by_role("button", name="Fold the column Won").click()
        assert lane.bounding_box()["width"] < 60
        page.reload()
        assert lane.bounding_box()["width"] < 60
        expect(lane.locator(".board-card")).to_have_count(0)
        lane.locator(".lane-head").click()
        expect(lane.locator(".board-card").first).to_be_visible()


def test_a_record_is_added_at_a_columns_foot(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/tasks/board?by=priority")
        lane = _lane(page, "high")
        lane.locator(".lane-foot summary").click()
        page.keyboard.type("Added at the foot")
        page.keyboard.press("Enter")
        expect(lane.locator(".board-name", has_text="Added at the foot")).to_have_count(1)
        expect(lane.locator(".lane-foot input:not([type=hidden])")).to_be_focused()


def test_without_a_connection_a_card_goes_back_and_the_reason_is_said(site: Site, browser: Any) -> None:
    with site.context(browser) as context:
        page = context.new_page()
        page.goto("/deals/board")
        id, _link = _first(page, "lead")
        context.set_offline(True)
        _card(page, "lead", id).locator("[data-move]").click()
        page.get_by_role("menuitem", name="Qualified").click()
        expect(page.locator("#toasts")).to_contain_text("You are offline")
        expect(page.locator(".offline")).to_be_visible()
        expect(_card(page, "lead", id)).to_have_count(1)
