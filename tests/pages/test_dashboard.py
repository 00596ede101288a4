"""The dashboard: its numbers are those of the rows that it opens."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.crm import demo, rates
from app.crm.accounts import teams, users
from app.crm.port import Crm
from app.shared.contract import SYSTEM, ChangeSet, Operation, Page, Principal, Query
from app.shared.errors import Invalid
from tests.pages import site
from tests.pages.site import Client, Maker


def test_an_empty_workspace_shows_the_ways_to_begin(client: Client) -> None:
    page = client.get("/").text
    assert "/import" in site.links(page)
    assert 'action="/guide/demo"' in page


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
    assert [row.split()[1] for row in rows][:6] == ["$0", "$1,000", "$0", "$0", "$3,000", "$0"]


# --- every number opens its rows --------------------------------------------------------------------------------------


def _tile(page: str, name: str) -> str:
    """A tile's HTML by its heading."""
    part = page[re.search(rf"<h2[^>]*>{name}", page).start() :]  # type: ignore[union-attr]  # it is there
    return part[: part.index("</section>")]


def _number(text: str) -> int:
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found[0].replace(",", ""))


@pytest.fixture
def living(make: Maker, filled: dict[str, Any]) -> dict[str, Any]:
    """Deals that are stale, late, and planned for the months ahead."""
    today = datetime.now(UTC).date()
    for days, stage in ((20, "lead"), (40, "proposal"), (-3, "qualified"), (70, "negotiation")):
        make("deals", name=f"In {days}", stage=stage, amount=500 + days, close_date=str(today + timedelta(days=days)))
    with make.crm.database.write() as connection:
        connection.exec_driver_sql("UPDATE deals SET stage_changed_at = '2024-01-01 00:00:00' WHERE id IN (1, 2, 8)")
    return filled


@pytest.mark.parametrize("scope", ["", "&who=me", "&pipeline=1"])
def test_every_tiles_number_is_that_of_the_list_that_it_opens(
    client: Client, living: dict[str, Any], scope: str
) -> None:
    page = client.get(f"/?period=all{scope}").text
    figures = page[page.index('class="figures"') : page.index("</ul>", page.index('class="figures"'))]
    for link, words in re.findall(r'<a class="figure" href="([^"]+)">(.*?)</a>', figures):
        detail, value = re.search(r"figure-detail\">(.*?)<", words), re.search(r"figure-value\">(.*?)<", words)
        assert detail
        assert value
        said = value[1] if "tasks" in link else detail[1]
        counted = sum(map(int, re.findall(r"(\d+) (?:won|lost)", said))) or _number(said)
        assert site.total(client.get(link.replace("&amp;", "&")).text) == counted, said
    for name in ("Stale deals", "My tasks"):
        tile = _tile(page, name)
        opened = next(link for link in site.links(tile) if "?" in link and "/new" not in link)
        assert site.total(client.get(opened).text) == _number(site.text(tile).removeprefix(name)), name
    owners = _tile(page, "By owner")
    for won, row in zip(re.findall(r'class="open" href="([^"]+)"', owners), site.rows(owners), strict=True):
        assert site.total(client.get(won.replace("&amp;", "&")).text) == int(row.split()[2]), row


def test_the_forecasts_bars_open_their_months_and_what_is_late_its_deals(
    client: Client, living: dict[str, Any]
) -> None:
    tile = _tile(client.get("/").text, "Forecast")
    rows = re.findall(r'<th scope="row"><a href="([^"]+)">[^<]+</a></th><td class="right">\$([\d,]+)', tile)
    assert rows
    for link, whole in rows:
        listed = client.get(link.replace("&amp;", "&")).text
        foot = re.search(r"<tfoot>.*?</tfoot>", listed, re.DOTALL)
        assert foot
        assert f" {whole}" in site.text(foot[0]), link
    late = next(link for link in site.links(tile) if "close_date__lt" in link)
    said = re.search(r"(\d+) open deals? \(", site.text(tile))
    assert said
    assert site.total(client.get(late).text) == int(said[1])


def test_a_deal_whose_day_has_passed_stands_in_no_month_of_the_forecast(client: Client, make: Maker) -> None:
    today = datetime.now(UTC).date()
    make("deals", name="Due", stage="lead", amount=500, close_date=str(today))
    make("deals", name="Late", stage="lead", amount=70, close_date=str(today - timedelta(days=1)))
    tile = _tile(client.get("/").text, "Forecast")
    assert re.findall(r'</th><td class="right">([^<]+)', tile)[0] == "$500"
    opened = next(link for link in site.links(tile) if "group_by" in link)
    assert "$500" in site.text(client.get(opened).text)
    assert "$570" not in site.text(client.get(opened).text)
    assert "1 open deal ($70) has a close date that has passed" in site.text(tile)


# --- whose, which, how long -------------------------------------------------------------------------------------------


