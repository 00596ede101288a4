"""Hostile text in every field, in every view, in Chromium: no script runs, nothing leaves, no control is lost."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import update
from sqlalchemy.engine import make_url

from app.crm.app import create_app
from app.crm.objects import RECORD_OBJECTS
from app.crm.port import Crm
from app.crm.schema import record_tables
from app.shared import instance
from app.shared.config import load
from app.shared.db import Database
from tests.attacks.hostile import HOSTILE, LINKS, MARK, SUM, UNSEEN, Watched, fill, watched
from tests.pages.browsing import PHONE, WIDE
from tests.processes import Server, start_server

pytestmark = pytest.mark.browser
FRAME = (
    ".sidebar-name",
    ".sidebar-search",
    ".sidebar a[href='/deals']",
    ".sidebar a[href='/settings']",
    "header.top :is(h1, .view-menu summary)",  # beside the open assistant a list goes by its view's name
    ".sidebar-foot .menu summary",
)
PHONE_FRAME = ("header.top :is(h1, .view-menu summary)", ".phone-bar a, .phone-bar button")
Q = quote(HOSTILE)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("hostile")
    found = fill(folder, sqlite_template)
    found["server"] = start_server(folder, token=found["token"])
    yield found
    found["server"].end()


@pytest.fixture(scope="module")
def opened(made: dict[str, Any], browser: Browser) -> Iterator[Watched]:
    with watched(browser, made["server"].url, made["session"], viewport=WIDE) as found:
        yield found


@pytest.fixture
def view(opened: Watched) -> Watched:
    """One page for all tests, at rest."""
    opened.page.goto("about:blank")
    opened.faults.clear()
    return opened


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The CRM half, to be walked."""
    settings = load({"PARLEY_OLLAMA_URL": ""}, instance=tmp_path_factory.mktemp("walked"))
    instance.create(settings)
    database = Database(settings.database)
    return create_app(settings, database, Crm(database))


def pages(ids: dict[str, Any], app: Flask) -> list[str]:
    """Every page without a hole in its address, found by walking the app; and those with one, filled."""
    plain = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and "<" not in rule.rule]
    left_out = re.compile(
        r"^/(api|static|sign-in|setup|metrics)|/(column|palette|pick|export|example|mentions|count)|^/tasks/read"
    )
    found = [path for path in plain if not left_out.search(path)]
    for object in RECORD_OBJECTS:
        found += [f"/{object}", f"/{object}/new", f"/{object}/{ids[object]}", f"/{object}/{ids[object]}/edit"]
        found += [f"/{object}/board", f"/{object}/filter/all"]
    return [
        *found,
        "/settings/users/1",
        f"/companies/{ids['companies']}/timeline",
        "/companies?trashed=true",
        "/deals?group_by=company",
        "/deals?group_by=stage,owner&measure=count,sum:amount",
        "/deals?group_by=c_select",
        "/deals?group_by=tags",
    ]


# What the address says is shown again: as chips, as a heading, as the reason of a refusal.
REFLECTED = (
    f"/companies?name__contains={Q}",
    f"/companies?c_text={Q}&industry={Q}&q={Q}",
    f"/deals?company.name={Q}&sort=name",
    f"/companies?tags={Q}",
    f"/search?q={Q}",
    f"/companies?{Q}={Q}",
    f"/deals?sort={Q}",
    f"/deals?stage={Q}",
    f"/deals?owner={Q}",
    f"/deals?group_by={Q}",
    f"/deals?cursor={Q}",
    f"/deals?where={Q}",
    f"/{Q}",
    f"/companies/{Q}",
    f"/import/{Q}",
    f"/assistant/{Q}",
    f"/companies/new?name={Q}&industry={Q}",
    f"/companies/filter?field={Q}",
    f"/deals/board?q={Q}",
    f"/users/{Q}",
)
STRANGERS = (
    f"/sign-in?next={Q}",
    "/sign-in?next=javascript:pwn(20)",
    "/sign-in?next=//evil.example/",
    f"/setup/{Q}",
    f"/invitation/{Q}",
)


