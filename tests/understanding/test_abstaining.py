"""Where it isn't sure it says so: no number is ever made up."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.chatbot.types import Answer
from tests.understanding.conftest import Desk

UNKNOWN = {
    "How many deals does Nosuchcorp have?": "Nosuchcorp",
    "total won amount for Foo Bar Industries": "Foo",
    "what is the profit of Northwind": "profit",
    "companies in the space industry": "space",
    "deals by favourite colour": "colour",
    "revenue per employee forecast": "forecast",
    "companies like Northwind": "like",
    "how many deals will we win": "will",
}
NONSENSE = [
    "what is the weather today", "qwerty", "what is the meaning of life", "why did we lose",
    "delete all deals", "???", "",
    "average number of deals per owner", "half of the deals",
    "how long does it take to close a deal", "what percentage of deals did Anna win", "what about it?",
]  # fmt: skip


def _is_silent(found: Answer) -> bool:
    return found.mode == "none" and not (found.figures or found.rows or found.query or found.url)


@pytest.mark.parametrize("question", UNKNOWN)
def test_unknown_words_are_named_and_nothing_is_counted(desk: Desk, question: str) -> None:
    found = desk.ask(question)
    assert _is_silent(found), found.text
    assert UNKNOWN[question] in " ".join(found.unread)
    assert UNKNOWN[question] in found.text


def test_nonsense_and_orders_are_answered_by_saying_so(desk: Desk) -> None:
    answers = {question: desk.ask(question) for question in NONSENSE}
    assert [question for question, found in answers.items() if not _is_silent(found)] == []
    assert all(found.text for found in answers.values())


def test_an_ambiguous_name_asks_which_one(desk: Desk) -> None:
    found = desk.ask("what is the email of Mira?")
    assert _is_silent(found)
    offered = [one.question for one in found.readings]
    assert any("Mira Stokes" in question for question in offered)
    assert any("Mira Quill" in question for question in offered)


def test_every_reading_that_is_offered_can_be_answered(desk: Desk) -> None:
    for question in [*UNKNOWN, "what is the email of Mira?", "how many people work at Northwind"]:
        for offered in desk.ask(question).readings:
            assert desk.ask(offered.question).mode == "exact", offered.question


def test_people_at_a_company_may_be_its_contacts_or_its_employees(desk: Desk) -> None:
    found = desk.ask("how many people work at Northwind")
    assert _is_silent(found)
    assert len(found.readings) >= 2


def test_misspellings_are_read_and_said(desk: Desk) -> None:
    found = desk.ask("how many dels does Nortwind have")
    assert found.figures[0].value == 4
    assert any("Nortwind" in note for note in found.notes)


def test_short_names_and_numbers_need_exactness(desk: Desk) -> None:
    assert _is_silent(desk.ask("how many deals did Ban win"))
    assert _is_silent(desk.ask("Gamma 501 deals"))


def test_a_question_that_is_too_long_is_refused(desk: Desk) -> None:
    assert _is_silent(desk.ask("deals " * 500))


_WORDS = st.sampled_from(
    "how many deals won lost open by owner company northwind anna in 2024 last month over 5k between and or not "
    "without with most top 5 average total amount who which where it those zork rate share vs 'x' ? \" > % $".split()
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_WORDS, max_size=9))
def test_any_words_in_any_order_give_an_answer_or_an_honest_refusal(desk: Desk, words: list[str]) -> None:
    found = desk.ask(" ".join(words))
    assert found.text
    assert found.mode in ("exact", "search", "none")
    if "zork" in words:
        assert found.mode != "exact"
    if found.mode == "none":
        assert _is_silent(found)
