"""Linking and unlinking, over links, their ways back and joins."""

from typing import Any

import pytest
from sqlalchemy import select

from app.crm import changes, customization, query
from app.crm.schema import TABLES
from app.shared.contract import Principal, Ref, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import Conflict, Invalid, NotFound
from tests.changes.helpers import act, apply, create, errors, history, row


def link(database: Database, principal: Principal, ref: Ref, relation: str, to: Any, **rest: Any) -> StoredChangeSet:
    return apply(database, principal, _operation("link", ref, relation, to, **rest))


def unlink(database: Database, principal: Principal, ref: Ref, relation: str, to: Any, **rest: Any) -> StoredChangeSet:
    return apply(database, principal, _operation("unlink", ref, relation, to, **rest))


def _operation(action: str, ref: Ref, relation: str, to: Any, **values: Any) -> dict[str, Any]:
    to = to.id if isinstance(to, Ref) else to
    return {"action": action, "object": ref.object, "id": ref.id, "relation": relation, "to": to, "values": values}


def joined(database: Database, name: str = "deal_contacts", *, trashed: bool = False) -> list[tuple[Any, ...]]:
    """(deal, other end, role, note) of every living record of a join, or of those in the trash."""
    table = TABLES[name]
    other = table.c.person_id if name == "deal_contacts" else table.c.user_id
    lives = table.c.trashed_at.is_not(None) if trashed else table.c.trashed_at.is_(None)
    statement = select(table.c.deal_id, other, table.c.role, table.c.note).where(lives).order_by(table.c.id)
    with database.read() as connection:
        return [tuple(found) for found in connection.execute(statement)]


@pytest.fixture
def deal(any_database: Database, admin: Principal) -> Ref:
    return create(any_database, admin, "deals", name="Big deal")


@pytest.fixture
def anna(any_database: Database, admin: Principal) -> Ref:
    return create(any_database, admin, "people", name="Anna Reed", title="CFO")


def test_a_link_over_a_field_sets_it_and_an_unlink_clears_it(
    any_database: Database, admin: Principal, deal: Ref
) -> None:
    acme = create(any_database, admin, "companies", name="Acme")
    done = link(any_database, admin, deal, "company", acme)
    assert row(any_database, deal)["company_id"] == acme.id
    assert history(any_database, admin, deal)[0].after == {"company": {"id": acme.id, "label": "Acme"}}
    unlink(any_database, admin, deal, "company", acme)
    assert row(any_database, deal)["company_id"] is None
    with pytest.raises(Conflict) as caught:  # it isn't linked any more
        unlink(any_database, admin, deal, "company", acme)
    assert errors(caught.value) == {"company": "Company of Big deal has changed meanwhile."}
    unlink(any_database, admin, deal, "company", None)
    assert done.records[0] == deal


