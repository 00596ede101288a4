from datetime import date

from app.crm import rates
from app.crm.port import Crm
from app.shared.contract import SYSTEM, Principal
from tests.conftest import add_user
from tests.pages.site import Client, Maker

NEW = {"action": "add", "currency": "eur", "day": "2024-11-01", "rate": "1.08"}


def test_an_admin_adds_a_rate_and_deletes_it(client: Client, crm: Crm) -> None:
    assert "There are no rates yet" in client.get("/settings/currencies").text
    answer = client.post("/settings/currencies", data=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/currencies")
    page = client.get("/settings/currencies").text
    assert "EUR" in page
    assert "1.08" in page
    assert "In use" in page
    client.post("/settings/currencies", data={"action": "delete", "currency": "EUR", "day": "2024-11-01"})
    with crm.database.read() as connection:
        assert rates.listing(connection, "USD") == []


def test_what_is_no_rate_is_said_beside_its_field(client: Client) -> None:
    for change, words in (
        ({"currency": "USD"}, "own currency"),
        ({"currency": "Euros"}, "three letters"),
        ({"rate": "0"}, "above 0"),
        ({"rate": "much"}, "can&#39;t be read as a number"),
        ({"day": "soon"}, "A day is needed"),
    ):
        answer = client.post("/settings/currencies", data=NEW | change)
        assert answer.status_code == 422
        assert words in answer.text


def test_a_rate_of_the_same_day_is_replaced_and_a_later_one_waits(client: Client, crm: Crm) -> None:
    for day, rate in (("2024-11-01", "1.08"), ("2024-11-01", "1.10"), ("2999-01-01", "2")):
        client.post("/settings/currencies", data=NEW | {"day": day, "rate": rate})
    with crm.database.read() as connection:
        assert [(one.day, str(one.rate)) for one in rates.listing(connection, "USD")] == [
            (date(2999, 1, 1), "2"),
            (date(2024, 11, 1), "1.10"),
        ]
        assert str(rates.newest(connection, "USD")["EUR"].rate) == "1.10"
    assert "From that day on" in client.get("/settings/currencies").text


def test_only_admins_open_the_currencies(client: Client, crm: Crm) -> None:
    member: Principal = add_user(crm.database, "Ben", "member")
    client.principal = member
    assert client.get("/settings/currencies").status_code == 403


def test_a_converted_list_names_its_rates(client: Client, crm: Crm, make: Maker) -> None:
    make("deals", name="One", amount=100, currency="EUR")
    make("deals", name="Two", amount=50, currency="USD")
    with crm.database.write() as connection:
        rates.set_rate(connection, SYSTEM, "USD", "EUR", date(2026, 11, 1), "1.08")
    page = client.get("/deals?measure=sum:amount&convert=USD").text
    assert "$158" in page
    assert "EUR at 1.08 USD of Nov 1, 2026" in page
    assert "Converted to" not in client.get("/deals?measure=sum:amount").text
