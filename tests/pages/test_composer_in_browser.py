"""Writing on a record in Chromium and a real server: by keyboard alone, on a phone, with files, without scripts."""

import base64
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.files.samples import PNG, pdf
from tests.pages.browsing import PHONE, WIDE, Site
from tests.pages.test_accessibility import faults

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])


def writing(page: Any, site: Site, name: str = "acme") -> Any:
    """The note's text on a company's page, focused and empty."""
    page.goto(f"/companies/{site.ids[name]}")
    area = page.locator("#c-note")
    expect(page.locator(".composer-notes .md-bar")).to_be_visible()
    area.fill("")
    area.focus()
    return area


@SIZES
def test_a_note_with_marks_a_list_and_mentions_is_written_by_the_keyboard_alone(
    site: Site, browser: Any, size: dict[str, int]
) -> None:
    with site.page(browser, viewport=size) as page:
        area = writing(page, site)
        page.keyboard.press("Control+b")
        page.keyboard.type("Budget")
        expect(area).to_have_value("**Budget**")
        page.keyboard.press("End")
        page.keyboard.type(" is set by @ann")
        page.wait_for_selector(".mention-list:not([hidden]) [role=option][aria-selected=true]")
        page.keyboard.press("Enter")
        page.keyboard.type("\n- first\n")
        page.keyboard.type("with #deal 00")
        page.wait_for_selector(".mention-list:not([hidden]) [data-url^='/deals/']")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Tab")
        value = area.input_value()
        assert re.fullmatch(
            r"\*\*Budget\*\* is set by \[@Anna Reyes\]\(/users/\d+\) \n- first\n- with \[Deal 00\d\]\(/deals/\d+\) ",
            value,
        ), value
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#toasts :text('Note created')")
        shown = page.locator("#timeline .event-notes", has=page.locator("strong", has_text="Budget")).first
        expect(shown.locator("strong", has_text="Budget")).to_be_visible()
        expect(shown.locator("a.mention").first).to_have_attribute("title", "User")
        expect(shown.locator("li a.mention")).to_have_attribute("href", re.compile(r"^/deals/\d+$"))
        expect(page.locator("#c-note")).to_have_value("")
        page.locator("#toasts").get_by_role("button", name="Undo").click()
        page.wait_for_selector("#toasts :text('Change undone')")


