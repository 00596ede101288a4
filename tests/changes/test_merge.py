"""Merge: twins become one record, whatever links to them, and an undo takes all of it back."""

from dataclasses import replace
from typing import Any

import pytest

from app.crm import changes, customization
from app.shared.contract import Principal, Ref, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import Conflict, Forbidden, Invalid, NotFound
from tests.changes.helpers import act, apply, change_set, counted, create, errors, history, row, tags_of, update
from tests.changes.test_links import joined, link
from tests.changes.test_undo import snapshot


def merge(database: Database, principal: Principal, ref: Ref, *twins: Ref | int, **values: Any) -> StoredChangeSet:
    return apply(database, principal, _operation(ref, *twins, **values))


def _operation(ref: Ref, *twins: Ref | int, **values: Any) -> dict[str, Any]:
    ids = [twin.id if isinstance(twin, Ref) else twin for twin in twins]
    return {"action": "merge", "object": ref.object, "id": ref.id, "twins": ids, "values": values}


def test_empty_fields_are_filled_from_the_twins_in_their_order(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme", tags=["VIP"])
    first = create(any_database, admin, "companies", name="ACME Inc", city="Ulm", tags=["vip", "b"], employees=5)
    second = create(any_database, admin, "companies", name="Acme GmbH", city="Bonn", industry="Retail", tags=["a"])
    before = snapshot(any_database)
    done = merge(any_database, admin, acme, first, second, industry="Medical")
    found = row(any_database, acme)
    assert (found["name"], found["city"], found["industry"], found["employees"]) == ("Acme", "Ulm", "Medical", 5)
    assert tags_of(any_database, acme) == ["a", "b", "VIP"]
    assert [row(any_database, twin)["trashed_at"] is None for twin in (first, second)] == [False, False]
    assert {ref.label for ref in done.records} == {"Acme", "ACME Inc", "Acme GmbH"}
    after = snapshot(any_database)
    undone = changes.undo(any_database, admin, done.id)
    assert snapshot(any_database) == before
    changes.undo(any_database, admin, undone.id)
    assert snapshot(any_database) == after


def test_everything_that_links_to_a_twin_is_moved(any_database: Database, admin: Principal) -> None:
    with any_database.write() as connection:
        customization.create_field(connection, "deals", "Partner", "link", target="companies")
    acme = create(any_database, admin, "companies", name="Acme")
    twin = create(any_database, admin, "companies", name="Twin")
    values = {"company": twin.id}
    linking = [
        create(any_database, admin, "deals", name="D", partner=twin.id, **values),
        create(any_database, admin, "people", name="P", **values),
        create(any_database, admin, "tasks", name="T", **values),
        create(any_database, admin, "notes", body="N", **values),
        create(any_database, admin, "activities", kind="call", date="2025-01-01", **values),
        create(any_database, admin, "companies", name="Child", parent=twin.id),
        create(any_database, admin, "deals", name="In the trash", **values),
    ]
    act(any_database, admin, "trash", linking[-1])
    before = snapshot(any_database)
    done = merge(any_database, admin, acme, twin)
    for ref in linking:
        found = row(any_database, ref)
        assert found.get("parent_id" if ref.object == "companies" else "company_id") == acme.id, ref
    assert list(row(any_database, linking[0])["custom"].values()) == [acme.id]
    moved = history(any_database, admin, linking[1])[0]
    assert (moved.before["company"]["label"], moved.after["company"]["label"]) == ("Twin", "Acme")
    changes.undo(any_database, admin, done.id)
    assert snapshot(any_database) == before


def test_a_unique_value_goes_to_the_survivor(any_database: Database, admin: Principal) -> None:
    ada = create(any_database, admin, "people", name="Ada")
    twin = create(any_database, admin, "people", name="A. Bell", email="ada@example.com")
    other = create(any_database, admin, "people", name="Ada B", email="bell@example.com")
    before = snapshot(any_database)
    done = merge(any_database, admin, ada, twin, other)
    assert row(any_database, ada)["email"] == "ada@example.com"
    changes.undo(any_database, admin, done.id)
    assert snapshot(any_database) == before
    merge(any_database, admin, ada, twin, other, email="bell@example.com")
    assert row(any_database, ada)["email"] == "bell@example.com"


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ({"S": None, "T": "X"}, "X"),  # filled
        ({"S": "T"}, None),  # the survivor was the twin's child
        ({"S": "T", "T": "X"}, "X"),  # and stands in its place now
        ({"T": "S"}, None),  # the twin was the survivor's child
        ({"S": "C", "C": "T", "T": "X"}, "X"),  # in between: it stays below
        ({"S": "C", "C": "T"}, None),
        ({"S": "C", "C": "X", "T": "X"}, "C"),
        ({"S": None, "T": "C", "C": "S"}, None),  # the twin's own parent stands below the survivor
        ({"S": "C", "C": "S"}, "C"),  # a round that was there before is not the merge's to mend
    ],
)
def test_parents_are_merged_without_a_round(
    database: Database, admin: Principal, links: dict[str, str | None], expected: str | None
) -> None:
    refs = {name: create(database, admin, "companies", name=name) for name in "STCX"}
    for name, parent in links.items():
        update(database, admin, refs[name], parent=refs[parent].id if parent else None)
    before = snapshot(database)
    done = merge(database, admin, refs["S"], refs["T"])
    assert row(database, refs["S"])["parent_id"] == (refs[expected].id if expected else None)
    if links.get("C") == "T":
        assert row(database, refs["C"])["parent_id"] == refs["S"].id
    changes.undo(database, admin, done.id)
    assert snapshot(database) == before


