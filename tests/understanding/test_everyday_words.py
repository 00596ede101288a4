"""What people say of their work in words of their own: UK, stuck, because of, the second one, how long."""

from __future__ import annotations

import pytest

from app.shared.contract import ChangeSet, Operation
from app.shared.pace import STALE
from tests.understanding.conftest import Desk


def _create(desk: Desk, object: str, **values: object) -> None:
    made = Operation(action="create", object=object, values=values)
    desk.crm.apply(desk.principal, ChangeSet(title="One", operations=(made,)))


def test_a_value_is_called_by_its_initials(own_desk: Desk) -> None:
    _create(own_desk, "companies", name="Fen Mills", country="United Kingdom")
    _create(own_desk, "companies", name="Lake Mills", country="United States")
    assert own_desk.labels("companies in the UK") == ["Fen Mills"]
    assert own_desk.labels("companies in the uk") == ["Fen Mills"]
    assert own_desk.labels("companies in the U.S.") == ["Lake Mills"]
    assert own_desk.labels("US companies") == ["Lake Mills"]
    assert own_desk.labels("companies in the us") == ["Lake Mills"]
    assert len(own_desk.labels("companies that belong to us")) == 7  # no country


def test_initials_of_two_values_are_asked_about(own_desk: Desk) -> None:
    _create(own_desk, "companies", name="Fen Mills", country="United Kingdom")
    _create(own_desk, "companies", name="Lake Mills", industry="Umbrella knitting")
    assert own_desk.ask("companies in the UK").mode == "none"


def test_capitals_that_nothing_is_called_by_are_no_pronoun(desk: Desk) -> None:
    assert desk.ask("how many companies in the US").unread == ("US",)
    assert desk.value("HOW MANY COMPANIES DO WE HAVE WITH US") == 5


def test_a_slip_in_a_short_word_is_put_right_where_it_can_be_one_word_alone(desk: Desk) -> None:
    assert desk.labels("open taks") == ["Send the offer"]
    assert desk.labels("companies in japn") == ["Blue Harbour Ltd"]
    assert desk.ask("loast deals").mode == "none"  # the last, or the lost?


def test_stuck_deals_are_those_that_the_board_marks(desk: Desk) -> None:
    found = desk.ask("which deals are stuck?")
    assert found.query is not None
    assert "stage_changed_at__lt" in (found.url or "")
    assert found.query == desk.ask(f"open deals stuck for more than {STALE.days} days").query


def test_a_reason_is_looked_for_where_reasons_are_kept(own_desk: Desk) -> None:
    deal = own_desk.ask("deal Shelves").citations[0]
    lost = Operation(action="update", object="deals", id=deal.id, values={"lost_reason": "Price: a cheaper offer"})
    own_desk.crm.apply(own_desk.principal, ChangeSet(title="Why", operations=(lost,)))
    assert own_desk.labels("deals lost because of price") == ["Shelves"]
    assert own_desk.value("how many deals did we lose due to the price in 2025") == 1
    assert own_desk.value("how many deals did we lose due to timing") == 0
    assert own_desk.labels("deals lost because of price at Grünwald & Söhne") == ["Shelves"]
    assert own_desk.labels("deals lost because of price in Germany") == ["Shelves"]
    assert own_desk.ask("deals lost because of price or quality").mode == "none"
    assert own_desk.ask("companies founded because of price").mode == "none"


def test_the_best_at_selling_won_the_most(desk: Desk) -> None:
    for question in ("best salesperson", "who is our top rep?", "best performing rep", "who sold the most"):
        found = desk.ask(question)
        assert [row["label"] for row in found.rows] == ["Ben"], question
        assert "total amount of won deals" in found.text
    assert desk.labels("best rep by win rate") == ["Anna"]
    assert desk.ask("who is the best rep's boss").mode == "none"


def test_whose_pipeline_is_the_largest(desk: Desk) -> None:
    assert desk.labels("who has the biggest pipeline") == ["Anna"]
    assert desk.labels("which company has the smallest pipeline") == ["Northwind"]


def test_the_second_one_in_an_order(desk: Desk) -> None:
    assert desk.labels("second biggest deal") == ["Scanner two"]
    assert desk.labels("the third largest company by employees") == ["Northwind"]
    assert desk.labels("who won the second most deals") == ["Anna"] or desk.labels("who won the most deals") == ["Anna"]
    assert desk.ask("the second deal").mode == "none"


def test_by_how_much_one_is_ahead(desk: Desk) -> None:
    found = desk.ask("how much more did Ben win than Anna")
    assert [one.value for one in found.figures] == [16_250, 20_250, 4_000]
    assert desk.value("how much more did we win this year than last year") == 16_250
    assert desk.value("how many more deals did we win in 2024 than in 2025") == 0
    assert desk.ask("how many more deals did we win than lose").mode == "none"
    assert desk.value("how much more did Anna win than Ben") == -16_250


def test_this_one_against_the_last(desk: Desk) -> None:
    assert desk.groups("are we winning more this quarter than last?") == {"this quarter": 2, "last quarter": 2}


def test_so_many_a_month(desk: Desk) -> None:
    found = desk.ask("won deals per month on average")
    assert found.figures[0].value == 0.8
    assert "4 over 5 months, November 2024 to March 2025" in found.text
    assert desk.value("average number of deals won per month in q4 2024") == pytest.approx(0.67)
    assert desk.value("average deals per owner") != 0.8
    assert desk.ask("won deals per month on average in the last 40 days").mode == "none"
    assert desk.value("deals won per week on average in november 2024") == pytest.approx(1 / (30 / 7), abs=0.01)


