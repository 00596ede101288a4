"""Undo restores the exact former state, or names what stands in the way."""

from typing import Any

import pytest
from sqlalchemy import select

from app.crm import changes, customization
from app.crm.changes import net
from app.crm.schema import TABLES, change_sets, search_documents, taggings
from app.shared.contract import Principal, Ref, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import Conflict, Forbidden, NotFound
from tests.changes.helpers import act, apply, create, errors, history, row, tags_of, update

OBJECTS = ("companies", "people", "deals", "tasks", "notes", "activities")
KEPT_BY_THE_PROGRAM = ("version", "updated_at", "trashed_at")


def snapshot(database: Database) -> dict[str, Any]:
    """Every record, its tags and its searchable text; a record in the trash counts as such, whenever it went there."""
    with database.read() as connection:
        found: dict[str, Any] = {}
        for name in OBJECTS:
            for item in connection.execute(select(TABLES[name])).mappings():
                kept = {key: value for key, value in item.items() if key not in KEPT_BY_THE_PROGRAM}
                found[f"{name} {item['id']}"] = kept | {"trashed": item["trashed_at"] is not None}
        found["tags"] = sorted(tuple(line) for line in connection.execute(select(taggings)))
        columns = search_documents.c
        texts = select(columns.object, columns.record_id, columns.title, columns.body)
        found["texts"] = sorted(tuple(line) for line in connection.execute(texts))
    return found


def state(database: Database, done: StoredChangeSet) -> str:
    with database.read() as connection:
        return str(connection.scalar(select(change_sets.c.state).where(change_sets.c.id == done.id)))


@pytest.fixture
def acme(any_database: Database, admin: Principal) -> Ref:
    with any_database.write() as connection:
        customization.create_field(connection, "companies", "Budget", "money")
        customization.create_field(connection, "companies", "Level", "select", options=["Gold", "Silver"])
    values = {"name": "Acme", "tags": ["VIP", "b"], "annual_revenue": "12.50", "currency": "EUR", "budget": 3}
    return create(any_database, admin, "companies", **values)


def test_an_update_is_undone_and_redone_exactly(any_database: Database, admin: Principal, acme: Ref) -> None:
    other = create(any_database, admin, "companies", name="Other")
    before = snapshot(any_database)
    values = {"name": "B", "tags": ["c"], "annual_revenue": None, "currency": "JPY", "budget": 5, "level": "Gold"}
    done = update(any_database, admin, acme, **values, parent=other.id, description="Long\ntext", employees=7)
    after = snapshot(any_database)
    undone = changes.undo(any_database, admin, done.id)
    assert snapshot(any_database) == before
    assert (undone.undoes, undone.state, state(any_database, done)) == (done.id, "applied", "undone")
    redone = changes.undo(any_database, admin, undone.id)
    assert snapshot(any_database) == after
    assert (state(any_database, done), state(any_database, undone)) == ("applied", "undone")
    changes.undo(any_database, admin, redone.id)
    assert snapshot(any_database) == before


def test_rules_do_not_interfere_with_an_undo(any_database: Database, admin: Principal) -> None:
    deal = create(any_database, admin, "deals", name="D", stage="proposal", probability=55)
    before = snapshot(any_database)
    done = update(any_database, admin, deal, stage="won")
    changes.undo(any_database, admin, done.id)
    assert snapshot(any_database) == before
    assert row(any_database, deal)["probability"] == 55


def test_making_is_undone_by_the_trash_and_trashing_by_restoring(
    any_database: Database, admin: Principal, acme: Ref
) -> None:
    made = apply(
        any_database,
        admin,
        {"action": "create", "object": "companies", "ref": "b", "values": {"name": "B"}},
        {"action": "create", "object": "deals", "values": {"name": "D", "company": "$b"}},
        {"action": "update", "object": "companies", "id": acme.id, "values": {"parent": "$b"}},
    )
    after = snapshot(any_database)
    undone = changes.undo(any_database, admin, made.id)
    assert [row(any_database, ref)["trashed_at"] is None for ref in made.records] == [False, False, True]
    assert row(any_database, acme)["parent_id"] is None
    changes.undo(any_database, admin, undone.id)
    assert snapshot(any_database) == after
    trashed = act(any_database, admin, "trash", acme)
    changes.undo(any_database, admin, trashed.id)
    assert snapshot(any_database) == after


def test_later_edits_stand_in_the_way_and_are_named(any_database: Database, admin: Principal, acme: Ref) -> None:
    first = update(any_database, admin, acme, name="B", city="Ulm", annual_revenue=1)
    update(any_database, admin, acme, city="Bonn", annual_revenue=2)
    before = snapshot(any_database)
    with pytest.raises(Conflict, match="Later changes stand in the way: B") as caught:
        changes.undo(any_database, admin, first.id)
    assert errors(caught.value) == {
        "city": "City of B has been changed since.",
        "annual_revenue": "Annual revenue of B has been changed since.",
    }
    assert caught.value.errors[1].extra["theirs"] == {"amount": 2, "currency": "EUR"}
    assert caught.value.errors[1].extra["yours"] == {"amount": 12.5, "currency": "EUR"}
    assert snapshot(any_database) == before