def test_a_link_over_a_way_back_sets_the_other_records_link(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme")
    child = create(any_database, admin, "companies", name="Child")
    ada = create(any_database, admin, "people", name="Ada")
    link(any_database, admin, acme, "people", ada)
    link(any_database, admin, acme, "subsidiaries", child)
    assert row(any_database, ada)["company_id"] == acme.id
    assert row(any_database, child)["parent_id"] == acme.id
    unlink(any_database, admin, acme, "people", ada)
    assert row(any_database, ada)["company_id"] is None
    with pytest.raises(Conflict):
        unlink(any_database, admin, child, "people", ada)


def test_a_contact_is_added_changed_and_removed(any_database: Database, admin: Principal, deal: Ref, anna: Ref) -> None:
    link(any_database, admin, deal, "contacts", anna)
    link(any_database, admin, deal, "contacts", anna, role="Champion", note="Knows the board")
    assert joined(any_database) == [(deal.id, anna.id, "champion", "Knows the board")]
    link(any_database, admin, anna, "deal_roles", deal, role="economic_buyer")
    link(any_database, admin, deal, "contacts", anna, role="champion", note="Moved on")
    assert [line[2:] for line in joined(any_database)] == [("champion", "Moved on"), ("economic_buyer", None)]
    with pytest.raises(Invalid) as caught:
        unlink(any_database, admin, deal, "contacts", anna)
    assert errors(caught.value) == {"role": "They are linked more than once: name the role."}
    removed = unlink(any_database, admin, deal, "contacts", anna, role="champion")
    assert [line[2] for line in joined(any_database)] == ["economic_buyer"]
    changes.undo(any_database, admin, removed.id)
    assert [line[2] for line in joined(any_database)] == ["champion", "economic_buyer"]
    with pytest.raises(Invalid) as caught:
        unlink(any_database, admin, deal, "contacts", anna, role="coach")
    assert errors(caught.value) == {"to": f"It isn't linked to person {anna.id} in this role."}


def test_the_same_pair_stands_there_once_in_a_role(
    any_database: Database, admin: Principal, deal: Ref, anna: Ref
) -> None:
    values = {"deal": deal.id, "person": anna.id, "role": "champion"}
    first = create(any_database, admin, "deal_contacts", **values)
    with pytest.raises(Invalid) as caught:
        create(any_database, admin, "deal_contacts", **values)
    assert errors(caught.value) == {"role": "This person already stands there in this role."}
    other = create(any_database, admin, "deal_contacts", **values | {"role": None})
    with pytest.raises(Invalid, match="already stands there"):
        apply(
            any_database,
            admin,
            {"action": "update", "object": "deal_contacts", "id": other.id, "values": {"role": "champion"}},
        )
    act(any_database, admin, "trash", first)
    create(any_database, admin, "deal_contacts", **values)
    with pytest.raises(Invalid, match="already stands there"):
        act(any_database, admin, "restore", first)
    with pytest.raises(Invalid, match="Deal is needed"):
        create(any_database, admin, "deal_contacts", person=anna.id)


def test_references_work_on_both_sides(any_database: Database, admin: Principal) -> None:
    done = apply(
        any_database,
        admin,
        {"action": "create", "object": "deals", "ref": "d", "values": {"name": "D"}},
        {"action": "create", "object": "people", "ref": "p", "values": {"name": "P"}},
        {"action": "create", "object": "companies", "ref": "c", "values": {"name": "C"}},
        {"action": "link", "object": "deals", "id": "$d", "relation": "contacts", "to": "$p"},
        {
            "action": "link",
            "object": "deals",
            "id": "$d",
            "relation": "contacts",
            "to": "$p",
            "values": {"role": "user"},
        },
        {
            "action": "link",
            "object": "people",
            "id": "$p",
            "relation": "deal_roles",
            "to": "$d",
            "values": {"note": "x"},
        },
        {"action": "link", "object": "companies", "id": "$c", "relation": "people", "to": "$p"},
        {"action": "link", "object": "deals", "id": "$d", "relation": "company", "to": "$c"},
        {"action": "unlink", "object": "deals", "id": "$d", "relation": "company", "to": "$c"},
    )
    deal, person, company = done.records[:3]
    assert joined(any_database) == [(deal.id, person.id, "user", "x")]
    assert row(any_database, person)["company_id"] == company.id
    assert row(any_database, deal)["company_id"] is None


def test_a_set_may_add_and_remove_a_contact_at_once(
    any_database: Database, admin: Principal, deal: Ref, anna: Ref
) -> None:
    link(any_database, admin, deal, "contacts", anna, role="coach")
    apply(
        any_database,
        admin,
        _operation("unlink", deal, "contacts", anna),
        _operation("link", deal, "contacts", anna, role="user"),
        _operation("unlink", deal, "contacts", anna),
        _operation("link", deal, "contacts", anna, role="coach"),
    )
    assert joined(any_database) == [(deal.id, anna.id, "coach", None)]


def test_the_team_is_made_of_users(any_database: Database, admin: Principal, member: Principal, deal: Ref) -> None:
    link(any_database, admin, deal, "team", member.user_id, role="sales_engineer")
    assert joined(any_database, "deal_team") == [(deal.id, member.user_id, "sales_engineer", None)]
    with pytest.raises(Invalid) as caught:
        link(any_database, admin, deal, "team", 999)
    assert errors(caught.value) == {"to": "There is no user 999."}


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ({"relation": "contact", "to": 1}, "relation"),
        ({"to": 1}, "relation"),
        ({"relation": "contacts"}, "to"),
        ({"relation": "contacts", "to": 999}, "to"),
        ({"relation": "contacts", "to": "$nobody"}, "to"),
        ({"relation": "company", "to": 999}, "to"),
        ({"relation": "tasks", "to": 999}, "to"),
        ({"relation": "company", "to": 1, "values": {"role": "user"}}, "values"),
        ({"relation": "contacts", "to": 1, "values": {"role": "king"}}, "role"),
        ({"relation": "contacts", "to": 1, "values": {"person": 2}}, "person"),
        ({"relation": "contacts", "to": 1, "values": {"colour": "red"}}, "colour"),
        ({"relation": "amount", "to": 1}, "relation"),
        ({"relation": "contacts", "to": 1, "twins": [2]}, "twins"),
    ],
)
def test_what_is_wrong_with_a_link_is_named(
    database: Database, admin: Principal, operation: dict[str, Any], field: str
) -> None:
    deal = create(database, admin, "deals", name="D")
    create(database, admin, "people", name="P")
    create(database, admin, "companies", name="C")
    with pytest.raises(Invalid) as caught:
        apply(database, admin, {"action": "link", "object": "deals", "id": deal.id} | operation)
    assert set(errors(caught.value)) == {field}


