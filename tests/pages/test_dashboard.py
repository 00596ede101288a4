"""The dashboard: its numbers are those of the rows that it opens."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.pages import site
from tests.pages.site import Client, Maker


def test_an_empty_workspace_shows_the_ways_to_begin(client: Client) -> None:
    page = client.get("/").text
    assert {"/import", "/companies/new"} <= set(site.links(page))
    assert "--demo" in site.text(page)


def test_the_figures_are_those_of_the_records(client: Client, filled: dict[str, Any]) -> None:
    said = site.text(client.get("/?period=all").text)
    assert "Open pipeline $44.0K 8 deals" in said or "Open pipeline $44K 8 deals" in said
    assert "Won $16K 2 deals" in said or "Won $16.0K 2 deals" in said
    assert "Win rate 50% 2 won, 2 lost" in said
    assert "My open tasks 2" in said


def test_a_period_narrows_what_was_closed(client: Client, filled: dict[str, Any]) -> None:
    assert "Win rate – 0 won, 0 lost" in site.text(client.get("/?period=this_quarter").text)


@pytest.mark.parametrize("period", ["", "?period=all", "?period=2025", "?period=nonsense"])
def test_every_link_of_the_dashboard_opens(client: Client, filled: dict[str, Any], period: str) -> None:
    page = client.get(f"/{period}").text
    for link in set(site.links(site.main(page))):
        assert client.get(link).status_code == 200, link


def test_a_bar_of_the_pipeline_opens_its_deals(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/").text
    part = page[page.index("Pipeline by stage</h2>") :]
    part = part[: part.index("</section>")]
    lines = dict(zip([link for link in site.links(part) if "stage=" in link][1:], site.rows(part), strict=False))
    assert len(lines) == 4
    for link, row in lines.items():
        assert site.total(client.get(link).text) == int(row.split()[1]), (link, row)


def test_a_deal_that_stands_still_is_stale(client: Client, make: Maker, filled: dict[str, Any]) -> None:
    assert "No open deal has stood still for 30 days" in site.text(client.get("/").text)
    with make.crm.database.write() as connection:
        connection.exec_driver_sql("UPDATE deals SET stage_changed_at = '2024-01-01 00:00:00' WHERE id = 1")
    page = client.get("/").text
    part = page[page.index("Stale deals") :]
    assert "Stale deals 1" in site.text(part)
    assert "Deal 000" in site.text(part)


def test_charts_have_their_numbers_in_a_table(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/?period=all").text
    assert "<caption>Won by month</caption>" in page


def test_amounts_in_several_currencies_stand_beside_each_other(client: Client, make: Maker) -> None:
    make("deals", name="A", amount=1000, currency="USD", stage="lead")
    make("deals", name="B", amount=2000, currency="EUR", stage="lead")
    said = site.text(client.get("/").text)
    assert "$1,000" in said
    assert "€2,000" in said


def test_months_without_a_won_deal_stand_in_the_chart_as_nothing(client: Client, make: Maker) -> None:
    last = datetime.now(UTC).year - 1
    for month, amount in ((2, 1000), (5, 3000)):
        make("deals", name=f"M{month}", amount=amount, stage="won", close_date=f"{last}-{month:02}-10")
    page = client.get("/?period=last_year").text
    table = page[page.index("<caption>Won by month</caption>") :]
    rows = site.rows(table[: table.index("</table>")])
    assert [row.split()[0] for row in rows] == "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    assert [row.split()[1] for row in rows][:6] == ["$0", "$1K", "$0", "$0", "$3K", "$0"]
