"""The deal board: honest counts, bounded columns, filters as the list's, and moves that can be undone."""

import re
from typing import Any

from app.crm import customization
from app.crm.port import Crm
from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client, Maker


def _lanes(html: str) -> dict[str, str]:
    """Each column's HTML by its stage."""
    found = re.findall(r'<section class="lane[^"]*"[^>]*data-stage="([^"]+)">(.*?)</section>', html, re.DOTALL)
    return dict(found)


def test_each_column_says_how_many_and_how_much(client: Client, filled: dict[str, Any]) -> None:
    lanes = _lanes(client.get("/deals/board").text)
    assert list(lanes) == ["lead", "qualified", "proposal", "negotiation", "won", "lost"]
    assert site.text(lanes["lead"]).startswith("Lead 2 $8,000 · $800 weighted")  # weighted at ten percent
    assert site.text(lanes["won"]).startswith("Won 2 $16,000")


def test_a_full_column_shows_some_and_brings_the_rest(client: Client, make: Maker) -> None:
    make.many("deals", [{"name": f"D{index:03}", "amount": index + 1} for index in range(50)])
    lane = _lanes(client.get("/deals/board").text)["lead"]
    names = re.findall(r'class="deal-name"[^>]*>([^<]+)', lane)
    assert site.text(lane).startswith("Lead 50 ")
    assert len(names) == 20
    while more := [link for link in site.links(lane) if "/deals/board/column" in link]:
        lane = client.get(more[0], headers={"X-Fragment": "1"}).text
        names += re.findall(r'class="deal-name"[^>]*>([^<]+)', lane)
    assert names == [f"D{index:03}" for index in reversed(range(50))]


def test_the_lists_filters_hold_on_the_board(client: Client, filled: dict[str, Any]) -> None:
    page = client.get(f"/deals/board?company={filled['acme']}&amount__gte=4000").text
    assert site.total(page) == 3
    assert sum(lane.count('class="deal-card') for lane in _lanes(page).values()) == 3


def test_a_columns_head_opens_the_same_deals_as_a_list(client: Client, filled: dict[str, Any]) -> None:
    for key, lane in _lanes(client.get(f"/deals/board?company={filled['acme']}").text).items():
        head = next(link for link in site.links(lane) if link.startswith("/deals?"))
        assert site.total(client.get(head).text) == lane.count('class="deal-card'), key


def test_a_deal_moves_by_the_menu_and_back_by_undo(client: Client, filled: dict[str, Any]) -> None:
    deal = filled["deals"][0]
    answer = client.post(f"/deals/{deal}/move", data={"stage": "proposal"})
    assert answer.status_code == 303
    assert client.get(f"/api/v1/deals/{deal}").json()["stage"] == "proposal"
    page = client.get("/deals/board").text
    assert "Deal moved" in site.text(page)
    client.post(re.search(r'action="(/changes/\d+/undo)"', page)[1])  # type: ignore[index]  # it is there
    assert client.get(f"/api/v1/deals/{deal}").json()["stage"] == "lead"


def test_a_script_gets_the_toast_alone(client: Client, filled: dict[str, Any]) -> None:
    answer = client.post(f"/deals/{filled['deals'][0]}/move", data={"stage": "won"}, headers={"X-Fragment": "1"})
    assert answer.status_code == 200
    assert answer.text.startswith('<div class="toast"')


def test_a_script_gets_fresh_heads_of_the_board_that_it_shows(client: Client, filled: dict[str, Any]) -> None:
    headers = {"X-Fragment": "1", "Referer": f"http://localhost/deals/board?company={filled['acme']}"}
    before = site.text(client.get(f"/deals/board?company={filled['acme']}").text)
    assert "Lead 2 $8,000 · $800 weighted" in before
    answer = client.post(f"/deals/{filled['deals'][0]}/move", data={"stage": "qualified"}, headers=headers).text
    heads = dict(re.findall(r'<template data-head="(\w+)">(.*?)</template>', answer, re.DOTALL))
    assert site.text(heads["lead"]) == "Lead 1 $7,000 · $700 weighted"
    assert site.text(heads["qualified"]).startswith("Qualified 1 $1,000")
    page = _lanes(client.get(f"/deals/board?company={filled['acme']}").text)
    assert all(site.text(page[key]).startswith(site.text(head)) for key, head in heads.items())


def test_an_unknown_stage_is_refused(client: Client, filled: dict[str, Any]) -> None:
    answer = client.post(f"/deals/{filled['deals'][0]}/move", data={"stage": "nowhere"})
    assert answer.status_code == 422
    assert client.get(f"/api/v1/deals/{filled['deals'][0]}").json()["stage"] == "lead"


def test_several_pipelines_are_chosen_between(client: Client, crm: Crm, make: Maker, filled: dict[str, Any]) -> None:
    with crm.database.write() as connection:
        second = customization.create_pipeline(connection, "Renewals", [("Due", "open"), ("Renewed", "won")])
    make("deals", name="Renewal", pipeline=second)
    page = client.get("/deals/board?pipeline=Renewals").text
    assert list(_lanes(page)) == ["due", "renewed"]
    assert site.total(page) == 1
    assert site.total(client.get("/deals/board").text) == 12


def test_a_viewer_gets_no_way_to_move(client: Client, viewer: Principal, filled: dict[str, Any]) -> None:
    page = client.as_user(viewer).get("/deals/board").text
    assert "/move" not in page
    assert client.as_user(viewer).post(f"/deals/{filled['deals'][0]}/move", data={"stage": "won"}).status_code == 403
