"""Values edited where they stand, in Chromium: by the keyboard alone, by touch, by two people, and taken back."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import PHONE, Site
from tests.pages.test_accessibility import faults
from tests.pages.test_live_in_browser import Shared, shared

__all__ = ["shared"]  # the fixture: Anna has a workspace open, Ben changes it
pytestmark = pytest.mark.browser
BOX = ".editor-box"


def _cell(page: Any, name: str, row: int = 0) -> Any:
    return page.locator("tbody tr").nth(row).locator(f"[data-field={name}]")


def _focus_first(page: Any) -> None:
    """The list's one stop of the Tab key."""
    page.locator("tbody [tabindex='0']").focus()


def _saved(page: Any) -> None:
    expect(page.locator("#toasts")).to_contain_text("saved")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def test_a_list_is_edited_by_the_keyboard_alone(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/companies?sort=name")
        _focus_first(page)
        expect(page.locator("a.open").first).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(_cell(page, "industry", 0)).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_selector(BOX)
        page.keyboard.type("Robots")
        page.keyboard.press("Tab")  # saves, and opens the next one
        expect(page.locator(BOX)).to_have_count(1)
        expect(page.locator(f"{BOX} [name=country]")).to_be_focused()
        expect(_cell(page, "industry", 0)).to_have_text("Robots")
        page.keyboard.press("Shift+Tab")
        expect(page.locator(f"{BOX} [name=industry]")).to_have_value("Robots")
        page.keyboard.type("Never mind")
        page.keyboard.press("Escape")
        expect(page.locator(BOX)).to_have_count(0)
        expect(_cell(page, "industry", 0)).to_have_text("Robots")
        expect(_cell(page, "industry", 0)).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(_cell(page, "industry", 1)).to_be_focused()
        page.keyboard.press("Control+End")
        page.keyboard.press("Control+Home")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")  # beside the box that selects the row
        page.keyboard.press("F2")  # the name itself: Enter there opens the record
        page.wait_for_selector(f"{BOX} [name=name]")
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        page.wait_for_url("**/companies/*")


def test_the_list_is_one_stop_of_the_tab_key_and_its_links_still_work(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals")
        expect(page.locator("table")).to_have_attribute("role", "grid")
        assert page.locator("tbody [tabindex='0']").count() == 1
        _focus_first(page)
        page.keyboard.press("Tab")
        assert not page.evaluate("document.activeElement.closest('tbody') !== null")
        _focus_first(page)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/companies/*")


def test_a_double_click_edits_and_a_click_on_the_name_opens(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?sort=-name")
        _cell(page, "amount").click()
        expect(_cell(page, "amount")).to_be_focused()
        before = page.locator("tbody tr").first.bounding_box()
        _cell(page, "amount").dblclick()
        page.wait_for_selector(BOX)
        assert page.locator("tbody tr").first.bounding_box() == before
        page.keyboard.type("4321")
        page.keyboard.press("Enter")
        _saved(page)
        expect(_cell(page, "amount")).to_have_text("4,321")
        _cell(page, "stage").dblclick()
        page.locator(f"{BOX} option", has_text="Negotiation").click()
        _saved(page)
        expect(_cell(page, "stage")).to_have_text("Negotiation")
        page.locator("a.open").first.click()
        page.wait_for_url("**/deals/*")


def test_facts_are_edited_by_a_click_and_empty_ones_are_filled(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/companies/{site.ids['long']}")
        page.locator("[data-as=fact][data-field=country] [data-value]").click()
        page.locator(f"{BOX} input[name=country]").fill("Norway")
        page.keyboard.press("Enter")
        _saved(page)
        expect(page.locator("[data-as=fact][data-field=country]")).to_contain_text("Norway")
        page.locator("summary", has_text="Empty fields").click()
        page.locator("[data-as=fact][data-field=website] .edit-mark").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(BOX)
        page.keyboard.type("https://long.test")
        page.keyboard.press("Enter")
        expect(page.locator("[data-as=fact][data-field=website] a[target]")).to_have_text("long.test")
        page.locator("[data-as=fact][data-field=parent] .edit-mark").focus()
        page.keyboard.press("Enter")
        page.locator(f"{BOX} [role=combobox]").fill("")
        page.keyboard.press("Enter")  # an emptied link is taken off
        expect(page.locator("[data-as=fact][data-field=parent]")).not_to_contain_text("Acme")


def test_tags_are_chosen_from_those_that_exist_or_made_anew(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/companies/{site.ids['acme']}")
        tags = page.locator("[data-as=fact][data-field=tags]")
        page.locator("summary", has_text="Empty fields").click()
        tags.locator(".edit-mark").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(f"{BOX} [name=tags]")
        page.locator(f"{BOX} [name=tags]").fill("brand new")
        page.keyboard.press("Enter")
        _saved(page)
        expect(tags).to_contain_text("brand new")
        page.goto(f"/companies/{site.ids['long']}")
        page.locator("summary", has_text="Empty fields").click()
        tags.locator(".edit-mark").focus()
        page.keyboard.press("Enter")
        page.locator(f"{BOX} [name=tags]").press_sequentially("own one, bra")
        page.locator(f"{BOX} [data-label='brand new']").wait_for()
        expect(page.locator(f"{BOX} [aria-selected=true]")).to_have_text("Create “bra”")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator(f"{BOX} [name=tags]")).to_have_value("own one, brand new, ")
        page.keyboard.press("Enter")
        expect(tags).to_contain_text("brand new")
        expect(tags).to_contain_text("own one")
        tags.locator(".edit-mark").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(f"{BOX} [name=tags]")
        page.locator(f"{BOX} [name=tags]").fill("")
        page.locator(f"{BOX} [name=tags]").press_sequentially("bra")
        expect(page.locator(f"{BOX} [aria-selected=true]")).to_have_text("Create “bra”")
        page.keyboard.press("Enter")  # what stands first is what comes
        _saved(page)
        expect(tags).to_have_text("bra")


def test_an_error_stands_at_the_field_and_keeps_what_was_typed(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/people/{site.ids['paula']}")
        page.locator("[data-as=fact][data-field=email] .edit-mark").click()
        page.locator(f"{BOX} [name=email]").fill("nonsense")
        page.keyboard.press("Enter")
        expect(page.locator(f"{BOX} .error")).to_contain_text("e-mail address")
        expect(page.locator(f"{BOX} [name=email]")).to_have_value("nonsense")
        expect(page.locator(f"{BOX} [name=email]")).to_be_focused()
        assert faults(page, "main") == []
        page.keyboard.press("Escape")
        expect(page.locator("[data-as=fact][data-field=email]")).to_contain_text("paula@acme.test")


def test_one_that_cannot_be_sent_is_kept_and_sent_again(site: Site, browser: Any) -> None:
    context = site.context(browser)
    page = context.new_page()
    page.goto(f"/people/{site.ids['paula']}")
    page.locator("[data-as=fact][data-field=title] [data-value]").click()
    page.locator(f"{BOX} [name=title]").fill("Head of all")
    context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator(f"{BOX} .error")).to_contain_text("You are offline")
    expect(page.locator(f"{BOX} [name=title]")).to_have_value("Head of all")
    context.set_offline(False)
    page.keyboard.press("Enter")
    _saved(page)
    expect(page.locator("[data-as=fact][data-field=title]")).to_contain_text("Head of all")
    context.close()


def test_a_second_press_of_enter_sends_nothing_more(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        page.goto(f"/people/{site.ids['paula']}")
        page.locator("[data-as=fact][data-field=city] .edit-mark, summary:has-text('Empty fields')").first.click()
        page.locator("[data-as=fact][data-field=city] .edit-mark").click(force=True)
        page.locator(f"{BOX} [name=city]").fill("Bergen")
        page.evaluate("""() => { for (let i = 0; i < 3; i++) document.querySelector('.editor-box [name=city]')
            ?.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})); }""")
        _saved(page)
        assert len(sent) == 1, sent


def test_control_z_takes_back_step_by_step_and_control_shift_z_does_again(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/companies?sort=name")
        industry, country = _cell(page, "industry", 0), _cell(page, "country", 0)
        first = industry.text_content(), country.text_content()
        for cell, text in ((industry, "One"), (country, "Two")):
            cell.dblclick()
            page.wait_for_selector(BOX)
            page.keyboard.type(text)
            page.keyboard.press("Enter")
            _saved(page)
            expect(cell).to_have_text(text)
        page.keyboard.press("Control+z")
        expect(country).to_have_text(first[1])
        expect(industry).to_have_text("One")
        page.keyboard.press("Control+z")
        expect(industry).to_have_text(first[0])
        page.keyboard.press("Control+Shift+z")
        expect(industry).to_have_text("One")
        page.locator("#toasts").get_by_role("button", name="Undo").click()
        expect(industry).to_have_text(first[0])


def test_undo_says_why_it_refuses(shared: Shared, browser: Any) -> None:
    acme = shared.anna.ids["acme"]
    with shared.anna.page(browser) as page:
        page.goto(f"/companies/{acme}")
        page.locator("[data-as=fact][data-field=country] [data-value]").click()
        page.locator(f"{BOX} [name=country]").fill("Chile")
        page.keyboard.press("Enter")
        _saved(page)
        shared.patch(f"companies/{acme}", country="Peru")
        expect(page.locator("[data-as=fact][data-field=country]")).to_contain_text("Peru")
        page.keyboard.press("Control+z")
        expect(page.locator("#toasts")).to_contain_text("Later changes stand in the way")
        expect(page.locator("[data-as=fact][data-field=country]")).to_contain_text("Peru")


def test_a_change_by_somebody_else_shows_in_the_open_editor_and_is_never_written_over(
    shared: Shared, browser: Any
) -> None:
    deal = shared.anna.ids["deals"][2]
    with shared.anna.page(browser) as page:
        for choice, expected in (("Keep mine", "$777"), ("Take theirs", "$666")):
            shared.patch(f"deals/{deal}", amount=100)
            page.goto(f"/deals/{deal}")
            page.locator("[data-as=fact][data-field=amount] [data-value]").click()
            page.locator(f"{BOX} [name=amount]").fill("777")
            shared.patch(f"deals/{deal}", amount=666, probability=12)
            expect(page.locator(f"{BOX} [data-dispute]")).to_contain_text(
                "Ben Okoye has changed this meanwhile, to $666"
            )
            expect(page.locator(f"{BOX} [name=amount]")).to_have_value("777")
            assert faults(page, "main") == []
            page.locator(f"{BOX} [name=amount]").press("Enter")
            expect(page.get_by_role("button", name="Keep mine")).to_be_focused()
            page.get_by_role("button", name=choice).click()
            expect(page.locator(BOX)).to_have_count(0)
            expect(page.locator("[data-as=fact][data-field=amount]")).to_contain_text(expected)


def test_a_conflict_is_told_even_where_the_live_connection_is_away(shared: Shared, browser: Any) -> None:
    deal = shared.anna.ids["deals"][3]
    context = shared.anna.context(browser)
    context.add_init_script("window.WebSocket = class { addEventListener() {} close() {} };")
    page = context.new_page()
    page.goto("/deals?sort=name")
    cell = page.locator(f"tr[data-id='{deal}'] [data-field=amount]")
    cell.dblclick()
    page.locator(f"{BOX} [name=amount]").fill("888")
    shared.patch(f"deals/{deal}", amount=555, stage="won")  # the stage is no conflict, the amount is
    page.keyboard.press("Enter")
    expect(page.locator(f"{BOX} [data-dispute]")).to_contain_text("$555")
    page.get_by_role("button", name="Keep mine").click()
    _saved(page)
    assert shared.ben.get(f"/api/v1/deals/{deal}").json()["amount"] == 888
    assert shared.ben.get(f"/api/v1/deals/{deal}").json()["stage"] == "won"
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_open_editor_has_a_fault(site: Site, browser: Any, scheme: str) -> None:
    with site.page(browser, color_scheme=scheme, reduced_motion="reduce") as page:
        found: dict[str, list[str]] = {}
        page.goto("/deals")
        for name in ("name", "company", "stage", "amount", "close_date", "owner"):
            cell = _cell(page, name)
            cell.evaluate("(cell) => (cell.querySelector('a.open') ?? cell).focus()")
            page.keyboard.press("F2")
            page.wait_for_selector(BOX)
            if problems := faults(page, "main"):
                found[name] = problems
            page.keyboard.press("Escape")
        page.goto(f"/companies/{site.ids['hostile']}")
        page.locator("[data-as=fact][data-field=description] .edit-mark").click(force=True)
        page.wait_for_selector(BOX)
        found |= {"description": problems} if (problems := faults(page, "main")) else {}
        assert not found


def test_nothing_moves_when_an_editor_opens_and_saves(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/companies?sort=name", wait_until="networkidle")
        page.evaluate("""() => { window.shift = 0; new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shift += entry.value;
            }).observe({type: "layout-shift"}); }""")
        _cell(page, "country", 1).dblclick()
        page.locator(f"{BOX} [name=country]").fill("Fiji")
        page.keyboard.press("Enter")
        _saved(page)
        page.wait_for_timeout(300)
        assert page.evaluate("window.shift") < 0.02


def test_a_fact_is_edited_by_touch_on_a_phone(site: Site, browser: Any) -> None:
    with site.page(browser, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        page.goto(f"/deals/{site.ids['deals'][4]}")
        page.locator("[data-as=fact][data-field=stage] [data-value]").tap()
        page.locator(f"{BOX} select").select_option(label="Qualified")  # the system's own chooser: chosen is saved
        _saved(page)
        expect(page.locator("[data-as=fact][data-field=stage]")).to_contain_text("Qualified")
        page.locator("[data-as=fact][data-field=amount] [data-value]").tap()
        page.locator(f"{BOX} [name=amount]").fill("999")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert faults(page, "main") == []
        page.get_by_role("button", name="Save").tap()
        expect(page.locator("[data-as=fact][data-field=amount]")).to_contain_text("$999")
        page.goto("/deals")
        page.locator("tbody tr").first.locator("[data-field=stage]").tap()  # a finger opens the record
        page.wait_for_url("**/deals/*")


def test_a_date_is_written_as_it_is_shown_or_taken_from_the_calendar(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/deals/{site.ids['deals'][5]}")
        day = page.locator("[data-as=fact][data-field=close_date]")
        day.locator(".edit-mark").focus()
        page.keyboard.press("Enter")
        page.locator(f"{BOX} [name=close_date]").fill("Feb 3, 2027")
        page.keyboard.press("Enter")
        _saved(page)
        expect(day).to_contain_text("Feb 3, 2027")
        page.reload()
        day.locator(".edit-mark").focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"{BOX} [name=close_date]")).to_have_value("Feb 3, 2027")
        page.locator(f"{BOX} [type=date]").evaluate(
            "(field) => { field.value = '2027-03-04'; field.dispatchEvent(new Event('change', { bubbles: true })); }"
        )
        expect(page.locator(BOX)).to_have_count(0)
        expect(day).to_contain_text("Mar 4, 2027")
    with site.page(browser, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        page.goto(f"/deals/{site.ids['deals'][5]}")
        page.locator("[data-as=fact][data-field=close_date] .edit-mark").tap()
        expect(page.locator(f"{BOX} [name=close_date]")).to_have_attribute("type", "date")
        expect(page.locator(f"{BOX} [name=close_date]")).to_have_value("2027-03-04")
