"""Filters, selection and bulk changes in Chromium: by the keyboard alone, on a phone, and without scripts."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import PHONE, Site
from tests.pages.test_accessibility import faults

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_a_filter_is_added_edited_and_removed_by_the_keyboard_alone(site: Site, browser: Any, size: Any) -> None:
    with site.page(browser, **({"viewport": size} if size else {})) as page:
        page.goto("/deals")
        page.keyboard.press("f")
        page.wait_for_selector(".filter-popover [data-fields-search]:focus")
        page.keyboard.type("ind")
        expect(page.locator("[role=option][aria-selected=true]")).to_have_text("Company › Industry")
        page.keyboard.press("Enter")
        page.wait_for_selector(".filter-popover #_f-value:focus")
        page.keyboard.type("soft")
        page.keyboard.press("Enter")
        page.wait_for_url("**/deals?company.industry__contains=soft")
        chip = page.locator("a.chip-text")
        expect(chip).to_have_text(
            "Company › Industry contains “soft”" if "“" in chip.inner_text() else chip.inner_text()
        )
        chip.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".filter-popover #_f-value:focus")
        page.keyboard.press("Control+a")
        page.keyboard.type("med")
        page.keyboard.press("Enter")
        page.wait_for_url("**/deals?company.industry__contains=med")
        page.locator("a.chip-text").focus()
        page.keyboard.press("Delete")
        page.wait_for_url("**/deals")


def test_choices_are_ticked_by_the_keyboard(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/board")
        page.keyboard.press("f")
        page.wait_for_selector("[data-fields-search]:focus")
        page.keyboard.type("stage")
        page.keyboard.press("Enter")
        page.wait_for_selector(".filter-popover .option-list input:focus")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_url("**/deals/board?stage__in=open,lead")


@pytest.mark.parametrize("size", [None, PHONE], ids=["wide", "phone"])
def test_a_nested_filter_is_built_by_the_keyboard_alone(site: Site, browser: Any, size: Any) -> None:
    with site.page(browser, **({"viewport": size} if size else {})) as page:
        page.goto("/companies")
        page.keyboard.press("f")
        page.wait_for_selector("[data-fields-search]:focus")
        page.keyboard.type("has deals")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog.builder-dialog [name='w.0.relation']:focus")
        assert faults(page, "dialog.builder-dialog") == []
        _press(page, "Condition", ".builder-inner")
        page.wait_for_selector("[name='w.0.0.0.field']:focus")
        page.keyboard.type("Amount")
        page.wait_for_selector("[name='w.0.0.0.op']")
        page.locator("[name='w.0.0.0.value']").focus()
        page.keyboard.type("50000")
        _press(page, "Group", ".is-root > .builder-add")
        page.wait_for_selector("[name='w.1.0.field']:focus")
        page.keyboard.type("City")
        page.wait_for_selector("[name='w.1.0.op']")
        page.locator("[name='w.1.0.value']").focus()
        page.keyboard.type("Oslo")
        page.locator("[name='w.1.1.field']").focus()
        page.keyboard.type("Industry")
        page.wait_for_selector("[name='w.1.1.value']")
        page.locator("[name='w.1.1.value']").focus()
        page.keyboard.type("soft")
        page.keyboard.press("Enter")
        page.wait_for_url("**/companies?where=**")
        assert [chip.strip() for chip in page.locator(".chip-text").all_inner_texts()] == [
            "has some deals where Amount at least $50,000", "City contains Oslo or Industry contains soft"
        ]  # fmt: skip
        page.locator("a.chip-text").nth(1).focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog.builder-dialog[open]")
        page.keyboard.press("Escape")
        expect(page.locator("dialog.builder-dialog")).to_have_count(0)


def test_the_count_of_matches_is_of_the_rules_as_they_stand(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals/filter/all?stage=won")
        count = page.locator(".builder-count")
        expect(count).to_have_text("10 match")
        page.locator(".builder-value label", has_text="Lead").locator("input").check()
        expect(count).not_to_have_text("10 match")
        page.locator(".builder-value label", has_text="Won").locator("input").first.uncheck()
        expect(count).to_have_text(re.compile(r"^\d+ match(es)?$"))
        left = page.request.get("/deals?stage=lead").text()
        assert f'data-total="{count.inner_text().split()[0]}"' in left


def _press(page: Any, name: str, part: str) -> None:
    page.locator(part).first.get_by_role("button", name=name, exact=True).first.focus()
    page.keyboard.press("Enter")


def test_rows_are_selected_changed_and_undone_by_the_keyboard_alone(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?stage=lead&sort=name")
        page.locator("tbody a.open").first.focus()
        page.keyboard.press("x")
        page.locator("tbody a.open").nth(2).focus()
        page.keyboard.press("Shift+X")
        expect(page.locator("[data-count]")).to_have_text("3 selected")
        page.get_by_role("button", name="Tags").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog #_add:focus")
        page.keyboard.type("chosen")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog [value=apply]:focus")
        assert "3 records will change" in page.locator("dialog.bulk-dialog").inner_text()
        assert faults(page, "dialog.bulk-dialog") == []
        page.keyboard.press("Enter")
        page.wait_for_selector("#toasts :text('3 records changed')")
        expect(page.locator("[data-count]")).to_be_hidden()
        page.goto("/deals?tags=chosen")
        expect(page.locator("tbody tr")).to_have_count(3)


def test_all_that_match_are_selected_across_pages_and_kept(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals")
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+a")
        expect(page.locator("[data-count]")).to_contain_text("All")
        page.locator(".row-check").nth(1).click()
        total = int(page.locator("[data-bulk]").get_attribute("data-total"))
        expect(page.locator("[data-count]")).to_have_text(f"{total - 1} selected")
        page.locator("[rel=next]").click()
        page.wait_for_url("**cursor**")
        expect(page.locator("[data-count]")).to_have_text(f"{total - 1} selected")
        assert all(page.locator(".row-check").evaluate_all("(all) => all.map((one) => one.checked)"))
        page.keyboard.press("Escape")
        page.reload()
        expect(page.locator("[data-count]")).to_be_hidden()


def test_a_selection_is_kept_within_its_list_alone(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        count, away = page.locator("[data-count]"), page.locator("[data-out-of-sight]")
        page.goto("/deals")
        page.locator(".row-check").first.click()
        expect(away).to_be_hidden()
        page.locator("[rel=next]").click()
        page.wait_for_url("**cursor**")
        expect(count).to_have_text("1 selected")
        expect(away).to_have_text("1 out of sight")
        page.reload()
        expect(count).to_have_text("1 selected")
        page.locator(".sidebar a[href='/companies']").click()
        page.locator(".sidebar a[href='/deals']").click()
        page.wait_for_url("**/deals")
        expect(count).to_be_hidden()
        page.locator(".row-check").first.click()
        for address in ("/deals?stage=lead", "/deals?group=stage", "/deals"):
            page.evaluate("(address) => { location.href = address; }", address)
            page.wait_for_url(f"**{address}")
            expect(page.locator("[data-bulk]")).to_have_count(1)
            expect(count).to_be_hidden()


def test_a_phone_selects_by_its_button_and_asks_at_the_bottom(site: Site, browser: Any) -> None:
    with site.page(browser, viewport=PHONE, has_touch=True) as page:
        page.goto("/tasks")
        page.locator(".display > summary").tap()
        page.get_by_role("button", name="Select", exact=True).tap()
        page.locator("tbody tr").first.tap()
        expect(page.locator("[data-count]")).to_have_text("1 selected")
        box = page.locator(".bulk-bar").bounding_box()
        assert box
        assert box["y"] + box["height"] == PHONE["height"]
        assert faults(page) == []
        page.get_by_role("button", name="Complete", exact=True).tap()
        page.get_by_role("button", name="Change 1 record").tap()
        page.wait_for_selector("#toasts :text('1 record changed')")
        page.get_by_role("button", name="Undo").tap()
        page.wait_for_selector("#toasts :text('Change undone')")


def test_a_selection_survives_what_a_live_page_changes(site: Site, browser: Any) -> None:
    with site.page(browser) as page, site.page(browser) as other:
        page.goto("/companies")
        page.locator(".row-check").first.click()
        name = page.locator("tbody a.open").nth(1)
        other.goto(f"{name.get_attribute('href')}/edit")
        other.locator("#name").fill("Renamed elsewhere")
        other.get_by_role("button", name="Save").click()
        page.wait_for_selector("tbody :text('Renamed elsewhere')")
        expect(page.locator("[data-count]")).to_have_text("1 selected")
        assert page.locator(".row-check").first.is_checked()


def test_without_scripts_filters_and_bulk_changes_are_forms(site: Site, browser: Any) -> None:
    context = site.context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto("/deals?stage=lead")
    page.get_by_role("link", name="Filter", exact=True).click()
    page.get_by_role("option", name="Amount", exact=True).click()
    page.fill("[name=_value]", "1000")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/deals?stage=lead&amount__gte=1000")
    page.locator(".row-check").first.check()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.select_option("#bulk-field", "probability")
    page.get_by_role("button", name="Show the choices").click()
    page.fill("#bulk-probability", "33")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Change 1 record").click()
    page.wait_for_selector("#toasts :text('1 record changed')")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_selector("#toasts :text('Change undone')")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_popover_dialog_and_bar_have_no_fault(site: Site, browser: Any, scheme: str) -> None:
    with site.page(browser, color_scheme=scheme, reduced_motion="reduce") as page:
        page.goto(
            "/deals?where=%7B%22or%22:%5B%7B%22field%22:%22owner%22,%22value%22:%22me%22%7D,%7B%22field%22:%22amount%22,%22op%22:%22gt%22,%22value%22:5%7D%5D%7D"
        )
        page.keyboard.press("f")
        page.wait_for_selector("[data-fields-search]:focus")
        assert faults(page) == []
        page.keyboard.type("stage")
        page.keyboard.press("Enter")
        page.wait_for_selector(".filter-popover .option-list")
        assert faults(page) == []
        page.get_by_role("link", name="Advanced").click()
        page.wait_for_selector("dialog.builder-dialog[open]")
        assert faults(page) == []
        page.keyboard.press("Escape")
        page.locator(".row-check").first.click()
        assert faults(page) == []
        page.get_by_role("button", name="Move stage").click()
        page.wait_for_selector("dialog.bulk-dialog[open]")
        assert faults(page) == []
