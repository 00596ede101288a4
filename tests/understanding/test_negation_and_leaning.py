"""What "not" reaches over, which year a follow-up means, and words that must not be passed over."""

from __future__ import annotations

import pytest

from tests.understanding.conftest import Desk


@pytest.mark.parametrize(
    "question",
    [
        "average time to close won deals",
        "total time won deals",
        "average duration of won deals",
        "average age of won deals",
        "average days to close won deals",
        "how long do won deals take",
    ],
)
def test_a_measured_time_is_not_read_as_an_amount(desk: Desk, question: str) -> None:
    assert desk.ask(question).mode == "none"


@pytest.mark.parametrize("word", ["excluding", "except", "other than", "without", "not for"])
def test_everything_listed_after_an_exclusion_is_left_out(desk: Desk, word: str) -> None:
    found = desk.ask(f"how many won deals {word} Northwind and Blue Harbour Ltd")
    assert found.figures[0].value == 1, found.text
    assert '"not_in"' in found.query.model_dump_json()


def test_an_exclusion_of_unlike_things_is_not_guessed(desk: Desk) -> None:
    assert desk.ask("deals excluding Northwind and won").mode == "none"
    assert desk.ask("deals excluding me and Ben").mode == "none"


@pytest.mark.parametrize("verb", ["never bought", "have not bought", "did not buy"])
def test_what_was_never_bought_has_no_won_record(desk: Desk, verb: str) -> None:
    found = desk.labels(f"companies that {verb} Beta")
    assert sorted(found) == sorted(["Northwind", "Blue Harbour Ltd", "Grünwald & Söhne", "Silverline", "Empty Rooms"])
    assert "Blue Harbour Ltd" not in desk.labels(f"companies that {verb} Alpha Max")
    assert "Silverline" in desk.labels(f"companies that {verb} Alpha Max or Beta")
    assert "Northwind" not in desk.labels(f"companies that {verb} Alpha Max or Beta")


def test_bought_this_but_not_that_is_not_guessed(desk: Desk) -> None:
    assert desk.ask("companies that bought Alpha Max but not Beta").mode == "none"


@pytest.mark.parametrize("period", ["December 2024", "Q4 2024", "2024"])
def test_a_month_without_a_year_takes_the_year_under_discussion(desk: Desk, period: str) -> None:
    asked = (f"how many won deals in {period}", "by owner", "what about february?")
    assert "February 2024" in desk.ask(*asked).text
    assert "Q1 2024" in desk.ask(*asked, "and in q1?").text
    assert "H1 2024" in desk.ask(*asked, "and in h1?").text


def test_a_month_without_a_year_is_the_latest_where_no_year_was_said(desk: Desk) -> None:
    assert "February 2025" in desk.ask("how many won deals", "and in february?").text


@pytest.mark.parametrize(
    "question", ["total pipeline", "whats our pipeline worth", "pipeline value", "how much is our pipeline worth?"]
)
def test_the_pipeline_is_worth_what_its_open_records_add_up_to(desk: Desk, question: str) -> None:
    assert desk.value(question) == 16_500
    assert desk.value("how many pipelines are there") == 1


def test_records_without_the_excluded_value_are_said(desk: Desk) -> None:
    found = desk.ask("how many companies outside kenya")
    assert found.figures[0].value == 3
    assert found.text.endswith("Including 1 without a country.")


@pytest.mark.parametrize("name", ["Blue Harbour", "Blue Harbour Limited", "Blue Harbour Inc", "Blue Harbour Ltd."])
def test_the_legal_form_of_a_name_may_be_left_out_or_differ(desk: Desk, name: str) -> None:
    assert desk.value(f"how many deals for {name}") == 2
    assert desk.value("how many deals for Northwind Corp") == 4


def test_a_whole_question_about_something_else_does_not_lean(desk: Desk) -> None:
    assert desk.labels("won deals of Northwind", "who works at Northwind?") == desk.labels("who works at Northwind?")


def test_a_short_question_that_could_stand_alone_says_what_it_keeps_and_offers_itself_alone(desk: Desk) -> None:
    found = desk.ask("how many deals over 2k", "win rate by owner")
    assert "amount more than 2,000" in found.text.split("Still about")[1]
    assert [one.question for one in found.readings] == ["win rate by owner of all deals"]
    alone = desk.ask("how many deals over 2k", found.readings[0].question)
    assert alone.rows == desk.ask("win rate by owner").rows
    assert alone.readings == ()


@pytest.mark.parametrize("question", ["and by owner?", "by owner", "what about Ben?"])
def test_what_can_only_go_on_says_nothing_of_it(desk: Desk, question: str) -> None:
    found = desk.ask("how many deals over 2k", question)
    assert "Still about" not in found.text
    assert found.readings == ()


def test_no_half_sentence_is_offered(desk: Desk) -> None:
    offered = [one.question for one in desk.ask("how many companies in the Zzland").readings]
    assert "how many companies?" in offered
    assert not [one for one in offered if one.rstrip("?").endswith(("in", "the"))]
