"""Search, the palette, tasks in one click, the import page and the settings."""

import io
import re
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.crm import customization
from app.crm.port import Crm
from app.crm.transfer import engine
from app.crm.transfer.options import Options
from app.crm.web import Assistant
from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client, Maker


def test_search_finds_by_any_word_and_marks_it(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/search?q=spring").text
    assert f"/notes/{filled['note']}" in site.links(page)
    assert "<mark>spring</mark>" in page
    assert "/notes?q=spring" in site.links(page)


def test_search_shows_hostile_text_as_text(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/search?q=%3Cscript%3E").text
    assert "<script>alert" not in page
    assert site.total(client.get("/companies?q=alert").text) == 1


def test_search_without_a_hit_says_so(client: Client, filled: dict[str, Any]) -> None:
    assert "Nothing has all of these words" in site.text(client.get("/search?q=qqqqq").text)


def test_the_palette_offers_records_places_and_the_assistant(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/search/palette?q=acme").text
    assert f"/companies/{filled['acme']}" in site.links(page)
    assert "/search?q=acme" in site.links(page)
    assert "/assistant?q=acme" in site.links(page)
    assert "/deals/board" in site.links(client.get("/search/palette?q=board").text)


def test_a_task_is_completed_and_opened_again_in_one_step(client: Client, filled: dict[str, Any]) -> None:
    assert client.post(f"/tasks/{filled['task']}/done", data={"done": "true"}).status_code == 303
    assert client.get(f"/api/v1/tasks/{filled['task']}").json()["done"] is True
    assert "Task completed" in site.text(client.get("/tasks").text)
    client.post(f"/tasks/{filled['task']}/done", data={"done": "false"})
    assert client.get(f"/api/v1/tasks/{filled['task']}").json()["done"] is False


def test_a_late_task_says_that_it_is_overdue_and_a_done_one_not(client: Client, filled: dict[str, Any]) -> None:
    assert any("Overdue:" in row for row in site.rows(client.get("/tasks").text))
    client.post(f"/tasks/{filled['task']}/done")
    assert not any("Overdue:" in row for row in site.rows(client.get("/tasks").text))


def test_a_pick_finds_by_the_beginning_of_a_word(client: Client, make: Maker) -> None:
    make("companies", name="Berg & Sons")
    make("companies", name="Van der Berg")
    make("companies", name="100% Pure")
    found = site.text(client.get("/pick/companies?q=berg").text)
    assert "Berg & Sons" in found
    assert "Van der Berg" in found
    assert "100% Pure" in site.text(client.get("/pick/companies?q=100%25").text)
    assert "Nothing with that name" in site.text(client.get("/pick/companies?q=%25").text)
    assert client.get("/pick/nonsense?q=a").status_code == 404


def test_tags_that_exist_are_offered_by_the_beginning_of_a_word(client: Client, make: Maker) -> None:
    make("companies", name="Acme", tags=["key account", "Partner"])
    assert site.text(client.get("/pick/tags?q=").text).split() == ["key", "account", "Partner"]
    assert site.text(client.get("/pick/tags?q=ACC").text).strip() == "key account"
    assert site.text(client.get("/pick/tags?q=new").text).strip() == ""


def test_the_import_page_guesses_what_columns_are(client: Client) -> None:
    data = {"object": "companies", "column": ["Company name", "Sector", "Odd"], "sample": ["Acme", "steel", "7"]}
    page = client.post("/import/columns", data=data).text
    chosen = re.findall(r'data-column="([^"]+)">.*?</select>', page, re.DOTALL)
    assert chosen == ["Company name", "Sector", "Odd"]
    assert '<option value="name" selected>' in page
    assert '<option value="industry" selected>' in page
    assert page.count(" selected>") == 2


def test_the_workspace_has_a_name_that_every_page_shows(client: Client) -> None:
    assert client.post("/settings/workspace", data={"name": "Nordlys", "currency": "nok"}).status_code == 303
    assert "Nordlys" in site.text(client.get("/companies").text)
    refused = client.post("/settings/workspace", data={"name": "Kept", "currency": "zzz"})
    assert refused.status_code == 422
    assert 'value="Kept"' in refused.text
    assert "Nordlys" in site.text(client.get("/companies").text)


def test_a_new_field_gets_its_index_behind_the_answer(client: Client, crm: Crm) -> None:
    add = {"object": "companies", "label": "Segment", "type": "text"}
    assert client.post("/settings/fields/new", data=add).status_code == 303
    for thread in threading.enumerate():
        if thread.name == "custom-indexes":
            thread.join(10)
    assert customization.build_indexes(crm.database) == []  # nothing is missing any more
    [field] = [item for item in crm.catalog()["companies"].fields if item.custom_id]
    with crm.database.read() as connection:
        made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'index'").scalars().all()
    assert any(f"$.f{field.custom_id}k" in (statement or "") for statement in made)


def test_a_checked_import_names_new_fields_as_the_run_does(crm: Crm, admin: Principal) -> None:
    def named(dry_run: bool) -> list[str]:
        sheet = io.BytesIO(b"Name,Notes,Notes 2\nAcme,Kind people,and prompt\n")
        options = Options(object="companies", create=frozenset({"fields"}), dry_run=dry_run)
        report = engine.run(crm.database, admin, sheet, options)
        return [column.field.name for column in report.columns if column.field]

    checked = named(dry_run=True)
    assert "notes" not in checked  # the way back to a company's notes
    assert checked == named(dry_run=False)


def test_members_see_no_settings_of_the_workspace(client: Client, member: Principal) -> None:
    theirs = client.as_user(member)
    page = theirs.get("/settings").text
    assert "/settings/profile" in site.links(page)
    assert "/settings/workspace" not in site.links(page)
    for place in ("workspace", "pipelines", "fields"):
        assert theirs.get(f"/settings/{place}").status_code == 403


def test_the_theme_is_kept_by_the_browser(client: Client) -> None:
    assert 'data-theme="system"' in client.get("/").text
    client.post("/settings/theme", data={"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/").text
    client.post("/settings/theme", data={"theme": "<script>"})
    assert 'data-theme="dark"' in client.get("/").text


def test_where_the_assistant_is_or_that_it_is_away_is_said(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Assistant(None, "The assistant is away. Start it with `python -m app serve --only chatbot`.")
    monkeypatch.setitem(app.config, "PARLEY_ASSISTANT", False)
    monkeypatch.setitem(app.extensions, "parley", replace(app.extensions["parley"], assistant=lambda: place))
    assert "The assistant is not here The assistant is away." in site.text(client.get("/assistant").text)