def test_what_belongs_to_links_is_refused_elsewhere(database: Database, admin: Principal) -> None:
    deal = create(database, admin, "deals", name="D")
    for extra in ({"relation": "company"}, {"to": 1}, {"twins": [1]}):
        with pytest.raises(Invalid) as caught:
            apply(database, admin, {"action": "update", "object": "deals", "id": deal.id} | extra)
        assert set(errors(caught.value)) == set(extra)


def test_a_link_is_checked_against_what_the_caller_saw(
    any_database: Database, admin: Principal, deal: Ref, anna: Ref
) -> None:
    with pytest.raises(Conflict) as caught:
        apply(any_database, admin, _operation("link", deal, "contacts", anna) | {"expect": {"name": "Small deal"}})
    assert errors(caught.value) == {"name": "Name of Big deal has changed meanwhile."}
    with pytest.raises(Conflict):
        apply(any_database, admin, _operation("link", deal, "contacts", anna) | {"version": 7})
    act(any_database, admin, "trash", anna)
    with pytest.raises(Invalid, match="Anna Reed is in the trash"):
        link(any_database, admin, deal, "contacts", anna)


def test_a_proposed_link_expects_what_it_replaces(database: Database, admin: Principal) -> None:
    deal = create(database, admin, "deals", name="D")
    first, second = (create(database, admin, "companies", name=name) for name in ("One", "Two"))
    asked = changes.propose(database, admin, _set(_operation("link", deal, "company", first)))
    assert asked.operations[0].expect == {"company": None}
    link(database, admin, deal, "company", second)
    with pytest.raises(Conflict):
        changes.apply(database, admin, asked.id)


def _set(*operations: dict[str, Any]) -> Any:
    from tests.changes.helpers import change_set

    return change_set(*operations)


# --- what is seen of joins -------------------------------------------------------------------------------------------


