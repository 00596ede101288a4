"""The same questions as other people put them: short, loose, with ranges, pairs and parts."""

from __future__ import annotations

import pytest

from app.shared.contract import ChangeSet, Operation, Ref
from tests.understanding.conftest import Desk


def test_a_range_shares_its_scale(desk: Desk) -> None:
    assert desk.labels("won deals between 2 and 4 thousand") == ["More pumps"]
    assert desk.labels("won deals worth 2-4k") == ["More pumps"]
    assert desk.value("how many won deals between 500 and 3k") == 2
    assert desk.value("deals won 2024-11") == 1  # a month, not a range of amounts


def test_who_has_something_lists_people(desk: Desk) -> None:
    assert desk.labels("who has open deals") == ["Anna", "Ben"]
    assert desk.labels("who owns the most open deals?") in (["Anna"], ["Ben"])


def test_what_follows_is_of_a_field_is_one_of_its_values(own_desk: Desk) -> None:
    company = own_desk.link("Northwind", "companies")[1]
    values = {"name": "Deal owner", "company": company, "title": "Owner"}
    own_desk.crm.apply(
        own_desk.principal,
        ChangeSet(title="One", operations=(Operation(action="create", object="people", values=values),)),
    )
    assert own_desk.labels("people whose job title is owner") == ["Deal owner"]


def test_both_asks_for_two_things(desk: Desk) -> None:
    assert desk.labels("companies with both a won and a lost deal") == ["Northwind"]
    assert desk.labels("companies that have both won deals and calls") == ["Northwind"]


def test_never_denies_all_that_follows_it(desk: Desk) -> None:
    assert desk.labels("companies we never won a deal with") == ["Empty Rooms", "Grünwald & Söhne", "Silverline"]
    assert desk.labels("companies we never won a Gamma 500 deal with") == [
        "Blue Harbour Ltd", "Empty Rooms", "Grünwald & Söhne", "Northwind", "Silverline",
    ]  # fmt: skip
    assert desk.labels("companies nobody called") == [
        "Blue Harbour Ltd", "Empty Rooms", "Grünwald & Söhne", "Silverline",
    ]  # fmt: skip


def test_how_much_is_of_deals_unless_a_number_is_named(desk: Desk) -> None:
    assert desk.value("how much have we made from Northwind") == 4_000
    assert desk.ask("average of retail companies").mode == "none"


def test_a_share_by_group_is_of_the_whole(desk: Desk) -> None:
    shares = desk.groups("share of won amount by owner")
    assert shares == {"Ben": pytest.approx(83.51), "Anna": pytest.approx(16.49)}
    assert desk.groups("won amount by owner", "as a percentage") == shares
    assert desk.ask("percentage of won deals by owner").mode == "none"  # of all, or of each owner's own?


def test_other_ones_are_asked_for_and_a_part_of_those(desk: Desk) -> None:
    assert desk.value("open deals", "what about won ones") == 4
    assert desk.value("open deals", "which of those are won") == 0


def test_a_grouping_by_itself_is_of_what_was_asked_before(desk: Desk) -> None:
    assert desk.groups("total won amount", "by industry") == desk.groups("total won amount by industry")


def test_a_colleague_left_out_is_left_out_of_what_was_asked_before(desk: Desk) -> None:
    assert desk.groups("won deals by owner", "without Ben") == {"Anna": 2}


def test_a_sort_keeps_every_row(desk: Desk) -> None:
    assert desk.labels("won deals", "sort by lowest") == ["Loose end", "Pumps", "More pumps", "Scanner"]
    assert desk.labels("won deals sorted by amount, lowest first") == ["Loose end", "Pumps", "More pumps", "Scanner"]


def test_she_is_the_owner_who_was_told(desk: Desk) -> None:
    assert desk.value("who owns Scanner two?", "how many open deals does she have") == 1


def test_a_fact_is_asked_of_the_record_in_view(desk: Desk) -> None:
    object, id = desk.link("Hoses", "deals")
    assert "Lead" in desk.ask("what's the stage?", record=Ref(object, id, "Hoses")).text
    assert desk.value("how many deals are there?") == 8


def test_an_amount_in_another_currency_is_compared_with_amounts_in_it(own_desk: Desk) -> None:
    assert own_desk.ask("deals over €5k").mode == "none"
    values = {"name": "In euros", "amount": 9_000, "currency": "EUR"}
    own_desk.crm.apply(
        own_desk.principal,
        ChangeSet(title="One", operations=(Operation(action="create", object="deals", values=values),)),
    )
    assert own_desk.labels("deals over €5k") == ["In euros"]


def test_a_deal_is_stuck_while_it_is_open(desk: Desk) -> None:
    found = desk.ask("deals stuck for more than 30 days")
    assert found.mode == "exact"
    assert "stage=open" in str(found.url)


def test_whose_deals_were_won_is_told_of_the_deals(desk: Desk) -> None:
    assert desk.labels("which companies did Anna win") == ["Northwind"]
    assert desk.value("how many customers did Ben win deals with") == 1


def test_what_is_counted_has_its_own_conditions_or_is_not_read(desk: Desk) -> None:
    assert desk.labels("companies with two or more won deals") == ["Northwind"]
    assert desk.ask("companies with at least two deals and open tasks").mode == "none"  # whose tasks?
    assert desk.ask("companies with won deals in 2024 but not in 2025").mode == "none"
    assert desk.ask("all but the lost deals of Anna").mode == "none"


def test_a_value_that_names_records_is_what_is_asked_for(desk: Desk) -> None:
    assert desk.labels("meetings with medical companies") == ["Visit"]
