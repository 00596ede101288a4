"""The assistant as people use it: in Chromium, by keyboard, over a real server."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chat.model_server import FakeOllama
from tests.chat.served import fake_ollama, prepare, serve, wait_for_model
from tests.pages.browsing import PHONE, Site
from tests.pages.site import HOSTILE
from tests.processes import Server

pytestmark = pytest.mark.browser
WORDS = ["That ", "is ", "all. ", "There ", "were ", "9,999 ", "more. ", "See ", "the ", "list. "]


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeOllama]:
    with fake_ollama(FakeOllama(words=WORDS, pause=0.03)) as found:
        yield found


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, fake: FakeOllama
) -> Iterator[tuple[Server, Site]]:
    folder = tmp_path_factory.mktemp("chat")
    made = prepare(folder, sqlite_template)
    server, site = serve(folder, made, fake.url)
    wait_for_model(server, "tiny")
    yield server, site
    server.end()


@pytest.fixture
def site(running: tuple[Server, Site], fake: FakeOllama) -> Site:
    fake.fault, fake.pause, fake.words = "", 0.03, WORDS
    wait_for_model(running[0], "tiny", 40)
    return running[1]


def opened(page: Page, path: str = "/deals") -> None:
    page.goto(path)
    page.keyboard.press("Control+j")
    expect(page.locator("[data-chat-input]")).to_be_focused()


def ask(page: Page, question: str) -> None:
    page.locator("[data-chat-input]").fill(question)
    page.keyboard.press("Enter")


def answered(page: Page) -> Any:
    last = page.locator(".turn").last.locator(".answer")
    expect(last).to_have_attribute("aria-busy", "false", timeout=20_000)
    return last


def test_a_question_is_asked_and_answered_by_keyboard_alone(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        opened(page)
        ask(page, "How many won deals are there?")
        answer = answered(page)
        expect(answer.locator(".answer-text strong").first).to_have_text("10")
        expect(answer.locator(".answer-text")).to_contain_text("That is all. See the list.")
        expect(answer.locator(".answer-text")).not_to_contain_text("9,999")
        expect(answer.locator(".answer-notes")).to_contain_text("One sentence of the model was left out")
        expect(answer.locator(".answer-mode")).to_have_text("Exact · words by tiny")
        expect(answer.locator(".chip").first).to_contain_text("Won")
        expect(page.locator("[data-chat-live]")).to_contain_text("10")
        page.locator("[data-chat-input]").focus()
        page.keyboard.press("Escape")
        expect(page.locator("[data-assistant]")).to_be_hidden()
        page.keyboard.press("Control+j")
        expect(page.locator("[data-chat-input]")).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(page.locator("[data-chat-input]")).to_have_value("How many won deals are there?")


def test_the_panel_pushes_the_page_and_never_covers_it(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        opened(page)
        main, panel = page.locator(".main").bounding_box(), page.locator("[data-assistant]").bounding_box()
        assert main is not None
        assert panel is not None
        assert panel["width"] == 400
        assert main["x"] + main["width"] <= panel["x"] + 1
        page.goto("/companies")  # it stays open on the next page
        expect(page.locator("[data-assistant]")).to_be_visible()


def test_rows_sort_and_open_as_the_list_that_they_are(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        opened(page)
        ask(page, "How many won deals are there?")
        answer = answered(page)
        amounts = answer.locator("tbody tr > :nth-child(3)")
        answer.locator("thead button", has_text="Amount").click()
        expect(answer.locator("th[aria-sort=descending]")).to_contain_text("Amount")
        shown = [int(re.sub(r"\D", "", text)) for text in amounts.all_inner_texts()]
        assert shown == sorted(shown, reverse=True)
        assert len(shown) == 10
        answer.locator("thead button", has_text="Amount").click()
        expect(answer.locator("th[aria-sort=ascending]")).to_contain_text("Amount")
        answer.get_by_role("link", name="Open as list").click()
        expect(page.locator("main .table tbody tr")).to_have_count(10)


def test_hostile_text_stays_text(site: Site, browser: Browser, fake: FakeOllama) -> None:
    fake.words = ["<img src=x onerror=alert(1)> ", "**[click](javascript:alert(1))** ", "<b>fine</b>. "]
    with site.page(browser) as page:
        opened(page)
        ask(page, "list all companies")
        answer = answered(page)
        expect(answer).to_contain_text(HOSTILE)
        assert answer.locator("script, img, b").count() == 0
        hrefs = answer.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        assert hrefs
        assert all(href.startswith("/") and not href.startswith("//") for href in hrefs)


def test_stop_ends_the_words_and_keeps_the_numbers(site: Site, browser: Browser, fake: FakeOllama) -> None:
    fake.words, fake.pause = ["And so on. "] * 400, 0.05
    with site.page(browser) as page:
        opened(page)
        ask(page, "How many won deals are there?")
        expect(page.locator(".answer-text")).to_contain_text("And so on.")
        expect(page.locator("[data-chat-send]")).to_be_hidden()
        page.keyboard.press("Escape")
        answer = answered(page)
        expect(answer.locator(".answer-notes")).to_contain_text("You stopped this answer.")
        expect(answer.locator("strong").first).to_have_text("10")
        expect(page.locator("[data-chat-send]")).to_be_visible()
        assert fake.open_streams == 0


def test_a_reload_in_mid_stream_resumes_without_a_lost_or_doubled_word(
    site: Site, browser: Browser, fake: FakeOllama
) -> None:
    fake.words, fake.pause = [f"Word{'abcdef'[n // 5]}{'vwxyz'[n % 5]} goes on. " for n in range(30)], 0.08
    with site.page(browser) as page:
        opened(page)
        ask(page, "How many won deals are there?")
        expect(page.locator(".answer-text")).to_contain_text("Wordax goes on.")
        page.reload()
        expect(page.locator(".answer-text")).to_contain_text("Wordax goes on.")
        text = answered(page).locator(".answer-text p").last.inner_text()
        assert text == "".join(fake.words).strip()


def test_a_failing_model_is_seen_at_once_and_the_result_stands(site: Site, browser: Browser, fake: FakeOllama) -> None:
    fake.fault = "drop"
    with site.page(browser) as page:
        opened(page)
        ask(page, "How many won deals are there?")
        answer = answered(page)
        expect(answer.locator(".answer-notes")).to_contain_text(
            "The model stopped answering: the connection broke. The exact result above stands."
        )
        expect(answer.locator("strong").first).to_have_text("10")
        expect(page.locator("[data-chat-model]")).to_have_text(
            "Answering without a model: numbers and quotes, no prose"
        )


def test_what_cannot_be_read_offers_readings_as_buttons(site: Site, browser: Browser, fake: FakeOllama) -> None:
    with site.page(browser) as page:
        opened(page)
        ask(page, "how many flurbs does Zork have")
        first = answered(page).locator(".reading").first
        question = first.inner_text()
        first.click()
        expect(page.locator(".question").last).to_have_text(question)
        answered(page)


def test_the_page_lists_conversations_to_search_rename_and_delete(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        page.goto("/assistant")
        expect(page.locator(".suggestion").first).to_be_visible()
        page.locator("[data-chat-new]").click()
        ask(page, "How many people are there?")
        answered(page)
        expect(page).to_have_url(re.compile(r"/assistant/\d+$"))
        current = page.locator(".conversation[aria-current=page]")
        expect(current).to_have_text("How many people are there?")
        page.locator("[data-conversations-search]").fill("PEOPLE")
        expect(page.locator(".conversation")).to_have_count(1)
        page.locator(".conversation-list li").hover()
        page.get_by_role("button", name=re.compile("^Rename")).click()
        page.keyboard.type("People counted")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("People counted")
        page.reload()
        expect(page.locator(".question")).to_have_text("How many people are there?")
        page.locator("[data-conversations-search]").fill("counted")
        expect(page.locator(".conversation")).to_have_count(1)
        page.locator(".conversation-list li").hover()
        page.get_by_role("button", name=re.compile("^Delete “")).click()
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.locator("[data-conversations-none]")).to_have_text("Nothing found for “counted”.")
        expect(page).to_have_url(re.compile(r"/assistant$"))


def test_a_question_that_is_sent_before_the_scripts_are_there_is_kept(site: Site, browser: Browser) -> None:
    context = site.context(browser)
    page = context.new_page()
    page.route("**/*.js", lambda route: route.abort())  # as on a slow network, where they are awaited yet
    page.goto("/assistant")
    page.locator("[data-chat-input]").fill("How many people are there?")
    page.locator("[data-chat-send]").click()
    page.wait_for_url("**/assistant?q=*")
    address = page.url
    context.close()
    with site.page(browser) as page:
        page.goto(address)
        expect(page.locator("[data-chat-input]")).to_have_value("How many people are there?")


def test_a_question_asked_while_the_conversation_loads_is_part_of_it(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        opened(page)
        ask(page, "How many tasks are there?")
        answered(page)
        page.route("**/chat/conversations/*", lambda route: (time.sleep(1), route.continue_()))
        page.reload()
        expect(page.locator("[data-assistant]")).to_be_visible()
        expect(page.locator("[data-chat-model]")).to_contain_text("tiny")
        ask(page, "How many companies are there?")
        expect(page.locator(".question")).to_have_text(["How many tasks are there?", "How many companies are there?"])
        answered(page)


@pytest.mark.parametrize("path", ["/assistant", "/deals"])
def test_nothing_is_wider_than_a_phone(site: Site, browser: Browser, path: str) -> None:
    with site.page(browser, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        page.goto(path)
        if path == "/deals":
            page.locator("[data-assistant-toggle]").click()
        expect(page.locator(".suggestion").first).to_be_visible()
        ask(page, "How many won deals are there?")
        answered(page)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
        box = page.locator("[data-chat-input]").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= PHONE["height"]


def test_a_server_that_is_killed_and_comes_back_is_told_and_found_again(
    tmp_path: Path, sqlite_template: Path, browser: Browser
) -> None:
    folder = tmp_path / "instance"
    made = prepare(folder, sqlite_template)
    with fake_ollama(FakeOllama(words=["And so on. "] * 400, pause=0.05)) as fake:
        server, site = serve(folder, made, fake.url)
        try:
            wait_for_model(server, "tiny")
            context = site.context(browser)
            page = context.new_page()
            opened(page)
            ask(page, "How many won deals are there?")
            expect(page.locator(".answer-text")).to_contain_text("And so on.")
            server.process.kill()
            server.process.wait()
            expect(page.locator("[data-chat-offline]")).to_contain_text("The connection is lost.")
            server, _again = serve(folder, made, fake.url, "--port", str(server.port))
            expect(page.locator(".answer-error")).to_contain_text("Parley was restarted", timeout=20_000)
            expect(page.locator("[data-chat-offline]")).to_be_hidden()
            expect(page.locator(".answer-text strong").first).to_have_text("10")
            context.close()
        finally:
            server.end()


def test_the_first_words_are_quick(running: tuple[Server, Site], site: Site) -> None:
    """Over the whole server: from the question to its first event, without the model's own time."""
    server, _site = running
    server.http.post("/chat/ask", json={"question": "How many won deals are there?"})
    began = time.monotonic()
    headers = {"accept": "text/event-stream"}
    with server.http.stream("POST", "/chat/ask", json={"question": "deals by stage"}, headers=headers) as response:
        first = next(line for line in response.iter_lines() if line.startswith("event: result"))
        assert first
        assert time.monotonic() - began < 3  # generous: machines under load
