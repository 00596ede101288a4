from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.crm.query.periods import NAMED, midnight, resolve, start, zone
from app.shared.contract import Principal
from tests.query import rows
from tests.query.conftest import Door

TODAY = date(2024, 11, 6)  # a Wednesday


@pytest.mark.parametrize(
    ("period", "first", "after"),
    [
        ("today", "2024-11-06", "2024-11-07"),
        ("yesterday", "2024-11-05", "2024-11-06"),
        ("tomorrow", "2024-11-07", "2024-11-08"),
        ("this_week", "2024-11-04", "2024-11-11"),
        ("last_week", "2024-10-28", "2024-11-04"),
        ("next_week", "2024-11-11", "2024-11-18"),
        ("this_month", "2024-11-01", "2024-12-01"),
        ("next_month", "2024-12-01", "2025-01-01"),
        ("this_quarter", "2024-10-01", "2025-01-01"),
        ("last_quarter", "2024-07-01", "2024-10-01"),
        ("next_quarter", "2025-01-01", "2025-04-01"),
        ("last_year", "2023-01-01", "2024-01-01"),
        ("last_30_days", "2024-10-08", "2024-11-07"),
        ("last_1_day", "2024-11-06", "2024-11-07"),
        ("next_7_days", "2024-11-06", "2024-11-13"),
        ("last_2_weeks", "2024-10-24", "2024-11-07"),
        ("last_12_months", "2023-11-07", "2024-11-07"),
        ("next_2_quarters", "2024-11-06", "2025-05-06"),
        ("30_days_ago", "2024-10-07", "2024-10-08"),
        ("1_week_ago", "2024-10-30", "2024-10-31"),
        ("2_months_ago", "2024-09-06", "2024-09-07"),
        ("in_1_day", "2024-11-07", "2024-11-08"),
        ("in_2_weeks", "2024-11-20", "2024-11-21"),
        ("in_1_quarter", "2025-02-06", "2025-02-07"),
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-Q4", "2024-10-01", "2025-01-01"),
        ("2024-q1", "2024-01-01", "2024-04-01"),
        ("2024-11", "2024-11-01", "2024-12-01"),
        ("2024-12-31", "2024-12-31", "2025-01-01"),
    ],
)
def test_a_period_has_a_first_day_and_a_day_after_its_last(period: str, first: str, after: str) -> None:
    assert resolve(period, TODAY) == (date.fromisoformat(first), date.fromisoformat(after))


@pytest.mark.parametrize(
    "period",
    [
        "",
        "someday",
        "2024-13",
        "2024-02-30",
        "2024-Q5",
        "last_0_days",
        "20244",
        "0000",
        "0_days_ago",
        "30_days",
        "in_3_days_ago",
    ],
)
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        resolve(period, TODAY)


@pytest.mark.parametrize(
    "period",
    ["9999", "9999-12-31", "0001", "last_99999_years", "next_99999_years", "99999_years_ago", "in_99999_years"],
)
def test_periods_at_the_ends_of_the_calendar_are_cut_off(period: str) -> None:
    first, after = resolve(period, TODAY)
    assert first <= after


@given(day=st.dates(date(1900, 1, 1), date(2200, 1, 1)), period=st.sampled_from(NAMED))
def test_this_lies_between_last_and_next(day: date, period: str) -> None:
    first, after = resolve(period, day)
    assert first < after
    unit = period.partition("_")[2]
    if unit:
        last, this, following = (resolve(f"{which}_{unit}", day) for which in ("last", "this", "next"))
        assert this[0] <= day < this[1]
        assert last[1] == this[0]
        assert this[1] == following[0]
        assert start(unit, day) == this[0]


ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Havana", "America/Sao_Paulo", "Asia/Beirut",
    "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns",
)  # fmt: skip


@settings(max_examples=500)
@given(
    moment=st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001  # Hypothesis draws naive ones
    place=st.sampled_from(ZONES),
    days=st.integers(-2, 2),
)
def test_a_day_begins_and_ends_at_its_midnights_whatever_the_clocks_do(moment: datetime, place: str, days: int) -> None:
    where, at = ZoneInfo(place), moment.replace(tzinfo=UTC)
    day = at.astimezone(where).date() + timedelta(days)
    inside = midnight(day, where) <= at < midnight(day + timedelta(1), where)
    assert inside == (at.astimezone(where).date() == day)


@pytest.mark.parametrize("place", ZONES)
def test_moments_around_a_change_of_clocks_are_found_by_their_local_day(sqlite_door: Door, place: str) -> None:
    moments = [datetime(2024, 3, 30, 20, tzinfo=UTC) + timedelta(hours=hour) for hour in range(36)]
    with sqlite_door.write() as connection:
        for moment in moments:
            rows.add(connection, "activities", name=moment.isoformat(), kind="call", date=moment)
    who = Principal(1, "Anna", "admin", timezone=place)
    for day in (date(2024, 3, 30), date(2024, 3, 31), date(2024, 4, 1)):
        found = sqlite_door.names("activities", f"date={day}&sort=date", who)
        expected = [moment for moment in moments if moment.astimezone(ZoneInfo(place)).date() == day]
        assert found == [moment.isoformat() for moment in expected]
    grouped: dict[Any, Any] = {row.keys[0]: row.measures[0] for row in _days(sqlite_door, who)}
    assert sum(grouped.values()) == len(moments)
    assert all(grouped[day] == _count(moments, place, day) for day in grouped)


def _days(door: Door, who: Principal) -> Any:
    return door.groups("activities", "group_by=date:day", who).rows


def _count(moments: list[datetime], place: str, day: date) -> int:
    return sum(moment.astimezone(ZoneInfo(place)).date() == day for moment in moments)


def test_a_zone_that_the_machine_does_not_know_is_utc() -> None:
    assert zone("Mars/Olympus").key == "UTC"
    assert zone("../etc").key == "UTC"
