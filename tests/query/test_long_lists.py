"""Lists of thousands of values: answered alike by both engines, or refused in words."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.shared.contract import And, Condition, Filter, Not, Or
from app.shared.errors import Invalid
from tests.query import rows
from tests.query.conftest import Door

_MANY = 1_500


def _in(field: str, values: list[Any], op: str = "in") -> Condition:
    return Condition.model_validate({"field": field, "op": op, "value": values})


def _names(door: Door, object: str, where: Filter) -> list[str]:
    return door.names(object, sort=("name",), where=where)


@pytest.fixture
def door(door: Door) -> Door:
    with door.write() as connection:
        acme = rows.add(connection, "companies", name="Acme", employees=10, tagged=("vip",))
        rows.add(connection, "companies", name="Bare")
        rows.add(connection, "companies", name="Zeta", employees=1_499)
        rows.add(connection, "deals", name="Dear", company=acme, amount=149_950, close_date=date(2024, 11, 5))
        rows.add(connection, "deals", name="Yen", amount=250, currency="JPY", close_date=date(2031, 1, 1))
        rows.add(connection, "deals", name="Zero")
    return door


_AMOUNTS: list[Any] = [*range(1, _MANY), "1499.50", "0.001", "1e40"]


@pytest.mark.parametrize(
    ("object", "field", "values", "within", "outside"),
    [
        ("companies", "id", [*range(2, _MANY)], ["Bare", "Zeta"], ["Acme"]),
        ("companies", "employees", [*range(11, _MANY), 10.5, 2**70], ["Zeta"], ["Acme", "Bare"]),
        ("companies", "employees", [None, *range(11, _MANY)], ["Bare", "Zeta"], ["Acme"]),
        ("companies", "deals", [*range(1, _MANY)], ["Acme"], ["Bare", "Zeta"]),
        ("companies", "name", [f"a{n}" for n in range(_MANY)] + ["ZETA"], ["Zeta"], ["Acme", "Bare"]),
        ("companies", "tags", [f"a{n}" for n in range(_MANY)] + ["VIP"], ["Acme"], ["Bare", "Zeta"]),
        ("deals", "amount", _AMOUNTS, ["Dear", "Yen"], ["Zero"]),
        ("deals", "company", [*range(1, _MANY)], ["Dear"], ["Yen", "Zero"]),
        (
            "deals",
            "close_date",
            [str(date(2023, 12, 31) + timedelta(2 * n)) for n in range(_MANY)],
            ["Dear", "Yen"],
            ["Zero"],
        ),
        ("deals", "close_date", [*range(1100, 2025), "2031-01"], ["Dear", "Yen"], ["Zero"]),
        ("deals", "close_date", [f"{year}-11" for year in range(1100, 2025)], ["Dear"], ["Yen", "Zero"]),
    ],
)
def test_a_long_list_holds_exactly_its_values(
    door: Door, object: str, field: str, values: list[Any], within: list[str], outside: list[str]
) -> None:
    assert _names(door, object, _in(field, values)) == within
    assert _names(door, object, _in(field, values, "not_in")) == outside
    assert _names(door, object, Not(item=_in(field, values))) == outside


def test_a_long_list_over_a_path_to_many(door: Door) -> None:
    wanted = _in("deals.amount", _AMOUNTS)
    assert _names(door, "companies", wanted) == ["Acme"]
    assert _names(door, "companies", Not(item=wanted)) == ["Bare", "Zeta"]
    assert _names(door, "companies", _in("deals.amount", _AMOUNTS, "not_in")) == []  # no company has another deal


@pytest.mark.parametrize("held", [1499.5, 2**53 + 1, 12, 0.1])
def test_a_long_list_of_decimals_is_compared_to_the_last_digit(door: Door, held: float) -> None:
    with door.write() as connection:
        name = rows.custom_field(connection, "companies", "score", "number")
        rows.add(connection, "companies", name="Scored", custom=rows.custom(name, held, "number"))
    near = [n + 0.25 for n in range(_MANY)] + [1499.4999999999998, 0.30000000000000004]
    assert _names(door, "companies", _in("score", [*near, held])) == ["Scored"]
    assert _names(door, "companies", _in("score", near)) == []


def test_moments_and_days_in_a_long_list(door: Door) -> None:
    with door.write() as connection:
        moment = datetime(2024, 11, 5, 10, tzinfo=UTC)
        rows.add(connection, "activities", name="Call", kind="call", date=moment)
    hours = [(moment + timedelta(hours=n)).isoformat() for n in range(_MANY)]
    days = [str(date(2022, 1, 1) + timedelta(n)) for n in range(_MANY)]
    for values in (hours, days, [*hours[1:], *days]):
        assert door.page("activities", where=_in("date", values)).total == 1
    assert door.page("activities", where=_in("date", hours[1:])).total == 0


def test_several_lists_joined_by_or(door: Door) -> None:
    some = _in("employees", [*range(20, _MANY)])
    either = Or(items=(some, _in("id", [1]), *[_in("deals.amount", [*range(9_000, 9_020)])] * 100))
    assert _names(door, "companies", either) == ["Acme", "Zeta"]
    assert door.groups("companies", "group_by=owner&measure=count", where=either).totals == (2,)


def test_hundreds_of_conditions_joined_by_or(door: Door) -> None:
    each = Or(items=tuple(Condition(field="employees", op="eq", value=n) for n in range(2_550, 3_000)))
    assert _names(door, "companies", each) == []
    assert _names(door, "companies", Or(items=(*each.items, Condition(field="id", value=1)))) == ["Acme"]


@pytest.mark.parametrize("field", ["id", "employees", "name", "deals.amount", "created_at"])
def test_a_list_that_is_too_long_is_refused_by_name(sqlite_door: Door, field: str) -> None:
    with pytest.raises(Invalid, match="a list holds at most 10,000 values, this one 10,001") as refused:
        sqlite_door.page("companies", where=_in(field, [*range(10_001)]))
    assert refused.value.errors[0].field.endswith(field.split(".")[-1])


def test_separate_periods_are_bounded(sqlite_door: Door) -> None:
    days = [str(date(2000, 1, 1) + timedelta(2 * n)) for n in range(1_001)]
    with pytest.raises(Invalid, match="at most 1,000 separate periods"):
        sqlite_door.page("activities", where=_in("date", days))
    assert sqlite_door.page("activities", where=_in("date", days[1:])).total == 0


def test_the_values_of_a_whole_query_are_bounded(sqlite_door: Door) -> None:
    lists = And(items=tuple(_in("employees", [*range(8_000)]) for _ in range(2)))
    with pytest.raises(Invalid, match="The filter holds 16,000 values in its lists: at most 15,000 in all"):
        sqlite_door.run("companies", where=lists)


def test_the_longest_lists_fit_both_engines(door: Door) -> None:
    """Whatever a list holds: fractions are parameters of their own, and lists are counted in a second place."""
    parts = [n + 0.5 for n in range(7_500)]
    asked = And(items=(_in("id", parts, "not_in"), _in("version", parts, "not_in")))
    assert len(_names(door, "companies", asked)) == 3
