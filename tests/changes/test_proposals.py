"""Proposals: kept for a person to decide on; nothing is written before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.crm import changes
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import Conflict, Forbidden, Invalid, NotFound
from app.shared.types import utc_now
from tests.changes.helpers import change_set, create, errors, row, update

NEW = {"action": "create", "object": "companies", "ref": "a", "values": {"name": "Acme"}}


def test_a_proposal_writes_nothing_until_it_is_applied(any_database: Database, member: Principal) -> None:
    deal = create(any_database, member, "deals", name="D", amount=10)
    change = {"action": "update", "object": "deals", "id": deal.id, "values": {"amount": 20, "stage": "won"}}
    asked = changes.propose(any_database, replace(member, channel="assistant"), change_set(NEW, change, title="Win it"))
    assert (asked.state, asked.title, asked.channel, asked.count) == ("proposed", "Win it", "assistant", 2)
    assert asked.operations[0].values == {"name": "Acme"}
    assert asked.operations[1].expect == {"amount": 10, "stage": "lead"}
    assert row(any_database, deal)["amount"] == 1000
    with any_database.read() as connection:
        assert changes.journal_end(connection) == 1
    done = changes.apply(any_database, member, asked.id)
    assert (done.id, done.state, done.operations) == (asked.id, "applied", ())
    assert [ref.label for ref in done.records] == ["Acme", "D"]
    assert row(any_database, deal)["amount"] == 2000
    changes.undo(any_database, member, done.id)
    assert row(any_database, deal)["amount"] == 1000


def test_a_bad_proposal_is_refused_at_once(database: Database, member: Principal) -> None:
    with pytest.raises(Invalid):
        changes.propose(database, member, change_set(NEW | {"values": {"name": ""}}))


def test_a_proposal_that_others_overtook_conflicts(database: Database, member: Principal) -> None:
    deal = create(database, member, "deals", name="D", amount=10)
    change = {"action": "update", "object": "deals", "id": deal.id, "values": {"amount": 20}}
    asked = changes.propose(database, member, change_set(change))
    update(database, member, deal, amount=15, name="E")
    with pytest.raises(Conflict) as caught:
        changes.apply(database, member, asked.id)
    assert errors(caught.value) == {"amount": "Amount of E has changed meanwhile."}
    assert changes.get(database, member, asked.id).state == "proposed"
    update(database, member, deal, amount=10)
    changes.apply(database, member, asked.id)
    assert row(database, deal)["amount"] == 2000


def test_two_changes_of_one_field_in_a_proposal_are_no_conflict(database: Database, member: Principal) -> None:
    deal = create(database, member, "deals", name="D", amount=10)
    steps = [{"action": "update", "object": "deals", "id": deal.id, "values": {"amount": n}} for n in (20, 30)]
    changes.apply(database, member, changes.propose(database, member, change_set(*steps)).id)
    assert row(database, deal)["amount"] == 3000


def test_what_is_decided_is_decided(database: Database, member: Principal) -> None:
    rejected = changes.propose(database, member, change_set(NEW))
    assert changes.reject(database, member, rejected.id).state == "rejected"
    applied = changes.propose(database, member, change_set(NEW))
    changes.apply(database, member, applied.id)
    for id, said in ((rejected.id, "rejected"), (applied.id, "applied already")):
        with pytest.raises(Conflict, match=said):
            changes.apply(database, member, id)
        with pytest.raises(Conflict, match=said):
            changes.reject(database, member, id)
    with pytest.raises(Conflict, match="never applied"):
        changes.undo(database, member, rejected.id)


def test_a_proposal_expires(database: Database, member: Principal) -> None:
    asked = changes.propose(database, member, change_set(NEW))
    assert asked.expires_at is not None
    assert asked.expires_at - asked.created_at == timedelta(days=7)
    late = changes.propose(database, member, change_set(NEW), expires_after=timedelta(0))
    assert changes.get(database, member, late.id).state == "expired"
    with pytest.raises(Conflict, match="expired"):
        changes.apply(database, member, late.id)
    with database.read() as connection:
        assert [one.id for one in changes.listing(connection, member, state="expired")] == [late.id]
        assert [one.id for one in changes.listing(connection, member, state="proposed")] == [asked.id]
    with database.write() as connection:
        assert changes.expire(connection) == 1
        assert changes.expire(connection, utc_now() + timedelta(days=8)) == 1


def test_only_its_author_and_admins_decide(
    database: Database, admin: Principal, member: Principal, viewer: Principal
) -> None:
    asked = changes.propose(database, member, change_set(NEW))
    other = replace(member, user_id=viewer.user_id, name="Other")
    with pytest.raises(NotFound):
        changes.apply(database, other, asked.id)
    with pytest.raises(Forbidden):
        changes.apply(database, replace(member, scopes=frozenset({"read"})), asked.id)
    done = changes.apply(database, admin, asked.id)
    assert (done.author, done.author_id) == ("Anna", admin.user_id)


def test_a_proposal_is_put_otherwise_before_it_is_applied(any_database: Database, member: Principal) -> None:
    acme = create(any_database, member, "companies", name="Acme", city="Kiel")
    moved = {"action": "update", "object": "companies", "id": acme.id}
    first = changes.propose(any_database, member, change_set(moved | {"values": {"city": "Bonn"}}, title="Move"))
    again = changes.revise(any_database, member, first.id, change_set(moved | {"values": {"city": "Mainz"}}))
    assert (again.id, again.state, again.title, again.expires_at) == (first.id, "proposed", "Move", first.expires_at)
    changes.apply(any_database, member, first.id)
    assert row(any_database, acme)["city"] == "Mainz"


def test_only_its_author_or_an_admin_puts_an_open_proposal_otherwise(
    database: Database, member: Principal, admin: Principal
) -> None:
    asked = changes.propose(database, admin, change_set(NEW))
    with pytest.raises(NotFound):
        changes.revise(database, member, asked.id, change_set(NEW))
    with pytest.raises(Invalid):
        changes.revise(database, admin, asked.id, change_set(NEW | {"values": {"name": ""}}))
    changes.reject(database, admin, asked.id)
    with pytest.raises(Conflict, match="has been rejected"):
        changes.revise(database, admin, asked.id, change_set(NEW))
