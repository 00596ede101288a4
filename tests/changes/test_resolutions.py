"""A conflict offers both values, and is settled field by field."""

from typing import Any

import pytest

from app.crm import changes
from app.shared.contract import Principal, Ref, Resolution
from app.shared.db import Database
from app.shared.errors import Conflict, Invalid
from tests.changes.helpers import change_set, create, errors, history, row, update


@pytest.fixture
def deal(any_database: Database, admin: Principal) -> Ref:
    return create(any_database, admin, "deals", name="D", amount=10, lost_reason="None")


def _keep(field: str, keep: Any, operation: int = 0) -> Resolution:
    return Resolution(operation=operation, field=field, keep=keep)


def _proposed(database: Database, principal: Principal, deal: Ref, **values: Any) -> int:
    operation = {"action": "update", "object": "deals", "id": deal.id, "values": values}
    return changes.propose(database, principal, change_set(operation)).id


def test_yours_is_written_over_theirs_and_theirs_is_left_as_it_is(
    any_database: Database, admin: Principal, deal: Ref
) -> None:
    asked = _proposed(any_database, admin, deal, name="Mine", amount=20, lost_reason="Mine")
    update(any_database, admin, deal, name="Theirs", amount=15)
    with pytest.raises(Conflict) as caught:
        changes.apply(any_database, admin, asked, resolutions=[_keep("name", "yours")])
    assert errors(caught.value) == {"amount": "Amount of Theirs has changed meanwhile."}
    assert caught.value.errors[0].extra == {
        "operation": 0, "label": "Amount", "yours": 20, "theirs": 15,
        "object": "deals", "id": deal.id, "record": "Theirs", "version": 2,
    }  # fmt: skip
    done = changes.apply(any_database, admin, asked, resolutions=[_keep("name", "yours"), _keep("amount", "theirs")])
    found = row(any_database, deal)
    assert (found["name"], found["amount"], found["lost_reason"]) == ("Mine", 1500, "Mine")
    assert history(any_database, admin, deal)[0].before == {"name": "Theirs", "lost_reason": "None"}
    changes.undo(any_database, admin, done.id)
    assert row(any_database, deal)["name"] == "Theirs"


def test_a_stale_version_is_settled_by_its_fields(any_database: Database, admin: Principal, deal: Ref) -> None:
    update(any_database, admin, deal, amount=15, name="Theirs")
    stale = change_set(
        {"action": "update", "object": "deals", "id": deal.id, "values": {"amount": 20, "name": "M"}, "version": 1}
    )
    with pytest.raises(Conflict) as caught:
        changes.apply(any_database, admin, stale, resolutions=[_keep("amount", "yours")])
    assert set(errors(caught.value)) == {"name", "version"}
    changes.apply(any_database, admin, stale, resolutions=[_keep("amount", "yours"), _keep("name", "theirs")])
    assert (row(any_database, deal)["amount"], row(any_database, deal)["name"]) == (2000, "Theirs")


def test_a_stale_deletion_goes_on_or_is_left_out(database: Database, admin: Principal) -> None:
    deal = create(database, admin, "deals", name="D")
    update(database, admin, deal, name="E")
    stale = change_set({"action": "trash", "object": "deals", "id": deal.id, "version": 1})
    with pytest.raises(Conflict) as caught:
        changes.apply(database, admin, stale)
    assert set(errors(caught.value)) == {"version"}
    changes.apply(database, admin, stale, resolutions=[_keep("version", "theirs")])
    assert row(database, deal)["trashed_at"] is None
    changes.apply(database, admin, stale, resolutions=[_keep("version", "yours")])
    assert row(database, deal)["trashed_at"] is not None


def test_each_operation_of_a_set_is_settled_by_itself(database: Database, admin: Principal) -> None:
    deals = [create(database, admin, "deals", name=name, amount=1) for name in ("A", "B")]
    asked = change_set(
        *(
            {"action": "update", "object": "deals", "id": deal.id, "values": {"amount": 3}, "expect": {"amount": 2}}
            for deal in deals
        )
    )
    with pytest.raises(Conflict) as caught:
        changes.apply(database, admin, asked, resolutions=[_keep("amount", "theirs")])
    assert [(error.extra or {})["operation"] for error in caught.value.errors] == [1]
    changes.apply(database, admin, asked, resolutions=[_keep("amount", "theirs"), _keep("amount", "yours", 1)])
    assert [row(database, deal)["amount"] for deal in deals] == [100, 300]


def test_a_link_is_settled_by_the_name_of_its_field(database: Database, admin: Principal) -> None:
    deal = create(database, admin, "deals", name="D")
    one, two = (create(database, admin, "companies", name=name) for name in ("One", "Two"))
    asked = changes.propose(
        database,
        admin,
        change_set({"action": "link", "object": "deals", "id": deal.id, "relation": "company", "to": one.id}),
    )
    update(database, admin, deal, company=two.id)
    with pytest.raises(Conflict) as caught:
        changes.apply(database, admin, asked.id)
    extra = caught.value.errors[0].extra or {}
    assert (extra["yours"], extra["theirs"]) == ({"id": one.id, "label": "One"}, {"id": two.id, "label": "Two"})
    changes.apply(database, admin, asked.id, resolutions=[_keep("company", "yours")])
    assert row(database, deal)["company_id"] == one.id


@pytest.mark.parametrize(("field", "operation"), [("city", 0), ("name", 1), ("version", 0)])
def test_a_resolution_that_fits_nothing_is_refused(
    database: Database, admin: Principal, field: str, operation: int
) -> None:
    deal = create(database, admin, "deals", name="D")
    asked = change_set({"action": "update", "object": "deals", "id": deal.id, "values": {"name": "E"}})
    with pytest.raises(Invalid) as caught:
        changes.apply(database, admin, asked, resolutions=[_keep(field, "yours", operation)])
    assert set(errors(caught.value)) == {"resolutions"}
