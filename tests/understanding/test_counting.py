"""Counts, sums, averages, rates and shares, each against numbers worked out by hand."""

import pytest

from app.chatbot.exact import answer
from app.chatbot.types import Context
from app.crm import rates
from app.shared.contract import ChangeSet, Operation
from tests.understanding.conftest import TODAY, Desk

NUMBERS = [
    ("How many deals did Anna win?", 2),
    ("how many deals are there", 8),
    ("count of lost deals", 2),
    ("number of open deals for northwind", 1),
    ("how many won or lost deals does Ben have?", 3),
    ("how many medical companies", 2),
    ("how many deals do medical companies have", 6),
    ("how many companies have won deals?", 2),
    ("how many countries do we have customers in", 3),
    ("how many calls", 1),
    ("how many deals for Alpha Max did we win", 3),
    ("total won amount for Northwind", 4_000),
    ("how much did Ben win?", 20_250),
    ("sum of the amount of lost deals of Northwind", 0),
    ("total won amount in 1999", 0),
    ("total employees in retail", 5_040),
    ("average won deal amount", 6_062.5),
    ("avg employees of medical companies", 6_450),
    ("highest won amount in 2024", 3_000),
    ("what's our win rate", 66.67),
    ("win rate of Anna", 66.67),
    ("what share of deals are open", 25),
    ("what percentage of won deals are Alpha Max", 75),
    ("how many won deals over 2k", 2),
    ("how many deals between 400 and 3,000", 3),
    ("how many deals not for Northwind", 4),
]


def test_numbers_are_those_worked_out_by_hand(desk: Desk) -> None:
    found = {question: desk.value(question) for question, _ in NUMBERS}
    assert found == {question: pytest.approx(value) for question, value in NUMBERS}


def test_the_sentence_says_who_won_what(desk: Desk) -> None:
    assert desk.ask("how many deals did Anna win in 2024").text == "Anna won 2 deals in 2024."


def test_money_has_its_currency_as_unit_and_a_rate_percent(desk: Desk) -> None:
    assert desk.ask("total won amount for Northwind").figures[0].unit == "USD"
    assert desk.ask("what is our win rate").figures[0].unit == "%"


def test_the_link_opens_the_rows_that_were_counted(desk: Desk) -> None:
    found = desk.ask("how many deals did Anna win?")
    assert found.query is not None
    assert found.url == desk.crm.url(found.query)
    assert desk.crm.query(desk.principal, found.query).total == 2
    assert sorted(row["label"] for row in found.rows) == ["More pumps", "Pumps"]


def test_the_average_of_nothing_is_not_a_number(desk: Desk) -> None:
    found = desk.ask("average won deal amount in 1999")
    assert found.mode == "exact"
    assert found.figures[0].value is None


def test_a_yes_or_no_question_is_answered_with_the_number(desk: Desk) -> None:
    assert desk.ask("does Northwind have any open deals?").text.startswith("Yes: 1 open deal")
    assert desk.ask("do we have customers in Germany?").figures[0].value == 1
    assert desk.ask("did Ben lose any deals in 2025?").text.startswith("No:")


@pytest.mark.parametrize(
    "asked",
    ["deals by month of close date", "how many deals by close date month", "count of deals by month by close date"],
)
def test_the_date_whose_months_are_meant_can_be_named(desk: Desk, asked: str) -> None:
    assert desk.groups(asked) == desk.groups("number of deals by close date")
    assert desk.groups(asked)["November 2024"] == 2


def test_a_share_of_a_period_is_taken_of_that_period(desk: Desk) -> None:
    found = desk.ask("what share of deals did we lose in 2025")
    assert [figure.value for figure in found.figures[1:]] == [1, 4]  # one of the four that close in 2025


@pytest.fixture
def two_currencies(own_desk: Desk) -> Desk:
    """Anna has won in dollars and euros, Ben in dollars alone."""
    rows = [
        {"name": "Euro pumps", "amount": 1_000, "currency": "EUR", "stage": "won", "owner": own_desk.principal.user_id}
    ]
    operations = tuple(Operation(action="create", object="deals", values=row) for row in rows)
    own_desk.crm.apply(own_desk.principal, ChangeSet(operations=operations))
    return own_desk