def test_a_chain_of_tasks_leads_past_the_twin(database: Database, admin: Principal) -> None:
    one, two, three = (create(database, admin, "tasks", name=name) for name in ("One", "Two", "Three"))
    update(database, admin, two, after=one.id)
    update(database, admin, three, after=two.id)
    merge(database, admin, one, two)
    assert row(database, three)["after_id"] == one.id
    assert row(database, one)["after_id"] is None


def test_contacts_are_moved_and_stand_there_once(any_database: Database, admin: Principal) -> None:
    anna = create(any_database, admin, "people", name="Anna Reed")
    twin = create(any_database, admin, "people", name="A. Reed")
    deal = create(any_database, admin, "deals", name="D")
    link(any_database, admin, deal, "contacts", anna, role="champion")
    link(any_database, admin, deal, "contacts", twin, role="champion", note="Since May")
    link(any_database, admin, deal, "contacts", twin, role="user")
    before = snapshot(any_database), joined(any_database)
    done = merge(any_database, admin, anna, twin)
    assert joined(any_database) == [
        (deal.id, anna.id, "champion", "Since May"),
        (deal.id, anna.id, "user", None),
    ]
    undone = changes.undo(any_database, admin, done.id)
    assert (snapshot(any_database), joined(any_database)) == before
    changes.undo(any_database, admin, undone.id)
    assert len(joined(any_database)) == 2
    other = create(any_database, admin, "deals", name="E")
    link(any_database, admin, other, "contacts", anna, role="user")
    link(any_database, admin, other, "team", admin.user_id)
    merge(any_database, admin, deal, other)
    assert [line[:3] for line in joined(any_database)] == [(deal.id, anna.id, "champion"), (deal.id, anna.id, "user")]
    assert [line[:2] for line in joined(any_database, "deal_team")] == [(deal.id, admin.user_id)]


def test_amounts_come_in_their_own_currency_or_not_at_all(database: Database, admin: Principal) -> None:
    with database.write() as connection:
        customization.create_field(connection, "companies", "Budget", "money")
    empty = create(database, admin, "companies", name="Empty")
    euros = create(database, admin, "companies", name="Euros", annual_revenue="12.50", currency="EUR")
    yen = create(database, admin, "companies", name="Yen", budget=7, currency="JPY")
    merge(database, admin, empty, euros, yen)
    found = row(database, empty)
    assert (found["annual_revenue"], found["currency"], found["custom"]) == (1250, "EUR", {})
    dollars = create(database, admin, "companies", name="Dollars", annual_revenue=1)
    more = create(database, admin, "companies", name="More", budget=2, currency="USD")
    merge(database, admin, dollars, more)
    assert list(row(database, dollars)["custom"].values()) == [200]


