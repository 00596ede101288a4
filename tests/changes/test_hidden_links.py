"""A link to a record that a principal may not see is no link for them: in answers, in checks, in what they may give."""

from dataclasses import dataclass
from typing import Any

import pytest

from app.crm import changes, customization
from app.crm.changes.history import of_set
from app.shared.contract import Principal, Ref, StoredChangeSet
from app.shared.db import Database
from app.shared.errors import Conflict, Invalid, NotFound, ParleyError
from tests.changes.helpers import act, apply, change_set, create, history, row, update

SECRET = "Hidden Corp"


@dataclass
class Place:
    """A deal that links to a company which the member may not see, and two more companies: hidden, and their own."""

    database: Database
    admin: Principal
    member: Principal
    deal: Ref
    hidden: Ref
    other: Ref
    own: Ref

    def operation(self, action: str = "update", **rest: Any) -> dict[str, Any]:
        return {"action": action, "object": "deals", "id": self.deal.id, **rest}

    def apply(self, **rest: Any) -> StoredChangeSet:
        return apply(self.database, self.member, self.operation(**rest))

    @property
    def company(self) -> int | None:
        linked: int | None = row(self.database, self.deal)["company_id"]
        return linked

    def said(self, kind: type[ParleyError], **rest: Any) -> tuple[str, Any]:
        """What refuses an operation, with the id that was given as a question mark."""
        with pytest.raises(kind) as caught:
            self.apply(**rest)
        told = str([(error.field, error.message, error.extra) for error in caught.value.errors])
        assert SECRET not in told
        for ref in (self.hidden, self.other):
            told = told.replace(f" {ref.id}.", " ?.").replace(f"'id': {ref.id},", "'id': ?,")
        return caught.value.detail.replace(f" {self.hidden.id}.", " ?.").replace(f" {self.other.id}.", " ?."), told


@pytest.fixture
def place(any_database: Database, admin: Principal, member: Principal) -> Place:
    with any_database.write() as connection:
        customization.set_setting(connection, "visibility.companies", "owner")
    for number in range(9):  # so that ids of companies are no ids of deals
        create(any_database, admin, "companies", name=f"Filler {number}")
    hidden = create(any_database, admin, "companies", name=SECRET)
    other = create(any_database, admin, "companies", name="Another")
    own = create(any_database, member, "companies", name="Mine")
    deal = create(any_database, admin, "deals", name="D", company=hidden.id)
    return Place(any_database, admin, member, deal, hidden, other, own)


def test_an_undo_that_is_refused_does_not_name_what_it_would_link_to(place: Place) -> None:
    done = place.apply(values={"company": None})
    update(place.database, place.member, place.deal, company=place.own.id)
    with pytest.raises(Conflict) as caught:
        changes.undo(place.database, place.member, done.id)
    [error] = caught.value.errors
    assert (error.extra or {})["yours"] is None
    assert (error.extra or {})["theirs"] == {"id": place.own.id, "label": "Mine"}
    with pytest.raises(Conflict) as caught:
        changes.undo(place.database, place.admin, done.id)
    assert (caught.value.errors[0].extra or {})["yours"] == {"id": place.hidden.id, "label": SECRET}


def test_an_undo_that_is_refused_does_not_name_what_stands_there_now(place: Place) -> None:
    done = place.apply(values={"company": place.own.id})
    update(place.database, place.admin, place.deal, company=place.other.id)
    with pytest.raises(Conflict) as caught:
        changes.undo(place.database, place.member, done.id)
    extra = caught.value.errors[0].extra or {}
    assert (extra["yours"], extra["theirs"]) == (None, None)


def test_a_hidden_link_that_was_taken_off_comes_back_by_undo_unnamed(place: Place) -> None:
    done = place.apply(values={"company": None})
    assert place.company is None
    undone = changes.undo(place.database, place.member, done.id)
    assert place.company == place.hidden.id
    assert SECRET not in str(undone)
    with place.database.read() as connection:
        [line] = of_set(connection, place.member, undone.id)
    assert (line.before["company"], line.after["company"]) == (None, None)


def test_the_journal_says_none(place: Place) -> None:
    place.apply(values={"company": place.own.id})
    changed, made = history(place.database, place.member, place.deal)
    assert changed.before["company"] is None
    assert changed.after["company"] == {"id": place.own.id, "label": "Mine"}
    assert "company" not in made.after
    assert history(place.database, place.admin, place.deal)[0].before["company"]["label"] == SECRET


def test_no_id_that_is_hidden_can_be_told_from_another(place: Place) -> None:
    """The one that stands there, another one, and what the answers to both are."""
    for kind, made in (
        (Invalid, lambda given: {"values": {"company": given}}),
        (Invalid, lambda given: {"values": {"company": {"id": given}}}),
        (Invalid, lambda given: {"action": "link", "relation": "company", "to": given}),
        (Conflict, lambda given: {"action": "unlink", "relation": "company", "to": given}),
        (Conflict, lambda given: {"values": {"name": "E"}, "expect": {"company": given}}),
        (Conflict, lambda given: {"values": {"company": place.own.id}, "expect": {"company": {"id": given}}}),
        (Conflict, lambda given: {"values": {"company": given}, "version": 99}),
    ):
        right, wrong = (place.said(kind, **made(one.id)) for one in (place.hidden, place.other))
        assert right == wrong
    assert place.said(Invalid, values={"company": place.hidden.id})[0] == "There is no company ?."
    assert place.company == place.hidden.id


