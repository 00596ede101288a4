"""Periods, against dates worked out by hand. Today is Saturday, 15 March 2025."""

from datetime import date

import pytest

from app.chatbot.understanding import dates, periods
from app.chatbot.understanding.text import tokens
from tests.understanding.conftest import TODAY, Desk

SPANS = {
    "today": ("2025-03-15", "2025-03-16"),
    "yesterday": ("2025-03-14", "2025-03-15"),
    "this week": ("2025-03-10", "2025-03-17"),
    "last week": ("2025-03-03", "2025-03-10"),
    "last month": ("2025-02-01", "2025-03-01"),
    "next month": ("2025-04-01", "2025-05-01"),
    "this quarter": ("2025-01-01", "2025-04-01"),
    "last quarter": ("2024-10-01", "2025-01-01"),
    "last year": ("2024-01-01", "2025-01-01"),
    "last 30 days": ("2025-02-14", "2025-03-16"),
    "the past 3 months": ("2024-12-16", "2025-03-16"),
    "next 7 days": ("2025-03-15", "2025-03-22"),
    "in 30 days": ("2025-02-14", "2025-03-16"),
    "3 days ago": ("2025-03-12", "2025-03-13"),
    "november 2024": ("2024-11-01", "2024-12-01"),
    "Nov '24": ("2024-11-01", "2024-12-01"),
    "november": ("2024-11-01", "2024-12-01"),
    "february": ("2025-02-01", "2025-03-01"),
    "last december": ("2024-12-01", "2025-01-01"),
    "march of last year": ("2024-03-01", "2024-04-01"),
    "Q3 2024": ("2024-07-01", "2024-10-01"),
    "2024-Q3": ("2024-07-01", "2024-10-01"),
    "third quarter of 2024": ("2024-07-01", "2024-10-01"),
    "q4": ("2024-10-01", "2025-01-01"),
    "first half of 2025": ("2025-01-01", "2025-07-01"),
    "H2 2024": ("2024-07-01", "2025-01-01"),
    "2024": ("2024-01-01", "2025-01-01"),
    "1 May 2024": ("2024-05-01", "2024-05-02"),
    "May 1st, 2024": ("2024-05-01", "2024-05-02"),
    "the 1st of may 2024": ("2024-05-01", "2024-05-02"),
    "2024-11-05": ("2024-11-05", "2024-11-06"),
    "31/12/2024": ("2024-12-31", "2025-01-01"),
    "12/31/2024": ("2024-12-31", "2025-01-01"),
    "year to date": ("2025-01-01", "2025-03-16"),
}
NONE = ["may", "31 february 2024", "2024-13", "11/12/2024", "last 0 days", "next", "quarter", "45 may"]


@pytest.mark.parametrize("text", SPANS)
def test_a_period_is_read_as_its_days(text: str) -> None:
    words = tokens(text)
    found = dates.match(words, 0, TODAY)
    assert found is not None
    assert found[0] == len(words)
    assert (str(found[1].first), str(found[1].after)) == SPANS[text]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_whole_period_is_left_alone(text: str) -> None:
    words = tokens(f"x {text} y")
    found = dates.match(words, 1, TODAY)
    assert found is None or found[0] < len(words) - 2


def test_a_range_takes_its_missing_year_from_the_other_end() -> None:
    first, last = dates.match(tokens("1 May"), 0, TODAY), dates.match(tokens("30 June 2024"), 0, TODAY)
    assert first is not None
    assert last is not None
    whole = periods.span(first[1], last[1])
    assert whole is not None
    assert (whole.first, whole.after) == (date(2024, 5, 1), date(2024, 7, 1))


QUESTIONS = {
    "how many deals were won in november 2024": 1,
    "how many deals did we win last month": 1,
    "how many deals were won since 1 december 2024": 3,
    "how many deals were won after december 2024": 2,
    "how many deals were won before december 2024": 1,
    "how many deals were won between 1 November and 10 December 2024": 2,
    "how many deals were won from december 2024 to february 2025": 2,
    "how many deals closed in nov 2024": 2,
    "how many deals were won yesterday": 1,
    "how many won deals not in 2024": 2,
    "how many deals did we win in 2024 or march 2025": 3,
    "how many deals were won in novmber 2024": 1,
}


def test_periods_narrow_by_the_date_that_is_meant(desk: Desk) -> None:
    assert {question: desk.value(question) for question in QUESTIONS} == QUESTIONS


def test_a_relative_period_is_linked_by_its_dates_so_that_it_opens_the_same_rows_tomorrow(desk: Desk) -> None:
    found = desk.ask("deals won last quarter")
    assert found.url is not None
    assert "2024-Q4" in found.url


def test_the_day_of_today_decides_what_last_month_is(desk: Desk) -> None:
    assert desk.ask("how many deals did we win last month", on=date(2024, 12, 1)).figures[0].value == 1
    assert desk.ask("how many deals did we win last month", on=date(2024, 11, 1)).figures[0].value == 0


def test_a_month_without_its_year_is_said_to_be_the_latest(desk: Desk) -> None:
    assert "November 2024" in desk.ask("deals won in november").notes[0]