def test_what_cannot_be_merged_is_refused(any_database: Database, admin: Principal, member: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme")
    twin = create(any_database, admin, "companies", name="Twin")
    for twins in ((acme,), (twin, twin), ()):
        with pytest.raises(Invalid) as caught:
            merge(any_database, admin, acme, *twins)
        assert set(errors(caught.value)) == {"twins"}
    with pytest.raises(NotFound):
        merge(any_database, admin, acme, 999)
    with pytest.raises(Forbidden):
        merge(any_database, replace(member, role="viewer"), acme, twin)
    with pytest.raises(Invalid) as caught:
        merge(any_database, admin, acme, twin, name="", colour="red")
    assert set(errors(caught.value)) == {"colour"} or set(errors(caught.value)) == {"name", "colour"}
    act(any_database, admin, "trash", twin)
    with pytest.raises(Conflict, match="Twin is in the trash"):
        merge(any_database, admin, acme, twin)
    act(any_database, admin, "restore", twin)
    with any_database.write() as connection:
        customization.set_setting(connection, "visibility.companies", "owner")
    mine = create(any_database, member, "companies", name="Mine")
    with pytest.raises(NotFound):
        merge(any_database, member, mine, twin)
    with pytest.raises(Invalid, match="can't be merged"):
        apply(any_database, admin, {"action": "merge", "object": "deal_contacts", "id": 1, "twins": [2]})


def test_what_the_merging_user_cannot_see_is_moved_too_and_not_shown(
    any_database: Database, admin: Principal, member: Principal
) -> None:
    acme = create(any_database, member, "companies", name="Acme")
    twin = create(any_database, member, "companies", name="Twin")
    secret = create(any_database, admin, "notes", name="Secret", body="Between us", private=True, company=twin.id)
    hidden = create(any_database, admin, "deals", name="Hidden deal", company=twin.id)
    ada, bell = (create(any_database, member, "people", name=name) for name in ("Ada", "Bell"))
    link(any_database, admin, hidden, "contacts", ada, role="user")
    link(any_database, admin, hidden, "contacts", bell, role="user")
    with any_database.write() as connection:
        customization.set_setting(connection, "visibility.deals", "owner")
    before = snapshot(any_database), joined(any_database)
    done = merge(any_database, member, acme, twin)
    people = merge(any_database, member, ada, bell)
    assert {ref.label for ref in (*done.records, *people.records)} == {"Acme", "Twin", "Ada", "Bell"}
    assert {ref.label for ref in changes.get(any_database, member, done.id).records} == {"Twin"}
    assert row(any_database, secret)["company_id"] == row(any_database, hidden)["company_id"] == acme.id
    assert len(joined(any_database)) == 1
    after = snapshot(any_database), joined(any_database)
    undone = [changes.undo(any_database, member, one.id) for one in (people, done)]
    assert (snapshot(any_database), joined(any_database)) == before
    for one in reversed(undone):
        changes.undo(any_database, member, one.id)
    assert (snapshot(any_database), joined(any_database)) == after
    update(any_database, admin, hidden, company=None)
    with pytest.raises(Conflict) as caught:
        changes.undo(any_database, member, done.id)
    assert "Hidden" not in caught.value.detail
    assert [(e.message, (e.extra or {}).get("id")) for e in caught.value.errors] == [
        ("A deal that you can't see has been changed since.", 0)
    ]


def test_an_undo_takes_back_nothing_unseen_that_no_merge_did(
    any_database: Database, admin: Principal, member: Principal
) -> None:
    acme = create(any_database, admin, "companies", name="Acme")
    hidden = create(any_database, admin, "deals", name="Hidden deal")
    done = apply(
        any_database,
        admin,
        {"action": "update", "object": "companies", "id": acme.id, "values": {"city": "Ulm"}},
        {"action": "update", "object": "deals", "id": hidden.id, "values": {"company": acme.id}},
    )
    with any_database.write() as connection:
        customization.set_setting(connection, "visibility.deals", "owner")
    with pytest.raises(Forbidden):
        changes.undo(any_database, member, done.id)


def test_a_merge_can_be_proposed_and_follows_what_its_set_did_before(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    twin = create(database, admin, "companies", name="Twin", city="Ulm")
    steps = change_set(
        {"action": "update", "object": "companies", "id": acme.id, "values": {"city": "Bonn"}},
        {"action": "create", "object": "deals", "ref": "d", "values": {"name": "New", "company": twin.id}},
        _operation(acme, twin),
    )
    asked = changes.propose(database, admin, steps)
    assert asked.operations[2].twins == (twin.id,)
    done = changes.apply(database, admin, asked.id)
    assert row(database, acme)["city"] == "Bonn"
    deal = next(ref for ref in done.records if ref.object == "deals")
    assert row(database, deal)["company_id"] == acme.id


def test_the_number_of_statements_does_not_grow_with_what_links_to_a_twin(
    any_database: Database, admin: Principal
) -> None:
    def statements(count: int) -> int:
        acme = create(any_database, admin, "companies", name="Acme")
        twin = create(any_database, admin, "companies", name="Twin")
        values = {"name": "P", "company": twin.id}
        apply(any_database, admin, *({"action": "create", "object": "people", "values": values} for _ in range(count)))
        with counted(any_database) as seen:
            done = merge(any_database, admin, acme, twin)
        assert len(done.records) == count + 2
        return len(seen)

    assert statements(2) == statements(1_000)
