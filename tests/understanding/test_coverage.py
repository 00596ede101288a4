"""What is read beyond counts and lists: overdue and upcoming, roles, medians, weights, ages, fiscal years."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.crm import customization
from app.shared.contract import ChangeSet, Operation, Ref
from tests.understanding.conftest import Desk

ON = date(2025, 3, 25)  # the one task was due on the 20th


def _add(desk: Desk, object: str, **values: Any) -> None:
    desk.crm.apply(desk.principal, ChangeSet(operations=(Operation(action="create", object=object, values=values),)))


def test_overdue_is_what_is_open_past_its_day(desk: Desk) -> None:
    assert [row["label"] for row in desk.ask("what's overdue?", on=ON).rows] == ["Send the offer"]
    assert desk.ask("overdue tasks", on=date(2025, 3, 20)).rows == ()
    found = desk.ask("deals past their close date", on=date(2025, 4, 2))
    assert [row["label"] for row in found.rows] == ["Scanner two"]
    assert desk.ask("overdue companies").mode == "none"
    assert desk.ask("overdue won deals").mode == "none"  # what is won is not late


def test_next_is_what_is_to_come_and_last_what_has_been(own_desk: Desk) -> None:
    desk = own_desk
    mira = desk.link("Mira Stokes", "people")[1]
    _add(desk, "activities", name="Planned", kind="meeting", date="2025-03-28T09:00:00Z", person=mira)
    _add(desk, "activities", name="Off", kind="meeting", date="2025-03-26T09:00:00Z", person=mira, status="canceled")
    assert [row["label"] for row in desk.ask("next meeting with Mira Stokes", on=ON).rows] == ["Planned"]
    assert [row["label"] for row in desk.ask("when did we last talk to Mira Stokes?", on=ON).rows] == ["First call"]
    assert [row["label"] for row in desk.ask("upcoming meetings", on=ON).rows] == ["Planned"]
    assert [row["label"] for row in desk.ask("what should I do next?", on=ON).rows] == ["Send the offer"]


def test_people_are_asked_for_by_their_role_in_a_deal(own_desk: Desk) -> None:
    desk = own_desk
    deal, person = desk.link("Hoses", "deals")[1], desk.link("Mira Stokes", "people")[1]
    _add(desk, "deal_contacts", deal=deal, person=person, role="champion")
    assert desk.labels("who is the champion at Northwind?") == ["Mira Stokes"]
    assert desk.labels("champion on Hoses") == ["Mira Stokes"]
    assert desk.labels("deals with a champion") == ["Hoses"]
    assert desk.labels("open deals without a champion") == ["Scanner two"]


def test_a_median_is_the_middle_value_and_a_weight_the_stage_s(desk: Desk) -> None:
    assert desk.value("median won deal amount") == 2_000
    assert desk.value("weighted pipeline") == pytest.approx(4_500 * 0.1 + 12_000 * 0.5)
    assert desk.ask("weighted average amount").mode == "none"
    assert desk.groups("median won amount by owner") == {"Anna": 2_000, "Ben": 10_125}


def test_ages_are_counted_to_the_day_of_entry(desk: Desk) -> None:
    later = date(2100, 1, 1)
    assert len(desk.ask("deals open longer than 60 days", on=later).rows) == 2
    assert desk.ask("open deals older than 3 months").rows == ()
    assert desk.ask("companies older than 20 years").mode == "none"  # their own age isn't known here


def test_a_bound_on_a_sum_is_not_one_on_each_record(desk: Desk) -> None:
    assert desk.labels("companies with won amount over 3k") == ["Blue Harbour Ltd", "Northwind"]
    assert desk.labels("companies with won deals over 3k") == ["Blue Harbour Ltd"]
    assert desk.labels("who won more than 10k") == ["Ben"]


def test_a_share_needs_its_whole(desk: Desk) -> None:
    assert desk.value("Anna's share of won deals") == 50
    assert desk.ask("percentage of deals won by Anna").mode == "none"  # of all, or of the won ones?


def test_a_fiscal_year_begins_where_the_workspace_says_and_is_told_with_its_months(own_desk: Desk) -> None:
    desk = own_desk
    with desk.crm.database.write() as connection:
        customization.set_setting(connection, "fiscal_start", 4)
    found = desk.ask("how many deals did we win in fiscal year 2025")
    assert found.figures[0].value == 4
    assert "April 2024 – March 2025" in found.text
    assert desk.value("won deals in FY25 Q3") == 2  # October to December 2024
    assert desk.value("how many deals did we win this fiscal quarter") == 2


def test_words_that_say_more_than_can_be_told_are_named(desk: Desk) -> None:
    for question in ("won deals on weekdays", "deals closed too late", "deals won by the owner of Northwind",
                     "companies with over", "won deals that are not won", "the biggest deals by owner",
                     "deals won in the last 2 weeks of 2024"):  # fmt: skip
        found = desk.ask(question)
        assert (found.mode, found.query, found.figures) == ("none", None, ()), question


def test_courtesies_say_nothing(desk: Desk) -> None:
    for question in ("Hi there, could you please let me know how many deals we have won? Thanks a lot!",
                     "Sorry to bother you, but how many deals have we won?",
                     "I was wondering how many deals we have won", "when you have a moment: how many deals did we win",
                     "would you mind telling me how many deals we won?"):  # fmt: skip
        assert desk.value(question) == 4, question


def test_she_is_a_person_and_it_is_what_was_told(desk: Desk) -> None:
    assert "mira@northwind.example" in desk.ask("when did we last talk to Mira Stokes?", "what is her email?").text
    hoses = Ref("deals", desk.link("Hoses", "deals")[1], "Hoses")
    assert "Ben" in desk.ask("who owns it?", record=hoses).text


def test_what_was_asked_before_is_compared(desk: Desk) -> None:
    found = desk.ask("how many deals did Anna win", "compared to Ben")
    assert [figure.value for figure in found.figures] == [2, 2]
    assert "Both are the same" in found.text
