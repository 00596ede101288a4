from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.crm import rates
from app.shared.contract import Money, Principal, Rate, Ref
from app.shared.errors import Invalid
from app.shared.values import as_json
from tests.query import rows
from tests.query.conftest import Door


def _table(door: Door, object: str, params: str, principal: Principal | None = None) -> list[tuple[object, ...]]:
    found = door.groups(object, params, principal)
    return [(*row.keys, *row.measures) for row in found.rows]


@pytest.fixture
def door(door: Door) -> Door:
    with door.write() as connection:
        me = door.principal.user_id
        acme = rows.add(connection, "companies", name="Acme", industry="Medical")
        beta = rows.add(connection, "companies", name="beta", industry="medical")
        stages = {key: rows.stage(connection, key) for key in ("won", "lead", "proposal")}
        for name, company, stage, amount, owner, day in (
            ("a", acme, "won", 100_00, me, date(2024, 1, 31)),
            ("b", acme, "lead", 50_01, me, date(2024, 2, 1)),
            ("c", beta, "won", 25_00, None, date(2024, 12, 31)),
            ("d", None, "proposal", None, None, None),
        ):
            values = {"company": company, "stage": stages[stage], "amount": amount, "owner": owner, "close_date": day}
            rows.add(connection, "deals", name=name, tagged=("x", "y") if name == "a" else (), **values)
    return door


def test_measures_without_groups_are_one_row(door: Door) -> None:
    found = door.groups("deals", "measure=count,sum:amount,avg:amount,min:amount,max:close_date,count:amount")
    average = Money(Decimal(17501) / 3, "USD")
    assert [row.keys for row in found.rows] == [()]
    assert found.rows[0].measures == found.totals
    count, total, mean, least, last, counted = found.totals
    assert (count, total, least, last, counted) == (4, Money(17501, "USD"), Money(2500, "USD"), date(2024, 12, 31), 3)
    assert as_json(mean) == as_json(average) == pytest.approx(17501 / 3 / 100)
    assert found.group_count == 1


def test_a_group_without_a_measure_counts(door: Door) -> None:
    found = door.groups("deals", "group_by=stage")
    assert [(row.keys, row.measures) for row in found.rows] == [
        (("lead",), (1,)),
        (("proposal",), (1,)),
        (("won",), (2,)),
    ]
    assert [measure.key for measure in found.query.measures] == ["count"]
    assert (found.totals, found.group_count) == ((4,), 3)


def test_text_groups_without_regard_to_capitals_and_links_are_refs(door: Door) -> None:
    assert _table(door, "deals", "group_by=company.industry") == [("Medical", 3), (None, 1)]
    assert _table(door, "deals", "group_by=company&measure=sum:amount") == [
        (Ref("companies", 1, "Acme"), Money(15001, "USD")),
        (Ref("companies", 2, "beta"), Money(2500, "USD")),
        (None, Money(0, "USD")),
    ]


def test_groups_sort_by_measures_and_the_totals_are_over_all_rows(door: Door) -> None:
    found = door.groups("deals", "group_by=company&measure=sum:amount,count&sort=-sum:amount&limit=1")
    assert [row.keys for row in found.rows] == [(Ref("companies", 1, "Acme"),)]
    assert found.totals == (Money(17501, "USD"), 4)
    assert found.group_count == 3
    assert _table(door, "deals", "group_by=stage&sort=-count,-stage")[0] == ("won", 2)


def test_dates_group_by_buckets(door: Door) -> None:
    def first_days(bucket: str) -> list[object]:
        return [row[0] for row in _table(door, "deals", f"group_by=close_date:{bucket}")]

    assert first_days("day") == [date(2024, 1, 31), date(2024, 2, 1), date(2024, 12, 31), None]
    assert first_days("week") == [date(2024, 1, 29), date(2024, 12, 30), None]
    assert first_days("month") == [date(2024, 1, 1), date(2024, 2, 1), date(2024, 12, 1), None]
    assert first_days("quarter") == [date(2024, 1, 1), date(2024, 10, 1), None]
    assert first_days("year") == [date(2024, 1, 1), None]


def test_moments_group_by_the_day_where_the_principal_is(door: Door) -> None:
    with door.write() as connection:
        for hour in (3, 4, 5):  # midnight in New York is at four in summer, at five in winter
            for month in (7, 12):
                rows.add(connection, "activities", kind="call", date=datetime(2024, month, 2, hour, 30, tzinfo=UTC))
    york = Principal(1, "Anna", "admin", timezone="America/New_York")
    assert _table(door, "activities", "group_by=date:day", york) == [
        (date(2024, 7, 1), 1),
        (date(2024, 7, 2), 2),
        (date(2024, 12, 1), 2),
        (date(2024, 12, 2), 1),
    ]