def test_the_watch_sees_what_it_looks_for(view: Watched) -> None:
    """Each of these would be a fault of a page: planted here, it must be noted."""
    planted = (
        "<img src=x onerror=pwn(1)>", "<img src=http://evil.example/x.png>", "<a href=javascript:pwn(2)>x</a>",
        "<a href=http://evil.example/>x</a>", "<iframe></iframe>", "<style>*{}</style>", f"<p>{SUM}</p>",
        f"<span style='unicode-bidi:normal'><x-y>{UNSEEN}</x-y></span>", "<form action=//evil.example></form>",
        "<div style='width:5000px'>x</div>",
    )  # fmt: skip
    for html in planted:
        view.page.goto("/companies")
        view.look("clean", FRAME)
        view.check()
        view.page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html)
        view.page.wait_for_timeout(50)
        view.look("planted", FRAME)
        faults, view.faults = view.faults, []
        assert faults, html


def test_no_page_does_what_its_records_say(view: Watched, made: dict[str, Any], app: Flask) -> None:
    for path in pages(made["ids"], app):
        view.open(path, FRAME)
    view.check()
    expected = [f"/{object}" for object in RECORD_OBJECTS] + [
        f"/{object}/{made['ids'][object]}" for object in RECORD_OBJECTS
    ]
    missing = {"/", "/tasks", "/deals/board", "/settings/users", "/settings/fields", *expected} - view.told
    assert not missing, f"the text isn't shown at all, so nothing is proven there: {missing}"


def test_no_page_does_what_its_address_says(view: Watched) -> None:
    for path in REFLECTED:
        view.open(path, FRAME)
    view.check()
    assert len(view.told & {path[:60] for path in REFLECTED}) > 8


def test_strangers_pages_neither(browser: Browser, made: dict[str, Any]) -> None:
    with watched(browser, made["server"].url, "nobody", viewport=WIDE) as page:
        for path in STRANGERS:
            page.page.goto(path)
            page.look(path[:60])
            targets = page.page.eval_on_selector_all("form, a", "all => all.map(one => one.action || one.href)")
            assert all(str(target).startswith(made["server"].url) for target in targets if isinstance(target, str)), (
                targets
            )
        page.check()


def test_what_opens_on_a_page_shows_text_as_text(view: Watched, made: dict[str, Any]) -> None:
    """The palette, pickers, the filter editor, the board's columns, a form that is refused, a toast after saving."""
    page = view.page
    page.goto("/companies")
    page.keyboard.press("Control+k")
    page.locator(".palette-input").fill(MARK.lower())
    expect(page.locator("#palette-list [role=option]").first).to_be_visible()
    page.wait_for_timeout(300)
    view.look("palette")
    page.keyboard.press("Escape")
    page.goto(f"/companies/filter?name__contains={Q}")
    view.look("filter editor")
    for object in ("companies", "people", "users", "deals"):
        page.goto(f"/pick/{object}?q=")
        view.look(f"picker of {object}")
    page.goto("/companies/new")
    page.locator("form.record-form [name=name]").fill(HOSTILE)
    page.locator("form.record-form [name=website]").evaluate("field => { field.value = 'javascript:pwn(21)'; }")
    page.locator("form.record-form").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    expect(page.locator("form.record-form [aria-invalid=true]").first).to_be_visible()
    view.look("form that is refused", FRAME)
    page.locator("form.record-form [name=website]").evaluate("field => { field.value = ''; }")
    page.locator("form.record-form").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    expect(page.locator("header.top h1")).to_contain_text(MARK)
    view.look("toast", FRAME)
    view.check()
    assert "palette" in view.told


