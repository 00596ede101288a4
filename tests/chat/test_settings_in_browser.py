"""The assistant's settings in Chromium, over a model server of the test's choosing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.chat.model_server import FakeOllama
from tests.chat.served import fake_ollama, prepare, serve, wait_for_model
from tests.pages.browsing import PHONE, WIDE, Site
from tests.pages.test_accessibility import faults
from tests.processes import Server

pytestmark = pytest.mark.browser
PAGE = "/settings/assistant"
BOTH = ("tiny:latest", "other:latest")


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeOllama]:
    with fake_ollama(FakeOllama(models=BOTH, loaded=False, capabilities=("completion", "embedding"))) as found:
        yield found


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, fake: FakeOllama
) -> Iterator[tuple[Server, Site]]:
    folder = tmp_path_factory.mktemp("models")
    made = prepare(folder, sqlite_template)
    server, site = serve(folder, made, fake.url)
    wait_for_model(server, "tiny")
    yield server, site
    server.end()


@pytest.fixture
def site(running: tuple[Server, Site], fake: FakeOllama) -> Site:
    fake.pause, fake.layers, fake.models = 0.0, (400, 600), BOTH
    return running[1]


def test_the_state_is_told_in_words_and_another_model_is_chosen(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        page.goto(PAGE)
        server = page.locator("[data-server]")
        expect(server).to_contain_text("Ollama answers. tiny is used.")
        other = page.locator("[data-model=other]")
        expect(other).to_contain_text("1.2B · Q4_K_M · 1.5 GB · 2,048 tokens of context (made for 8,192)")
        other.get_by_role("button", name="Use other").click()
        expect(server).to_contain_text("other is used.")
        expect(server).to_contain_text("this page: other")
        other.get_by_role("button", name="Load").click()
        expect(other).to_contain_text("2 GB in memory")
        other.get_by_role("button", name="Unload").click()
        expect(other).not_to_contain_text("in memory")
        other.get_by_role("button", name="Use any").click()
        expect(server).to_contain_text("tiny is used.")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_model_is_fetched_followed_from_another_page_and_called_off(
    site: Site, browser: Browser, fake: FakeOllama, size: dict[str, int]
) -> None:
    fake.pause = 0.4
    with site.page(browser, viewport=size) as page:
        page.goto(PAGE)
        page.get_by_label("Fetch another model").fill("big")
        page.keyboard.press("Enter")
        job = page.locator("[data-pull-job]")
        expect(job).to_contain_text("Fetching big")
        expect(job.locator("progress[value]")).to_be_visible()
        page.goto("/deals")
        tray = page.locator("[data-jobs]")
        expect(tray).to_contain_text("Model: big")
        assert faults(page, ".jobs-tray") == []
        page.reload()
        expect(tray.locator("[data-active]")).to_be_visible()
        tray.get_by_role("button", name="Stop big").click()
        expect(tray.locator("[data-state=canceled]")).to_be_visible()
        page.goto(PAGE)
        expect(page.locator("[data-pull-job]")).to_contain_text("Stopped.")
        fake.pause = 0.0
        page.get_by_label("Fetch another model").fill("big")
        page.get_by_role("button", name="Fetch").click()
        expect(page.locator("[data-model=big]")).to_be_visible()


def test_a_model_that_can_not_be_fetched_says_why(site: Site, browser: Browser, fake: FakeOllama) -> None:
    fake.layers = ()
    with site.page(browser) as page:
        page.goto(PAGE)
        page.get_by_label("Fetch another model").fill("nowhere")
        page.get_by_role("button", name="Fetch").click()
        expect(page.locator("[data-pull-job] .notice-bad")).to_contain_text("nowhere could not be fetched: ")
        expect(page.locator("[data-pull-job] .notice-bad")).to_contain_text("no route to host")


def test_deleting_a_model_is_asked_first(site: Site, browser: Browser) -> None:
    with site.page(browser) as page:
        page.goto(PAGE)
        other = page.locator("[data-model=other]")
        other.get_by_role("button", name="Delete other").click()
        expect(other.get_by_role("button", name="Delete 1.5 GB")).to_be_focused()
        other.get_by_role("button", name="Keep other").click()
        expect(other.get_by_role("button", name="Delete 1.5 GB")).to_have_count(0)
        other.get_by_role("button", name="Delete other").click()
        page.keyboard.press("Enter")
        expect(other).to_have_count(0)


def test_the_index_is_built_anew_and_another_embedding_model_is_offered(
    site: Site, browser: Browser, fake: FakeOllama
) -> None:
    with site.page(browser) as page:
        page.goto(PAGE)
        index = page.locator("[data-index]")
        index.get_by_role("button", name="Build anew").click()
        expect(page.locator("[data-index-job]")).to_contain_text("Done.", timeout=60_000)
        page.get_by_label("Embedding model for the next rebuild").select_option("tiny")
        expect(index).to_contain_text("tiny (Ollama) is chosen, and all-MiniLM (built in) serves until")
        index.get_by_role("button", name="Build anew now").click()
        expect(index).to_contain_text("tiny (Ollama)", timeout=60_000)
        expect(index.locator(".notice")).to_have_count(0, timeout=60_000)
        page.get_by_label("Embedding model for the next rebuild").select_option("")
        index.get_by_role("button", name="Build anew now").click()
        expect(index.locator(".notice")).to_have_count(0, timeout=60_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_question_is_tried_and_nothing_has_a_fault(
    site: Site, browser: Browser, fake: FakeOllama, scheme: str
) -> None:
    with site.page(browser, color_scheme=scheme, reduced_motion="reduce") as page:
        page.goto(PAGE)
        page.get_by_label("A question to try").fill("How many won deals are there?")
        page.keyboard.press("Enter")
        answer = page.locator("[data-try-answer]")
        expect(answer).to_contain_text("Computed from records", timeout=20_000)
        expect(answer).to_contain_text("10")
        assert faults(page, "main") == []
        assert page.evaluate("fetch('/chat/conversations').then((answer) => answer.json())")["total"] == 0
