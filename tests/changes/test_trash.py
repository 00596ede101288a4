"""The trash hides a record with what hangs on it untouched; deleting for good takes every link off."""

import pytest
from sqlalchemy import func, select

from app.crm import changes, customization
from app.crm.schema import changes as journal
from app.crm.schema import import_rows
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import Conflict, Forbidden, NotFound
from tests.changes.helpers import act, apply, create, document, history, row, tags_of


def test_the_trash_keeps_the_record_and_its_links(any_database: Database, admin: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme", tags=["VIP"])
    deal = create(any_database, admin, "deals", name="D", company=acme.id)
    act(any_database, admin, "trash", acme)
    assert row(any_database, acme)["trashed_at"] is not None
    assert row(any_database, deal)["company_id"] == acme.id
    assert document(any_database, acme) is None
    assert tags_of(any_database, acme) == ["VIP"]
    act(any_database, admin, "restore", acme)
    assert row(any_database, acme)["trashed_at"] is None
    assert document(any_database, acme) == ("Acme", "", "")
    assert [line.action for line in history(any_database, admin, acme)] == ["restore", "trash", "create"]


def test_trashing_twice_is_no_second_change(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    act(database, admin, "trash", acme)
    act(database, admin, "trash", acme)
    assert row(database, acme)["version"] == 2


def test_only_what_is_in_the_trash_is_deleted_for_good_and_only_by_an_admin(
    database: Database, admin: Principal, member: Principal
) -> None:
    acme = create(database, admin, "companies", name="Acme")
    with pytest.raises(Conflict, match="isn't in the trash"):
        act(database, admin, "purge", acme)
    act(database, admin, "trash", acme)
    with pytest.raises(Forbidden, match="Only an admin"):
        act(database, member, "purge", acme)


def test_deleting_for_good_takes_every_link_off(any_database: Database, admin: Principal) -> None:
    with any_database.write() as connection:
        customization.create_field(connection, "deals", "Partner", "link", target="companies")
    acme = create(any_database, admin, "companies", name="Acme", tags=["VIP"], email="a@example.com")
    deal = create(any_database, admin, "deals", name="D", company=acme.id, partner=acme.id)
    child = create(any_database, admin, "companies", name="Child", parent=acme.id)
    act(any_database, admin, "trash", acme, child)
    with any_database.write() as connection:
        connection.execute(import_rows.insert().values(object="companies", fingerprint="x", record_id=acme.id))
    act(any_database, admin, "purge", acme)
    with pytest.raises(NotFound):
        history(any_database, admin, acme)
    assert row(any_database, deal)["company_id"] is None
    assert row(any_database, deal)["custom"] == {}
    assert row(any_database, child)["parent_id"] is None
    assert tags_of(any_database, acme) == []
    with any_database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(import_rows)) == 0
    lost = {"id": acme.id, "label": "Acme"}
    assert history(any_database, admin, deal)[0].before == {"company": lost, "partner": lost}


def test_the_journal_keeps_that_a_record_was_but_not_what_it_held(any_database: Database, admin: Principal) -> None:
    ada = create(any_database, admin, "people", name="Ada", email="ada@example.com")
    act(any_database, admin, "trash", ada)
    act(any_database, admin, "purge", ada)
    mine = select(journal.c.action, journal.c.label, journal.c.before, journal.c.after)
    with any_database.read() as connection:
        lines = connection.execute(mine.where(journal.c.object == "people").order_by(journal.c.seq)).all()
    assert [tuple(line) for line in lines] == [(action, "Ada", {}, {}) for action in ("create", "trash", "purge")]


def test_ids_are_never_used_again(any_database: Database, admin: Principal) -> None:
    first = create(any_database, admin, "companies", name="Acme")
    act(any_database, admin, "trash", first)
    act(any_database, admin, "purge", first)
    assert create(any_database, admin, "companies", name="Next").id > first.id


def test_what_was_deleted_for_good_cannot_be_brought_back(database: Database, admin: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    trashed = act(database, admin, "trash", acme)
    purged = act(database, admin, "purge", acme)
    for done in (trashed, purged):
        with pytest.raises(Conflict, match="stand in the way"):
            changes.undo(database, admin, done.id)


def test_a_set_may_make_and_remove_a_record_at_once(database: Database, admin: Principal) -> None:
    done = apply(
        database,
        admin,
        {"action": "create", "object": "companies", "ref": "a", "values": {"name": "Acme"}},
        {"action": "trash", "object": "companies", "id": "$a"},
        {"action": "create", "object": "companies", "ref": "b", "values": {"name": "B"}},
        {"action": "trash", "object": "companies", "id": "$b"},
        {"action": "purge", "object": "companies", "id": "$b"},
    )
    assert row(database, done.records[0])["trashed_at"] is not None
    with pytest.raises(NotFound):
        history(database, admin, done.records[1])