def test_the_dashboard_narrows_to_a_person_and_to_a_team(
    client: Client, make: Maker, member: Principal, filled: dict[str, Any]
) -> None:
    make("deals", name="Theirs", stage="lead", amount=77, owner=member.user_id)
    with make.crm.database.write() as connection:
        team = teams.create(connection, "North")
        users.set_team(connection, member.user_id, team)
    for who in (str(member.user_id), f"team-{team}"):
        page = client.get(f"/?who={who}").text
        assert "Open pipeline $77 1 deals" in site.text(page), who
        assert f"period=this_quarter&who={who}" in page.replace("&amp;", "&"), "the period keeps the person"
        opened = next(link for link in site.links(_tile(page, "Pipeline by stage")) if "group_by" not in link)
        assert site.total(client.get(opened).text) == 1


@pytest.mark.parametrize("bent", ["who=nobody", "who=team-x", "pipeline=x", "pipeline=99999999999999999999", "who=-1"])
def test_a_bent_choice_is_left_out(client: Client, filled: dict[str, Any], bent: str) -> None:
    assert "8 deals" in site.text(client.get(f"/?{bent}").text)


def test_with_rates_amounts_in_several_currencies_are_one(client: Client, make: Maker) -> None:
    make("deals", name="A", amount=1000, currency="USD", stage="lead")
    make("deals", name="B", amount=2000, currency="EUR", stage="lead")
    with make.crm.database.write() as connection:
        rates.set_rate(connection, client.principal, "USD", "EUR", date(2025, 1, 1), "1.5")
    said = site.text(client.get("/").text)
    assert "Open pipeline $4" in said
    assert "Amounts are converted to USD" in said
    opened = next(link for link in site.links(client.get("/").text) if link.startswith("/deals?stage=open"))
    assert site.params(opened)["convert"] == "USD"
    foot = client.get(opened).text
    assert "Sums in USD" in site.text(foot)
    assert "/deals?stage=open" in site.links(foot)
    assert "4,000" in site.text(foot[foot.index("<tfoot") : foot.index("</tfoot>")])


def test_without_rates_a_bar_has_one_amount_above_it_and_the_table_all(client: Client, make: Maker) -> None:
    for currency in ("USD", "EUR", "GBP"):
        make("deals", name=currency, amount=250_700, currency=currency, stage="won")
    page = client.get("/?period=this_year").text
    chart = page[page.index('<text class="value"') :]
    assert site.text(chart[: chart.index("</text>")]) == "€250.7K +2"
    assert "€250,700 + £250,700 + $250,700" in site.text(page)


# --- latest changes ---------------------------------------------------------------------------------------------------


def test_an_import_is_one_line_among_the_latest_changes(client: Client, make: Maker, filled: dict[str, Any]) -> None:
    make.many("companies", [{"name": f"Imported {number:03}"} for number in range(120)])
    make.change("deals", filled["deals"][0], amount=5)
    tile = _tile(client.get("/").text, "Latest changes")
    lines = [site.text(line) for line in re.findall(r"<li>.*?</li>", tile, re.DOTALL)]
    assert len(lines) == 8
    assert "Anna changed Deal 000 amount" in lines[0]
    assert "Anna created Imported 000 and 119 more" in lines[1]
    assert "Imported 001" not in tile


def test_latest_changes_name_nothing_that_may_not_be_seen(
    client: Client, make: Maker, member: Principal, filled: dict[str, Any]
) -> None:
    note = Operation(action="create", object="notes", values={"body": "Secret words", "private": True})
    other = Operation(action="update", object="companies", id=filled["acme"], values={"city": "Bonn"})
    make.crm.apply(client.principal, ChangeSet(operations=(note, other)))
    tile = site.text(_tile(client.as_user(member).get("/").text, "Latest changes"))
    assert "Anna changed Acme" in tile
    assert "Secret" not in tile
    assert "more" not in tile.split("Acme")[1][:12]


def test_the_demo_has_deals_that_stand_still(client: Client, crm: Crm) -> None:
    demo.load(crm.database, SYSTEM)
    tile = site.text(_tile(client.get("/").text, "Stale deals"))
    assert tile.startswith("Stale deals 5")
    assert "Staff rooms" in tile


def test_the_demo_s_closed_deals_came_into_their_stage_when_they_closed(crm: Crm, admin: Principal) -> None:
    demo.load(crm.database, SYSTEM)
    columns = ("stage", "close_date", "stage_changed_at")
    deals = crm.query(admin, Query(object="deals", columns=columns, limit=100))
    assert isinstance(deals, Page)
    closed = [deal.values for deal in deals.records if deal.values["stage"] in ("won", "lost")]
    assert len(closed) > 9
    assert all(values["stage_changed_at"].date() == values["close_date"] for values in closed)


def test_since_when_a_deal_stands_in_its_stage_is_told_by_nobody_else(make: Maker) -> None:
    with pytest.raises(Invalid):
        make("deals", name="Old", stage_changed_at="2020-01-01T00:00:00Z")