def test_an_import_shows_columns_samples_problems_and_names_as_text(view: Watched, tmp_path: Path) -> None:
    page, cell = view.page, '"' + HOSTILE.replace('"', '""') + '"'
    file = tmp_path / "x<img src=x onerror=pwn(30)>.csv"
    file.write_text(f"name,{cell},employees\n{cell},{cell},{cell}\n")
    page.goto("/import")
    page.locator("[name=object][value=companies]").check()
    page.locator("#file").set_input_files(file)
    expect(page.locator("[data-columns] [data-column]").first).to_be_visible()
    view.look("import columns", FRAME)
    page.locator("[data-columns] form").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    expect(page.locator("[data-report] [data-run]:not([data-active])")).to_be_visible()
    view.look("import report", FRAME)
    page.goto("/import")
    view.look("earlier imports", FRAME)
    view.check()
    assert {"import columns", "import report"} <= view.told


def test_the_assistant_shows_names_quotes_and_titles_as_text(view: Watched) -> None:
    page = view.page
    page.goto("/companies")
    page.keyboard.press("Control+j")
    expect(page.locator("[data-chat-input]:visible")).to_be_focused()
    for question in (f"notes about {MARK}", "list all companies", "deals by company", HOSTILE[:400], "who owns deals"):
        page.locator("[data-chat-input]:visible").fill(question)
        page.keyboard.press("Enter")
        expect(page.locator(".turn").last.locator(".answer")).to_have_attribute("aria-busy", "false", timeout=20_000)
        view.look(f"assistant: {question[:20]}")
    page.goto("/assistant")
    page.wait_for_timeout(300)
    view.look("conversations")
    view.check()
    assert any(where.startswith("assistant: list") for where in view.told)


def test_a_name_of_a_megabyte_breaks_no_page(view: Watched, made: dict[str, Any]) -> None:
    """The door refuses it; a row that has one all the same is shown, and every control stays in reach."""
    server: Server = made["server"]
    refused = server.http.post("/api/v1/companies", json={"name": "W" * 1_000_000})
    assert refused.status_code == 422
    assert "at most 500 characters" in refused.json()["errors"][0]["message"]
    database, table = Database(make_url(f"sqlite:///{server.instance / 'crm.db'}")), record_tables["companies"]
    try:
        with database.write() as connection:
            connection.execute(update(table).where(table.c.id == made["ids"]["long"]).values(name="W" * 1_000_000))
        for path in ("/companies", f"/companies/{made['ids']['long']}"):
            view.open(path, FRAME)
    finally:
        with database.write() as connection:
            connection.execute(update(table).where(table.c.id == made["ids"]["long"]).values(name="W"))
        database.close()
    view.check()


def test_a_phone_keeps_its_controls(browser: Browser, made: dict[str, Any]) -> None:
    with watched(browser, made["server"].url, made["session"], viewport=PHONE) as page:
        for path in (
            "/",
            "/companies",
            "/deals/board",
            f"/deals/{made['ids']['deals']}",
            f"/companies?name__contains={Q}",
            "/tasks",
        ):
            page.page.goto(path)
            page.look(path[:40], PHONE_FRAME)
        page.check()


@pytest.mark.parametrize("link", LINKS)
def test_the_doors_take_no_address_that_is_a_script(made: dict[str, Any], link: str) -> None:
    answer = made["server"].http.post("/api/v1/companies", json={"name": "x", "website": link})
    assert answer.status_code == (422 if not link.startswith("http") else 201) or answer.status_code == 422


def test_names_come_without_unseen_characters_and_prose_as_written(made: dict[str, Any]) -> None:
    http, rtl = made["server"].http, "شركة \u200fالأمل\u200f"
    body = {"name": f"Ac{UNSEEN}me \U000e0069\U000e0067", "industry": UNSEEN, "description": f"a{UNSEEN}b", "city": rtl}
    found = http.post("/api/v1/companies", json=body).json()
    assert (found["name"], found["industry"], found["description"], found["city"]) == (
        "Acme",
        None,
        f"a{UNSEEN}b",
        rtl.strip(),
    )
    assert http.post("/api/v1/companies", json={"name": UNSEEN}).status_code == 422
    assert json.dumps(found)
