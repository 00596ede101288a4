"""A new custom field, of any type, is everywhere at once: no restart, and in other processes too."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from starlette.testclient import TestClient

from app.crm.pages import filter_fields
from app.shared import instance
from app.shared.config import ROOT, load
from app.shared.contract import FieldSpec
from app.shared.db import Database
from tests.conftest import add_user, bearer
from tests.customization.kinds import KINDS, Kind

each = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
_VALUES = {"text": "x", "long_text": "x", "number": "1", "date": "2031-01-01", "boolean": "true", "link": "1"}


@dataclass
class World:
    """A host that was started before any of the fields was made, and three deals that hold them."""

    client: Any
    folder: Path
    fields: dict[str, dict[str, Any]]

    def json(self, path: str, **given: Any) -> Any:
        answer = self.client.get(path, **given)
        assert answer.status_code == 200, answer.text[:300]
        return answer.json()

    def names(self, query: str) -> list[str]:
        return [item["label"] for item in self.json(f"/api/v1/deals?{query}")["items"]]

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text[:300]
        return unescape(answer.text)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[World]:
    from app.host import build

    folder = tmp_path_factory.mktemp("everywhere")
    shutil.copyfile(sqlite_template, folder / "crm.db")
    settings = load({"PARLEY_OLLAMA_URL": ""}, instance=folder)
    instance.create(settings)
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    token = bearer(database, add_user(database, "Anna", "admin"))
    database.close()
    with TestClient(build(settings), base_url="http://127.0.0.1:5050", follow_redirects=False) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        world = World(client, folder, {})
        for name in ("Acme", "Betatech"):
            assert client.post("/api/v1/companies", json={"name": name}).status_code == 201
        for kind in KINDS:
            made = client.post(
                "/api/v1/fields", json={"object": "deals", "label": kind.label, "type": kind.type, **kind.more}
            )
            assert made.status_code == 201, made.text[:300]
            world.fields[kind.name] = made.json()
        for label, which in (("Ours", "ours"), ("Theirs", "theirs"), ("Empty", "")):
            values = {kind.name: getattr(kind, which) for kind in KINDS} if which else {}
            made = client.post("/api/v1/deals", json={"name": label, "amount": 100, **values})
            assert made.status_code == 201, made.text[:300]
        yield world


# --- pages -----------------------------------------------------------------------------------------------------------


def _token(page: str) -> dict[str, str]:
    found = re.search(r'name="(_once|_token|_key)" value="([^"]+)"', page)
    return {found[1]: found[2]} if found else {}


@each
def test_the_form_asks_for_it_and_takes_it(world: World, kind: Kind) -> None:
    page = world.page("/deals/new")
    assert kind.label in page
    assert f'name="{kind.name}"' in page or f'name="{kind.name}__text"' in page
    form = {"name": f"Form {kind.type}", kind.name: list(kind.form), **_token(page)}
    made = world.client.post("/deals/new", data=form)
    assert made.status_code == 303, made.text[:300]
    record = world.json(f"/api/v1{made.headers['location'].partition('?')[0]}")
    value = record[kind.name]["id"] if kind.type == "link" else record[kind.name]
    assert value == kind.ours
    edit = world.page(f"{record['url']}/edit")
    was = re.search(r'name="_was" value="([^"]*)"', world.client.get(f"{record['url']}/edit").text)
    assert was is not None
    assert kind.label in edit
    emptied = {"_was": unescape(was[1]), "_version": str(record["version"]), f"_has.{kind.name}": "1"}
    emptied |= {f"{kind.name}__text": ""} if kind.type == "link" else {}
    emptied |= {kind.name: ""} if kind.type not in ("boolean", "multi_select", "link") else {}
    assert world.client.post(f"{record['url']}/edit", data=emptied).status_code == 303
    assert not world.json(f"/api/v1{record['url']}")[kind.name]
    assert world.client.delete(f"/api/v1{record['url']}").status_code == 204


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.bad], ids=lambda kind: kind.type)
def test_the_form_says_what_is_wrong_beside_it(world: World, kind: Kind) -> None:
    answer = world.client.post("/deals/new", data={"name": "Bad", kind.name: kind.bad})
    assert answer.status_code == 422
    assert f'id="{kind.name}-error"' in answer.text
    assert 'value="Bad"' in answer.text


@each
def test_the_record_page_and_a_list_show_it(world: World, kind: Kind) -> None:
    shown = kind.shown or str(kind.ours)
    assert kind.label in world.page("/deals/1")
    for path in ("/deals/1", f"/deals?fields=name,{kind.name}"):
        assert shown in world.page(path), path
    assert f'value="{kind.name}"' in world.client.get("/deals").text  # among the columns to choose from


@each
def test_every_operator_that_the_filter_offers_works(world: World, kind: Kind) -> None:
    assert kind.name in world.page("/deals/filter")
    editor = filter_fields.kind(FieldSpec(kind.name, kind.label, kind.type))
    for op in filter_fields.known(editor):
        value = str(kind.ours[0] if isinstance(kind.ours, list) else kind.ours)
        value = _VALUES.get(editor, value) if op != "during" else "this_year"
        values = ["3", "weeks"] if op in filter_fields.MOVING else [value, value] if op == "between" else [value]
        answer = world.client.get(
            "/deals/filter", params={"_field": kind.name, "_op": op, "_value": values, "_apply": "1"}
        )
        assert answer.status_code == 302, (op, answer.text[:300])
        page = world.page(answer.headers["location"])
        assert "list-notice" not in page, (op, answer.headers["location"])
        assert kind.label in page


# --- the API ---------------------------------------------------------------------------------------------------------


@each
def test_rest_changes_it_and_filters_by_it(world: World, kind: Kind) -> None:
    assert world.names(f"{kind.name}{kind.find.replace('+', '%2B')}") == ["Ours"]
    assert "Empty" in world.names(f"{kind.name}__empty=true&limit=100") or kind.type == "boolean"
    second = world.json("/api/v1/deals/2")
    before = second[kind.name]["id"] if kind.type == "link" else second[kind.name]
    assert before == kind.theirs
    changed = world.client.patch("/api/v1/deals/2", json={kind.name: kind.ours})
    assert changed.status_code == 200, changed.text
    assert changed.json()[kind.name] == world.json("/api/v1/deals/1")[kind.name]
    assert world.client.patch("/api/v1/deals/2", json={kind.name: kind.theirs}).status_code == 200


@each
def test_it_sorts_and_groups_where_its_type_can(world: World, kind: Kind) -> None:
    for sign in ("", "-"):
        answer = world.client.get(f"/api/v1/deals?sort={sign}{kind.name}")
        assert (answer.status_code == 200) == kind.sorts, answer.text[:300]
        if kind.sorts:
            assert [item["label"] for item in answer.json()["items"]][-1] in ("Empty", "Theirs", "Ours")
    answer = world.client.get(f"/api/v1/deals?group_by={kind.name}&measure=count")
    bucketed = kind.type in ("date", "datetime")
    answer = world.client.get(f"/api/v1/deals?group_by={kind.name}:year&measure=count") if bucketed else answer
    if kind.groups:
        assert answer.status_code == 200, answer.text[:300]
        assert sum(item["measures"]["count"] for item in answer.json()["items"]) == 3


@each
def test_the_api_describes_it(world: World, kind: Kind) -> None:
    schemas = world.json("/openapi.json")["components"]["schemas"]
    for name in ("Deal", "DealCreate", "DealChange"):
        assert schemas[name]["properties"][kind.name]["title"] == kind.label


# --- files -----------------------------------------------------------------------------------------------------------


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@each
def test_an_export_has_it_and_an_import_takes_it_back(world: World, kind: Kind) -> None:
    raw = world.client.get(f"/export/deals.csv?raw=true&name=Ours&fields=name,{kind.name}").text
    rows = _rows(raw)
    assert rows[0][kind.name] == (kind.cell or str(kind.ours))
    plain = _rows(world.client.get(f"/export/deals.csv?name=Ours&fields=name,{kind.name}").text)
    assert kind.label in plain[0]
    assert plain[0][kind.label]
    file = raw.replace("Ours", f"Back {kind.type}")
    form = {"object": "deals", "map": "name=name"}
    started = world.client.post("/api/v1/imports", data=form, files={"file": ("back.csv", file.encode(), "text/csv")})
    run = _finished(world, started.json()["id"])
    assert (run["report"]["created"], run["report"]["errors"]) == (1, []), run
    back = world.json(f"/api/v1/deals?name=Back {kind.type}")["items"][0]
    assert back[kind.name] == world.json("/api/v1/deals/1")[kind.name]
    assert world.client.delete(f"/api/v1/deals/{back['id']}").status_code == 204


def _finished(world: World, id: int) -> Any:
    for _ in range(400):
        body = world.json(f"/api/v1/imports/{id}")
        if body["state"] not in ("queued", "running"):
            return body
        time.sleep(0.02)
    raise AssertionError(body)


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.said], ids=lambda kind: kind.type)
def test_full_text_finds_what_it_says(world: World, kind: Kind) -> None:
    assert "Ours" in [item["label"] for item in world.json("/api/v1/search", params={"q": kind.said})["items"]]
    assert world.names(f"q={kind.said}") == ["Ours"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.question], ids=lambda kind: kind.type)
def test_the_assistant_understands_its_name(world: World, kind: Kind) -> None:
    answer = world.client.post("/chat/ask", json={"question": kind.question}).json()
    assert answer["mode"] == "exact", answer
    assert [row["label"] for row in answer["rows"]] == ["Ours"], answer


def test_a_link_is_a_path_both_ways(world: World) -> None:
    assert world.names("reseller.name=acme") == ["Ours"]
    assert world.names("sort=-reseller.name&reseller__empty=false") == ["Theirs", "Ours"]
    back = world.json("/api/v1/companies?deals_by_reseller.amount__gte=100&sort=name")["items"]
    assert [item["label"] for item in back] == ["Acme", "Betatech"]
    where = json.dumps({"relation": "deals_by_reseller", "quantifier": "none"})
    assert world.json("/api/v1/companies", params={"where": where})["items"] == []
    grouped = world.json("/api/v1/deals?group_by=reseller.name&measure=sum:amount")["items"]
    assert {str(item["keys"]["reseller.name"]): item["measures"]["sum:amount"] for item in grouped}["Acme"] == 100


def test_another_process_knows_all_of_them(world: World) -> None:
    wanted = {"object": "deals", "columns": [kind.name for kind in KINDS], "sort": ["name"]}
    command = [sys.executable, "-m", "app", "query", json.dumps(wanted)]
    environ = {**os.environ, "PARLEY_INSTANCE": str(world.folder)}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    first = next(item for item in json.loads(done.stdout)["items"] if item["label"] == "Ours")
    assert {kind.name for kind in KINDS} <= first.keys()
