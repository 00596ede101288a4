"""Numbers, dates and types as files write them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crm.transfer import dates, numbers
from app.crm.transfer.guess import Guess, guess


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "0"),
        ("-12.5", "-12.5"),
        ("+3", "3"),
        ("1,234", "1234"),
        ("1,234,567.89", "1234567.89"),
        ("12,34,567", "1234567"),
        ("1 234,5", None),
        ("1 234.5", "1234.5"),
        ("1'234.50", "1234.50"),
        ("(45.10)", "-45.10"),
        ("45-", "-45"),
        (".5", "0.5"),
        ("1.2e3", "1200"),
        ("45 %", "45"),
        ("abc", None),
        ("", None),
        ("1,23", None),
        ("12:30", None),
        ("1.2.3", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, expected: str | None) -> None:
    assert numbers.number(text) == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("text", "number", "currency"),
    [
        ("$1,200.50", "1200.50", None),
        ("-$5", "-5", None),
        ("$-5", "-5", None),
        ("($1,000)", "-1000", None),
        ("€ 300", "300", "EUR"),
        ("300 €", "300", "EUR"),
        ("£20", "20", "GBP"),
        ("USD 1,000", "1000", "USD"),
        ("1000 CHF", "1000", "CHF"),
        ("R$ 10", "10", "BRL"),
        ("0", "0", None),
    ],
)
def test_an_amount_says_its_currency_where_its_sign_does(text: str, number: str, currency: str | None) -> None:
    found = numbers.amount(text)
    assert found is not None
    assert (found.number, found.currency) == (Decimal(number), currency)


def test_a_decimal_comma_is_taken_only_where_some_value_needs_it() -> None:
    assert numbers.decimal_mark(["1.234,50", "12", "1.000"]) == ","
    assert numbers.number("1.000", ",") == 1000
    assert numbers.decimal_mark(["1,234", "1,000"]) == "."
    assert numbers.decimal_mark(["1,234.50", "3,5"]) == "."


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=2))
def test_what_is_printed_with_separators_is_read_back(value: Decimal) -> None:
    assert numbers.number(f"{value:,.2f}") == value
    assert numbers.amount(f"${value:,.2f}") == numbers.Amount(value, None, True)


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("1/31/2024", "month-first", date(2024, 1, 31)),
        ("3/4/2024", "month-first", date(2024, 3, 4)),
        ("3/4/2024", "day-first", date(2024, 4, 3)),
        ("31.1.2024", "day-first", date(2024, 1, 31)),
        ("2024-02-29", "month-first", date(2024, 2, 29)),
        ("2024/2/9", "day-first", date(2024, 2, 9)),
        ("20240131", "day-first", date(2024, 1, 31)),
        ("31 Jan 2024", "month-first", date(2024, 1, 31)),
        ("Jan 31, 2024", "day-first", date(2024, 1, 31)),
        ("9-Sept-24", "month-first", date(2024, 9, 9)),
        ("1/31/99", "month-first", date(1999, 1, 31)),
        ("2024-01-31T23:30:00Z", "month-first", date(2024, 1, 31)),
        ("2/30/2024", "month-first", None),
        ("31/1/2024", "month-first", None),
        ("2024-13-01", "month-first", None),
        ("soon", "month-first", None),
        ("2024", "month-first", None),
        ("5 Ma 2024", "month-first", None),
        ("1/2-2024", "month-first", None),
    ],
)
def test_a_date_is_read_in_the_order_of_its_column(text: str, order: dates.Order, expected: date | None) -> None:
    assert dates.day(text, order) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/31/2024", datetime(2024, 1, 31, 5, 0, tzinfo=UTC)),
        ("1/31/2024 2:30 PM", datetime(2024, 1, 31, 19, 30, tzinfo=UTC)),
        ("2024-01-31 14:30:15.25", datetime(2024, 1, 31, 19, 30, 15, 250000, tzinfo=UTC)),
        ("2024-01-31T14:30+02:00", datetime(2024, 1, 31, 12, 30, tzinfo=UTC)),
        ("2024-01-31T14:30:00Z", datetime(2024, 1, 31, 14, 30, tzinfo=UTC)),
        ("2024-01-31 25:00", None),
        ("2024-01-31 13:00 PM", None),
    ],
)
def test_a_moment_without_a_zone_is_meant_where_the_person_is(text: str, expected: datetime | None) -> None:
    assert dates.moment(text, "month-first", "America/New_York") == expected


def test_the_values_that_can_be_only_one_way_settle_the_order() -> None:
    assert dates.evidence(["3/4/2024", "12/31/2024"]).settled == "month-first"
    assert dates.evidence(["3/4/2024", "31/12/2024"]).settled == "day-first"
    unsettled = dates.evidence(["3/4/2024", "5/5/2024"])
    assert (unsettled.settled, unsettled.is_ambiguous) == (None, True)
    assert not dates.evidence(["5/5/2024", "2024-01-02"]).is_ambiguous
    assert dates.evidence(["13/1/2024", "1/13/2024"]).is_mixed


@given(st.text(max_size=30))
def test_no_text_makes_a_reader_fail(text: str) -> None:
    for order in ("month-first", "day-first"):
        dates.day(text, order)
        dates.moment(text, order)
    numbers.amount(text, ",")
    numbers.amount(text, ".")
    numbers.decimal_mark([text])
    dates.evidence([text])
    guess("column", {text}, "month-first")


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2068, 12, 31)), st.times())
def test_a_written_moment_is_read_back(day: date, clock: time) -> None:
    moment = datetime.combine(day, clock)
    assert dates.moment(moment.isoformat(), "day-first") == moment.replace(tzinfo=UTC)
    assert dates.day(f"{moment:%m/%d/%Y}", "month-first") == moment.date()
    assert dates.day(f"{moment:%d.%m.%y}", "day-first") == moment.date()


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("year", {"1996", "2002"}, Guess("number", integer=True)),
        ("score", {"0.58", "1"}, Guess("number")),
        ("size", {"1,200", "3"}, Guess("number", integer=True)),
        ("price", {"$5", "$1,200.50"}, Guess("money")),
        ("price", {"$5", "7"}, Guess("text")),
        ("active", {"yes", "No"}, Guess("boolean")),
        ("flag", {"0", "1"}, Guess("number", integer=True)),
        ("start", {"1/31/2024", "2/2/2024"}, Guess("date")),
        ("seen", {"2024-01-31 10:00", "2024-02-01"}, Guess("datetime")),
        ("zip", {"02134", "8001"}, Guess("text")),
        ("plan", {"02134", "8001"}, Guess("text")),
        ("product_id", {"1", "2"}, Guess("text")),
        ("accountId", {"1", "2"}, Guess("text")),
        ("paid", {"1", "2"}, Guess("number", integer=True)),
        ("story", {"one\ntwo"}, Guess("long_text")),
        ("product", {"GTX Basic", "MG"}, Guess("text")),
        ("big", {"12345678901234567890"}, Guess("text")),
    ],
)
def test_a_column_gets_the_narrowest_type_that_loses_nothing(name: str, values: set[str], expected: Guess) -> None:
    assert guess(name, values, "month-first") == expected