def test_tags_count_once_each_and_the_totals_count_a_record_once(door: Door) -> None:
    found = door.groups("deals", "group_by=tags&measure=count,sum:amount")
    assert [(row.keys, row.measures) for row in found.rows] == [
        (("x",), (1, Money(10000, "USD"))),
        (("y",), (1, Money(10000, "USD"))),
        ((None,), (3, Money(7501, "USD"))),
    ]
    assert found.totals == (4, Money(17501, "USD"))


def test_weighted_takes_the_deals_own_probability_else_its_stages(door: Door) -> None:
    with door.write() as connection:
        lead = rows.stage(connection, "lead")
        rows.add(connection, "deals", name="e", stage=lead, amount=200_00, probability=99)
        rows.add(connection, "deals", name="f", amount=1_000_00)  # no stage: it has no probability
    weights = dict(_table(door, "deals", "group_by=stage&measure=weighted"))
    assert weights["won"] == Money(12500, "USD")
    assert weights["lead"] == Money(Decimal("500.1") + 19800, "USD")
    assert weights["proposal"] == weights[None] == Money(0, "USD")


def test_several_currencies_never_add_up(door: Door) -> None:
    with door.write() as connection:
        lead = rows.stage(connection, "lead")
        rows.add(connection, "deals", name="e", stage=lead, amount=700, currency="JPY")
        rows.add(connection, "deals", name="f", stage=lead, amount=10_00, currency="EUR")
    found = door.groups("deals", "group_by=stage&measure=sum:amount,avg:amount,max:amount")
    lead_row = next(row for row in found.rows if row.keys == ("lead",))
    each = (Money(1000, "EUR"), Money(700, "JPY"), Money(5001, "USD"))
    assert lead_row.measures == (each, each, each)
    assert found.totals[0] == (Money(1000, "EUR"), Money(700, "JPY"), Money(17501, "USD"))
    won_row = next(row for row in found.rows if row.keys == ("won",))
    assert won_row.measures[0] == Money(12500, "USD")
    assert _table(door, "deals", "measure=sum:amount&currency=jpy") == [(Money(700, "JPY"),)]


def test_nothing_sums_to_nought_and_has_no_average(door: Door) -> None:
    found = door.groups(
        "deals", "name=none&measure=sum:amount,avg:amount,max:close_date,count,weighted,sum:probability"
    )
    assert found.totals == (Money(0, "USD"), None, None, 0, Money(0, "USD"), 0)
    empty = door.groups("deals", "name=none&group_by=stage")
    assert (empty.rows, empty.totals, empty.group_count) == ((), (0,), 0)


def test_a_sum_beyond_the_exact_range_of_floats_is_exact(door: Door) -> None:
    with door.write() as connection:
        for amount in (2**53 + 1, 2**53 + 2):
            rows.add(connection, "deals", name="huge", amount=amount)
    assert door.groups("deals", "name=huge&measure=sum:amount").totals == (Money(2**54 + 3, "USD"),)


def test_two_keys_make_groups_of_each_pair(door: Door) -> None:
    found = _table(door, "deals", "group_by=company.industry,stage&measure=count_distinct:company")
    assert found == [("Medical", "lead", 1), ("Medical", "won", 2), (None, "proposal", 0)]


# --- bounds on groups ------------------------------------------------------------------------------------------------


def test_groups_are_bound_by_their_measures_and_the_totals_are_over_those_that_are_so(door: Door) -> None:
    found = door.groups("deals", "group_by=company&measure=count,sum:amount&having=count__gte:2")
    assert [row.keys[0].label for row in found.rows] == ["Acme"]
    assert (found.totals, found.group_count) == ((2, Money(15001, "USD")), 1)
    found = door.groups("deals", "group_by=company&measure=count,sum:amount&having=sum:amount__lt:100&limit=1")
    assert [row.keys[0].label for row in found.rows] == ["beta"]
    assert (found.totals, found.group_count) == ((2, Money(2500, "USD")), 2)
    assert door.groups("deals", "group_by=stage&having=count__gt:5").totals == (0,)


def test_bounds_compare_dates_by_days_and_averages_exactly(door: Door) -> None:
    def stages(bound: str) -> list[object]:
        params = f"group_by=stage&measure=max:close_date,avg:amount,count_distinct:company&having={bound}"
        return [row.keys[0] for row in door.groups("deals", params).rows]

    assert stages("max:close_date__gte:2024-12") == ["won"]
    assert stages("max:close_date__lt:2024-Q4") == ["lead"]
    assert stages("avg:amount__eq:62.5") == ["won"]
    assert stages("avg:amount__between:50\\,62") == ["lead"]
    assert stages("avg:amount__ne:62.5") == ["lead", "proposal"]
    assert stages("count_distinct:company__lt:2") == ["lead", "proposal"]


