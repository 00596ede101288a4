"""A list in groups: heads with counts and figures, and the records of a group where it is unfolded."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest

from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client, Maker
from tests.pages.test_statements import statements


def groups(page: str) -> list[tuple[str, bool, list[str]]]:
    """Each group: its head's words, whether it is unfolded, and its rows."""
    found = []
    parts = re.findall(
        r'<tbody class="group-head">(.*?)</tbody>\s*<tbody class="group-rows"[^>]*>(.*?)</tbody>', page, re.DOTALL
    )
    for head, body in parts:
        rows = [site.text(row) for row in re.findall(r"<tr data-id.*?</tr>", body, re.DOTALL)]
        found.append((site.text(head), 'aria-expanded="true"' in head, rows))
    return found


def toggle(page: str, token: str) -> str:
    found = re.search(rf'href="([^"]*)" aria-expanded="\w+" data-fold="{re.escape(token)}"', page)
    assert found, token
    return unescape(found[1])


def source(page: str, token: str) -> str:
    found = re.search(rf'data-fold="{re.escape(token)}" data-source="([^"]*)"', page)
    assert found, token
    return unescape(found[1])


def test_groups_have_a_head_with_their_count_and_sum_and_their_records_under_it(
    client: Client, filled: dict[str, Any]
) -> None:
    page = client.get("/deals?group=stage&sort=-amount").text
    found = groups(page)
    assert [head for head, _open, _rows in found] == [
        "Lead 2 Sum 8,000", "Qualified 2 Sum 10,000", "Proposal 2 Sum 12,000", "Negotiation 2 Sum 14,000",
        "Won 2 Sum 16,000", "Lost 2 Sum 18,000",
    ]  # fmt: skip
    assert [len(rows) for _head, _open, rows in found] == [2, 2, 2, 0, 0, 0], "the first ones are unfolded"
    assert [row[:8] for row in found[0][2]] == ["Deal 006", "Deal 000"], "in the order of the list"
    assert site.total(page) == 12