def test_a_part_of_what_was_won(desk: Desk) -> None:
    assert desk.value("what share of won revenue comes from Northwind") == pytest.approx(16.49)
    assert desk.value("share of won amount from medical companies") == pytest.approx(98.97)
    assert desk.ask("share of won amount from medical companies in Kenya").mode == "none"


def test_what_somebody_wins_of_their_deals(desk: Desk) -> None:
    assert desk.value("what % of deals does Anna win") == desk.value("win rate of Anna")
    assert desk.ask("what % of deals did Anna win").mode == "none"
    offered = [one.question for one in desk.ask("percentage of won deals by owner").readings]
    assert offered[:2] == ["share of all won deals by owner", "win rate by owner"]
    assert desk.groups(offered[0]) == {"Anna": 50, "Ben": 50}


def test_what_took_place_leaves_out_what_is_planned(own_desk: Desk) -> None:
    company = own_desk.link("Northwind", "companies")[1]
    for day in ("2025-03-12", "2025-03-20"):
        values = {"name": day, "kind": "call", "date": f"{day}T09:00:00Z", "company": company}
        _create(own_desk, "activities", **values)
    assert own_desk.value("how many calls did we make") == 2
    assert own_desk.value("how many calls do we have") == 3
    assert own_desk.labels("companies with nothing planned in kenya") != ["Northwind"]
    assert "Northwind" not in own_desk.labels("companies with nothing scheduled")


def test_what_is_due_is_still_to_do(own_desk: Desk) -> None:
    _create(own_desk, "tasks", name="Done early", due_date="2025-03-20", done=True)
    assert own_desk.labels("tasks due next week") == ["Send the offer"]
    assert own_desk.labels("finished tasks due next week") == ["Done early"]
    assert own_desk.labels("is anna behind on any tasks?") == []


def test_the_days_between_a_date_and_today(desk: Desk) -> None:
    assert desk.value("how many days until Scanner two closes") == 17
    assert "17 days" in desk.ask("how long until Scanner two closes").text
    assert "in stage since" in desk.ask("how long has Hoses been in its stage").text.lower()
    assert desk.ask("how old is Mira Stokes").mode == "none"
    assert desk.ask("how old is our biggest deal").mode == "none"


def test_a_title_is_called_by_its_first_words(own_desk: Desk) -> None:
    _create(own_desk, "deals", name="Lobby bars, phase 1", stage="lead")
    assert "Lead" in own_desk.ask("what stage is Lobby bars at").text
    _create(own_desk, "deals", name="Lobby bars, phase 2", stage="lead")
    found = own_desk.ask("who owns Lobby bars?")
    assert found.mode == "none"
    asked = [one.question for one in found.readings]
    assert {'who owns "Lobby bars, phase 1"?', 'who owns "Lobby bars, phase 2"?'} <= set(asked)


def test_where_somebody_is_is_told_by_the_town_too(own_desk: Desk) -> None:
    _create(own_desk, "companies", name="Fen Mills", country="Belgium", city="Ghent")
    assert own_desk.ask("where is Fen Mills based?").text == "Fen Mills: city Ghent and country Belgium."
    assert own_desk.ask("where is Northwind based?").text == "Country of Northwind: Kenya."


def test_what_happened_in_a_time_is_what_was_done_then(desk: Desk) -> None:
    assert desk.labels("what happened with Northwind this month?") == ["First call"]
    assert desk.labels("what's been going on with Blue Harbour Ltd last year") == ["Visit"]


def test_a_time_beside_a_name_isnt_when_it_was_entered(desk: Desk) -> None:
    assert desk.labels("what did we do with Northwind this month") == ["First call"]
    assert desk.ask("Northwind last week").mode == "none"


def test_revenue_that_is_theirs_or_ours_is_asked_about(desk: Desk) -> None:
    assert desk.ask("what percentage of revenue came from retail").mode == "none"


def test_who_is_sent_a_list_isnt_whose_it_is(desk: Desk) -> None:
    assert desk.labels("send me the list of open deals") == desk.labels("open deals")


def test_a_part_of_a_hyphenated_name_is_no_name(own_desk: Desk) -> None:
    _create(own_desk, "companies", name="Ron-tech", industry="medical")
    assert own_desk.labels("ron-tech") == ["Ron-tech"]
    assert own_desk.ask("tech companies").mode == "none"


@pytest.mark.parametrize("question", ["forecast for january", "open deals in january", "weighted pipeline in january"])
def test_what_is_open_is_of_the_month_to_come(desk: Desk, question: str) -> None:
    assert "January 2026" in desk.ask(question).text
    assert "January 2025" in desk.ask("won deals in january").text
    assert "October 2024" in desk.ask("open deals with no activity in october").text


def test_lost_reasons_are_of_what_is_lost(desk: Desk) -> None:
    assert desk.ask("deals by lost reason").text.startswith("Lost deals by lost reason")
    assert desk.groups("deals by lost reason") == desk.groups("lost deals by lost reason")
    assert desk.ask("open deals by lost reason").text.startswith("Open deals")


def test_a_ranking_names_who_is_equal_to_its_last(own_desk: Desk) -> None:
    ids = {label: id for id, label in own_desk.crm.labels(own_desk.principal, "users")}
    counts = own_desk.groups("tasks by owner")
    for owner in ("Anna", "Ben"):
        for place in range(5 - counts.get(owner, 0)):
            _create(own_desk, "tasks", name=f"{owner} {place}", owner=ids[owner])
    assert "Equal to the last: " in own_desk.ask("top 1 owner by number of tasks").text
    assert "Equal to the last" not in own_desk.ask("top 2 owners by number of tasks").text


def test_it_stays_the_record_and_is_not_its_owner(desk: Desk) -> None:
    asked = ("who owns Hoses", "when does it close?", "how much is it worth?")
    assert desk.ask(*asked).text == desk.ask("how much is Hoses worth?").text
