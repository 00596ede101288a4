"""When something is due, as people say it. Today is Saturday, 15 March 2025."""

from datetime import date

import pytest

from app.chatbot.orders import when

TODAY = date(2025, 3, 15)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("today", "2025-03-15"), ("tomorrow", "2025-03-16"), ("the day after tomorrow", "2025-03-17"),
        ("on Friday", "2025-03-21"), ("Saturday", "2025-03-22"), ("next friday", "2025-03-21"),
        ("by Mon", "2025-03-17"),
        ("in 3 days", "2025-03-18"), ("in two weeks", "2025-03-29"), ("a week from now", "2025-03-22"),
        ("next week", "2025-03-17"), ("next month", "2025-04-01"), ("on 5 May", "2025-05-05"),
        ("on March 3rd", "2026-03-03"), ("2025-06-01", "2025-06-01"), ("end of the month", "2025-03-31"),
        ("eoq", "2025-03-31"), ("end of january", "2026-01-31"), ("end of May", "2025-05-31"),
        ("end of next month", "2025-04-30"), ("this month", "2025-03-31"),
    ],
)  # fmt: skip
def test_a_day_ahead_is_understood(said: str, day: str) -> None:
    assert when.day(said, TODAY) == date.fromisoformat(day)


@pytest.mark.parametrize("said", ["", "soon", "the contract", "3 companies", "Friday the contract", "5"])
def test_what_is_no_day_is_left_alone(said: str) -> None:
    assert when.day(said, TODAY) is None


@pytest.mark.parametrize(
    ("said", "day", "rest"),
    [
        ("call Paul on Friday", "2025-03-21", "call Paul"),
        ("on Friday to call Paul", "2025-03-21", "to call Paul"),
        ("send the offer by the end of the month", "2025-03-31", "send the offer"),
        ("tomorrow: send the offer", "2025-03-16", "send the offer"),
        ("renew the 2024 contract in 3 days", "2025-03-18", "renew the 2024 contract"),
    ],
)
def test_a_sentence_is_parted_from_its_day(said: str, day: str, rest: str) -> None:
    found = when.split(said, TODAY)
    assert found is not None
    assert (found.day.isoformat(), found.rest.strip(": ")) == (day, rest)


def test_a_sentence_without_a_day_has_none() -> None:
    assert when.split("call Paul about the 2024 contract", TODAY) is None