def test_a_conflict_shows_no_link_and_none_is_what_stands_there(place: Place) -> None:
    with pytest.raises(Conflict) as caught:
        place.apply(values={"company": place.own.id}, version=99)
    [error, _version] = caught.value.errors
    assert (error.extra or {})["theirs"] is None
    place.apply(values={"company": place.own.id}, expect={"company": None})
    assert place.company == place.own.id


@pytest.mark.parametrize("expect", [None, {"company": None}])
@pytest.mark.parametrize("who", ["member", "admin"])
def test_a_proposal_shows_none_and_keeps_what_it_replaces(place: Place, expect: Any, who: str) -> None:
    values = {"values": {"company": place.own.id}, "expect": expect}
    asked = changes.propose(place.database, place.member, change_set(place.operation(**values)))
    revised = changes.revise(place.database, place.member, asked.id, change_set(place.operation(**values)))
    read = changes.get(place.database, place.member, asked.id)
    with place.database.read() as connection:
        [listed] = changes.listing(connection, place.member, state="proposed")
    assert [found.operations[0].expect for found in (asked, revised, read, listed)] == [{"company": None}] * 4
    seen = changes.get(place.database, place.admin, asked.id).operations[0].expect or {}
    assert seen["company"]["id"] == place.hidden.id
    changes.apply(place.database, getattr(place, who), asked.id)
    assert place.company == place.own.id


def test_a_proposal_notices_that_a_hidden_link_has_changed(place: Place) -> None:
    asked = changes.propose(
        place.database, place.member, change_set(place.operation(values={"company": place.own.id}))
    )  # fmt: skip
    update(place.database, place.admin, place.deal, company=None)
    with pytest.raises(Conflict) as caught:
        changes.apply(place.database, place.member, asked.id)
    assert (caught.value.errors[0].extra or {})["theirs"] is None


def test_a_stale_proposal_shows_its_author_no_link_that_was_hidden_since(place: Place) -> None:
    update(place.database, place.admin, place.deal, company=place.own.id)
    asked = changes.propose(place.database, place.member, change_set(place.operation(values={"company": None})))
    assert asked.operations[0].expect == {"company": {"id": place.own.id, "label": "Mine"}}
    update(place.database, place.admin, place.own, owner=place.admin.user_id)
    assert changes.get(place.database, place.member, asked.id).operations[0].expect == {"company": None}


def test_what_a_merge_moves_unseen_is_not_within_reach_of_its_set(place: Place) -> None:
    with place.database.write() as connection:
        customization.set_setting(connection, "visibility.deals", "owner")
    twin = create(place.database, place.member, "companies", name="Twin")
    update(place.database, place.admin, place.deal, company=twin.id)
    merge = {"action": "merge", "object": "companies", "id": place.own.id, "twins": [twin.id]}
    with pytest.raises((NotFound, Invalid)):
        apply(place.database, place.member, merge, place.operation(values={"name": "Taken"}))
    task = {"action": "create", "object": "tasks", "values": {"name": "T", "deal": place.deal.id}}
    with pytest.raises(Invalid):
        apply(place.database, place.member, merge, task)
    assert row(place.database, place.deal)["name"] == "D"


def test_only_what_differs_has_changed_meanwhile(place: Place) -> None:
    update(place.database, place.admin, place.deal, amount=10, currency="EUR")
    values = {"name": "D", "amount": "10.00", "company": None, "close_date": None, "currency": "USD", "tags": []}
    with pytest.raises(Conflict) as caught:
        place.apply(values=values, version=1)
    assert [error.field for error in caught.value.errors] == ["currency", "version"]
    with pytest.raises(Conflict) as caught:
        place.apply(values={"name": "D"}, version=1)
    assert [error.field for error in caught.value.errors] == ["version"]


def test_every_undo_of_an_undo_turns_all_before_it(place: Place) -> None:
    numbers = [update(place.database, place.member, place.deal, name="E").id]
    for depth in range(1, 6):
        numbers.append(changes.undo(place.database, place.member, numbers[-1]).id)
        assert row(place.database, place.deal)["name"] == ("D" if depth % 2 else "E")
        found = [changes.get(place.database, place.member, number) for number in numbers]
        holds = [(depth - at) % 2 == 0 for at in range(depth + 1)]
        assert [one.state for one in found] == ["applied" if one else "undone" for one in holds]
        assert [one.undone_by for one in found] == [
            None if one else after for one, after in zip(holds, [*numbers[1:], None], strict=True)
        ]
    with pytest.raises(Conflict, match="undone already"):
        changes.undo(place.database, place.member, numbers[0])


def test_a_record_in_the_trash_is_still_linked_to_by_who_may_see_it(place: Place) -> None:
    update(place.database, place.member, place.deal, company=place.own.id)
    act(place.database, place.member, "trash", place.own)
    place.apply(values={"name": "E", "company": place.own.id})
    assert place.company == place.own.id