def test_both_timelines_tell_of_a_contact(any_database: Database, admin: Principal, deal: Ref, anna: Ref) -> None:
    link(any_database, admin, deal, "contacts", anna, role="champion")
    link(any_database, admin, deal, "contacts", anna, role="champion", note="x")
    unlink(any_database, admin, deal, "contacts", anna)
    seen = history(any_database, admin, deal)
    assert [(line.object, line.action, line.label) for line in seen] == [
        ("deal_contacts", "trash", "Anna Reed"),
        ("deal_contacts", "update", "Anna Reed"),
        ("deal_contacts", "create", "Anna Reed"),
        ("deals", "create", "Big deal"),
    ]
    assert seen[2].after["role"] == "champion"
    assert [line.label for line in history(any_database, admin, anna)] == [*["Big deal"] * 3, "Anna Reed"]
    with any_database.read() as connection:
        assert [line.label for line in changes.recent(connection, admin, limit=1)] == ["Anna Reed – Big deal"]
        pages = [changes.history(connection, admin, "deals", deal.id, 2, before) for before in (None, seen[1].seq)]
        assert [line.seq for page in pages for line in page] == [line.seq for line in seen]


def test_a_join_is_seen_by_who_sees_both_ends(
    any_database: Database, admin: Principal, member: Principal, deal: Ref, anna: Ref
) -> None:
    link(any_database, admin, deal, "contacts", anna, role="champion")
    with any_database.write() as connection:
        customization.set_setting(connection, "visibility.deals", "owner")
    assert _contacts(any_database, admin) == 1
    assert _contacts(any_database, member) == 0
    assert len(history(any_database, member, anna)) == 1
    with pytest.raises(NotFound):
        apply(any_database, member, {"action": "trash", "object": "deal_contacts", "id": 1})
    with pytest.raises(Invalid) as caught:
        link(any_database, member, anna, "deal_roles", deal)
    assert errors(caught.value) == {"to": f"There is no deal {deal.id}."}
    with pytest.raises(NotFound):
        link(any_database, member, deal, "contacts", anna)


def _contacts(database: Database, principal: Principal) -> int:
    with database.read() as connection:
        return query.run(connection, principal, query.from_params("deal_contacts", [])).total  # type: ignore[union-attr]


def test_a_join_goes_and_comes_with_its_ends(any_database: Database, admin: Principal, deal: Ref, anna: Ref) -> None:
    link(any_database, admin, deal, "contacts", anna, role="champion")
    link(any_database, admin, deal, "team", admin.user_id)
    act(any_database, admin, "trash", anna)
    assert _contacts(any_database, admin) == 0
    act(any_database, admin, "restore", anna)
    assert _contacts(any_database, admin) == 1
    act(any_database, admin, "trash", deal)
    act(any_database, admin, "purge", deal)
    assert joined(any_database) == joined(any_database, trashed=True) == joined(any_database, "deal_team") == []
    assert [line.label for line in history(any_database, admin, anna)] == ["Anna Reed"] * 3


def test_joins_are_reached_over_paths(any_database: Database, admin: Principal, deal: Ref, anna: Ref) -> None:
    link(any_database, admin, deal, "contacts", anna, role="economic_buyer")
    create(any_database, admin, "deals", name="Other", amount=5)
    apply(any_database, admin, {"action": "update", "object": "deals", "id": deal.id, "values": {"amount": 1000}})

    def names(object: str, *params: tuple[str, str]) -> list[str]:
        with any_database.read() as connection:
            found = query.run(connection, admin, query.from_params(object, params))
        return [record.label for record in found.records]  # type: ignore[union-attr]

    assert names("deals", ("contacts.role", "economic_buyer")) == ["Big deal"]
    assert names("deals", ("contacts.person.title", "cfo")) == ["Big deal"]
    assert names("deals", ("contacts.role", "champion")) == []
    assert names("people", ("deal_roles.deal.amount__gt", "999")) == ["Anna Reed"]
    none = '{"relation": "contacts", "quantifier": "none", "where": {"field": "role", "value": "economic_buyer"}}'
    assert names("deals", ("where", none)) == ["Other"]