def test_edits_of_other_fields_do_not(any_database: Database, admin: Principal, acme: Ref) -> None:
    first = update(any_database, admin, acme, name="B")
    update(any_database, admin, acme, city="Bonn")
    changes.undo(any_database, admin, first.id)
    assert (row(any_database, acme)["name"], row(any_database, acme)["city"]) == ("Acme", "Bonn")


def test_what_links_to_a_new_record_stands_in_the_way_of_unmaking_it(any_database: Database, admin: Principal) -> None:
    made = apply(any_database, admin, {"action": "create", "object": "companies", "values": {"name": "Acme"}})
    deal = create(any_database, admin, "deals", name="Big deal", company=made.records[0].id)
    with pytest.raises(Conflict, match="Big deal"):
        changes.undo(any_database, admin, made.id)
    act(any_database, admin, "trash", deal)
    changes.undo(any_database, admin, made.id)


def test_a_taken_unique_value_stands_in_the_way(any_database: Database, admin: Principal) -> None:
    ada = create(any_database, admin, "people", name="Ada", email="ada@example.com")
    done = update(any_database, admin, ada, email="new@example.com")
    create(any_database, admin, "people", name="Other", email="ada@example.com")
    with pytest.raises(Conflict) as caught:
        changes.undo(any_database, admin, done.id)
    assert errors(caught.value) == {"email": "There is already a person with this email."}


def test_a_link_to_what_is_gone_for_good_stands_in_the_way(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    deal = create(database, admin, "deals", name="D", company=acme.id)
    done = update(database, admin, deal, company=None)
    act(database, admin, "trash", acme)
    changes.undo(database, admin, changes.undo(database, admin, done.id).id)
    act(database, admin, "purge", acme)
    with pytest.raises(Conflict) as caught:
        changes.undo(database, admin, done.id)
    assert errors(caught.value) == {"company": "What Company of D pointed to has been deleted for good."}


def test_a_record_that_went_to_the_trash_meanwhile_stands_in_the_way(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    done = update(database, admin, acme, name="B")
    act(database, admin, "trash", acme)
    with pytest.raises(Conflict) as caught:
        changes.undo(database, admin, done.id)
    assert errors(caught.value) == {"trashed_at": "B is in the trash now."}


def test_a_set_is_undone_once(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    done = update(database, admin, acme, name="B")
    changes.undo(database, admin, done.id)
    with pytest.raises(Conflict, match="undone already"):
        changes.undo(database, admin, done.id)
    with pytest.raises(NotFound):
        changes.undo(database, admin, 99)


def test_several_changes_of_one_record_in_a_set_are_one_to_undo(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    before = snapshot(database)
    done = apply(
        database,
        admin,
        {"action": "update", "object": "companies", "id": acme.id, "values": {"name": "B"}},
        {"action": "update", "object": "companies", "id": acme.id, "values": {"name": "C", "city": "Ulm"}},
        {"action": "trash", "object": "companies", "id": acme.id},
    )
    assert row(database, acme)["version"] == 2
    changes.undo(database, admin, done.id)
    assert snapshot(database) == before
    assert tags_of(database, acme) == []
    assert [line.action for line in history(database, admin, acme)][:2] == ["update", "restore"]


def test_large_sets_are_undone_in_batches(
    database: Database, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(net, "BATCH", 7)
    operations: list[dict[str, Any]] = []
    for i in range(30):
        operations += [
            {"action": "create", "object": "companies", "ref": f"c{i}", "values": {"name": f"C{i}", "tags": ["t"]}},
            {"action": "create", "object": "deals", "values": {"name": f"D{i}", "company": f"$c{i}"}},
        ]
    before = snapshot(database)
    done = apply(database, admin, *operations)
    after = snapshot(database)
    undone = changes.undo(database, admin, done.id)
    assert undone.count == 60
    assert all(value["trashed"] for key, value in snapshot(database).items() if key.startswith(("comp", "deals")))
    assert snapshot(database)["texts"] == before["texts"]
    changes.undo(database, admin, undone.id)
    assert snapshot(database) == after


def test_who_cannot_see_a_record_cannot_undo_what_touched_it(
    database: Database, admin: Principal, member: Principal, viewer: Principal
) -> None:
    done = apply(
        database,
        member,
        {"action": "create", "object": "notes", "values": {"body": "Mine", "private": True}},
        {"action": "create", "object": "companies", "values": {"name": "Acme"}},
    )
    with pytest.raises(Forbidden, match="can't see"):
        changes.undo(database, admin, done.id)
    with pytest.raises(Forbidden):
        changes.undo(database, viewer, done.id)
    changes.undo(database, member, done.id)
