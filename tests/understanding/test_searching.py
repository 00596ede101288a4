"""Questions about what was said or written become a search; its passages are quoted."""

from datetime import date

from app.chatbot.types import Passage
from app.shared.contract import Ref
from tests.understanding.conftest import Desk


def _passage(desk: Desk, text: str) -> Passage:
    return Passage(Ref("activities", 1, "First call"), text, 1.0, date(2025, 3, 10))


def test_who_said_it_and_what_about_are_told_apart(desk: Desk) -> None:
    desk.listener.passages = [_passage(desk, "Integration is her worry.")]
    found = desk.ask("What did Mira Stokes say about integration?")
    asked = desk.listener.asked[-1]
    assert found.mode == "search"
    assert "integration" in asked["text"]
    assert asked["links"] == [desk.link("Mira Stokes", "people")]
    assert "Integration is her worry." in found.text
    assert found.citations == (Ref("activities", 1, "First call"),)
    assert not found.figures


def test_dates_and_companies_narrow_the_search(desk: Desk) -> None:
    desk.ask("what was discussed with Northwind in 2024?")
    asked = desk.listener.asked[-1]
    assert (asked["since"], asked["until"]) == (date(2024, 1, 1), date(2024, 12, 31))
    assert asked["links"] == [desk.link("Northwind", "companies")]


def test_nothing_found_is_said_plainly(desk: Desk) -> None:
    found = desk.ask("notes about pricing")
    assert found.mode == "search"
    assert found.text == "Nothing was found on “pricing”."
    assert found.passages == ()


def test_a_stranger_is_not_quoted(desk: Desk) -> None:
    desk.listener.passages = [_passage(desk, "Integration is her worry.")]
    found = desk.ask("What did Peter Nobody say about integration?")
    assert found.mode == "none"
    assert "Nobody" in " ".join(found.unread)
    assert desk.listener.asked == []


def test_passages_that_are_not_about_an_unknown_name_are_left_out(desk: Desk) -> None:
    desk.listener.passages = [_passage(desk, "Integration is her worry.")]
    assert desk.ask("what do we know about Zorkware?").passages == ()
