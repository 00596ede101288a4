"""The two halves as two processes over one instance: the boundary holds, each finds the other, and says where it is."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.shared.db import Database
from tests.conftest import _sqlite_url, add_user, bearer
from tests.processes import Server, start_server

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[Server, Server]]:
    folder = tmp_path_factory.mktemp("halves")
    shutil.copyfile(sqlite_template, folder / "crm.db")
    database = Database(_sqlite_url(folder / "crm.db"))
    token = bearer(database, add_user(database, "Anna", "admin"))
    database.close()
    crm = start_server(folder, "--only", "crm", "--port", "0", token=token)
    chatbot = start_server(folder, "--only", "chatbot", "--port", "0", token=token)
    yield crm, chatbot
    chatbot.end()
    crm.end()


def test_each_half_serves_its_own(halves: tuple[Server, Server]) -> None:
    crm, chatbot = halves
    created = crm.http.post("/api/v1/companies", json={"name": "Betatech"})
    assert created.status_code == 201
    answer = chatbot.http.post("/chat/ask", json={"question": "How many companies are there?"})
    assert answer.status_code == 200
    assert answer.json()["figures"][0]["value"] == 1


def test_what_the_other_half_serves_is_not_here(halves: tuple[Server, Server]) -> None:
    crm, chatbot = halves
    refused = crm.http.post("/chat/ask", json={"question": "How many deals?"})
    assert refused.status_code == 404
    assert chatbot.url in refused.json()["detail"]
    page = chatbot.http.get("/deals?stage=won")
    assert page.status_code == 307
    assert page.headers["location"] == f"{crm.url}/deals?stage=won"
    assert chatbot.http.get("/api/v1/deals").status_code == 404


def test_each_tells_of_the_other(halves: tuple[Server, Server]) -> None:
    crm, chatbot = halves
    chatbot.wait_for(f"The CRM runs at {crm.url}")
    crm.wait_for("The assistant is not running")
    parts = httpx.get(f"{chatbot.url}/readyz").json()["parts"]
    assert parts["peer"]["why"].startswith("The CRM runs at")
    assert {"peer", "database"} <= set(httpx.get(f"{crm.url}/readyz").json()["parts"])


def test_each_describes_what_it_serves(halves: tuple[Server, Server]) -> None:
    crm, chatbot = halves
    assert "/chat/ask" not in httpx.get(f"{crm.url}/openapi.json").json()["paths"]
    assert "/api/v1/deals" not in httpx.get(f"{chatbot.url}/openapi.json").json()["paths"]


def test_an_assistant_that_is_away_is_said_to_be(tmp_path: Path, halves: tuple[Server, Server]) -> None:
    from app.setup.instance import snapshot

    folder = tmp_path / "alone"
    folder.mkdir()
    snapshot(halves[0].instance / "crm.db", folder / "crm.db")
    alone = start_server(folder, "--only", "crm", "--port", "0", token=halves[0].token)
    try:
        refused = alone.http.post("/chat/ask", json={"question": "How many deals?"})
        assert refused.status_code == 503
        assert "serve --only chatbot" in refused.json()["detail"]
        assert alone.http.get("/api/v1/deals").status_code == 200
    finally:
        alone.end()
