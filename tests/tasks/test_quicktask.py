"""A task in one line: a small set is understood at its end, everything else is the title."""

from datetime import date, time

import pytest

from app.crm.quicktask import Draft, read

TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "name", "due"),
    [
        ("Call Paul", "Call Paul", None),
        ("Call Paul today", "Call Paul", date(2026, 11, 25)),
        ("Call Paul tomorrow", "Call Paul", date(2026, 11, 26)),
        ("call Paul on Friday", "call Paul", date(2026, 11, 27)),
        ("call Paul fri", "call Paul", date(2026, 11, 27)),
        ("call Paul wednesday", "call Paul", date(2026, 12, 2)),
        ("call Paul next friday", "call Paul", date(2026, 12, 4)),
        ("call Paul next week", "call Paul", date(2026, 11, 30)),
        ("call Paul next month", "call Paul", date(2026, 12, 1)),
        ("call Paul in 3 days", "call Paul", date(2026, 11, 28)),
        ("call Paul in a week", "call Paul", date(2026, 12, 2)),
        ("call Paul by 2026-12-24", "call Paul", date(2026, 12, 24)),
        ("call Paul 24 Dec", "call Paul", date(2026, 12, 24)),
        ("call Paul Dec 24th", "call Paul", date(2026, 12, 24)),
        ("call Paul 3 january", "call Paul", date(2027, 1, 3)),
        ("call Paul March 3, 2028", "call Paul", date(2028, 3, 3)),
        ("call Paul 31 Feb", "call Paul 31 Feb", None),
        ("Read Monday Ltd's offer", "Read Monday Ltd's offer", None),
        ("tomorrow", "tomorrow", None),
        ("Plan in 9999 days", "Plan in 9999 days", None),
        ("Buy 3 mar", "Buy", date(2027, 3, 3)),
    ],
)
def test_a_day_at_the_end_is_when_it_is_due(text: str, name: str, due: date | None) -> None:
    assert read(text, TODAY) == Draft(name, due)


@pytest.mark.parametrize(
    ("text", "due", "at"),
    [
        ("Call Paul tomorrow at 9", date(2026, 11, 26), time(9)),
        ("Call Paul at 14:30 tomorrow", date(2026, 11, 26), time(14, 30)),
        ("Call Paul friday 3pm", date(2026, 11, 27), time(15)),
        ("Call Paul at 12 am tomorrow", date(2026, 11, 26), time(0)),
        ("Call Paul at 9", TODAY, time(9)),
    ],
)
def test_an_hour_is_its_reminder_on_that_day(text: str, due: date, at: time) -> None:
    assert read(text, TODAY) == Draft("Call Paul", due, at)


def test_marks_say_priority_assignee_and_tags_anywhere() -> None:
    made = read("Call !high Paul @ben #pilot tomorrow #2026-plan", TODAY)
    assert made == Draft("Call Paul", date(2026, 11, 26), None, "high", "ben", ("pilot", "2026-plan"))
    assert read("Fix issue #42 at 99", TODAY) == Draft("Fix issue #42 at 99")
    assert read("Write to a@b.test !", TODAY).name == "Write to a@b.test !"
