"""Lists in Chromium: views, columns, order, groups and the place that is kept, by the keyboard and on a phone."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import PHONE, Site

pytestmark = pytest.mark.browser


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def arrange(page: Any, what: str) -> None:
    """Unfold one part of the menu that arranges the list."""
    page.locator(".display > summary").click()
    page.locator(".arrange > summary", has_text=what).click()


def test_a_view_is_saved_changed_and_found_again_by_the_keyboard(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?stage=won&sort=-amount")
        page.get_by_text("Save view …").focus()
        press(page, "Enter")
        expect(page.locator("#save-as")).to_be_focused()
        page.keyboard.type("Won, by size")
        press(page, "Enter")
        page.wait_for_url("**/deals?view=*")
        assert page.locator("[data-views] > summary").inner_text().strip() == "Won, by size"
        address = page.url
        page.locator("th[data-column=name] a.sort").focus()
        press(page, "Enter")
        page.wait_for_url("**sort=name")
        assert page.get_by_text("Edited").is_visible()
        page.get_by_role("link", name="Discard").focus()
        press(page, "Enter")
        page.wait_for_url(address)
        page.locator("[data-views] > summary").focus()
        press(page, "Enter")
        for _step in range(20):  # past other views
            press(page, "ArrowDown")
            if "Won, by size" in page.evaluate("document.activeElement.textContent"):
                break
        press(page, "ArrowDown", "Enter")  # its star
        page.locator(".nav-views a", has_text="Won, by size").wait_for()


def test_columns_are_drawn_wider_by_the_keyboard_and_stay_so(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals")
        grip = page.get_by_role("slider", name="Width of Company")
        before = page.locator("th[data-column=company]").evaluate("(head) => head.offsetWidth")
        grip.focus()
        with page.expect_response("**/list-settings/deals/widths") as kept:
            press(page, *["ArrowRight"] * 5)
        assert kept.value.status == 204
        wide = page.locator("th[data-column=company]").evaluate("(head) => head.offsetWidth")
        assert abs(wide - before - 80) < 8, (before, wide)
        page.reload()
        again = page.locator("th[data-column=company]").evaluate("(head) => head.offsetWidth")
        assert abs(again - wide) < 4
        page.get_by_role("slider", name="Width of Company").focus()
        with page.expect_response("**/list-settings/deals/widths"):
            press(page, "Delete")


def test_a_column_s_edge_is_dragged(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/companies")
        box = page.locator("th[data-column=industry] .col-resize").bounding_box()
        assert box
        page.mouse.move(box["x"] + 4, box["y"] + 10)
        page.mouse.down()
        page.mouse.move(box["x"] + 64, box["y"] + 10, steps=4)
        with page.expect_response("**/list-settings/companies/widths"):
            page.mouse.up()
        assert page.url.endswith("/companies"), "a drag is no click on the head"


def test_columns_are_put_in_order_by_their_buttons(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?fields=company,stage,amount")
        page.locator(".display > summary").focus()
        press(page, "Enter", "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
        page.get_by_role("button", name="Move up: Amount").focus()
        press(page, "Enter", "Enter")
        assert "Amount is column 2 now" in page.locator("[data-said]").inner_text()
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Move up: Amount"
        page.get_by_role("button", name="Show these columns").focus()
        press(page, "Enter")
        page.wait_for_url("**fields=amount,company,stage**")


def test_a_column_is_dragged_to_its_place_in_the_menu(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?fields=company,stage,amount")
        with page.expect_response("**/vendor/Sortable.min.js*"):
            arrange(page, "Columns")
        grips = page.locator("[data-sortable] [data-grip]")
        page.wait_for_timeout(200)
        grips.nth(2).drag_to(grips.nth(0), target_position={"x": 8, "y": 2})
        assert "Amount is column 2 now" in page.locator("[data-said]").inner_text()
        page.get_by_role("button", name="Show these columns").click()
        page.wait_for_url("**fields=amount,company,stage**")


def test_shift_and_enter_on_a_head_sort_by_one_more_column(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?sort=stage")
        page.locator("th[data-column=amount] a.sort").focus()
        press(page, "Shift+Enter")
        page.wait_for_url("**sort=stage,-amount")
        page.locator("th[data-column=close_date] a.sort").click(modifiers=["Shift"])
        page.wait_for_url("**sort=stage,-amount,-close_date")
        assert page.locator("th[aria-sort]").count() == 1


def test_a_list_is_grouped_folded_and_unfolded_by_the_keyboard(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals")
        page.locator(".display > summary").focus()
        press(page, "Enter", "ArrowDown", "ArrowDown", "Enter")
        page.get_by_label("Group by").select_option("stage")
        page.get_by_role("button", name="Group", exact=True).focus()
        press(page, "Enter")
        page.wait_for_url("**group=stage**")
        won = page.locator("a[data-fold=won]")
        assert won.get_attribute("aria-expanded") == "false"
        won.focus()
        press(page, "Space")
        page.locator("tbody[data-of=won] tr[data-id]").first.wait_for()
        assert page.locator("tbody[data-of=won] tr[data-id]").count() == 10
        assert "won" in page.url
        press(page, "ArrowLeft")
        assert page.locator("tbody[data-of=won] tr[data-id]").count() == 0
        press(page, "ArrowRight")
        page.locator("tbody[data-of=won] tr[data-id]").first.wait_for()
        page.reload()
        assert page.locator("tbody[data-of=won] tr[data-id]").count() == 10, "the address holds what is unfolded"


def test_back_from_a_record_finds_the_same_rows_at_the_same_place(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?sort=name&size=25")
        page.get_by_role("link", name="Next").click()
        page.wait_for_url("**cursor=**")
        page.locator(".table-wrap").evaluate("(box) => { box.scrollTop = 150; }")
        row = page.locator("tr[data-id] a.open").nth(14)
        name = row.inner_text()
        row.click()
        page.wait_for_url("**/deals/*")
        page.go_back()
        page.locator("tr[data-id]").first.wait_for()
        assert page.locator("tr[data-id] a.open").nth(14).inner_text() == name
        page.wait_for_load_state("networkidle")
        assert page.locator(".table-wrap").evaluate("(box) => box.scrollTop") > 100


def test_without_a_script_views_columns_order_and_groups_work(site: Site, browser: Any) -> None:
    with site.page(browser, java_script_enabled=False) as page:
        page.goto("/deals?stage=won")
        page.get_by_text("Save view …").click()
        page.locator("#save-as").fill("Plain")
        page.locator(".view-edited button", has_text="Save").click()
        page.wait_for_url("**/deals?view=*")
        arrange(page, "Columns")
        page.get_by_role("button", name="Move up: Stage").click()
        page.wait_for_url("**fields=stage,company**")
        arrange(page, "Sort")
        page.locator("#sort-0").select_option("amount")
        page.locator("#way-0").select_option("down")
        page.get_by_role("button", name="Sort", exact=True).click()
        page.wait_for_url("**sort=-amount**")
        page.goto("/deals?group=stage")
        page.locator("a[data-fold=won]").click()
        assert page.locator("tbody[data-of=won] tr[data-id]").count() == 10


def test_on_a_phone_a_view_is_chosen_and_groups_unfold(site: Site, browser: Any) -> None:
    with site.page(browser, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        page.goto("/deals?group=stage")
        page.locator("a[data-fold=lost]").tap()
        page.locator("tbody[data-of=lost] tr[data-id]").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == 390, "nothing sticks out"
        page.locator(".display > summary").tap()
        page.locator(".arrange > summary", has_text="Columns").tap()
        assert page.get_by_role("button", name="Show these columns").is_visible()
        page.keyboard.press("Escape")
        page.locator("[data-views] > summary").tap()
        page.get_by_role("link", name="All deals").tap()
        page.wait_for_url("**/deals?view=all")


def test_nothing_moves_while_a_list_with_widths_of_its_own_comes_up(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.request.post(
            "/list-settings/deals/widths",
            form={"widths": '{"name": 420, "company": 150}', "view": ""},
            headers={"Origin": site.url},
        )
        page.add_init_script(
            "window.moved = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries())"
            " window.moved += entry.value; }).observe({ type: 'layout-shift', buffered: true });"
        )
        page.goto("/deals", wait_until="networkidle")
        assert page.locator("th[data-column=name]").evaluate("(head) => head.offsetWidth") == 420
        assert page.evaluate("window.moved") < 0.02


def test_a_list_has_one_row_at_its_top_and_choosing_rows_moves_nothing(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?stage=won")
        head = page.locator("header.top")
        assert head.bounding_box()["height"] == 48
        row = page.locator("tr[data-id]").first
        before = row.bounding_box()
        row.locator(".row-check").check(force=True)
        page.locator(".bulk-bar").wait_for()
        assert row.bounding_box() == before
        assert not page.locator(".top-actions > .button-primary").is_visible()
        page.keyboard.press("Escape")
        assert page.locator(".top-actions > .button-primary").is_visible()
        page.locator("#q").fill("a1")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=a1**")


def test_many_chips_go_on_below_and_the_actions_stay(site: Site, browser: Any) -> None:
    with site.page(browser, viewport={"width": 1024, "height": 768}) as page:
        page.goto("/deals")
        before = page.locator(".top-actions > .button-primary").bounding_box()
        page.goto("/deals?stage=won&amount__gt=1&probability__gt=1&close_date=this_year&owner=me")
        chips = [chip.bounding_box() for chip in page.locator(".chip").all()]
        assert len(chips) == 5
        assert all(chip["width"] > 80 and chip["x"] + chip["width"] < before["x"] for chip in chips)
        assert page.locator(".top-actions > .button-primary").bounding_box() == before
        assert page.evaluate("document.documentElement.scrollWidth") <= 1024


def test_on_a_phone_the_head_is_one_row_and_a_sheet_has_the_rest(site: Site, browser: Any) -> None:
    with site.page(browser, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        page.goto("/deals")
        assert page.locator("header.top").bounding_box()["height"] <= 49
        page.locator(".display > summary").tap()
        page.locator(".display .menu-item", has_text="Select").tap()
        assert page.locator(".row-check").first.is_visible()
        page.locator(".display > summary").tap()
        page.locator(".display .menu-item", has_text="Filter").tap()
        page.locator(".filter-popover").wait_for()
        assert not page.locator(".display .menu-body").is_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".display > summary")).to_be_focused()
        page.locator(".filter-search").tap()
        page.locator("#q").fill("a1")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=a1**")
        assert "a1" in page.locator(".list-filters").inner_text(), "the words that narrow the list are said"


def test_the_pager_says_what_is_left_after_rows_have_gone(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        ids = ",".join(map(str, site.ids["deals"][1:32:6]))
        page.goto(f"/deals?stage=qualified&id__in={ids}")
        pager = page.locator(".pager .num")
        before = page.locator("tbody tr[data-id]").count()
        assert before > 3
        expect(pager).to_have_text(f"1–{before} of {before}")
        for box in page.locator(".row-check").all()[:2]:
            box.check(force=True)
        page.locator("[name=_action][value=stage]").click()
        page.locator("#bulk-stage").select_option(label="Proposal")
        page.locator(".bulk-dialog [value=preview]").click()
        page.locator(".bulk-dialog [value=apply]").click()
        expect(page.locator("tbody tr[data-id]")).to_have_count(before - 2)
        expect(pager).to_have_text(f"1–{before - 2} of {before - 2}")
        assert page.locator("form[data-bulk]").get_attribute("data-total") == str(before - 2)


def test_a_list_with_drawn_columns_looks_again_without_a_word_in_the_console(site: Site, browser: Any) -> None:
    with site.page(browser) as page:  # a refused style would fail it
        sizes = {"widths": '{"amount": 120}', "view": ""}
        page.request.post(f"{site.url}/list-settings/deals/widths", form=sizes, headers={"Origin": site.url})
        page.goto("/deals")
        made = page.request.post(f"{site.url}/api/v1/deals", data={"name": "Fresh one"}, headers={"Origin": site.url})
        assert made.ok
        expect(page.locator("tbody")).to_contain_text("Fresh one")
        assert page.locator("style[data-widths]").count() <= 1


def test_dates_have_their_bucket_where_the_groups_are_dates(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?group=owner")
        arrange(page, "Group")
        expect(page.locator("#group-bucket")).to_be_hidden()
        page.locator("#group-by").select_option("close_date:date")
        expect(page.locator("#group-bucket")).to_be_visible()
