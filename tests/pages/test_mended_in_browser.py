"""The keyboard and what is typed are never lost to an answer that comes later, in Chromium."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pages.browsing import Site

pytestmark = pytest.mark.browser


def test_contacts_are_added_one_after_the_other_by_typing(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/deals/{site.ids['deals'][4]}")
        contacts = page.locator("#links-contacts")
        contacts.locator("summary").click()
        field = contacts.locator("[role=combobox]")
        for role in ("champion", "user"):
            expect(field).to_be_focused()
            page.keyboard.type("paul")
            expect(contacts.locator("[role=option][aria-selected=true]")).to_contain_text("Paula Berg")
            page.keyboard.press("Enter")
            expect(field).to_have_value("Paula Berg")
            contacts.locator("[name=role]").select_option(role)
            contacts.get_by_role("button", name="Add", exact=True).click()
            expect(field).to_have_value("")
        expect(contacts.locator(".related-list li")).to_have_count(2)
        expect(field).to_be_focused()
        expect(contacts.locator("[role=option]")).to_have_count(0)
        page.keyboard.type("paula berg")
        expect(contacts.locator("[role=option][aria-selected=true]")).to_contain_text("Paula Berg")
        page.keyboard.press("Enter")
        expect(field).to_have_value("Paula Berg")
        contacts.locator("[name=role]").select_option("user")
        contacts.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator("#toasts")).to_contain_text("That is there already")


def test_fields_that_search_go_on_after_somebody_elses_change(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/companies/{site.ids['acme']}")
        people = page.locator("#related-people")
        people.locator("summary").click()
        expect(people.locator("[name=name]")).to_be_focused()
        page.evaluate("document.activeElement.blur()")
        made = page.request.post(
            f"{site.url}/api/v1/tasks",
            data={"name": "Look in", "company": site.ids["acme"]},
            headers={"Origin": site.url},
        )
        assert made.ok
        expect(page.locator("#related-tasks")).to_contain_text("Look in")
        people.locator("[role=combobox]").fill("paul")
        expect(people.locator("[role=option]")).to_contain_text("Paula Berg")


def test_the_next_step_and_the_next_task_can_be_typed_at_once(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/tasks/{site.ids['task']}")
        page.locator("#chain-text").fill("Elicit a reply")
        page.keyboard.press("Enter")
        expect(page.locator(".chain")).to_contain_text("Elicit a reply")
        expect(page.locator("#chain-text")).to_be_focused()
        page.goto(f"/companies/{site.ids['long']}")
        page.locator(".composer-tab", has_text="Task").click()
        page.locator("#c-task").fill("Ring Lotte")
        page.keyboard.press("Enter")
        expect(page.locator("#related-tasks")).to_contain_text("Ring Lotte")
        expect(page.locator("#c-task")).to_be_focused()


def test_what_is_typed_after_another_condition_is_chosen_stays(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/deals?amount__gte=1000")
        page.goto("/deals/filter/all?amount__gte=1000")
        held: list[Any] = []
        page.route("**/filter/all?*refresh*", lambda route: held.append(route))
        page.locator("[name='w.0.op']").focus()
        page.locator("[name='w.0.op']").select_option("lte")
        page.keyboard.press("Tab")
        expect(page.locator("[name='w.0.value']")).to_be_focused()
        expect(page.locator("form[data-builder][aria-busy=true]")).to_have_count(1)
        page.keyboard.press("Control+a")
        page.keyboard.type("25000")
        held[0].continue_()
        expect(page.locator("form[data-builder][aria-busy=true]")).to_have_count(0)
        expect(page.locator("[name='w.0.value']")).to_have_value("25000")
        expect(page.locator("[name='w.0.value']")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/deals?amount__lte=25000")


def test_the_palette_moves_to_the_trash_with_a_way_back(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        url = f"/deals/{site.ids['deals'][20]}"
        page.goto(url)
        page.keyboard.press("Control+k")
        page.keyboard.type("trash")
        expect(page.locator("#palette [role=option][aria-selected=true]")).to_contain_text("Move to trash")
        page.keyboard.press("Enter")
        page.wait_for_url("**/deals")
        expect(page.locator("#toasts")).to_contain_text("moved to the trash")
        page.keyboard.press("Control+z")
        expect(page.locator("#toasts")).to_contain_text("Change undone")
        page.goto(url)
        expect(page.locator(".record-notice")).to_have_count(0)


def test_a_refused_value_stands_in_its_editor_alone(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/deals/{site.ids['deals'][21]}")
        head = page.locator("[data-live=head] [data-field=amount] [data-value]")
        before = head.inner_text()
        head.click()
        page.locator(".editor-box input.input").fill("abc")
        page.keyboard.press("Enter")
        expect(page.locator(".editor-box .error")).to_contain_text("can't be read as a number")
        expect(head).to_have_text(before)
        expect(page.locator(".editor-box input.input")).to_have_value("abc")


def test_a_record_that_somebody_deletes_offers_to_be_restored_and_nothing_else(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        url = f"/deals/{site.ids['deals'][22]}"
        page.goto(url)
        expect(page.locator(".top-actions").get_by_role("link", name="Edit")).to_be_visible()
        gone = page.request.delete(f"{site.url}/api/v1{url}", headers={"Origin": site.url})
        assert gone.ok
        expect(page.locator(".top-actions").get_by_role("button", name="Restore")).to_be_visible()
        expect(page.locator(".top-actions").get_by_role("link", name="Edit")).to_have_count(0)
        expect(page.locator(".composer")).to_have_count(0)
        page.get_by_role("button", name="Restore").click()
        expect(page.locator(".top-actions").get_by_role("link", name="Edit")).to_be_visible()


def test_paper_has_moments_and_ticks_and_nothing_to_press(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        tasks = [
            page.request.post(f"{site.url}/api/v1/tasks", data=task, headers={"Origin": site.url}).json()
            for task in (
                {"name": "Still open", "company": site.ids["long"]},
                {"name": "Done before", "company": site.ids["long"], "done": True},
            )
        ]
        assert all("id" in task for task in tasks)
        page.goto(f"/companies/{site.ids['long']}")
        page.emulate_media(media="print")
        for gone in (".follow", ".timeline-kinds"):
            assert not page.locator(gone).first.is_visible(), gone
        said = "(item, pseudo) => getComputedStyle(item, pseudo).content"
        marks = {
            row.locator("a").first.inner_text(): row.locator("form[data-tick]").evaluate(
                f"(i) => ({said})(i, '::before')"
            )
            for row in page.locator("#related-tasks li:has(form[data-tick])").all()
        }
        assert (marks["Still open"], marks["Done before"]) == ('"☐"', '"☑"')
        moment = page.locator("#timeline time[title]").first
        assert moment.evaluate(f"(i) => ({said})(i, '::after')") == f'"{moment.get_attribute("title")}"'


def test_without_scripts_the_assistants_page_says_where_the_question_is_answered(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        sent = page.request.get(f"{site.url}/assistant?q=how+many+deals+are+open%3F").text()
        head, body = sent.split("<noscript>")[1:3]
        assert ".assistant-page, .top-actions { display: none !important; }" in head
        assert "./run.sh ask &#39;how many deals are open?&#39;" in body
        page.goto("/assistant")
        expect(page.locator("form[data-chat-form]")).to_be_visible()


def test_toasts_stand_above_my_days_bar(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto("/tasks/day")
        page.locator("#task-text").fill("Over the bar")
        page.keyboard.press("Enter")
        expect(page.locator("#toasts")).to_contain_text("Task created")
        page.locator(".task-pick").first.check(force=True)
        bar, toast = page.locator("#batch"), page.locator("#toasts [data-toast]").last
        expect(bar).to_be_visible()
        below, above = bar.bounding_box(), toast.bounding_box()
        assert below
        assert above
        assert above["y"] + above["height"] <= below["y"]
