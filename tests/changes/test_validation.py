"""What is refused, and that every bad field is named at once."""

import pytest

from app.crm import changes, customization
from app.shared.contract import SYSTEM, ChangeSet, Principal
from app.shared.db import Database
from app.shared.errors import Conflict, Invalid, NotFound
from tests.changes.helpers import act, apply, create, errors, row, tags_of, update


def test_every_bad_field_is_named_at_once(any_database: Database, admin: Principal) -> None:
    create(any_database, admin, "people", name="Ada", email="ada@example.com")
    bad = {"nam": "x", "email": "ADA@example.com", "phone": "call me", "company": 99, "created_at": "2024-01-01"}
    with pytest.raises(Invalid) as caught:
        create(any_database, admin, "people", **bad)
    assert errors(caught.value) == {
        "nam": "People have no field 'nam'. Did you mean 'name'?",
        "email": "There is already a person with this email.",
        "phone": "This can't be a phone number.",
        "company": "There is no company 99.",
        "created_at": "Created is kept by the program and can't be set.",
        "name": "Name is needed.",
    }


def test_errors_of_a_larger_set_carry_their_operation(database: Database, admin: Principal) -> None:
    good = {"action": "create", "object": "companies", "values": {"name": "Acme"}}
    bad = {"action": "create", "object": "companies", "values": {"name": "B", "employees": "many"}}
    with pytest.raises(Invalid) as caught:
        apply(database, admin, good, bad)
    assert [(error.field, error.extra) for error in caught.value.errors] == [("employees", {"operation": 1})]


def test_a_refused_set_writes_nothing(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme")
    with pytest.raises(Invalid):
        apply(
            any_database,
            admin,
            {"action": "update", "object": "companies", "id": acme.id, "values": {"name": "B", "tags": ["new"]}},
            {"action": "create", "object": "deals", "values": {"name": "D", "amount": "a lot"}},
        )
    assert row(any_database, acme)["name"] == "Acme"
    assert tags_of(any_database, acme) == []


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ({"action": "create", "object": "users", "values": {"name": "x"}}, "object"),
        ({"action": "create", "object": "nothing", "values": {}}, "object"),
        ({"action": "create", "object": "companies", "id": 1, "values": {"name": "x"}}, "id"),
        ({"action": "update", "object": "companies", "values": {"name": "x"}}, "id"),
        ({"action": "update", "object": "companies", "id": -1, "values": {"name": "x"}}, "id"),
        ({"action": "update", "object": "companies", "id": 2**70, "values": {"name": "x"}}, "id"),
        ({"action": "update", "object": "companies", "id": "$new", "values": {"name": "x"}}, "id"),
        ({"action": "trash", "object": "companies", "id": 1, "values": {"name": "x"}}, "values"),
        ({"action": "create", "object": "companies", "ref": "a b", "values": {"name": "x"}}, "ref"),
        ({"action": "create", "object": "companies", "version": 1, "values": {"name": "x"}}, "expect"),
    ],
)
def test_a_malformed_operation_is_named(
    database: Database, admin: Principal, operation: dict[str, object], field: str
) -> None:
    create(database, admin, "companies", name="Acme")
    with pytest.raises(Invalid) as caught:
        apply(database, admin, operation)
    assert field in errors(caught.value)


def test_a_set_needs_operations_and_has_a_bound(database: Database, admin: Principal) -> None:
    with pytest.raises(Invalid):
        apply(database, admin)
    many = ChangeSet.model_construct(title="", operations=[_Nothing] * 200_001)
    with pytest.raises(Invalid, match="at most 200,000 operations; this one has 200,001"):
        changes.apply(database, admin, many)


class _Nothing:
    action = "create"


