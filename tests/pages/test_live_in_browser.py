"""What somebody else changes shows on an open page within a moment, and never over one's own typing."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy.engine import make_url

from app.crm.accounts import sessions
from app.crm.port import Crm
from app.shared.db import Database
from tests.conftest import add_user
from tests.pages.browsing import Site
from tests.pages.site import Maker, fill
from tests.processes import start_server

pytestmark = pytest.mark.browser


@dataclass
class Shared:
    """A workspace that Anna has open and Ben changes."""

    anna: Site
    ben: httpx.Client

    def patch(self, path: str, **values: Any) -> None:
        answer = self.ben.patch(f"/api/v1/{path}", json=values)
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Shared]:
    folder = tmp_path_factory.mktemp("live")
    shutil.copyfile(sqlite_template, folder / "crm.db")
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    people = [add_user(database, name, "admin", f"{name[:3]}@example.com") for name in ("Anna Reyes", "Ben Okoye")]
    ids = fill(Maker(Crm(database), people[0]), deals=20)
    with database.write() as connection:
        secrets = [sessions.start(connection, one.user_id or 0) for one in people]
    database.close()
    server = start_server(folder)
    headers = {"Cookie": f"parley_session={secrets[1]}", "Origin": server.url}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False) as ben:
        yield Shared(Site(server.url, secrets[0], ids), ben)
    server.end()


def test_a_row_of_a_list_changes_where_it_stands(shared: Shared, browser: Any) -> None:
    with shared.anna.page(browser) as page:
        page.goto("/companies")
        shared.patch(f"companies/{shared.anna.ids['acme']}", industry="Space travel")
        row = page.locator(f"tr[data-id='{shared.anna.ids['acme']}']")
        expect(row).to_contain_text("Space travel")
        expect(page.locator("#live-news")).to_have_text("Ben Okoye changed Acme")


def test_new_and_gone_records_come_and_go(shared: Shared, browser: Any) -> None:
    with shared.anna.page(browser) as page:
        page.goto("/people")
        total = int(page.locator("[data-live=total]").inner_text())
        made = shared.ben.post("/api/v1/people", json={"name": "Aaron First"}).json()
        expect(page.locator("tbody")).to_contain_text("Aaron First")
        expect(page.locator("[data-live=total]")).to_have_text(str(total + 1))
        assert shared.ben.delete(f"/api/v1/people/{made['id']}").status_code in (200, 204)
        expect(page.locator("tbody")).not_to_contain_text("Aaron First")


def test_a_card_moves_on_an_open_board(shared: Shared, browser: Any) -> None:
    with shared.anna.page(browser) as page:
        page.goto("/deals/board")
        card = page.locator("[data-lane=lead] .board-card").first
        id = card.get_attribute("data-id")
        shared.patch(f"deals/{id}", stage="negotiation")
        expect(page.locator(f"[data-lane=negotiation] .board-card[data-id='{id}']")).to_be_visible()
        expect(page.locator(f"[data-lane=lead] .board-card[data-id='{id}']")).to_have_count(0)


def test_a_records_page_follows_and_leaves_what_is_being_typed(shared: Shared, browser: Any) -> None:
    acme = shared.anna.ids["acme"]
    with shared.anna.page(browser) as page:
        page.goto(f"/companies/{acme}")
        draft = page.locator(".record-main textarea").first
        draft.fill("Half a thought")
        shared.patch(f"companies/{acme}", city="Reykjavik")
        expect(page.locator(".facts")).to_contain_text("Reykjavik")
        expect(draft).to_have_value("Half a thought")
        note = {"body": "From somewhere else", "company": acme}
        assert shared.ben.post("/api/v1/notes", json=note).status_code == 201
        expect(page.locator("#timeline")).to_contain_text("From somewhere else")


def test_what_happened_while_the_connection_was_away_is_made_up_for(shared: Shared, browser: Any) -> None:
    with shared.anna.context(browser) as context:
        page = context.new_page()
        page.goto("/companies")
        context.set_offline(True)
        shared.patch(f"companies/{shared.anna.ids['acme']}", industry="Deep sea")
        context.set_offline(False)
        expect(page.locator(f"tr[data-id='{shared.anna.ids['acme']}']")).to_contain_text("Deep sea", timeout=20_000)
