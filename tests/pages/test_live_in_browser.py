"""What somebody else changes shows on an open page within a moment, and never over one's own typing."""

import re
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
        expect(page.locator(".facts").first).to_contain_text("Reykjavik")
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


def test_a_board_keeps_the_focus_and_the_cards_that_were_asked_for(shared: Shared, browser: Any) -> None:
    rows = [{"name": f"Many {number:02}", "stage": "qualified", "amount": 10} for number in range(30)]
    operations = [{"action": "create", "object": "deals", "values": row} for row in rows]
    assert shared.ben.post("/api/v1/changes", json={"operations": operations}).status_code in (200, 201)
    with shared.anna.page(browser) as page:
        page.goto("/deals/board")
        lane = page.locator("[data-lane=qualified]")
        lane.get_by_role("link", name="Show more").click()
        expect(lane.locator(".board-card").nth(25)).to_be_attached()
        shown = lane.locator(".board-card").count()
        link = lane.locator(".board-name").nth(24)
        link.focus()
        name = link.inner_text()
        id = page.locator("[data-lane=lead] .board-card").first.get_attribute("data-id")
        shared.patch(f"deals/{id}", stage="proposal")
        expect(page.locator(f"[data-lane=proposal] .board-card[data-id='{id}']")).to_be_attached()
        expect(page.locator(f"[data-lane=proposal] .board-card[data-id='{id}']")).to_have_class(re.compile("is-news"))
        assert page.evaluate("document.activeElement.textContent") == name
        expect(lane.locator(".board-card")).to_have_count(shown)


def test_a_card_that_is_carried_is_left_alone_until_it_is_dropped(shared: Shared, browser: Any) -> None:
    with shared.anna.page(browser) as page:
        page.goto("/deals/board")
        page.locator("[data-lane=lead] .board-name").first.focus()
        page.keyboard.press(" ")
        other = page.locator("[data-lane=won] .board-card").first.get_attribute("data-id")
        shared.patch(f"deals/{other}", stage="lost")
        page.wait_for_timeout(600)  # longer than the news take
        assert page.locator("[data-lane=lead] .is-carried").count() == 1
        page.keyboard.press("Escape")
        expect(page.locator(f"[data-lane=lost] .board-card[data-id='{other}']")).to_be_attached()


def test_the_totals_at_the_foot_of_a_list_follow(shared: Shared, browser: Any) -> None:
    with shared.anna.page(browser) as page:
        page.goto("/deals?stage=negotiation")
        before = page.locator("tfoot").inner_text()
        row = page.locator("tbody tr").first
        row.locator("a.open").focus()
        id = row.get_attribute("data-id")
        shared.patch(f"deals/{id}", amount=987_654)
        expect(page.locator(f"tr[data-id='{id}']")).to_contain_text("987,654")
        assert page.locator("tfoot").inner_text() != before
        assert page.evaluate("document.activeElement.closest('tr').dataset.id") == id, "the focus stays in its row"


def test_new_records_are_offered_to_who_reads_further_down(shared: Shared, browser: Any) -> None:
    with shared.anna.page(browser, viewport={"width": 1000, "height": 420}) as page:
        page.goto("/deals?sort=-created_at")
        wrap = page.locator(".table-wrap")
        wrap.evaluate("element => element.scrollTo(0, 200)")
        at = wrap.evaluate("element => element.scrollTop")
        assert at > 50
        assert shared.ben.post("/api/v1/deals", json={"name": "Just come in"}).status_code == 201
        offer = page.get_by_role("button", name="1 new record")
        expect(offer).to_be_visible()
        assert wrap.evaluate("element => element.scrollTop") == at
        expect(page.locator("tbody")).not_to_contain_text("Just come in")
        offer.click()
        expect(page.locator("tbody tr").first).to_contain_text("Just come in")
        expect(offer).to_have_count(0)


def test_a_record_that_is_deleted_meanwhile_says_so(shared: Shared, browser: Any) -> None:
    made = shared.ben.post("/api/v1/companies", json={"name": "Short-lived"}).json()
    with shared.anna.page(browser) as page:
        page.goto(f"/companies/{made['id']}")
        assert shared.ben.delete(f"/api/v1/companies/{made['id']}").status_code in (200, 204)
        expect(page.locator(".gone-notice")).to_have_text("Ben Okoye deleted Short-lived")
        expect(page.locator("#live-news")).to_have_text("Ben Okoye deleted Short-lived")


def test_the_dashboard_follows(shared: Shared, browser: Any) -> None:
    with shared.anna.page(browser) as page:
        page.goto("/")
        before = page.locator(".figure-value").first.inner_text()
        assert shared.ben.post("/api/v1/deals", json={"name": "Seen at home", "amount": 5_000_000}).status_code == 201
        expect(page.locator(".figure-value").first).not_to_have_text(before)
        expect(page.locator("[data-live=tile-latest]")).to_contain_text("Ben Okoye created Seen at home")


def test_without_a_connection_a_form_keeps_what_was_typed_and_says_why(shared: Shared, browser: Any) -> None:
    with shared.anna.context(browser) as context:
        page = context.new_page()
        page.goto(f"/companies/{shared.anna.ids['long']}/edit")
        page.fill("#name", "Half a name")
        context.set_offline(True)
        expect(page.locator(".offline")).to_contain_text("You are offline")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#toasts")).to_contain_text("Changes can't be saved")
        assert page.locator("#name").input_value() == "Half a name"
        context.set_offline(False)
        expect(page.locator(".offline")).to_have_count(0)
        page.get_by_role("button", name="Save").click()
        page.wait_for_url(re.compile(r"/companies/\d+$"))
