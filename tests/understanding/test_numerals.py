"""A number is read as the asker's locale writes it."""

from dataclasses import replace

import pytest

from app.chatbot.exact import answer
from app.chatbot.types import Context
from app.chatbot.understanding.numerals import as_read
from tests.understanding.conftest import TODAY, Desk

READ = [
    ("de_DE", "amount over 1.500", "amount over 1,500"),
    ("de_DE", "between 1.234,5 and 1.000.000", "between 1,234.5 and 1,000,000"),
    ("de_DE", "over 31,5k", "over 31.5k"),
    ("de_DE", "closing on 31.12.2026", "closing on 31.12.2026"),
    ("de_DE", "won 3, 4 or 5 deals", "won 3, 4 or 5 deals"),
    ("fr_FR", "plus de 12\u202f500,75 euros", "plus de 12,500.75 euros"),
    ("en_US", "over 1,500.25", "over 1,500.25"),
    ("en_US", "over 1.5m", "over 1.5m"),
    ("no such", "over 1.500", "over 1.500"),
]


@pytest.mark.parametrize(("locale", "question", "expected"), READ)
def test_numbers_come_into_the_form_that_is_read(locale: str, question: str, expected: str) -> None:
    assert as_read(question, locale) == expected


@pytest.mark.parametrize(("locale", "count"), [("de_DE", 4), ("en_US", 7)])
def test_the_same_text_means_what_it_means_at_home(desk: Desk, locale: str, count: int) -> None:
    who = replace(desk.principal, locale=locale)
    found = answer(desk.crm, desk.listener, who, "how many deals over 2.000", Context(), on=TODAY)
    assert found.figures[0].value == count, found.text


@pytest.mark.parametrize("bound", ["over", "above", "more than", "at least"])
def test_a_bound_that_looks_like_a_year_is_one(desk: Desk, bound: str) -> None:
    assert desk.value(f"how many deals {bound} 2000") == desk.value(f"how many deals {bound} $2,000")


@pytest.mark.parametrize("question", ["won deals by month over 2024", "won deals over 2024 by month"])
def test_over_a_year_is_in_it(desk: Desk, question: str) -> None:
    assert "in 2024" in desk.ask(question).text