def test_amounts_in_several_currencies_are_never_told_as_one(two_currencies: Desk) -> None:
    listed = {row["label"]: row["currency"] for row in two_currencies.ask("won deals of Anna").rows}
    assert listed == {"Euro pumps": "EUR", "More pumps": "USD", "Pumps": "USD"}
    groups = two_currencies.groups("won amount by owner")
    assert {"amount": 1_000, "currency": "EUR"} in groups["Anna"]
    sides = two_currencies.ask("Anna vs Ben won amount")
    assert sides.text == "Total amount of won deals: Anna €1,000 / $4,000 and Ben $20,250."
    assert [(one.label, one.unit) for one in sides.figures] == [("Anna", "EUR"), ("Anna", "USD"), ("Ben", "USD")]


def test_where_every_rate_is_known_amounts_are_compared_in_one_currency(two_currencies: Desk) -> None:
    with two_currencies.crm.database.write() as connection:
        rates.set_rate(connection, two_currencies.principal, "USD", "EUR", TODAY, "1.5")
    found = two_currencies.ask("won amount by owner")
    assert found.text.endswith("Converted to USD at 1 EUR = 1.5 USD.")
    assert {row["label"]: row["sum:amount"] for row in found.rows} == {"Anna": 5_500, "Ben": 20_250}
    assert found.url is not None
    assert "convert=USD" in found.url
    whole = two_currencies.ask("total won amount of Anna")
    assert "€1,000 and $4,000. Together $5,500." in whole.text


def test_what_holds_from_the_list_in_view_is_said(desk: Desk) -> None:
    view = desk.crm.view(f"/deals?owner={desk.principal.user_id}&stage=won")
    found = answer(desk.crm, desk.listener, desk.principal, "total amount of these", Context(view=view), on=TODAY)
    assert found.text == "Total amount of deals where owner is Anna and stage is Won: $4,000."


@pytest.fixture
def yen(two_currencies: Desk) -> Desk:
    """And a deal of 1,500,000 yen, which are 9,750 dollars."""
    values = {"name": "Osaka", "amount": 1_500_000, "currency": "JPY", "stage": "lead"}
    one = ChangeSet(operations=(Operation(action="create", object="deals", values=values),))
    two_currencies.crm.apply(two_currencies.principal, one)
    return two_currencies


def test_amounts_are_ranked_and_bounded_by_what_they_are_worth(yen: Desk) -> None:
    with yen.crm.database.write() as connection:
        rates.set_rate(connection, yen.principal, "USD", "EUR", TODAY, "1.5")
        rates.set_rate(connection, yen.principal, "USD", "JPY", TODAY, "0.0065")
    biggest = yen.ask("biggest deal")
    assert "Osaka" not in biggest.text.split(":")[0]
    assert biggest.text.endswith("Compared in USD at 1 EUR = 1.5 USD and 1 JPY = 0.0065 USD.")
    assert "Osaka" in yen.labels("deals over 9k")
    assert "Osaka" not in yen.labels("deals over 10k")
    assert "Euro pumps" in yen.labels("deals between 1,400 and 1,600")
    sides = yen.ask("Anna vs Ben won amount")
    assert sides.text.startswith("Total amount of won deals: Anna $5,500 and Ben $20,250. Ben is higher by $14,750.")


def test_without_a_rate_it_is_said_that_figures_are_compared(yen: Desk) -> None:
    text = "are compared by their figures: not every rate is known."
    assert yen.ask("biggest deal").text.endswith(text)
    assert yen.ask("deals over 9k").text.endswith(text)


def test_rates_are_compared_as_rates(desk: Desk) -> None:
    found = desk.ask("win rate Anna vs Ben")
    assert [one.unit for one in found.figures] == ["%", "%"]
    assert found.text.startswith("Win rate: Anna 66.67% and Ben ")
