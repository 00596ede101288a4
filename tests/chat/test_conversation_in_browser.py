"""One conversation in two tabs, answers asked again and copied, hover cards, keys, and being offline."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.chat.model_server import FakeOllama
from tests.chat.served import fake_ollama, prepare, serve, wait_for_model
from tests.chat.test_in_browser import answered, ask, opened
from tests.pages.browsing import PHONE, Site
from tests.pages.test_accessibility import faults
from tests.processes import Server

pytestmark = pytest.mark.browser
WORDS = ["That ", "is ", "all. ", "See ", "the ", "list. "]
QUESTION = "How many won deals are there?"


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeOllama]:
    with fake_ollama(FakeOllama(words=WORDS, pause=0.03)) as found:
        yield found


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, fake: FakeOllama
) -> Iterator[tuple[Server, Site]]:
    folder = tmp_path_factory.mktemp("tabs")
    made = prepare(folder, sqlite_template)
    server, site = serve(folder, made, fake.url)
    wait_for_model(server, "tiny")
    yield server, site
    server.end()


@pytest.fixture
def site(running: tuple[Server, Site], fake: FakeOllama) -> Site:
    fake.pause, fake.words = 0.03, WORDS
    wait_for_model(running[0], "tiny", 40)
    return running[1]


def on_page(page: Page) -> None:
    """The assistant's page, once its scripts are there."""
    page.goto("/assistant")
    expect(page.locator(".suggestion").first).to_be_visible()


def test_two_tabs_of_one_conversation_stay_in_step(site: Site, browser: Browser, fake: FakeOllama) -> None:
    fake.pause, fake.words = 0.15, ["word ", *["more "] * 18, "end. "]
    context = site.context(browser)
    first, second = context.new_page(), context.new_page()
    on_page(first)
    ask(first, QUESTION)
    answered(first)
    second.goto(first.url)
    expect(second.locator(".turn")).to_have_count(1)
    ask(second, "and which are lost?")
    expect(first.locator(".turn")).to_have_count(2)
    expect(first.locator(".turn").last.locator(".answer")).to_have_attribute("aria-busy", "true")
    both = [answered(page).locator(".answer-text").inner_text() for page in (first, second)]
    assert both[0] == both[1]
    assert both[0].count("word more") <= 1
    first.locator("[data-chat-input]").fill("how many companies are there?")
    first.keyboard.press("Enter")
    expect(second.locator(".turn")).to_have_count(3)
    second.reload()
    expect(second.locator(".turn")).to_have_count(3)
    last = [answered(page).locator(".answer-text").inner_text() for page in (first, second)]
    assert last[0] == last[1]
    context.close()