def test_one_of_several_currencies_satisfies_a_bound(door: Door) -> None:
    with door.write() as connection:
        won = rows.stage(connection, "won")
        rows.add(connection, "deals", name="e", stage=won, amount=90_000, currency="JPY")
    bound = "group_by=stage&measure=sum:amount&having=sum:amount__"
    assert [row[0] for row in _table(door, "deals", f"{bound}gt:1000")] == ["won"]
    assert [row[0] for row in _table(door, "deals", f"{bound}lte:0")] == ["proposal"]
    assert [row[0] for row in _table(door, "deals", f"{bound}ne:125")] == ["lead", "proposal"]


def test_totals_of_bound_groups_count_a_record_once(door: Door) -> None:
    found = door.groups("deals", "group_by=tags&measure=count,count_distinct:stage&having=count__lt:2")
    assert [row.keys for row in found.rows] == [("x",), ("y",)]
    assert found.totals == (1, 1)


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ("group_by=stage&having=sum:amount__gt:1", "sum:amount"),
        ("group_by=stage&having=count__gt:many", "count"),
        ("group_by=stage&measure=max:close_date&having=max:close_date__gt:soon", "max:close_date"),
        ("group_by=stage&measure=sum:amount&having=sum:amount__between:1", "sum:amount"),
        ("having=count__gt:1", "having"),
        ("convert=EUR", "currency"),
        ("measure=sum:amount&convert=Euros", "currency"),
        ("measure=sum:amount&convert=EUR", "currency"),
    ],
)
def test_bounds_and_currencies_that_cannot_be_are_named(door: Door, params: str, named: str) -> None:
    with pytest.raises(Invalid) as error:
        door.run("deals", params)
    assert [one.field for one in error.value.errors] == [named]


# --- one currency ----------------------------------------------------------------------------------------------------


def test_amounts_are_converted_by_the_newest_rate_which_is_named(door: Door) -> None:
    with door.write() as connection:
        lead = rows.stage(connection, "lead")
        rows.add(connection, "deals", name="e", stage=lead, amount=100_00, currency="EUR")
        rows.add(connection, "deals", name="f", stage=lead, amount=1_000, currency="JPY")
        for currency, day, rate in (
            ("EUR", date(2020, 1, 1), "2"),
            ("EUR", date(2024, 5, 1), "1.08"),
            ("EUR", date(2999, 1, 1), "3"),
            ("JPY", date(2024, 6, 1), "0.00655"),
        ):
            rates.set_rate(connection, door.principal, "USD", currency, day, rate)
    found = door.groups("deals", "group_by=stage&measure=sum:amount,max:amount&convert=USD&sort=-sum:amount")
    assert [(row.keys[0], *row.measures) for row in found.rows] == [
        ("lead", Money(5001 + 10800 + 655, "USD"), Money(10800, "USD")),
        ("won", Money(12500, "USD"), Money(10000, "USD")),
        ("proposal", Money(0, "USD"), None),
    ]
    assert found.totals[0] == Money(12500 + 5001 + 10800 + 655, "USD")
    assert found.rates == (
        Rate("EUR", "USD", Decimal("1.08"), date(2024, 5, 1)),
        Rate("JPY", "USD", Decimal("0.00655"), date(2024, 6, 1)),
    )
    bound = door.groups("deals", "group_by=stage&measure=sum:amount&convert=usd&having=sum:amount__gt:130")
    assert [row.keys for row in bound.rows] == [("lead",)]


def test_a_conversion_is_rounded_once_half_to_even(door: Door) -> None:
    with door.write() as connection:
        rates.set_rate(connection, door.principal, "USD", "EUR", date(2024, 1, 1), "0.5")
        for _ in range(3):
            rows.add(connection, "deals", name="cent", amount=1, currency="EUR")
    assert door.groups("deals", "name=cent&measure=sum:amount&convert=USD").totals == (Money(2, "USD"),)  # 1.5 cents
    assert door.groups("deals", "name=cent&measure=min:amount&convert=USD").totals == (Money(0, "USD"),)  # half of one
    assert door.groups("deals", "name=cent&measure=sum:amount&convert=EUR").totals == (Money(3, "EUR"),)
    assert door.groups("deals", "name=a&measure=sum:amount&convert=EUR").totals == (Money(20000, "EUR"),)
