"""Sets of many operations: a bounded number of statements, undone and redone exactly, every obstacle counted."""

import os
from typing import Any

import pytest
from sqlalchemy import select

from app.crm import changes
from app.crm.changes import net, rows
from app.crm.schema import TABLES
from app.shared.contract import ChangeSet, Operation, Principal, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import Conflict
from tests.changes.helpers import act, apply, counted, create, row, update
from tests.changes.test_undo import snapshot

MANY = 100_000 if os.environ.get("TEST_LONG") else 10_000


def _people(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [
        {"action": "create", "object": "people", "values": {"name": f"P{n}", "email": f"p{n}@example.com"}}
        for n in range(start, start + count)
    ]


def _all(database: Database, object: str) -> list[int]:
    with database.read() as connection:
        return list(connection.scalars(select(TABLES[object].c.id).order_by(TABLES[object].c.id)))


def _edit_all(database: Database, principal: Principal, object: str, **values: Any) -> StoredChangeSet:
    return apply(
        database,
        principal,
        *({"action": "update", "object": object, "id": id, "values": values} for id in _all(database, object)),
    )


@pytest.mark.timeout(1800 if os.environ.get("TEST_LONG") else 300)
def test_a_very_large_set_is_undone_and_redone_exactly(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme", tags=["VIP"])
    before = snapshot(database)
    operations = [Operation(action="update", object="companies", id=acme.id, values={"name": "Ulm", "tags": []})]
    tags = (["a"], [], ["a", "b"])
    for n in range(MANY - 1):
        values: dict[str, Any] = {"name": f"Task {n}", "company": acme.id, "tags": tags[n % 3]}
        operations.append(Operation(action="create", object="tasks", values=values))
    done = changes.apply(database, admin, ChangeSet(operations=tuple(operations)))
    after = snapshot(database)
    with counted(database) as seen:
        undone = changes.undo(database, admin, done.id)
    assert len(seen) < 60 + MANY / 200
    taken_back = snapshot(database)
    made = {key: taken_back.pop(key) for key in after.keys() - before.keys()}
    assert (len(made), all(item["trashed"] for item in made.values())) == (MANY - 1, True)
    assert taken_back["texts"] == before["texts"]
    assert taken_back[f"companies {acme.id}"] == before[f"companies {acme.id}"]
    changes.undo(database, admin, undone.id)
    assert snapshot(database) == after


def test_obstacles_of_a_large_set_are_named_up_to_a_bound_and_counted(any_database: Database, admin: Principal) -> None:
    apply(any_database, admin, *_people(150))
    done = _edit_all(any_database, admin, "people", city="Ulm", title="Baker")
    _edit_all(any_database, admin, "people", city="Bonn")
    before = snapshot(any_database)
    with pytest.raises(Conflict) as caught:
        changes.undo(any_database, admin, done.id)
    assert caught.value.detail == "Later changes stand in the way: P149, P148, P147, P146, P145 and 145 more."
    *named, rest = caught.value.errors
    assert [error.message for error in named[:2]] == [f"City of P{n} has been changed since." for n in (149, 148)]
    assert len(named) == 100
    assert rest.as_json() == {"field": "more", "message": "And 50 more.", "count": 50}
    assert snapshot(any_database) == before


def test_every_kind_of_obstacle_is_named_at_once(any_database: Database, admin: Principal) -> None:
    """A value edited since, a record gone to the trash, and one that links to what the set had made."""
    a, b = (create(any_database, admin, "companies", name=name) for name in "AB")
    done = apply(
        any_database,
        admin,
        {"action": "update", "object": "companies", "id": a.id, "values": {"city": "Ulm"}},
        {"action": "update", "object": "companies", "id": b.id, "values": {"city": "Ulm"}},
        {"action": "create", "object": "companies", "ref": "c", "values": {"name": "C"}},
        {"action": "create", "object": "deals", "values": {"name": "Its own", "company": "$c"}},
    )
    update(any_database, admin, a, city="Bonn")
    act(any_database, admin, "trash", b)
    create(any_database, admin, "deals", name="Later", company=done.records[2].id)
    with pytest.raises(Conflict) as caught:
        changes.undo(any_database, admin, done.id)
    assert {(error.extra or {})["label"] for error in caught.value.errors} == {"A", "B", "Later"}


def test_a_unique_value_that_changed_hands_across_batches_goes_back(
    any_database: Database, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first and the last record of a set swap their addresses; undoing reads them in different batches."""
    monkeypatch.setattr(net, "BATCH", 4)
    first = apply(any_database, admin, *_people(10)).records
    before = snapshot(any_database)
    emails = [f"p{n}@example.com" for n in range(10)]
    emails[0], emails[-1] = emails[-1], emails[0]
    done = apply(
        any_database,
        admin,
        *(
            {"action": "update", "object": "people", "id": ref.id, "values": {"email": email, "city": "Ulm"}}
            for ref, email in zip(first, emails, strict=True)
        ),
    )
    after = snapshot(any_database)
    undone = changes.undo(any_database, admin, done.id)
    assert snapshot(any_database) == before
    changes.undo(any_database, admin, undone.id)
    assert snapshot(any_database) == after


def test_rows_of_a_large_set_go_to_the_database_in_portions(
    any_database: Database, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "CHUNK", 7)
    made = apply(any_database, admin, *_people(20))
    _edit_all(any_database, admin, "people", city="Ulm", tags=["x"])
    found = _all(any_database, "people")
    assert found == [ref.id for ref in made.records]
    with any_database.read() as connection:
        lines = changes.journal(connection, 0)
    assert [(object, id) for _, object, id in lines] == [("people", id) for id in found * 2]


def test_many_are_deleted_for_good_in_a_fixed_number_of_statements(any_database: Database, admin: Principal) -> None:
    """With the links to each of them taken off, and those among themselves."""

    def purge(count: int) -> int:
        made = apply(
            any_database,
            admin,
            *(
                {"action": "create", "object": "companies", "ref": f"c{n}", "values": {"name": "C"}}
                for n in range(count)
            ),
            *(
                {"action": "create", "object": "deals", "values": {"name": "D", "company": f"$c{n}"}}
                for n in range(count)
            ),
        )
        companies, deals = made.records[:count], made.records[count:]
        for child in companies[1:]:
            update(any_database, admin, child, parent=companies[0].id)
        act(any_database, admin, "trash", *companies)
        with counted(any_database) as seen:
            act(any_database, admin, "purge", *companies)
        assert _all(any_database, "companies") == []
        assert [row(any_database, deal)["company_id"] for deal in deals] == [None] * count
        return len(seen)

    few, many = purge(3), purge(30)
    assert many <= few + 2