def test_an_answer_is_asked_again_without_the_model(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        opened(page)
        ask(page, QUESTION)
        expect(answered(page).locator(".answer-mode")).to_have_text("Exact · words by tiny")
        page.locator(".turn .answer-actions summary[title='Ask again']").click()
        page.get_by_role("button", name="Again, without a model").click()
        expect(page.locator(".turn")).to_have_count(2)
        expect(answered(page).locator(".answer-mode")).to_have_text("Exact")
        expect(page.locator(".turn").last.locator(".answer-text strong").first).to_have_text("10")


def test_an_answer_is_copied_as_text_as_markdown_and_as_csv(site: Site, browser: Browser) -> None:
    context = site.context(browser, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    opened(page)
    ask(page, "list won deals")
    answer = answered(page)

    def copied(way: str) -> str:
        answer.locator(".copy-menu summary").click()
        answer.get_by_role("button", name=way).click()
        expect(answer.locator(".copy-menu summary")).to_contain_text("Copied")
        return str(page.evaluate("navigator.clipboard.readText()"))

    text = copied("As text")
    assert "\t" in text
    assert f"{site.url}/deals" in text
    markdown = copied("As Markdown")
    assert "| --- |" in markdown
    assert f"[Open as list]({site.url}/deals" in markdown
    lines = copied("Table as CSV").split("\r\n")
    assert lines[0].startswith("Name,")
    assert len(lines) == 11
    context.close()


def test_a_record_s_card_comes_with_the_focus_and_goes_with_escape(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        opened(page)
        ask(page, "list companies")
        answer = answered(page)
        link = answer.get_by_role("link", name="Acme", exact=True).first
        link.hover()
        card = page.locator(".hover-card")
        expect(card).to_be_visible()
        expect(card).to_contain_text("Company")
        assert faults(page, ".hover-card") == []
        page.mouse.move(5, 5)
        expect(card).to_be_hidden()
        page.locator("[data-chat-input]").focus()
        page.keyboard.press("Shift+Tab")
        link.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Shift+Tab")
        expect(card).to_be_visible()
        expect(link).to_have_attribute("aria-describedby", str(card.get_attribute("id")))
        page.keyboard.press("Escape")
        expect(card).to_be_hidden()
        expect(page.locator("[data-assistant]")).to_be_visible()


def test_the_field_is_reached_and_the_last_question_edited_by_one_key(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        on_page(page)
        ask(page, QUESTION)
        answered(page)
        page.locator("main").evaluate("element => element.focus()")
        page.keyboard.press("/")
        field = page.locator("[data-chat-input]")
        expect(field).to_be_focused()
        expect(field).to_have_value("")
        page.keyboard.press("ArrowUp")
        expect(field).to_have_value(QUESTION)


def test_being_offline_is_said_and_ends_by_itself(site: Site, browser: Browser, fake: FakeOllama) -> None:
    fake.pause, fake.words = 0.2, ["on "] * 30
    context = site.context(browser)
    page = context.new_page()
    on_page(page)
    ask(page, QUESTION)
    expect(page.locator(".turn .answer-text")).to_contain_text("10")
    context.set_offline(True)
    expect(page.locator("[data-chat-offline]")).to_contain_text("You are offline.")
    context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-chat-offline]")).to_be_hidden(timeout=20_000)
    answered(page)
    context.close()


def test_a_number_in_a_sentence_shows_the_quote_that_it_stands_for(
    site: Site, browser: Browser, fake: FakeOllama
) -> None:
    fake.words = ["They want to start ", "in spring [1]."]
    with site.page(browser) as page:
        opened(page)
        ask(page, "what was said about spring?")
        marker = answered(page).locator(".answer-text a.marker").first
        marker.hover()
        card = page.locator(".hover-card")
        expect(card).to_contain_text("They want to start in spring.")
        assert faults(page, ".hover-card") == []
        marker.click()
        expect(page.locator(".quote:target")).to_have_count(1)


def test_two_months_are_compared_in_the_table_and_without_a_chart(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        opened(page)
        ask(page, "won amount in May 2025 vs November 2025")
        answer = answered(page)
        expect(answer.locator("table.table tbody tr")).to_have_count(2)
        expect(answer.locator(".answer-chart")).to_have_count(0)
        expect(answer.get_by_role("link", name="Open as list")).to_be_visible()
        assert broken == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_conversation_has_no_fault(site: Site, browser: Browser, scheme: str) -> None:
    with site.page(browser, color_scheme=scheme, reduced_motion="reduce") as page:
        on_page(page)
        for question in ("list won deals", "deals won by month", "remind me to call Paula Berg on Friday"):
            ask(page, question)
            answered(page)
        page.locator(".turn .copy-menu summary").first.click()
        assert faults(page, "main") == []


def test_a_phone_shows_the_conversation_and_its_list(site: Site, browser: Browser) -> None:
    with site.page(browser, viewport=PHONE) as page:
        on_page(page)
        ask(page, "list won deals")
        answered(page)
        _fits(page)
        page.get_by_role("button", name="Conversations").click()
        expect(page.locator("[data-conversations]")).to_be_visible()
        _fits(page)
        assert faults(page, "main") == []


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
