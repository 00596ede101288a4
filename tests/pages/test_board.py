"""The deal board: honest counts, bounded columns, filters as the list's, and moves that can be undone."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.crm import customization, rates
from app.crm.port import Crm
from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client, Maker


def _lanes(html: str) -> dict[str, str]:
    """Each column's HTML by its stage."""
    found = re.findall(r'<section class="lane[^"]*"[^>]*data-lane="([^"]+)"[^>]*>(.*?)</section>', html, re.DOTALL)
    return dict(found)


def test_each_column_says_how_many_and_how_much(client: Client, filled: dict[str, Any]) -> None:
    lanes = _lanes(client.get("/deals/board").text)
    assert list(lanes) == ["lead", "qualified", "proposal", "negotiation", "won", "lost"]
    assert site.text(lanes["lead"]).startswith("Lead 2 $8,000 · $800 weighted")  # weighted at ten percent
    assert site.text(lanes["won"]).startswith("Won 2 $16,000")


def test_a_full_column_shows_some_and_brings_the_rest(client: Client, make: Maker) -> None:
    make.many("deals", [{"name": f"D{index:03}", "amount": index + 1} for index in range(50)])
    lane = _lanes(client.get("/deals/board").text)["lead"]
    names = re.findall(r'class="board-name"[^>]*>([^<]+)', lane)
    assert site.text(lane).startswith("Lead 50 ")
    assert len(names) == 20
    while more := [link for link in site.links(lane) if "/deals/board/lane" in link]:
        lane = client.get(more[0], headers={"X-Fragment": "1"}).text
        names += re.findall(r'class="board-name"[^>]*>([^<]+)', lane)
    assert names == [f"D{index:03}" for index in reversed(range(50))]


def test_the_lists_filters_hold_on_the_board(client: Client, filled: dict[str, Any]) -> None:
    page = client.get(f"/deals/board?company={filled['acme']}&amount__gte=4000").text
    assert site.total(page) == 3
    assert sum(lane.count('class="board-card') for lane in _lanes(page).values()) == 3


def test_a_columns_head_opens_the_same_deals_as_a_list(client: Client, filled: dict[str, Any]) -> None:
    for key, lane in _lanes(client.get(f"/deals/board?company={filled['acme']}").text).items():
        head = next(link for link in site.links(lane) if link.startswith("/deals?"))
        assert site.total(client.get(head).text) == lane.count('class="board-card'), key


def test_a_deal_moves_by_the_menu_and_back_by_undo(client: Client, filled: dict[str, Any]) -> None:
    deal = filled["deals"][0]
    answer = client.post(f"/deals/{deal}/move", data={"to": "proposal"})
    assert answer.status_code == 303
    assert client.get(f"/api/v1/deals/{deal}").json()["stage"] == "proposal"
    page = client.get("/deals/board").text
    assert "Deal moved" in site.text(page)
    client.post(re.search(r'action="(/changes/\d+/undo)"', page)[1])  # type: ignore[index]  # it is there
    assert client.get(f"/api/v1/deals/{deal}").json()["stage"] == "lead"


def test_a_script_gets_the_toast_alone(client: Client, filled: dict[str, Any]) -> None:
    answer = client.post(f"/deals/{filled['deals'][0]}/move", data={"to": "qualified"}, headers={"X-Fragment": "1"})
    assert answer.status_code == 200
    assert answer.text.startswith('<div class="toast"')


def test_a_script_gets_the_two_columns_as_they_are_after_the_move(client: Client, filled: dict[str, Any]) -> None:
    address = f"/deals/board?company={filled['acme']}"
    headers = {"X-Fragment": "1", "Referer": f"http://localhost{address}"}
    assert "Lead 2 $8,000 · $800 weighted" in site.text(client.get(address).text)
    data = {"to": "qualified", "from": "lead"}
    answer = client.post(f"/deals/{filled['deals'][0]}/move", data=data, headers=headers).text
    fresh, page = _lanes(answer), _lanes(client.get(address).text)
    assert list(fresh) == ["lead", "qualified"]
    assert site.text(fresh["lead"]).startswith("Lead 1 $7,000 · $700 weighted")
    assert {key: site.text(lane) for key, lane in fresh.items()} == {key: site.text(page[key]) for key in fresh}


def test_a_card_that_somebody_has_moved_meanwhile_stays_where_they_put_it(
    client: Client, make: Maker, filled: dict[str, Any]
) -> None:
    deal = filled["deals"][0]
    make.change("deals", deal, stage="negotiation")
    data = {"to": "qualified", "from": "lead"}
    answer = client.post(f"/deals/{deal}/move", data=data, headers={"X-Fragment": "1"})
    assert answer.status_code == 409
    assert "Deal 000 has been moved to Negotiation meanwhile." in site.text(answer.text)
    assert client.get(f"/api/v1/deals/{deal}").json()["stage"] == "negotiation"


