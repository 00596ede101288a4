"""The columns of a list: chosen, in order, as wide as drawn; sorted by several; with a figure at the foot of each."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client, Maker


def heads(page: str) -> list[str]:
    """The columns of the list, in order."""
    return re.findall(r'<th scope="col"[^>]*data-column="([^"]*)"', page)


def foot(page: str) -> str:
    found = re.search(r"<tfoot>(.*?)</tfoot>", page, re.DOTALL)
    # Without the choices that its menus offer.
    return site.text(re.sub(r'<div class="menu-body">.*?</div>', "", found[1], flags=re.DOTALL)) if found else ""


def arranged(client: Client, object: str, pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Send a form that arranges the list; gives the parameters of the address that it leads to."""
    answer = client.get(f"/{object}?{urlencode(pairs)}")
    assert answer.status_code == 302, answer.status_code
    return site.params(answer.headers["location"])


# --- columns ----------------------------------------------------------------------------------------------------------


def test_columns_are_put_in_order_by_buttons_that_need_no_script(client: Client, filled: dict[str, Any]) -> None:
    form = [("_arrange", "columns"), ("column", "company"), ("column", "stage"), ("column", "amount")]
    assert arranged(client, "deals", [*form, ("_up", "amount")])["fields"] == "company,amount,stage"
    assert arranged(client, "deals", [*form, ("_down", "company")])["fields"] == "stage,company,amount"
    assert arranged(client, "deals", [*form, ("_up", "company")])["fields"] == "company,stage,amount"
    assert arranged(client, "deals", [*form, ("_down", "nothing")])["fields"] == "company,stage,amount"
    page = client.get("/deals?fields=company,amount,stage").text
    assert heads(page) == ["name", "company", "amount", "stage"], "the name stands first"


def test_the_form_of_columns_keeps_the_filters_and_the_order(client: Client, filled: dict[str, Any]) -> None:
    form = [("stage", "won"), ("sort", "-amount"), ("_arrange", "columns"), ("column", "amount"), ("column", "")]
    assert arranged(client, "deals", form) == {"stage": "won", "sort": "-amount", "fields": "amount"}


