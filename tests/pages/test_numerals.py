"""What is typed as a number is read by the user's locale, or refused; editors show numbers in the same form."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest

from app.crm import rates
from app.crm.pages import numerals
from app.crm.port import Crm
from app.shared.contract import Principal
from tests.pages import site
from tests.pages.site import Client, Maker

READ = [
    ("en_US", "31,500", "31500"), ("en_US", "31500.5", "31500.5"), ("en_US", "1,234,567.80", "1234567.80"),
    ("en_US", "$12k", "12000"), ("en_US", "1.5m", "1500000"), ("en_US", ".5", "0.5"), ("en_US", "-3", "-3"),
    ("de_DE", "31.500", "31500"), ("de_DE", "31500,5", "31500.5"), ("de_DE", "1.234.567,8", "1234567.8"),
    ("de_DE", "31,5", "31.5"), ("de_DE", "1,5k", "1500"), ("de_DE", "40 %", "40"), ("de_DE", "−7", "-7"),
    ("fr_FR", "31\u202f500,5", "31500.5"), ("fr_FR", "31 500", "31500"),
    ("de_CH", "31'500.5", "31500.5"), ("de_CH", "31’500", "31500"),
    ("en_IN", "1,00,000", "100000"), ("en_IN", "12,34,567.5", "1234567.5"),
]  # fmt: skip
REFUSED = [
    ("en_US", "1,5"), ("en_US", "31.500,00"), ("en_US", "1,23,456"), ("en_US", "12,345,6"), ("en_US", "1.2.3"),
    ("de_DE", "31.5"), ("de_DE", "31,500.00"), ("de_DE", "3.15.000"), ("de_DE", "1.2345"), ("de_DE", "1,2,3"),
    ("fr_FR", "1.5"), ("en_IN", "1,000,000"), ("en_US", "abc"), ("en_US", "12 apples"), ("en_US", "1e5"),
    ("en_US", ""), ("en_US", "."), ("en_US", "9" * 5000), ("en_US", "٣"), ("de_DE", "31.500."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "number"), READ)
def test_a_number_is_read_by_its_locale(name: str, text: str, number: str) -> None:
    assert numerals.read(text, name) == Decimal(number)


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_what_the_locale_does_not_write_so_is_refused(name: str, text: str) -> None:
    with pytest.raises(numerals.Unreadable, match="can't be read as a number"):
        numerals.read(text, name)


def test_the_refusal_shows_how_a_number_is_written_there() -> None:
    with pytest.raises(numerals.Unreadable, match=r"Write it as 31\.500,5\."):
        numerals.read("31.5", "de_DE")


@pytest.mark.parametrize("name", ["en_US", "de_DE", "fr_FR", "de_CH", "en_IN", "sv_SE", "ar_EG", "fa_IR", "pt_PT"])
@pytest.mark.parametrize("value", [0, 31500, 31500.5, -7.25, "1.0800", 10**15 - 1, 0.000001])
def test_what_an_editor_shows_is_read_back_as_it_was(name: str, value: Any) -> None:
    assert numerals.read(numerals.write(value, name), name) == Decimal(str(value))


@pytest.fixture
def german(client: Client, admin: Principal) -> Client:
    return client.as_user(replace(admin, locale="de_DE"))


@pytest.fixture
def deal(make: Maker) -> str:
    return f"/deals/{make('deals', name='Pumps', amount=31000.5)}"


def _amount(client: Client, url: str) -> Any:
    return client.get(f"/api/v1{url}").json()["amount"]


def test_the_form_shows_and_reads_amounts_as_the_locale_writes_them(german: Client, deal: str) -> None:
    page = german.get(f"{deal}/edit").text
    assert dict(site.inputs(page))["amount"] == "31000,5"
    german.post(f"{deal}/edit", data=site.with_values(site.inputs(page), amount="31.500"))
    assert _amount(german, deal) == 31_500


def test_an_untouched_amount_is_no_change(german: Client, deal: str) -> None:
    page = german.get(f"{deal}/edit").text
    german.post(f"{deal}/edit", data=site.with_values(site.inputs(page), name="Pumps 2"))
    assert german.get(f"/api/v1{deal}").json()["version"] == 2
    assert _amount(german, deal) == 31_000.5


def test_an_amount_of_another_locale_is_refused_in_its_place(german: Client, deal: str) -> None:
    page = german.get(f"{deal}/edit").text
    answer = german.post(f"{deal}/edit", data=site.with_values(site.inputs(page), amount="31.50"))
    assert answer.status_code == 422
    assert "Write it as 31.500,5" in site.text(answer.text)
    assert dict(site.inputs(answer.text))["amount"] == "31.50"
    assert _amount(german, deal) == 31_000.5


def test_the_inline_editor_speaks_the_same_form(german: Client, deal: str) -> None:
    page = german.get(f"{deal}/field/amount", headers={"X-Fragment": "1"}).text
    fields = dict(site.inputs(page, '<form class="editor'))
    assert fields["amount"] == "31000,5"
    assert 'data-point=","' in page
    refused = german.post(f"{deal}/field/amount", data=fields | {"amount": "31.5"}, headers={"X-Fragment": "1"})
    assert refused.status_code == 422
    taken = german.post(f"{deal}/field/amount", data=fields | {"amount": "31.500"}, headers={"X-Fragment": "1"})
    assert taken.status_code == 200
    assert _amount(german, deal) == 31_500


def test_quick_create_and_related_lists_read_by_the_locale(german: Client, make: Maker) -> None:
    page = german.get("/create?object=deals", headers={"X-Fragment": "1"}).text
    data = site.with_values(site.inputs(page, '<form class="form create-form"'), name="Quick", amount="2.500")
    assert german.post("/create/deals", data=data).status_code == 303
    assert german.get("/api/v1/deals?name=Quick").json()["items"][0]["amount"] == 2500
    company = make("companies", name="Acme")
    answer = german.post(f"/companies/{company}/related/deals", data={"name": "Related", "amount": "2.5"})
    assert answer.status_code == 422


def test_a_bulk_change_reads_by_the_locale(german: Client, deal: str) -> None:
    chosen = {"_action": "edit", "_ids": deal.rpartition("/")[2], "_f": "amount", "_step": "preview"}
    assert "Write it as 31.500,5" in site.text(german.post("/deals/bulk", data=chosen | {"amount": "2.5"}).text)
    preview = german.post("/deals/bulk", data=chosen | {"amount": "2.500"})
    german.post(
        "/deals/bulk", data=site.with_values(site.inputs(preview.text, '<form class="bulk-form"'), _step="apply")
    )
    assert _amount(german, deal) == 2500


@pytest.mark.parametrize(("typed", "values"), [("31.000,5", "31000.5"), ("31.000", "31000")])
def test_filters_are_typed_as_the_locale_writes_and_kept_in_plain_digits(
    german: Client, deal: str, typed: str, values: str
) -> None:
    form = urlencode({"_field": "amount", "_op": "gte", "_value": typed, "_apply": "1"})
    answer = german.get(f"/deals/filter?{form}")
    assert site.params(answer.headers["location"]) == {"amount__gte": values}
    again = german.get(f"/deals/filter?amount__gte={values}&_edit=0").text
    assert numerals.read(dict(site.inputs(again, '<form class="filter-form"'))["_value"], "de_DE") == Decimal(values)
    whole = german.get(f"/deals/filter/all?amount__gte={values}").text
    data = [*site.inputs(whole, '<form class="builder"'), ("_apply", "1")]
    assert site.params(german.get(f"/deals/filter/all?{urlencode(data)}").headers["location"]) == {
        "amount__gte": values
    }


def test_a_filter_of_another_locale_is_refused(german: Client, deal: str) -> None:
    form = {"_field": "amount", "_op": "gte", "_value": "31.5", "_apply": "1"}
    one = german.get(f"/deals/filter?{urlencode(form)}")
    assert one.status_code == 200
    assert "Write it as 31.500,5" in site.text(one.text)
    whole = {"w.kind": "group", "w.lone": "1", "w.0.kind": "condition", "w.0.field": "amount", "w.0.op": "gte",
             "w.0.value": "31.5", "_apply": "1"}  # fmt: skip
    assert "Write it as 31.500,5" in site.text(german.get(f"/deals/filter/all?{urlencode(whole)}").text)


def test_rates_are_typed_and_shown_in_the_locale(german: Client, crm: Crm) -> None:
    new = {"action": "add", "currency": "EUR", "day": "2024-11-01", "rate": "1,1"}
    assert german.post("/settings/currencies", data=new).status_code == 303
    with crm.database.read() as connection:
        assert str(rates.newest(connection, "USD")["EUR"].rate) == "1.1"
    assert "1,1" in site.text(german.get("/settings/currencies").text)
    assert german.post("/settings/currencies", data=new | {"rate": "1.1"}).status_code == 422
