"""Amounts of several currencies in Chromium: no list, board or phone cuts one or gives it another's sign."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy.engine import make_url

from app.crm.accounts import sessions
from app.crm.port import Crm
from app.shared.db import Database
from tests.conftest import add_user
from tests.pages.browsing import PHONE, Site
from tests.pages.site import Maker
from tests.processes import start_server

pytestmark = pytest.mark.browser
AMOUNTS = {"USD": 1_121_900, "EUR": 12_500, "JPY": 1_500_000, "GBP": 98_765}


@pytest.fixture(scope="module")
def traders(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """A workspace with a deal in each of four currencies."""
    folder = tmp_path_factory.mktemp("traders")
    shutil.copyfile(sqlite_template, folder / "crm.db")
    database = Database(make_url(f"sqlite:///{folder / 'crm.db'}"))
    admin = add_user(database, "Anna Reyes", "admin", "anna@example.com")
    make = Maker(Crm(database), admin)
    for currency, amount in AMOUNTS.items():
        for stage in ("lead", "qualified", "proposal", "negotiation", "won"):  # narrow columns
            make("deals", name=f"{currency} {stage}", amount=amount, currency=currency, stage=stage)
    with database.write() as connection:
        secret = sessions.start(connection, admin.user_id or 0)
    database.close()
    server = start_server(folder)
    yield Site(server.url, secret, {})
    server.end()


CUT = """(elements) => elements.flatMap((element) => {
  const inner = element.getBoundingClientRect();
  const shown = ".sums > span:not(.sr-only), .foot-value, .tag, .faint, summary > span:not(.sr-only)";
  const texts = [...element.querySelectorAll(shown)].filter((text) => text.checkVisibility());
  return texts.filter((text) => { const box = text.getBoundingClientRect();
    return box.left < inner.left - 1 || box.right > inner.right + 1; }).map((text) => text.textContent);
})"""


def test_the_foot_of_a_list_shows_each_sum_whole(traders: Site, browser: Any) -> None:
    with traders.page(browser) as page:
        for address in ("/deals", "/deals?group=stage"):
            page.goto(address)
            foot = page.locator("tfoot td.col-amount")
            for sum in ("$5,609,500", "€62,500", "¥7,500,000", "£493,825"):
                expect(foot).to_contain_text(sum)
            assert page.locator("tfoot td, .group-row td").evaluate_all(CUT) == []


def test_a_phone_puts_the_columns_currency_before_its_own_amounts_alone(traders: Site, browser: Any) -> None:
    unit = "(cell) => getComputedStyle(cell, '::before').content"
    with traders.page(browser, viewport=PHONE) as page:
        page.goto("/deals")
        for currency, shown in (("USD", "1,121,900"), ("EUR", "€12,500"), ("JPY", "¥1,500,000")):
            cell = page.locator("tbody tr", has_text=f"{currency} lead").locator("td.col-amount")
            expect(cell).to_have_text(shown)
            assert ("USD" in cell.evaluate(unit)) == (currency == "USD")


def test_the_heads_of_a_board_stay_in_their_columns(traders: Site, browser: Any) -> None:
    with traders.page(browser) as page:
        for currency, rate in (("EUR", "1.08"), ("JPY", "0.0067"), ("GBP", "1.27"), ("", "")):
            page.goto("/deals/board")
            expect(page.locator("[data-lane=lead] .lane-sum, .lane .lane-sum").first).to_contain_text("weighted")
            assert page.locator(".lane").evaluate_all(CUT) == []
            if currency:
                form = {"action": "add", "currency": currency, "day": "2024-11-01", "rate": rate}
                made = page.request.post(
                    f"{traders.url}/settings/currencies", form=form, headers={"Origin": traders.url}
                )
                assert made.ok
        expect(page.locator(".lane .lane-sum").first).to_contain_text("4 currencies")