def test_a_field_of_a_linked_record_is_offered_and_shown(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals").text
    assert '<option value="company.industry">Company › Industry</option>' in page
    page = client.get("/deals?fields=company.industry,owner.email").text
    assert heads(page) == ["name", "company.industry", "owner.email"]
    assert '<option value="company.industry"' not in page[page.index('id="related-column"') :]


def test_widths_are_kept_for_each_person_and_drawn_before_the_first_paint(
    client: Client, member: Principal, filled: dict[str, Any]
) -> None:
    sizes = {"name": 420, "company": 120, "nothing": 99}
    answer = client.post("/list-settings/deals/widths", {"widths": json.dumps(sizes), "view": ""})
    assert answer.status_code == 204
    page = client.get("/deals").text
    [style] = re.findall(r'<style nonce="n" data-widths>(.*?)</style>', page)
    assert ".list-deals .first{width:420px" in style
    assert ".list-deals .col-company{width:120px" in style
    assert "nothing" not in style
    assert page.index("data-widths>") < page.index("<body"), "nothing moves once it is shown"
    assert "data-widths>" not in client.as_user(member).get("/deals").text
    assert "data-widths>" not in client.get("/companies").text
    client.post("/list-settings/deals/widths", {"widths": "{}", "view": ""})
    assert "data-widths>" not in client.get("/deals").text


def test_a_view_has_widths_of_its_own_and_hands_them_on(
    client: Client, member: Principal, filled: dict[str, Any]
) -> None:
    client.post("/list-settings/deals/widths", {"widths": json.dumps({"name": 300}), "view": ""})
    made = client.post("/views", {"object": "deals", "name": "Wide", "state": "stage=won", "shared": "true"})
    url = made.headers["location"]
    view = site.params(url)["view"]
    assert ".first{width:300px" in client.get(url).text
    ben = client.as_user(member)
    assert ".first{width:300px" in ben.get(url).text, "as its maker had them"
    ben.post("/list-settings/deals/widths", {"widths": json.dumps({"name": 200}), "view": view})
    assert ".first{width:200px" in ben.get(url).text
    assert ".first{width:300px" in client.get(url).text


@pytest.mark.parametrize("widths", ["[1]", "{", '{"name": "wide"}', '{"name": null}', "1"])
def test_widths_that_are_none_are_refused(client: Client, widths: str) -> None:
    assert client.post("/list-settings/deals/widths", {"widths": widths}).status_code == 422


def test_widths_stay_within_reason(client: Client, filled: dict[str, Any]) -> None:
    client.post("/list-settings/deals/widths", {"widths": json.dumps({"name": 99999, "stage": -5})})
    page = client.get("/deals").text
    assert ".first{width:900px" in page
    assert ".col-stage{width:64px" in page
    assert client.post("/list-settings/deals/widths", {"widths": "{}", "view": "77"}).status_code == 404


# --- order ------------------------------------------------------------------------------------------------------------


def test_a_second_and_a_third_column_sort_too_and_say_so(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?sort=stage").text
    add = re.findall(r'data-column="amount".*?data-add="([^"]*)"', page, re.DOTALL)[0]
    assert site.params(add) == {"sort": "stage,-amount"}
    both = client.get(add).text
    assert "Stage 1 , 1. in the order, ascending" in site.text(both)
    assert "2 , 2. in the order, descending" in site.text(both)
    assert both.count("aria-sort=") == 1, "assistive technology is told of the first; the others are in words"
    rows = site.rows(both)
    assert [row[:8] for row in rows[:4]] == ["Deal 006", "Deal 000", "Deal 007", "Deal 001"]


def test_shift_turns_a_column_round_where_it_is_in_the_order(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?sort=stage,-amount,name").text
    add = dict(re.findall(r'data-column="(\w+)"[^>]*>\s*<a class="sort[^"]*" href="[^"]*" data-add="([^"]*)"', page))
    assert site.params(add["amount"]) == {"sort": "stage,amount,name"}
    assert site.params(add["close_date"]) == {"sort": "stage,-amount,-close_date"}, "three at most"


def test_the_menu_of_the_order_is_a_plain_form(client: Client, filled: dict[str, Any]) -> None:
    form = [("stage", "open"), ("_arrange", "sort")]
    lines = [("_sort", "owner"), ("_way", "up"), ("_sort", "amount"), ("_way", "down"), ("_sort", ""), ("_way", "up")]
    assert arranged(client, "deals", form + lines) == {"stage": "open", "sort": "owner,-amount"}
    twice = [("_sort", "amount"), ("_way", "down"), ("_sort", "amount"), ("_way", "up")]
    assert arranged(client, "deals", form + twice)["sort"] == "-amount"
    assert arranged(client, "deals", [("sort", "name"), ("_arrange", "sort"), ("_arrange", "no-sort")]) == {}


def test_pages_of_a_list_sorted_by_three_go_on_without_a_gap(client: Client, make: Maker) -> None:
    stages = ("lead", "proposal")
    rows = [{"name": f"D {n:03}", "stage": stages[n % 2], "amount": n % 3 or None} for n in range(90)]
    make.many("deals", rows)
    url, seen = "/deals?sort=stage,-amount,name&size=25", []
    while url:
        page = client.get(url).text
        seen += site.rows(page)
        url = site.way(page, "next")
    assert len(seen) == len(set(seen)) == 90
    expected = sorted(rows, key=lambda row: (row["stage"], -(row["amount"] or -1), row["name"]))
    assert [row[:5] for row in seen] == [row["name"] for row in expected]


# --- the foot ---------------------------------------------------------------------------------------------------------


def test_each_column_has_the_figure_that_was_chosen_for_it(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?totals=avg:amount,filled:owner,max:close_date").text
    assert "Average 6,500" in foot(page)
    assert "Latest Dec 15, 2025" in foot(page)
    assert "Filled 0" in foot(page) or "Filled 12" in foot(page)
    assert "Sum" not in foot(page)


def test_the_foot_offers_what_a_field_s_type_allows(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?fields=amount,close_date,company,tags").text
    offered = dict(
        re.findall(
            r'<td class="col-(\w+)[^"]*"[^>]*><details class="menu menu-up foot-figure".*?(<div.*?)</div>',
            page,
            re.DOTALL,
        )
    )
    assert site.text(offered["amount"]) == "Sum Average Lowest Highest Filled Empty None"
    assert site.text(offered["close_date"]) == "Earliest Latest Filled Empty None"
    assert site.text(offered["company"]) == "Filled Empty None"
    assert "tags" not in offered


def test_a_figure_is_chosen_by_a_link_and_stands_in_the_address(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?stage=won").text
    [lowest] = [link for link in site.links(page) if "totals=min:amount" in link]
    assert site.params(lowest) == {"stage": "won", "totals": "min:amount"}
    assert "Lowest 5,000" in foot(client.get(lowest).text)
    none = client.get("/deals?totals=none").text
    assert foot(none) == "12 records" + foot(none).removeprefix("12 records")
    assert "Sum" not in foot(none)


def test_filled_and_empty_add_up_to_all_records(client: Client, make: Maker) -> None:
    make.many("companies", [{"name": f"C {n}", **({"industry": "Food"} if n % 3 else {})} for n in range(9)])
    assert "Filled 6" in foot(client.get("/companies?totals=filled:industry").text)
    assert "Empty 3" in foot(client.get("/companies?totals=empty:industry").text)


@pytest.mark.parametrize(
    "totals", ["sum:name", "avg:company", "explode:amount", "sum:", ":", "sum:nothing", "none,sum:amount"]
)
def test_no_figure_breaks_a_list(client: Client, filled: dict[str, Any], totals: str) -> None:
    page = client.get(f"/deals?totals={totals}")
    assert page.status_code == 200
    assert len(site.rows(page.text)) == 12


# --- pages ------------------------------------------------------------------------------------------------------------


def test_a_page_is_as_long_as_was_chosen(client: Client, make: Maker) -> None:
    make.many("companies", [{"name": f"Company {index:03}"} for index in range(130)])
    page = client.get("/companies?size=100").text
    assert len(site.rows(page)) == 100
    assert "1–100 of 130" in site.text(page)
    following = client.get(site.way(page, "next")).text
    assert len(site.rows(following)) == 30
    assert "101–130 of 130" in site.text(following)
    assert "/companies?size=25" in site.links(page)
    assert len(site.rows(client.get("/companies?size=7").text)) == 50, "only the sizes that are offered"