def test_an_unknown_stage_is_refused(client: Client, filled: dict[str, Any]) -> None:
    answer = client.post(f"/deals/{filled['deals'][0]}/move", data={"to": "nowhere"})
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
    assert client.as_user(viewer).post(f"/deals/{filled['deals'][0]}/move", data={"to": "won"}).status_code == 403


# --- a loss asks why, a win asks when ---------------------------------------------------------------------------------


def test_a_loss_asks_why_and_offers_the_reasons_so_far(client: Client, make: Maker, filled: dict[str, Any]) -> None:
    for number, reason in enumerate(("Price", "Price", "Timing")):
        make("deals", name=f"Gone {number}", stage="lost", lost_reason=reason)
    deal = filled["deals"][0]
    page = client.get(client.post(f"/deals/{deal}/move", data={"to": "lost"}).headers["location"]).text
    assert "Why was it lost?" in site.text(page)
    assert re.findall(r'<option value="([^"]+)">', page) == ["Price", "Timing"]
    assert client.get(f"/api/v1/deals/{deal}").json()["stage"] == "lead"  # nothing is written before the answer
    client.post(f"/deals/{deal}/move", data={"to": "lost", "_asked": "1", "lost_reason": " Budget cut "})
    found = client.get(f"/api/v1/deals/{deal}").json()
    assert (found["stage"], found["lost_reason"]) == ("lost", "Budget cut")


def test_a_loss_with_its_reason_is_undone_as_one(client: Client, filled: dict[str, Any]) -> None:
    deal = filled["deals"][0]
    data = {"to": "lost", "_asked": "1", "lost_reason": "Price"}
    answer = client.post(f"/deals/{deal}/move", data=data, headers={"X-Fragment": "1"}).text
    client.post(re.search(r'action="(/changes/\d+/undo)"', answer)[1])  # type: ignore[index]  # it is there
    found = client.get(f"/api/v1/deals/{deal}").json()
    assert (found["stage"], found["lost_reason"]) == ("lead", None)


def test_a_win_offers_today_beside_the_planned_day(client: Client, filled: dict[str, Any]) -> None:
    deal, today = filled["deals"][0], datetime.now(UTC).date().isoformat()
    answer = client.post(f"/deals/{deal}/move", data={"to": "won"}, headers={"X-Fragment": "1"}).text
    assert "When was it won?" in site.text(answer)
    assert f'type="date" value="{today}"' in answer
    assert "Planned: Jan 15, 2025" in site.text(answer)
    client.post(f"/deals/{deal}/move", data={"to": "won", "_asked": "1", "close_date": "2025-02-03"})
    found = client.get(f"/api/v1/deals/{deal}").json()
    assert (found["stage"], found["close_date"]) == ("won", "2025-02-03")


def test_an_answer_that_cant_be_read_is_asked_for_again(client: Client, filled: dict[str, Any]) -> None:
    data = {"to": "won", "_asked": "1", "close_date": "soon"}
    answer = client.post(f"/deals/{filled['deals'][0]}/move", data=data)
    assert answer.status_code == 422
    assert 'value="soon"' in answer.text
    assert 'id="ask-problem"' in answer.text


# --- other objects and fields -----------------------------------------------------------------------------------------


def test_tasks_stand_by_priority_and_activities_by_status(client: Client, filled: dict[str, Any]) -> None:
    assert list(_lanes(client.get("/tasks/board").text)) == ["-", "low", "normal", "high"]
    assert list(_lanes(client.get("/activities/board").text)) == ["-", "scheduled", "completed", "canceled"]
    assert list(_lanes(client.get("/activities/board?by=kind").text)) == ["call", "email", "meeting"]
    assert "weighted" not in site.text(client.get("/tasks/board").text)


def test_any_select_field_makes_a_board_and_a_card_moves_on_it(
    client: Client, crm: Crm, make: Maker, filled: dict[str, Any]
) -> None:
    with crm.database.write() as connection:
        customization.create_field(connection, "companies", "Heat", "select", options=["Hot", "Cold"])
    lanes = _lanes(client.get("/companies/board?by=heat").text)
    assert list(lanes) == ["-", "hot", "cold"]
    assert "$5,000,000" in site.text(lanes["-"])  # a company's own amount is summed
    headers = {"X-Fragment": "1", "Referer": "http://localhost/companies/board?by=heat"}
    data = {"by": "heat", "to": "hot", "from": ""}
    fresh = _lanes(client.post(f"/companies/{filled['acme']}/move", data=data, headers=headers).text)
    assert "Acme" in site.text(fresh["hot"])
    assert client.get(f"/api/v1/companies/{filled['acme']}").json()["heat"] == "hot"
    client.post(f"/companies/{filled['acme']}/move", data={"by": "heat", "to": "", "from": "hot"})
    assert client.get(f"/api/v1/companies/{filled['acme']}").json()["heat"] is None