def test_the_toolbar_is_one_stop_and_its_buttons_do_what_they_say(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        area = writing(page, site)
        page.keyboard.type("one\ntwo")
        page.keyboard.press("Control+a")
        page.keyboard.press("Shift+Tab")
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        expect(page.get_by_role("button", name="List", exact=True)).to_be_focused()
        page.keyboard.press("Enter")
        expect(area).to_have_value("- one\n- two")
        page.keyboard.press("Control+z")
        expect(area).to_have_value("one\ntwo")
        page.keyboard.press("Control+a")
        page.keyboard.press("Control+k")
        assert area.input_value().startswith("[one\ntwo](https://")
        expect(page.locator("#palette")).not_to_be_visible()
        area.fill("**bold** <b>not</b>")
        page.get_by_role("button", name="Preview").click()
        shown = page.locator(".md-preview")
        expect(shown.locator("strong")).to_have_text("bold")
        expect(shown).to_contain_text("<b>not</b>")
        page.get_by_role("button", name="Preview").click()
        expect(area).to_be_focused()


def test_an_empty_point_ends_its_list_and_escape_closes_the_names(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        area = writing(page, site)
        page.keyboard.type("9. nine\nten\n\nend @ann")
        expect(area).to_have_value("9. nine\n10. ten\nend @ann")
        page.wait_for_selector(".mention-list:not([hidden])")
        page.keyboard.press("Escape")
        expect(page.locator(".mention-list").first).to_be_hidden()
        page.keyboard.press("Enter")
        expect(area).to_have_value("9. nine\n10. ten\nend @ann\n")


def test_a_draft_is_kept_until_it_is_sent(site: Site, browser: Any) -> None:
    context = site.context(browser)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    area = writing(page, site, "long")
    page.keyboard.type("Half a thought")
    page.goto("/companies")
    page.goto(f"/companies/{site.ids['long']}")
    expect(page.locator("#c-note")).to_have_value("Half a thought")
    expect(page.get_by_text("Your draft is back.")).to_be_visible()
    page.locator("#c-note").press("Control+Enter")
    page.wait_for_selector("#toasts :text('Note created')")
    page.reload()
    expect(area).to_have_value("")
    context.close()


def test_a_question_goes_to_the_assistant_beside_the_page(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        writing(page, site)
        page.locator("input[name=composer]").first.focus()
        page.keyboard.press("ArrowLeft")  # round to the last of them
        page.locator("#c-question").focus()
        page.keyboard.type("How many deals are there?")
        page.keyboard.press("Enter")
        expect(page.locator("[data-assistant]")).to_be_visible()
        expect(page.locator("[data-assistant]")).to_contain_text("How many deals are there?")
        assert "/companies/" in page.url


@SIZES
def test_a_text_is_edited_where_it_stands(site: Site, browser: Any, size: dict[str, int]) -> None:
    with site.page(browser, viewport=size) as page:
        page.goto(f"/companies/{site.ids['acme']}")
        note = page.locator(f"#timeline .event-notes[data-id='{site.ids['note']}']")
        note.hover()
        note.get_by_role("link", name="Edit this text").press("Enter")
        area = note.locator("textarea")
        expect(area).to_be_focused()
        page.keyboard.press("Escape")
        expect(area).to_have_count(0)
        note.get_by_role("link", name="Edit this text").press("Enter")
        expect(area).to_be_focused()
        page.keyboard.type(" Said **twice**.")
        assert faults(page, ".text-editor") == []
        page.keyboard.press("Control+Enter")
        expect(note.locator("strong", has_text="twice")).to_be_visible()
        page.locator("#toasts").get_by_role("button", name="Undo").click()
        page.wait_for_selector("#toasts :text('Change undone')")


def test_a_note_is_pinned_and_a_line_undone_in_place(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/companies/{site.ids['acme']}")
        note = page.locator(f"#timeline .event-notes[data-id='{site.ids['note']}']")
        note.hover()
        note.get_by_role("button", name="Pin this note").click()
        expect(page.locator("#timeline h3").first).to_have_text("Pinned")
        note.hover()
        note.get_by_role("button", name="Unpin this note").click()
        expect(note.get_by_role("button", name="Pin this note")).to_have_count(1)


# --- files ------------------------------------------------------------------------------------------------------------


def chosen(name: str, body: bytes, kind: str = "") -> dict[str, Any]:
    return {"name": name, "mimeType": kind or "application/octet-stream", "buffer": body}


def test_several_files_are_added_at_once_and_taken_back(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        writing(page, site, "hostile")
        page.set_input_files("#c-files", [chosen("a.txt", b"one"), chosen("b.txt", b"two"), chosen("c.png", PNG)])
        for name in ("a.txt", "b.txt", "c.png"):
            expect(page.locator("#timeline .event-files", has_text=name)).to_be_visible()
        expect(page.locator(".event-thumbnail img")).to_have_count(1)
        assert page.locator(".event-thumbnail img").evaluate("img => img.decode().then(() => img.naturalWidth)") == 1
        expect(page.locator(".upload")).to_have_count(0)
        page.locator("#toasts").get_by_role("button", name="Undo").last.click()  # each file has its own
        page.wait_for_selector("#toasts :text('Change undone')")


def test_a_large_file_shows_its_progress_and_can_be_stopped(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        writing(page, site, "hostile")
        session = page.context.new_cdp_session(page)
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 300_000}
        session.send("Network.emulateNetworkConditions", slow)
        page.set_input_files("#c-files", [chosen("large.bin", b"x" * 6_000_000)])
        row = page.locator(".upload", has_text="large.bin")
        expect(row.locator(".num")).to_have_text(re.compile(r"[1-9]\d?%"))
        assert faults(page, ".composer") == []
        row.get_by_role("button", name="Stop").press("Enter")
        expect(row).to_have_count(0)
        session.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
        page.reload()
        expect(page.locator("#timeline .event-files", has_text="large.bin")).to_have_count(0)


def test_what_is_too_large_is_said_before_it_is_sent(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        writing(page, site)
        page.evaluate("document.querySelector('form[data-upload]').dataset.upload = '10'")
        page.set_input_files("#c-files", [chosen("big.bin", b"x" * 11)])
        expect(page.locator(".upload.is-bad")).to_contain_text("big.bin is larger than a file may be here")
        page.locator(".upload.is-bad button").click()
        expect(page.locator(".upload")).to_have_count(0)


_DROP = """([data, name, type, target]) => {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], name, {type}));
    const at = document.querySelector(target);
    const kinds = target === '#c-note' ? ['paste'] : ['dragenter', 'dragover', 'drop'];
    for (const kind of kinds) at.dispatchEvent(kind === 'paste'
        ? new ClipboardEvent(kind, {clipboardData: carried, bubbles: true, cancelable: true})
        : new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


def test_a_file_is_dropped_on_the_record(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        writing(page, site)
        data = base64.b64encode(b"dropped").decode()
        page.evaluate(_DROP, [data, "dropped.txt", "text/plain", ".record-main"])
        expect(page.locator("#timeline .event-files", has_text="dropped.txt")).to_be_visible()
        expect(page.locator(".is-dropping")).to_have_count(0)


def test_a_picture_is_pasted_into_a_note_but_not_into_a_private_one(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        area = writing(page, site)
        data = base64.b64encode(PNG).decode()
        page.evaluate(_DROP, [data, "image.png", "image/png", "#c-note"])
        expect(area).to_have_value(re.compile(r"^\[Picture .+\.png\]\(/files/\d+\) $"))
        area.fill("")
        page.get_by_label("Only I can see it").check()
        page.evaluate(_DROP, [data, "image.png", "image/png", "#c-note"])
        expect(page.locator(".upload.is-bad")).to_contain_text("Save the private note first")
        expect(area).to_have_value("")


@SIZES
def test_a_files_page_shows_it_and_has_no_fault(site: Site, browser: Any, size: dict[str, int]) -> None:
    with site.page(browser, viewport=size) as page:
        writing(page, site)
        page.set_input_files("#c-files", [chosen("offer.pdf", pdf("Offer for you")), chosen("photo.png", PNG)])
        page.locator("#timeline .event-files a", has_text="offer.pdf").first.click()
        expect(page.get_by_role("link", name=re.compile("Download"))).to_be_visible()
        expect(page.locator("iframe.file-frame")).to_have_attribute("src", re.compile(r"/files/\d+/preview"))
        page.get_by_text("Text in this file").click()
        expect(page.locator(".file-words")).to_contain_text("Offer for you")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.goto("/files")
        assert faults(page) == []
        page.goto(f"/files/new?company={site.ids['acme']}")
        assert faults(page) == []


def test_files_are_added_from_the_page_for_it(site: Site, browser: Any) -> None:
    with site.page(browser) as page:
        page.goto(f"/files/new?company={site.ids['acme']}")
        page.set_input_files("#file", [chosen("page.txt", b"from the page")])
        page.get_by_role("button", name="Add files").click()
        page.wait_for_url(f"**/companies/{site.ids['acme']}")
        expect(page.locator("#timeline .event-files", has_text="page.txt")).to_be_visible()


def test_without_scripts_notes_and_files_are_plain_forms(site: Site, browser: Any) -> None:
    context = site.context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/companies/{site.ids['acme']}")
    assert not page.locator(".md-bar").first.is_visible()
    page.fill("#c-note", "Plain **note**")
    page.get_by_role("button", name="Add note").click()
    assert page.locator("#timeline strong", has_text="note").count() == 1
    page.get_by_role("link", name="Attach").click()
    page.set_input_files("#file", [chosen("plain.txt", b"plain")])
    page.get_by_role("button", name="Add files").click()
    assert page.locator("#timeline .event-files", has_text="plain.txt").count() == 1
    assert "File created" in page.locator("#toasts").inner_text()
    page.get_by_role("link", name="Notes", exact=True).last.click()
    assert "timeline=notes" in page.url
    context.close()
