"""Who may change, see and list what."""

from dataclasses import replace

import pytest

from app.crm import changes, customization
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import Forbidden, Invalid, NotFound
from tests.changes.helpers import act, apply, change_set, create, errors, history, update


@pytest.fixture
def owned(any_database: Database) -> None:
    """Companies are their owners' alone."""
    with any_database.write() as connection:
        customization.set_setting(connection, "visibility.companies", "owner")


def test_a_viewer_and_a_read_token_change_nothing(database: Database, admin: Principal, viewer: Principal) -> None:
    acme = create(database, admin, "companies", name="Acme")
    for principal in (viewer, replace(admin, scopes=frozenset({"read"}))):
        with pytest.raises(Forbidden):
            update(database, principal, acme, name="B")
        with pytest.raises(Forbidden):
            changes.propose(database, principal, change_set({"action": "trash", "object": "companies", "id": acme.id}))


@pytest.mark.usefixtures("owned")
def test_what_may_not_be_seen_does_not_exist(any_database: Database, admin: Principal, member: Principal) -> None:
    acme = create(any_database, admin, "companies", name="Acme")
    missing = replace(acme, id=acme.id + 1000)
    said = []
    for ref in (acme, missing):
        with pytest.raises(NotFound) as caught:
            update(any_database, member, ref, name="B")
        said.append(caught.value.detail.replace(str(ref.id), "?"))
        with pytest.raises(NotFound):
            act(any_database, member, "trash", ref)
        with pytest.raises(NotFound):
            history(any_database, member, ref)
        with pytest.raises(Invalid) as refused:
            create(any_database, member, "deals", name="D", company=ref.id)
        said.append(refused.value.detail.replace(str(ref.id), "?"))
    assert said[:2] == said[2:]


@pytest.mark.usefixtures("owned")
def test_a_timeline_keeps_the_name_of_what_may_not_be_seen(
    any_database: Database, admin: Principal, member: Principal
) -> None:
    acme = create(any_database, admin, "companies", name="Secret Ltd")
    deal = create(any_database, admin, "deals", name="D", company=acme.id)
    assert history(any_database, admin, deal)[0].after["company"] == {"id": acme.id, "label": "Secret Ltd"}
    assert history(any_database, member, deal)[0].after.get("company") is None


@pytest.mark.usefixtures("owned")
def test_a_unique_error_does_not_name_what_may_not_be_seen(
    any_database: Database, admin: Principal, member: Principal
) -> None:
    with any_database.write() as connection:
        customization.create_field(connection, "companies", "Account ID", "key", unique=True)
    acme = create(any_database, admin, "companies", name="Secret Ltd", account_id="7")
    with pytest.raises(Invalid) as caught:
        create(any_database, member, "companies", name="Mine", account_id="7")
    assert caught.value.errors[0].extra is None
    assert str(acme.id) not in errors(caught.value)["account_id"]


def test_a_private_note_is_its_authors_alone(any_database: Database, admin: Principal, member: Principal) -> None:
    note = create(any_database, member, "notes", body="Between us", private=True)
    with pytest.raises(NotFound):
        update(any_database, admin, note, body="Seen")
    with pytest.raises(NotFound):
        history(any_database, admin, note)
    assert len(history(any_database, member, note)) == 1


@pytest.mark.usefixtures("owned")
def test_sets_are_listed_to_who_may_see_something_of_them(
    any_database: Database, admin: Principal, member: Principal
) -> None:
    hidden = apply(any_database, admin, {"action": "create", "object": "companies", "values": {"name": "Secret"}})
    mixed = apply(
        any_database,
        admin,
        {"action": "create", "object": "companies", "values": {"name": "Secret 2"}},
        {"action": "create", "object": "deals", "values": {"name": "Open deal"}},
    )
    mine = apply(any_database, member, {"action": "create", "object": "companies", "values": {"name": "Mine"}})
    with any_database.read() as connection:
        assert [one.id for one in changes.listing(connection, admin)] == [mine.id, mixed.id, hidden.id]
        assert [one.id for one in changes.listing(connection, member)] == [mine.id, mixed.id]
        assert [one.id for one in changes.listing(connection, member, limit=1, ascending=True)] == [mixed.id]
        assert [one.id for one in changes.listing(connection, member, before=mine.id)] == [mixed.id]
        assert [line.label for line in changes.of_set(connection, member, mixed.id)] == ["Open deal"]
        assert [line.label for line in changes.recent(connection, member)] == ["Mine", "Open deal"]
    assert [ref.label for ref in changes.get(any_database, member, mixed.id).records] == ["Open deal"]
    with pytest.raises(NotFound):
        changes.get(any_database, member, hidden.id)