def test_an_object_without_choices_says_what_a_board_needs(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/companies/board").text
    assert "No field to make columns of" in site.text(page)
    assert "/companies/board" not in site.links(site.main(client.get("/companies").text))


@pytest.mark.parametrize("by", ["name", "nothing", "company.industry"])
def test_a_field_that_makes_no_columns_is_named(client: Client, filled: dict[str, Any], by: str) -> None:
    page = client.get(f"/deals/board?by={by}").text
    assert "by : A board is made of a field with choices" in site.text(page)
    assert next(iter(_lanes(page))) == "lead"
    assert client.post(f"/deals/{filled['deals'][0]}/move", data={"by": by, "to": "won"}).status_code == 422


def test_every_column_counts_what_its_list_has(client: Client, filled: dict[str, Any]) -> None:
    for board in ("/tasks/board", "/activities/board?by=kind", "/deals/board?sort=name"):
        for key, lane in _lanes(client.get(board).text).items():
            listed = next(link for link in site.links(lane) if "/board" not in link)
            assert site.total(client.get(listed).text) == lane.count('class="board-card'), (board, key)


def test_filters_keep_the_field_and_the_pipeline(client: Client, filled: dict[str, Any]) -> None:
    page = client.get("/activities/board?by=kind&company=1").text
    editor = next(link for link in site.links(page) if link.startswith("/activities/filter"))
    answer = client.get(f"{editor}&_field=name&_op=contains&_value=call&_apply=1")
    assert answer.headers["location"].startswith("/activities/board?by=kind&")
    removed = next(link for link in site.links(page) if link.startswith("/activities/board?by=kind"))
    assert list(_lanes(client.get(removed).text)) == ["call", "email", "meeting"]


# --- cards, sums, folding, adding -------------------------------------------------------------------------------------


def test_a_card_names_the_next_task_of_its_deal(client: Client, make: Maker, filled: dict[str, Any]) -> None:
    make("tasks", name="Much later", due_date="2031-01-02", deal=filled["deals"][0])
    lane = _lanes(client.get("/deals/board").text)["lead"]
    assert "Send the offer Overdue: Jan 2" in site.text(lane)
    assert "Much later" not in lane


def test_two_currencies_take_one_line(client: Client, crm: Crm, make: Maker) -> None:
    make("deals", name="A", amount=1000, currency="USD", stage="lead")
    make("deals", name="B", amount=2000, currency="EUR", stage="lead")
    lane = site.text(_lanes(client.get("/deals/board").text)["lead"])
    assert "€2,000 · €200 weighted +1 By currency, without rates to add them up" in lane
    with crm.database.write() as connection:
        rates.set_rate(connection, client.principal, "USD", "EUR", date(2025, 1, 1), "1.5")
    lane = site.text(_lanes(client.get("/deals/board").text)["lead"])
    assert "≈ $4,000 · $400 weighted 2 currencies By currency" in lane


def test_a_folded_column_comes_without_its_cards(client: Client, filled: dict[str, Any]) -> None:
    client.keep("parley_folded", "deals.stage.won~tasks.priority.low")
    page = client.get("/deals/board").text
    lanes = _lanes(page)
    assert "board-card" not in lanes["won"]
    assert site.text(lanes["won"]).startswith("Won 2")
    assert "board-card" in lanes["lead"]


def test_a_name_is_enough_to_add_a_record_to_a_column(client: Client, filled: dict[str, Any]) -> None:
    lane = _lanes(client.get(f"/deals/board?company={filled['acme']}").text)["proposal"]
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', lane))
    answer = client.post("/deals/new", data={**sent, "name": "Quick"})
    assert answer.headers["location"] == "/deals/board"
    found = client.get("/api/v1/deals?name=Quick").json()["items"][0]
    assert found["stage"] == "proposal"
    assert found["company"]["id"] == filled["acme"]
    assert "/new" not in _lanes(client.get("/deals/board").text)["won"]


def test_a_column_is_looked_at_again_as_far_as_it_was_opened(client: Client, make: Maker) -> None:
    make.many("deals", [{"name": f"D{index:03}", "amount": index + 1} for index in range(70)])
    lane = _lanes(client.get("/deals/board", headers={"X-Board": "lead:60"}).text)["lead"]
    assert lane.count('class="board-card') == 60


def test_an_object_without_a_usual_order_has_a_board(client: Client, crm: Crm, filled: dict[str, Any]) -> None:
    with crm.database.write() as connection:
        customization.create_field(connection, "files", "Heat", "select", options=["Hot", "Cold"])
    assert client.get("/files/board").status_code == 200
