"""Follow-ups keep, narrow or swap parts of the question before."""

from app.shared.contract import Ref
from tests.understanding.conftest import Desk


def test_those_narrows_what_was_found(desk: Desk) -> None:
    assert desk.labels("how many deals does Northwind have?", "and which of those are still open?") == ["Hoses"]
    assert desk.value("how many deals does Northwind have?", "how many of them did Anna win?") == 2


def test_another_value_swaps_the_one_before(desk: Desk) -> None:
    assert desk.value("how many deals did we win in 2024?", "what about 2025?") == 2
    assert desk.value("how many deals did Anna win?", "and Lost?") == 1
    assert desk.value("how many deals did Anna win?", "and Ben?") == 2
    assert desk.value("total won amount for Northwind", "and for Blue Harbour?") == 20_000
    assert desk.value("win rate of Anna", "in 2024?") == 100


def test_the_shape_can_change_while_the_conditions_stay(desk: Desk) -> None:
    assert desk.groups("won deals in 2024", "by product?") == {"Alpha Max": 2}
    assert desk.value("won deals in 2024", "total amount?") == 4_000
    assert desk.value("total won amount in 2024", "and the average?") == 2_000
    assert desk.labels("how many deals did Anna win", "list them") == desk.labels("deals won by Anna")
    assert desk.labels("deals by owner", "top 1") in (["Anna"], ["Ben"])


def test_several_turns_add_up(desk: Desk) -> None:
    assert desk.value("how many won deals for Alpha Max", "in 2024?", "and Beta?") == 0
    assert desk.value("deals of Northwind", "won", "how many?", "in december 2024") == 1


def test_it_is_the_record_that_was_spoken_of(desk: Desk) -> None:
    assert desk.ask("Where is Northwind based?", "Who owns it?").text == "Owner of Northwind: Anna."
    assert desk.value("tell me about Northwind", "how many won deals does it have?") == 2
    assert "Japan" in desk.ask("where is Northwind based?", "and Blue Harbour?").text
    assert "Kenya" in desk.ask("how many deals does Northwind have?", "where is it based?").text


def test_they_are_the_companies_that_were_listed(desk: Desk) -> None:
    assert desk.value("companies in kenya", "how many deals do they have?") == 4


def test_this_company_is_the_one_in_view(desk: Desk) -> None:
    view = Ref(*desk.link("Northwind", "companies"), label="Northwind")
    assert desk.ask("how many deals does it have?", record=view).figures[0].value == 4
    assert desk.ask("how many open deals does this company have?", record=view).figures[0].value == 1


def test_a_pronoun_without_anything_before_it_is_not_guessed(desk: Desk) -> None:
    found = desk.ask("who owns it?")
    assert found.mode == "none"
    assert found.unread == ("it",)


def test_a_new_question_stands_alone(desk: Desk) -> None:
    assert desk.value("how many deals did Anna win?", "how many companies are there?") == 5
    assert desk.value("deals of Northwind", "how many deals did Ben win") == 2


def test_what_was_not_understood_changes_nothing(desk: Desk) -> None:
    assert desk.value("how many deals did Anna win?", "what about Zork?", "and lost?") == 1
