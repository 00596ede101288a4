"""Lists: what they show, how they are filtered, sorted, paged and grouped, and what they do with a bent address."""

import re
from html import unescape
from typing import Any

import pytest

from app.crm.port import Crm
from app.shared.contract import ChangeSet, Operation, Principal
from tests.pages import site
from tests.pages.site import LONG, Client, Maker


@pytest.mark.parametrize("object", ["companies", "people", "deals", "tasks", "notes", "activities"])
def test_each_object_has_a_list_that_counts_its_records(
    client: Client, filled: dict[str, Any], crm: Crm, object: str
) -> None:
    page = client.get(f"/{object}")
    assert page.status_code == 200
    assert site.total(page.text) == client.get(f"/api/v1/{object}?limit=1").json()["total"] > 0


@pytest.mark.parametrize("object", ["companies", "people", "deals", "tasks", "notes", "activities"])
def test_an_empty_list_teaches_what_belongs_there(client: Client, object: str) -> None:
    page = client.get(f"/{object}").text
    assert f"No {object} yet" in site.text(page)
    assert f"/{object}/new" in site.links(page)
    assert f"/import?object={object}" in site.links(page)


def test_a_search_and_filters_narrow_the_list_and_stand_as_chips(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?stage__in=won,lost&amount__gte=6000&q=deal").text
    assert site.total(page) == 3
    said = site.text(page)
    assert "Stage is Won or Lost" in said
    assert "Amount at least $6,000" in said
    assert 'value="deal"' in page


def test_taking_a_chip_away_leads_to_the_list_without_it(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?stage=won&amount__gte=6000").text
    remove = [link for link in site.links(page) if link == "/deals?amount__gte=6000"]
    assert remove
    assert site.total(client.get(remove[0]).text) == 7


def test_nothing_that_matches_says_so_and_offers_to_clear(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?amount__gt=999999").text
    assert "Nothing matches" in site.text(page)
    assert "/deals" in site.links(page)


def test_heads_sort_and_say_how(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals").text
    assert "aria-sort" not in page
    assert "/deals?sort=-amount" in site.links(page)
    down = client.get("/deals?sort=-amount").text
    assert 'aria-sort="descending"' in down
    assert site.rows(down)[0].startswith("Deal 011")
    assert "/deals?sort=amount" in site.links(down)
    assert site.rows(client.get("/deals?sort=amount").text)[0].startswith("Deal 000")


def test_pages_go_on_and_back_and_keep_their_place(client: Client, make: Maker) -> None:
    make.many("companies", [{"name": f"Company {index:03}"} for index in range(130)])
    pages = [client.get("/companies?sort=name").text]
    while url := site.way(pages[-1], "next"):
        pages.append(client.get(url).text)
    names = [row.split(" ", 3)[1:3] for page in pages for row in site.rows(page)]
    assert names == [["Company", f"{index:03}"] for index in range(130)]
    for page, place in zip(pages, ("1–50 of 130", "51–100 of 130", "101–130 of 130"), strict=True):
        assert place in site.text(page)
    middle = client.get(site.way(pages[2], "prev")).text
    assert site.rows(middle) == site.rows(pages[1])
    assert "51–100 of 130" in site.text(middle)
    first = client.get(site.way(middle, "prev")).text
    assert site.rows(first) == site.rows(pages[0])
    assert site.way(first, "prev") == ""


def test_a_total_row_sums_all_rows_and_not_the_page_alone(client: Client, make: Maker) -> None:
    make.many("deals", [{"name": f"D {index}", "amount": 100} for index in range(120)])
    assert "Sum 12,000" in site.text(client.get("/deals").text)


def test_a_bent_parameter_is_named_and_the_rest_still_works(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?bogus=1&stage=won&sort=-nothing&amount__gte=six")
    assert page.status_code == 200
    said = site.text(page.text)
    assert "bogus" in said
    assert "nothing" in said
    assert "amount" in said
    assert site.total(page.text) == 2  # the won ones: what could be read still holds


@pytest.mark.parametrize(
    "address",
    ["where={", "cursor=xyz", "limit=0", "limit=abc", "group_by=amount:eon", "measure=sum", "trashed=perhaps", "sort=,",
     "stage__near=won", "trail=3~a~b", "fields=nope", "group_by=nope&measure=count"],
)  # fmt: skip
def test_no_address_breaks_a_list(client: Client, filled: dict[str, Any], address: str) -> None:
    page = client.get(f"/deals?{address}")
    assert page.status_code == 200
    assert "Deals" in site.text(page.text)


def test_columns_are_chosen_by_the_form_and_kept_in_the_address(client: Client, filled: dict[str, Any]) -> None:
    answer = client.get("/companies?column=city&column=country&sort=name")
    assert answer.status_code == 302
    target = answer.headers["location"]
    assert site.params(target) == {"sort": "name", "fields": "city,country"}
    page = client.get(target).text
    assert "City" in page
    assert "col-industry" not in page


def test_a_path_can_be_a_column(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?fields=name,company.industry").text
    assert "Company › Industry" in site.text(page)
    assert any("software" in row for row in site.rows(page))


def test_the_trash_shows_what_was_deleted_and_brings_it_back(
    client: Client, make: Maker, filled: dict[str, Any]
) -> None:
    make.crm.apply(
        make.principal, ChangeSet(operations=(Operation(action="trash", object="deals", id=filled["deals"][0]),))
    )
    page = client.get("/deals?trashed=true").text
    assert site.total(page) == 1
    answer = client.post(f"/deals/{filled['deals'][0]}/restore")
    assert answer.status_code == 303
    assert "The trash is empty" in site.text(client.get("/deals?trashed=true").text)


def test_long_and_hostile_names_are_shown_as_text(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/companies").text
    assert LONG in site.text(page)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_each_group_opens_exactly_its_records(client: Client, filled: dict[str, Any]) -> None:
    for grouping in (
        "stage",
        "company",
        "close_date:month",
        "close_date:quarter",
        "close_date:week",
        "company.industry",
    ):
        page = client.get(f"/deals?group_by={grouping}&measure=count,sum:amount").text
        body = page[page.index("<tbody") : page.index("</tbody>")]
        counted = 0
        for row, link in zip(site.rows(page), site.links(body), strict=True):
            count = int(row.rsplit(" ", 2)[-2])
            assert site.total(client.get(link).text) == count, (grouping, row, link)
            counted += count
        assert counted == 12


def test_a_grouped_view_shows_totals_over_all_rows(client: Client, filled: dict[str, Any]) -> None:
    said = site.text(client.get("/deals?group_by=stage&measure=count,sum:amount&stage__in=won,lost").text)
    assert "All 4 $34,000" in said
    assert "by stage" in said


def test_totals_without_groups_are_a_table_of_one_row(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?measure=sum:amount&stage=won").text
    assert site.rows(page) == ["$16,000"]


def test_a_viewer_sees_lists_without_what_they_may_not_do(
    client: Client, viewer: Principal, filled: dict[str, Any]
) -> None:
    theirs = client.as_user(viewer)
    page = theirs.get("/deals").text
    assert "/deals/new" not in site.links(page)
    assert "/import" not in site.links(page)
    assert theirs.get("/deals/new").status_code == 403


def test_an_address_with_a_limit_shows_the_first_and_a_way_to_all(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?sort=-amount&limit=1").text
    assert len(site.rows(page)) == 1
    assert "Deal 011" in site.rows(page)[0]
    assert "First 1 of 12 Show all" in site.text(page)
    whole = client.get("/deals?sort=-amount").text
    assert "/deals?sort=-amount" in site.links(page)
    assert len(site.rows(whole)) == 12
    assert "Show all" not in site.text(whole)
    following = client.get(site.way(page, "next")).text
    assert "Deal 010" in site.rows(following)[0]
    assert "2–2 of 12 Show all" in site.text(following)


def test_groups_are_limited_as_the_address_asks(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?group_by=stage&measure=sum:amount&sort=-sum:amount&limit=2").text
    assert len(site.rows(page)) == 2
    assert "The first 2 of 6 groups" in site.text(page)
    [way] = re.findall(r'<a href="([^"]*)">Show all</a>', page)
    assert len(site.rows(client.get(unescape(way)).text)) == 6
