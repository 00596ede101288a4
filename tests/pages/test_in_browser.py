"""The main flows in Chromium, against a real server: by mouse, by keyboard alone, and without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import PHONE, Site

pytestmark = pytest.mark.browser


def test_a_deal_is_created_with_the_picker_by_the_keyboard_alone(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals")
        page.goto("/deals/new")
        page.locator("#name").focus()
        page.keyboard.type("Keyboard deal")
        page.keyboard.press("Tab")
        page.keyboard.type("acm")
        page.wait_for_selector(".picker-list [role=option][aria-selected=true]")
        page.keyboard.press("Enter")
        expect(page.locator("#company")).to_have_value("Acme")
        page.keyboard.press("Control+Enter")
        page.wait_for_url(re.compile(r"/deals/\d+$"))
        assert page.locator("h1").inner_text() == "Keyboard deal"
        assert page.locator(".facts").get_by_text("Acme").count() == 1
        assert "Deal created" in page.locator("#toasts").inner_text()


def test_undo_in_the_toast_takes_the_change_back(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/companies/{site.ids['long']}/edit")
        page.fill("#city", "Oslo") if page.locator("#city").is_visible() else page.locator(".later summary").click()
        page.fill("#city", "Oslo")
        page.get_by_role("button", name="Save").click()
        page.wait_for_selector("#toasts :text('Company saved')")
        assert page.locator(".facts").get_by_text("Oslo").count() == 1
        page.locator("#toasts").get_by_role("button", name="Undo").click()
        page.wait_for_selector("#toasts :text('Change undone')")
        assert page.locator(".facts").get_by_text("Oslo").count() == 0


def test_a_filter_is_built_in_the_popover_and_edited_in_its_chip(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals")
        page.get_by_role("link", name="Filter", exact=True).click()
        page.locator(".filter-popover").get_by_role("option", name="Stage", exact=True).click()
        page.locator(".option-list [value=won]").check()
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url("**/deals?stage__in=won")
        assert page.locator(".chip-text").inner_text() == "Stage is Won"
        page.locator("a.chip-text").click()
        page.locator(".option-list [value=lost]").check()
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url("**/deals?stage__in=won,lost")
        page.get_by_role("link", name="Remove the filter").click()
        page.wait_for_url("**/deals")


def test_rows_open_by_a_click_beside_their_values_and_by_the_keyboard(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/companies")
        page.locator("tbody tr").first.locator("td.first").click(position={"x": 150, "y": 4})
        page.wait_for_url(re.compile(r"/companies/\d+$"))
        page.go_back()
        page.locator("tbody a.open").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/companies/\d+$"))


def test_a_card_is_dragged_to_another_stage(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        source = page.locator("[data-lane=lead] .board-card").first
        name = source.locator(".board-name").inner_text()
        counts_before = _counts(page)
        source.hover()
        page.wait_for_selector("[data-draggable]")
        start, end = source.bounding_box(), page.locator("[data-lane=qualified] .board-card").first.bounding_box()
        assert start
        assert end
        page.mouse.move(start["x"] + 60, start["y"] + 40)
        page.mouse.down()
        page.mouse.move(start["x"] + 90, start["y"] + 45, steps=4)
        page.mouse.move(end["x"] + 60, end["y"] + 20, steps=12)
        page.mouse.up()
        page.wait_for_selector("#toasts :text('Deal moved')")
        assert page.locator("[data-lane=qualified]").get_by_text(name).count() == 1
        after = _heads(page)
        assert [old - new for old, new in zip(counts_before, _counts(page), strict=True)] == [1, -1]
        page.reload()
        assert page.locator("[data-lane=qualified]").get_by_text(name).count() == 1
        assert _heads(page) == after  # counts, sums and weighted sums were the server's already


def test_a_move_and_its_undo_keep_the_heads_true(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board?amount__gte=2000")
        before = _heads(page)
        card = page.locator("[data-lane=lead] .board-card").first
        card.locator("[data-move]").click()
        page.get_by_role("menuitem", name="Qualified").click()
        page.wait_for_selector("#toasts :text('Deal moved')")
        moved = _heads(page)
        assert all(old != new for old, new in zip(before, moved, strict=True))
        page.get_by_role("button", name="Undo").click()
        page.wait_for_selector("#toasts :text('Change undone')")
        assert _heads(page) == before


def _heads(page: Any) -> list[str]:
    """What the heads of two columns say: count, sum and weighted sum."""
    return [page.locator(f"[data-lane={key}] .lane-head").inner_text() for key in ("lead", "qualified")]


def _counts(page: Any) -> list[int]:
    return [int(page.locator(f"[data-lane={key}] [data-count]").inner_text()) for key in ("lead", "qualified")]


def test_a_card_is_moved_by_the_keyboard_alone(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        card = page.locator("[data-lane=proposal] .board-card").first
        name = card.locator(".board-name").inner_text()
        card.locator("[data-move]").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        page.wait_for_selector("#toasts :text('Deal moved')")
        assert page.locator("[data-lane=lead]").get_by_text(name).count() == 1
        assert page.locator("[data-lane=proposal]").get_by_text(name).count() == 0


def test_the_palette_goes_to_a_record_and_to_a_place(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/")
        page.keyboard.press("Control+k")
        page.locator("#palette input").fill("paula")
        page.wait_for_selector("#palette :text('Paula Berg')")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/people/\d+$"))
        page.keyboard.press("Control+k")
        page.locator("#palette input").fill("board")
        page.wait_for_selector("#palette [aria-selected=true] :text('Deal board')")
        page.keyboard.press("Enter")
        page.wait_for_url("**/deals/board")


def test_a_task_is_ticked_without_leaving_the_list(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/tasks")
        tick = page.get_by_role("button", name="Completed: Call back")
        tick.click()
        page.wait_for_selector("#toasts :text('Task completed')")
        assert tick.get_attribute("aria-pressed") == "true"
        tick.click()
        page.wait_for_selector("#toasts :text('Task reopened')")
        page.reload()
        assert page.get_by_role("button", name="Completed: Call back").get_attribute("aria-pressed") == "false"


def test_two_browsers_that_edit_one_field_see_the_conflict(site: Site, browser: Any) -> None:
    url = f"/people/{site.ids['paula']}/edit"
    with site.page(browser) as mine, site.page(browser) as theirs:
        mine.goto(url)
        theirs.goto(url)
        theirs.fill("#title", "Chief buyer")
        theirs.get_by_role("button", name="Save").click()
        theirs.wait_for_url(re.compile(r"/people/\d+$"))
        mine.fill("#title", "Senior buyer")
        mine.get_by_role("button", name="Save").click()
        mine.wait_for_selector(":text('Someone else changed this meanwhile')")
        assert mine.locator("#title").input_value() == "Senior buyer"
        mine.get_by_label("Take theirs: Chief buyer").check()
        mine.get_by_role("button", name="Save").click()
        mine.wait_for_url(re.compile(r"/people/\d+$"))
        assert mine.locator(".record-head").get_by_text("Chief buyer").count() == 1


def test_unsaved_text_is_asked_about(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/notes/new")
        page.fill("#body", "Half a thought")
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.goto("/")
        assert asked == ["beforeunload"]


def test_a_file_is_checked_and_imported_in_the_browser(site: Site, browser: Any) -> None:
    file = {
        "name": "new.csv",
        "mimeType": "text/csv",
        "buffer": b"Company name,Sector\nNordlys,energy\nFjord,fishing\n",
    }
    with site.page(browser) as page:
        page.goto("/import")
        page.set_input_files("#file", [file])
        page.wait_for_selector("select[data-column=Sector]")
        assert page.locator("select[data-column='Company name']").input_value() == "name"
        page.get_by_role("button", name="Check the file").click()
        page.wait_for_selector(":text('This would happen')")
        assert "2 created" in page.locator(".outcome").inner_text().replace("\n", " ")
        page.get_by_role("button", name="Import now").click()
        page.wait_for_selector(":text('This happened')")
        page.get_by_role("link", name="Open companies").click()
        assert page.get_by_role("link", name="Nordlys").count() == 1
        page.go_back()
        page.get_by_role("button", name="Undo this import").click()
        page.wait_for_selector("#toasts :text('Change undone')")
        page.goto("/companies?name=Nordlys")
        assert page.get_by_text("Nothing matches").count() == 1


def test_the_core_forms_work_without_scripts(site: Site, browser: Any) -> None:
    context = site.context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto("/companies/new")
    page.fill("#name", "No script")
    page.get_by_role("button", name="Create company").click()
    expect(page.locator("h1")).to_have_text("No script")
    page.get_by_role("link", name="Edit").click()
    page.fill("#industry", "paper")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".record-head").get_by_text("paper")).to_have_count(1)
    page.locator("label.composer-tab", has_text="Task").click()
    page.fill("#c-task", "Write back")
    page.get_by_role("button", name="Add task").click()
    expect(page.locator("#timeline").get_by_text("Write back")).to_have_count(1)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#timeline").get_by_text("Write back")).to_have_count(0)
    page.goto("/deals")
    page.get_by_role("link", name="Filter", exact=True).click()
    page.get_by_role("option", name="Company", exact=True).click()
    page.fill("#_f-text", "acme")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".chips")).to_contain_text("Company is Acme")
    page.goto("/deals/board")
    card = page.locator("[data-lane=negotiation] .board-card").first
    name = card.locator(".board-name").inner_text()
    card.locator("[data-move]").click()
    page.get_by_label("Lead", exact=True).check()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("[data-lane=lead]").get_by_text(name)).to_have_count(1)
    context.close()


def test_a_phone_has_a_bar_and_pages_that_fit(site: Site, browser: Any) -> None:
    with site.page(browser, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        page.goto("/")
        bar = page.get_by_role("navigation", name="Places")
        bar.get_by_role("link", name="Deals").tap()
        page.wait_for_url("**/deals")
        bar.get_by_text("More").tap()
        bar.get_by_role("link", name="People").tap()
        page.wait_for_url("**/people")
        for path in ("/", "/deals", "/deals/board", f"/companies/{site.ids['long']}", "/deals/new", "/import"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        page.goto("/settings/tokens")
        page.fill("[name=name]", "A rather long name of a token for a program that reads")
        page.get_by_role("button", name="Make token").tap()
        page.wait_for_selector("#made")
        wide = {"made": page.evaluate("document.scrollingElement.scrollWidth")}
        for name in ("profile", "tokens", "users", "users/1", "workspace", "pipelines", "fields"):
            page.goto(f"/settings/{name}")
            wide[name] = page.evaluate("document.scrollingElement.scrollWidth")
        assert max(wide.values()) <= PHONE["width"], wide


def test_a_phone_names_the_times_of_sessions_and_tokens(site: Site, browser: Any) -> None:
    label = "(cell) => getComputedStyle(cell, '::before').content"
    with site.page(browser, viewport=PHONE) as page:
        page.goto("/settings/tokens")
        page.fill("[name=name]", "Nightly export")
        page.get_by_role("button", name="Make token").click()
        page.wait_for_selector("#made")
        for path, words in (("sessions", ("Signed in", "Last seen")), ("tokens", ("Made", "Good until"))):
            page.goto(f"/settings/{path}")
            for word in words:
                cell = page.locator(f"td[data-label='{word}']").first
                assert cell.is_visible(), word
                assert word in cell.evaluate(label)