def test_a_required_field_cannot_be_emptied(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    with pytest.raises(Invalid, match="Name is needed"):
        update(database, admin, acme, name=" ")


def test_a_missing_record_is_not_found(any_database: Database, admin: Principal) -> None:
    with pytest.raises(NotFound, match="no company 99"):
        apply(any_database, admin, {"action": "update", "object": "companies", "id": 99, "values": {"name": "x"}})


def test_money_has_no_more_digits_than_its_currency(any_database: Database, admin: Principal) -> None:
    for values in ({"amount": "1.005"}, {"amount": "1.5", "currency": "JPY"}, {"amount": 1e18}):
        with pytest.raises(Invalid):
            create(any_database, admin, "deals", name="D", **values)
    yen = create(any_database, admin, "deals", name="Y", amount=500, currency="jpy")
    dinar = create(any_database, admin, "deals", name="K", amount="1.005", currency="KWD")
    plain = create(any_database, admin, "deals", name="P", amount="10.10")
    found = [(row(any_database, ref)["amount"], row(any_database, ref)["currency"]) for ref in (yen, dinar, plain)]
    assert found == [(500, "JPY"), (1005, "KWD"), (1010, "USD")]


def test_another_currency_keeps_the_amount_in_major_units(database: Database, admin: Principal) -> None:
    deal = create(database, admin, "deals", name="D", amount=10)
    update(database, admin, deal, currency="JPY")
    assert (row(database, deal)["amount"], row(database, deal)["currency"]) == (10, "JPY")
    update(database, admin, deal, currency="USD", amount="10.50")
    with pytest.raises(Invalid, match="JPY amounts"):
        update(database, admin, deal, currency="JPY")


def test_the_workspaces_currency_is_used_where_none_is_named(database: Database, admin: Principal) -> None:
    with database.write() as connection:
        customization.set_setting(connection, "currency", "eur")
    deal = create(database, admin, "deals", name="D", amount=10)
    assert row(database, deal)["currency"] == "EUR"


def test_links_lead_to_living_records(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme")
    deal = create(any_database, admin, "deals", name="D", company=acme.id)
    act(any_database, admin, "trash", acme)
    with pytest.raises(Invalid, match="Acme is in the trash"):
        create(any_database, admin, "deals", name="E", company={"id": acme.id})
    update(any_database, admin, deal, company=acme.id, name="Still linked")
    assert row(any_database, deal)["company_id"] == acme.id


def test_a_record_cannot_link_to_itself(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    with pytest.raises(Invalid, match="itself"):
        update(database, admin, acme, parent=acme.id)


def test_an_email_is_unique_among_the_living(any_database: Database, admin: Principal) -> None:
    ada = create(any_database, admin, "people", name="Ada", email="ada@example.com")
    act(any_database, admin, "trash", ada)
    other = create(any_database, admin, "people", name="Other Ada", email="Ada@Example.com")
    with pytest.raises(Invalid) as caught:
        create(any_database, admin, "people", name="Third", email="ada@example.com")
    [error] = caught.value.errors
    assert error.extra == {"existing": other.id, "trashed": ada.id}
    assert f"person {ada.id}, is in the trash and can be restored" in error.message
    with pytest.raises(Invalid) as caught:
        act(any_database, admin, "restore", ada)
    assert caught.value.errors[0].extra == {"existing": other.id}


def test_one_set_cannot_take_a_unique_value_twice(any_database: Database, admin: Principal) -> None:
    twins = [{"action": "create", "object": "people", "values": {"name": n, "email": "a@example.com"}} for n in "ab"]
    with pytest.raises(Invalid) as caught:
        apply(any_database, admin, *twins)
    assert [error.extra for error in caught.value.errors] == [{"operation": 1}]


def test_a_unique_value_may_pass_from_one_record_to_another(any_database: Database, admin: Principal) -> None:
    a = create(any_database, admin, "people", name="A", email="a@example.com")
    b = create(any_database, admin, "people", name="B", email="b@example.com")
    swap = [
        {"action": "update", "object": "people", "id": a.id, "values": {"email": "b@example.com"}},
        {"action": "update", "object": "people", "id": b.id, "values": {"email": "a@example.com"}},
    ]
    apply(any_database, admin, *swap)
    assert [row(any_database, ref)["email_key"] for ref in (a, b)] == ["b@example.com", "a@example.com"]
    replace = [
        {"action": "trash", "object": "people", "id": a.id},
        {"action": "create", "object": "people", "values": {"name": "C", "email": "b@example.com"}},
    ]
    done = apply(any_database, admin, *replace)
    assert row(any_database, done.records[1])["email"] == "b@example.com"
    assert row(any_database, a)["email_key"] == "b@example.com"


def test_an_update_of_what_is_in_the_trash_says_so(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    act(database, admin, "trash", acme)
    with pytest.raises(Conflict, match="Restore it first"):
        update(database, admin, acme, name="B")


def test_tags_are_known_by_their_key_and_made_where_missing(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme", tags=["VIP", "b"])
    other = create(any_database, admin, "companies", name="Other", tags=["vip"])
    assert tags_of(any_database, acme) == ["b", "VIP"]
    assert tags_of(any_database, other) == ["VIP"]
    update(any_database, admin, acme, tags=["c"])
    assert tags_of(any_database, acme) == ["c"]


def test_the_system_may_write_too(database: Database) -> None:
    acme = create(database, SYSTEM, "companies", name="Acme")
    assert row(database, acme)["created_by_id"] is None


def test_an_amount_below_nothing_is_refused_and_one_that_stands_can_be_mended(
    database: Database, admin: Principal
) -> None:
    with pytest.raises(Invalid, match="Expected 0 or more"):
        create(database, admin, "deals", name="D", amount=-5)
    with pytest.raises(Invalid, match="Expected 0 or more"):
        create(database, admin, "companies", name="C", employees=-1)
    deal = create(database, admin, "deals", name="D", amount=0)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE deals SET amount = -500")
    mended = {"action": "update", "object": "deals", "id": deal.id, "values": {"amount": 5}, "expect": {"amount": -5}}
    apply(database, admin, mended)
    assert row(database, deal)["amount"] == 500