def test_a_group_folds_and_unfolds_by_its_address(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?group=stage").text
    won = client.get(toggle(page, "won")).text
    assert [is_open for _head, is_open, _rows in groups(won)] == [True, True, True, False, True, False]
    again = client.get(toggle(won, "lead")).text
    assert [is_open for _head, is_open, _rows in groups(again)] == [False, True, True, False, True, False]
    closed = client.get("/deals?group=stage&open=~closed").text
    assert not any(is_open for _head, is_open, _rows in groups(closed))
    one = client.get(toggle(closed, "won")).text
    assert sum(is_open for _head, is_open, _rows in groups(one)) == 1


@pytest.mark.parametrize("group", ["stage", "company", "company.industry", "close_date:month", "close_date:quarter",
                                   "close_date:week", "owner", "person", "currency"])  # fmt: skip
def test_the_records_of_the_groups_are_those_of_the_list(client: Client, filled: dict[str, Any], group: str) -> None:
    page = client.get(f"/deals?group={group}").text
    tokens = re.findall(r'data-fold="([^"]*)"', page)
    seen: list[str] = []
    for (head, _open, _rows), token in zip(groups(page), map(unescape, tokens), strict=True):
        rows = site.rows(f"<tbody>{client.get(source(page, token), headers={'X-Group': '1'}).text}</tbody>")
        assert str(len(rows)) in head.split(), (head, rows)
        seen += rows
        assert site.total(client.get(source(page, token)).text) == len(rows), "the same address opens them as a list"
    assert len(seen) == 12


def test_records_with_several_tags_stand_in_each_group_and_booleans_have_two(client: Client, make: Maker) -> None:
    make("companies", name="Both", tags=["a", "b"])
    make("companies", name="One", tags=["a"])
    make("companies", name="None")
    found = groups(client.get("/companies?group=tags").text)
    assert [(head.split(" Sum")[0], len(rows)) for head, _open, rows in found] == [
        ("a 2", 2),
        ("b 1", 1),
        ("None 1", 1),
    ]
    make("tasks", name="Done", done=True)
    make("tasks", name="Open")
    found = groups(client.get("/tasks?group=done").text)
    assert sorted(len(rows) for _head, _open, rows in found) == [1, 1]


def test_dates_without_a_bucket_go_by_month(client: Client, filled: dict[str, Any]) -> None:
    heads = [head for head, _open, _rows in groups(client.get("/deals?group=close_date").text)]
    assert len(heads) == 12
    assert heads[0].startswith("January 2025") or heads[0].startswith("Jan 2025")


def test_groups_stand_in_the_order_that_was_chosen(client: Client, make: Maker, filled: dict[str, Any]) -> None:
    make.many("deals", [{"name": f"L {n}", "stage": "lost", "amount": 1} for n in range(3)])
    heads = [head.split()[0] for head, _open, _rows in groups(client.get("/deals?group=stage&group_order=-count").text)]
    assert heads[0] == "Lost"
    reverse = [head.split()[0] for head, *_rest in groups(client.get("/deals?group=stage&group_order=-stage").text)]
    assert reverse == ["Lost", "Won", "Negotiation", "Proposal", "Qualified", "Lead"]
    by_sum = [head.split()[0] for head, *_ in groups(client.get("/deals?group=stage&group_order=-sum:amount").text)]
    assert by_sum[0] == "Lost"


def test_a_long_group_shows_its_first_records_and_the_next_on_request(client: Client, make: Maker) -> None:
    make.many("deals", [{"name": f"D {n:03}", "stage": "lead"} for n in range(120)])
    page = client.get("/deals?group=stage&sort=name").text
    assert len(groups(page)[0][2]) == 50
    seen, more = list(groups(page)[0][2]), _more(page)
    while more:
        fragment = client.get(more, headers={"X-Group": "1"}).text
        seen += [row for row in site.rows(f"<tbody>{fragment}</tbody>") if row.startswith("D ")]
        more = _more(fragment)
    assert [row[:5] for row in seen] == [f"D {n:03}" for n in range(120)]


def _more(page: str) -> str:
    found = re.search(r'href="([^"]*)" data-more-rows', page)
    return unescape(found[1]) if found else ""


def test_the_menu_of_groups_is_a_plain_form(client: Client, filled: dict[str, Any]) -> None:
    def sent(**more: str) -> dict[str, str]:
        form = [("stage", "won"), ("_arrange", "groups"), *((f"_{key}", value) for key, value in more.items())]
        return site.params(client.get(f"/deals?{urlencode(form)}").headers["location"])

    assert sent(group="owner", bucket="month", order="") == {"stage": "won", "group": "owner"}
    assert sent(group="close_date:date", bucket="quarter", order="-count") == {
        "stage": "won", "group": "close_date:quarter", "group_order": "-count",
    }  # fmt: skip
    assert sent(group="owner", bucket="", order="key-down")["group_order"] == "-owner"
    assert sent(group="", bucket="month", order="-count") == {"stage": "won"}


def test_a_grouped_list_and_the_grouped_figures_lead_to_each_other(client: Client, filled: dict[str, Any]) -> None:
    figures = client.get("/deals?group_by=stage&measure=count,sum:amount&stage__in=won,lost").text
    [records] = [link for link in site.links(figures) if site.params(link).get("group") == "stage"]
    page = client.get(records).text
    assert [head.split()[0] for head, *_rest in groups(page)] == ["Won", "Lost"]
    back = [link for link in site.links(page) if site.params(link).get("group_by") == "stage"]
    assert back
    assert "All 4 $34,000" in site.text(client.get(back[0]).text)


def test_groups_are_kept_by_a_view(client: Client, filled: dict[str, Any]) -> None:
    state = "group=stage&group_order=-count&totals=avg:amount"
    made = client.post("/views", {"object": "deals", "name": "By stage", "state": state, "layout": "table"})
    url = made.headers["location"]
    page = client.get(url).text
    assert len(groups(page)) == 6
    assert "Average" in groups(page)[0][0]
    assert "Edited" not in site.text(client.get(toggle(page, "won")).text), "unfolding a group changes no view"


@pytest.mark.parametrize(
    "address",
    ["group=nothing", "group=amount", "group=description", "group=stage:month", "group=close_date:eon", "group=",
     "group=stage&group_order=-nothing", "group=stage&open=,,", "group=stage&open=nothing", "group=name",
     "group=stage&limit=1", "group=stage&cursor=xyz"],
)  # fmt: skip
def test_no_group_breaks_a_list(client: Client, filled: dict[str, Any], address: str) -> None:
    assert client.get(f"/deals?{address}").status_code == 200


def test_what_can_not_be_grouped_by_is_named_and_left_out(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/deals?group=amount&stage=won").text
    assert "can't be grouped by this" in site.text(page)
    assert len(site.rows(page)) == 2


def test_a_group_shows_each_reader_what_they_may_see(client: Client, make: Maker, member: Principal) -> None:
    acme = make("companies", name="Acme")
    make("notes", body="For everybody", company=acme)
    make("notes", body="Between us", company=acme, private=True)
    assert groups(client.get("/notes?group=company").text)[0][0].startswith("AC Acme 2")
    theirs = groups(client.as_user(member).get("/notes?group=company").text)
    assert theirs[0][0].startswith("AC Acme 1")
    assert "Between us" not in str(theirs)


def test_a_grouped_list_takes_as_many_statements_for_many_records_as_for_few(
    client: Client, make: Maker, filled: dict[str, Any]
) -> None:
    client.get("/deals?group=stage")
    make.many("deals", [{"name": f"A {n}", "stage": "lead", "amount": 1} for n in range(60)])
    with statements(make.crm.database) as few:
        client.get("/deals?group=stage")
    make.many("deals", [{"name": f"B {n}", "stage": "lead", "amount": 1} for n in range(200)])
    with statements(make.crm.database) as many:
        client.get("/deals?group=stage")
    assert len(many) == len(few) <= 40


def test_groups_alone_are_ordered_by_the_sum_of_what_the_list_was_ordered_by(client: Client, make: Maker) -> None:
    for name, stage, amount in (("A", "lead", 5), ("B", "lead", 1), ("C", "qualified", 50), ("D", "proposal", 20)):
        make("deals", name=name, stage=stage, amount=amount)
    page = client.get("/deals?group_by=stage&sort=-amount").text
    assert "left out" not in page
    assert "Sum of amount" in site.text(page)
    assert re.findall(r"Qualified|Proposal|Lead", site.text(page[page.index("<tbody>") :])) == [
        "Qualified", "Proposal", "Lead",
    ]  # fmt: skip
    saved = client.post("/views", {"object": "deals", "name": "By stage", "state": "group_by=stage&sort=-amount"})
    assert "Sum of amount" in site.text(client.get(saved.headers["Location"]).text)
