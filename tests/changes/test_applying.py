"""Applying: old values are checked, references resolved, and a set costs a fixed number of statements."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.crm import changes, customization, query
from app.shared.contract import Money, Principal
from app.shared.db import Database
from app.shared.errors import Conflict, Invalid
from tests.changes.helpers import apply, change_set, counted, create, document, errors, history, row, tags_of, update


def test_what_is_written_can_be_read_through_the_other_door(any_database: Database, admin: Principal) -> None:
    acme = create(
        any_database, admin, "companies", name="Acme", employees=12, annual_revenue="1.5", website="acme.test"
    )
    deal = create(any_database, admin, "deals", name="D", company=acme.id, amount=99.95, stage="won", tags=["b", "A"])
    with any_database.read() as connection:
        found = query.fetch(connection, admin, "deals", [deal.id])[deal.id].values
        company = query.fetch(connection, admin, "companies", [acme.id])[acme.id].values
    assert (found["company"].id, found["company"].label) == (acme.id, "Acme")
    assert found["amount"] == Money(9995, "USD")
    assert found["stage"] == "won"
    assert sorted(found["tags"]) == ["A", "b"]
    assert (company["employees"], company["website"]) == (12, "https://acme.test")
    assert company["annual_revenue"].major == Decimal("1.5")


def test_a_stale_version_shows_both_values(any_database: Database, admin: Principal, member: Principal) -> None:
    deal = create(any_database, admin, "deals", name="D", amount=10)
    update(any_database, member, deal, amount=20)
    stale = {"action": "update", "object": "deals", "id": deal.id, "values": {"amount": 30}, "version": 1}
    with pytest.raises(Conflict) as caught:
        apply(any_database, admin, stale)
    amount, version = caught.value.errors
    assert (amount.field, amount.extra["yours"], amount.extra["theirs"]) == ("amount", 30, 20)
    assert (amount.extra["operation"], amount.extra["label"], amount.extra["record"]) == (0, "Amount", "D")
    assert (version.field, version.extra["yours"], version.extra["theirs"]) == ("version", 1, 2)
    assert row(any_database, deal)["amount"] == 2000


def test_a_current_version_passes_and_counts_on(any_database: Database, admin: Principal) -> None:
    deal = create(any_database, admin, "deals", name="D")
    apply(
        any_database,
        admin,
        {"action": "update", "object": "deals", "id": deal.id, "values": {"name": "E"}, "version": 1},
    )
    assert row(any_database, deal)["version"] == 2


@pytest.mark.parametrize(
    ("expect", "conflicts"),
    [
        ({"amount": 10}, set()),
        ({"amount": "10.00"}, set()),
        ({"amount": 11}, {"amount"}),
        ({"amount": None}, {"amount"}),
        ({"stage": "Lead"}, set()),
        ({"stage": "won"}, {"stage"}),
        ({"company": {"id": 1}}, set()),
        ({"company": None}, {"company"}),
        ({"close_date": None}, set()),
        ({"close_date": "2024-01-01"}, {"close_date"}),
        ({"tags": ["vip"]}, set()),
        ({"tags": []}, {"tags"}),
        ({"name": "D", "amount": 12, "stage": "lost"}, {"amount", "stage"}),
        ({"amount": "nonsense"}, {"amount"}),
    ],
)
def test_what_a_change_expects_is_compared(
    database: Database, admin: Principal, expect: dict[str, object], conflicts: set[str]
) -> None:
    acme = create(database, admin, "companies", name="Acme")
    deal = create(database, admin, "deals", name="D", amount=10, company=acme.id, tags=["VIP"])
    operation = {"action": "update", "object": "deals", "id": deal.id, "values": {"name": "E"}, "expect": expect}
    if not conflicts:
        apply(database, admin, operation)
        return
    with pytest.raises(Conflict) as caught:
        apply(database, admin, operation)
    assert set(errors(caught.value)) == conflicts


def test_a_stale_version_passes_where_what_it_expects_still_holds(database: Database, admin: Principal) -> None:
    deal = create(database, admin, "deals", name="D", amount=10)
    update(database, admin, deal, amount=20)
    mine = {"action": "update", "object": "deals", "id": deal.id, "values": {"name": "E"}}
    apply(database, admin, mine | {"version": 1, "expect": {"name": "D"}})
    assert (row(database, deal)["name"], row(database, deal)["amount"]) == ("E", 2000)


def test_later_operations_link_to_what_earlier_ones_create(any_database: Database, admin: Principal) -> None:
    done = apply(
        any_database,
        admin,
        {"action": "create", "object": "companies", "ref": "acme", "values": {"name": "Acme"}},
        {"action": "create", "object": "companies", "ref": "child", "values": {"name": "Child", "parent": "$acme"}},
        {"action": "create", "object": "deals", "values": {"name": "D", "company": "$child"}},
        {"action": "update", "object": "companies", "id": "$acme", "values": {"city": "Berlin", "parent": "$child"}},
    )
    acme, child, deal = done.records
    assert row(any_database, acme)["city"] == "Berlin"
    assert row(any_database, acme)["parent_id"] == child.id
    assert row(any_database, child)["parent_id"] == acme.id
    assert row(any_database, deal)["company_id"] == child.id
    assert row(any_database, acme)["version"] == 1


def test_a_reference_must_be_made_before_and_be_of_the_right_kind(database: Database, admin: Principal) -> None:
    for company in ("$nobody", "$person"):
        with pytest.raises(Invalid, match="isn't created by an earlier operation"):
            apply(
                database,
                admin,
                {"action": "create", "object": "people", "ref": "person", "values": {"name": "P"}},
                {"action": "create", "object": "deals", "values": {"name": "D", "company": company}},
            )


def test_what_changes_nothing_writes_no_line(database: Database, admin: Principal) -> None:
    deal = create(database, admin, "deals", name="D", amount=10)
    done = update(database, admin, deal, name="D", amount="10.00")
    assert [ref.id for ref in done.records] == [deal.id]
    assert row(database, deal)["version"] == 1
    assert [line.action for line in history(database, admin, deal)] == ["create"]


def test_a_single_update_is_one_commit_and_few_statements(any_database: Database, admin: Principal) -> None:
    deal = create(any_database, admin, "deals", name="D", amount=10)
    update(any_database, admin, deal, amount=11)
    with counted(any_database) as seen:
        update(any_database, admin, deal, amount=12)
    assert len([one for one in seen if one.startswith("UPDATE deals")]) == 1
    assert len([one for one in seen if one.startswith("INSERT INTO changes")]) == 1
    assert len([one for one in seen if not one.startswith("BEGIN")]) <= 11


def test_the_number_of_statements_does_not_grow_with_the_set(database: Database, admin: Principal) -> None:
    def statements(count: int) -> int:
        operations = [
            {"action": "create", "object": "companies", "ref": f"c{i}", "values": {"name": f"C{i}"}}
            for i in range(count)
        ]
        operations += [
            {"action": "create", "object": "deals", "values": {"name": f"D{i}", "company": f"$c{i}", "tags": [f"t{i}"]}}
            for i in range(count)
        ]
        with counted(database) as seen:
            apply(database, admin, *operations)
        return len(seen)

    statements(1)  # reads the catalog
    assert statements(3) == statements(300)


def test_the_searchable_text_is_written_with_the_record(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme", industry="Medical", city="Ulm", phone="415 555 2671")
    note = create(any_database, admin, "notes", name="Call", body="They want\na discount")
    assert document(any_database, acme) == ("Acme", "Medical\nUlm", "")
    assert document(any_database, note) == ("Call", "", "They want\na discount")
    update(any_database, admin, acme, industry="Retail")
    assert document(any_database, acme) == ("Acme", "Retail\nUlm", "")


def test_custom_values_are_kept_typed_and_found(any_database: Database, admin: Principal) -> None:
    with any_database.write() as connection:
        for label, type, rest in (
            ("Account ID", "key", {"unique": True}),
            ("Score", "number", {}),
            ("Signed", "date", {}),
            ("Seen", "datetime", {}),
            ("Level", "select", {"options": ["Gold", "Silver"]}),
            ("Regions", "multi_select", {"options": ["North", "South"]}),
            ("Budget", "money", {}),
            ("Partner", "link", {"target": "companies"}),
            ("Active", "boolean", {}),
        ):
            customization.create_field(connection, "companies", label, type, **rest)
    friend = create(any_database, admin, "companies", name="Friend")
    values = {
        "account_id": "A-1",
        "score": 1.5,
        "signed": "2024-05-31",
        "seen": "2024-05-31T12:00:00Z",
        "level": "gold",
        "regions": ["South", "north"],
        "budget": "12.50",
        "partner": friend.id,
        "active": False,
    }
    acme = create(any_database, admin, "companies", name="Acme", **values)
    with any_database.read() as connection:
        found = query.fetch(connection, admin, "companies", [acme.id])[acme.id].values
    assert found["account_id"] == "A-1"
    assert found["score"] == 1.5
    assert found["signed"].isoformat() == "2024-05-31"
    assert found["seen"] == datetime(2024, 5, 31, 12, tzinfo=UTC)
    assert (found["level"], found["regions"]) == ("gold", ("north", "south"))
    assert found["budget"] == Money(1250, "USD")
    assert (found["partner"].label, found["active"]) == ("Friend", False)
    assert document(any_database, acme) == ("Acme", "A-1\nGold\nNorth\nSouth", "")
    with pytest.raises(Invalid, match="already a company with this account id"):
        create(any_database, admin, "companies", name="Twin", account_id="a-1")
    update(any_database, admin, acme, score=None, level="Silver")
    assert document(any_database, acme) == ("Acme", "A-1\nSilver\nNorth\nSouth", "")


def test_checking_a_set_raises_what_applying_would_and_writes_nothing(database: Database, admin: Principal) -> None:
    bad = change_set({"action": "create", "object": "companies", "values": {}})
    good = change_set({"action": "create", "object": "companies", "values": {"name": "Acme", "tags": ["x"]}})
    with database.read() as connection:
        with pytest.raises(Invalid):
            changes.check(connection, admin, bad)
        assert [ref.label for ref in changes.check(connection, admin, good)] == ["Acme"]
        assert changes.journal_end(connection) == 0


def test_a_set_within_a_larger_transaction_is_rolled_back_with_it(any_database: Database, admin: Principal) -> None:
    good = change_set({"action": "create", "object": "companies", "values": {"name": "Acme"}})

    def fail_afterwards() -> None:
        with any_database.write() as connection:
            changes.apply_within(connection, admin, good)
            raise RuntimeError("afterwards")

    with pytest.raises(RuntimeError, match="afterwards"):
        fail_afterwards()
    acme = create(any_database, admin, "companies", name="Acme", tags=["one"])
    assert tags_of(any_database, acme) == ["one"]
    with any_database.read() as connection:
        assert len(changes.journal(connection, 0)) == 1


def test_subscribers_hear_of_a_set_after_its_commit_and_cannot_break_it(database: Database, admin: Principal) -> None:
    heard: list[tuple[int, int]] = []

    def fail(_id: int) -> None:
        raise RuntimeError("a subscriber's own trouble")

    def listen(id: int) -> None:
        with database.read() as connection:
            heard.append((id, changes.journal_end(connection)))

    stops = [changes.subscribe(fail), changes.subscribe(listen)]
    try:
        done = apply(database, admin, {"action": "create", "object": "companies", "values": {"name": "Acme"}})
        changes.undo(database, admin, done.id)
    finally:
        for stop in stops:
            stop()
    create(database, admin, "companies", name="Unheard")
    assert heard == [(1, 1), (2, 2)]
