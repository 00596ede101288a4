"""Who is told what: by assignment, mention and following, narrowed by rights and wishes, never of one's own doings."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.crm import customization
from app.crm.changes.propose import propose
from app.crm.notifications import follow, inbox, people, reminders
from app.crm.pages import notifications
from app.crm.port import Crm
from app.crm.schema import change_sets
from app.crm.schema import notifications as table
from app.shared.contract import ChangeSet, Operation, Principal
from app.shared.db import Database
from app.shared.types import utc_now
from tests.conftest import add_user
from tests.notifications.conftest import change, made

Told = Callable[..., list[tuple[str, str]]]


def test_what_is_assigned_is_told_to_whose_it_becomes(
    any_database: Database, crm: Crm, admin: Principal, member: Principal, told: Told
) -> None:
    made(crm, admin, "deals", name="Big", owner=member.user_id)
    made(crm, member, "tasks", name="Mine")
    assert told(member) == [("assigned", "Big")]
    assert told(admin) == []


def test_who_joins_a_deals_team_is_told_of_the_deal(crm: Crm, admin: Principal, member: Principal, told: Told) -> None:
    deal = made(crm, admin, "deals", name="Big")
    made(crm, admin, "deal_team", deal=deal, user=member.user_id)
    assert told(member) == [("assigned", "Big")]


def test_a_mention_is_told_once_and_not_again_when_the_text_is_edited(
    any_database: Database, crm: Crm, admin: Principal, member: Principal, told: Told
) -> None:
    body = f"Ask [@Ben](/users/{member.user_id}) and [@Anna](/users/{admin.user_id})"
    note = made(crm, admin, "notes", name="Plan", body=body)
    assert told(member) == [("mentioned", "Plan")]
    change(crm, admin, "notes", note, body=body + " soon")
    assert told(member) == [("mentioned", "Plan")]
    assert told(admin) == []


def test_owner_maker_and_followers_hear_of_changes_until_they_say_otherwise(
    any_database: Database, crm: Crm, admin: Principal, member: Principal, told: Told
) -> None:
    carl = add_user(any_database, "Carl", "member")
    acme = made(crm, member, "companies", name="Acme", owner=member.user_id)
    with any_database.write() as connection:
        follow.follow(connection, carl.user_id or 0, ("companies", acme), True)
    change(crm, admin, "companies", acme, city="Oslo")
    assert told(member) == told(carl) == [("changed", "Acme")]
    with any_database.write() as connection:
        follow.follow(connection, carl.user_id or 0, ("companies", acme), False)
        follow.follow(connection, member.user_id or 0, ("companies", acme), False)
        inbox.mark(connection, carl.user_id or 0)
    change(crm, admin, "companies", acme, city="Bergen")
    assert len(told(carl)) == len(told(member)) == 1
    with any_database.read() as connection:
        assert follow.names(connection, ("companies", acme)) == []


def test_who_imports_records_doesnt_follow_each_of_them(crm: Crm, admin: Principal, member: Principal) -> None:
    importer = Principal(user_id=member.user_id, name="Ben", role="member", channel="import")
    acme = made(crm, importer, "companies", name="Acme")
    with crm.database.read() as connection:
        assert follow.followers(connection, [("companies", acme)])["companies", acme] == set()


def test_a_note_on_what_one_follows_is_told(crm: Crm, admin: Principal, member: Principal, told: Told) -> None:
    acme = made(crm, member, "companies", name="Acme")
    made(crm, admin, "notes", name="Call", body="They said yes.", company=acme)
    assert told(member) == [("changed", "Call")]


def test_edits_of_one_record_by_one_person_are_gathered_while_unread(
    any_database: Database, crm: Crm, admin: Principal, member: Principal, told: Told
) -> None:
    acme = made(crm, member, "companies", name="Acme")
    change(crm, admin, "companies", acme, city="Oslo")
    told(member)
    change(crm, admin, "companies", acme, country="Norway")
    assert told(member) == [("changed", "Acme")]
    with any_database.read() as connection:
        (item,) = inbox.listing(connection, member, limit=5)
        assert item.row.detail["fields"] == ["city", "country"]
    with any_database.write() as connection:
        inbox.mark(connection, member.user_id or 0)
    change(crm, admin, "companies", acme, employees=5)
    assert len(told(member)) == 2


def test_many_of_a_kind_in_one_change_are_one_notification(
    any_database: Database, crm: Crm, admin: Principal, member: Principal, settle: Callable[[], None]
) -> None:
    rows = [{"name": f"Deal {index}", "owner": member.user_id} for index in range(700)]  # more than one batch
    crm.apply(
        admin, ChangeSet(operations=tuple(Operation(action="create", object="deals", values=row) for row in rows))
    )
    settle()
    with any_database.read() as connection:
        (item,) = inbox.listing(connection, member, limit=5)
    assert (item.row.kind, item.row.detail["count"], item.row.record_id) == ("assigned", 700, None)


def test_nobody_is_told_of_what_they_may_not_see_nor_shown_it_later(
    any_database: Database, crm: Crm, admin: Principal, member: Principal, told: Told
) -> None:
    secret = made(crm, admin, "notes", name="Secret", body=f"[@Ben](/users/{member.user_id})", private=True)
    assert told(member) == []
    acme = made(crm, admin, "companies", name="Acme", owner=member.user_id)
    assert told(member) == [("assigned", "Acme")]
    change(crm, admin, "companies", acme, owner=admin.user_id)
    with any_database.write() as connection:
        customization.set_setting(connection, "visibility.companies", "owner")
    assert told(member) == []
    with any_database.read() as connection:
        assert inbox.unread(connection, member) == 0
    assert secret


def test_kinds_that_one_doesnt_want_are_not_told(crm: Crm, admin: Principal, member: Principal, told: Told) -> None:
    with crm.database.write() as connection:
        people.turn_off(connection, member.user_id or 0, ["assigned"])
    made(crm, admin, "deals", name="Big", owner=member.user_id)
    made(crm, admin, "notes", body=f"[@Ben](/users/{member.user_id})", name="Plan")
    assert told(member) == [("mentioned", "Plan")]


def test_the_same_lines_handed_over_twice_are_told_once(
    any_database: Database, crm: Crm, admin: Principal, member: Principal, settle: Callable[[], None]
) -> None:
    from app.crm.changes import rewind

    made(crm, admin, "deals", name="Big", owner=member.user_id)
    settle()
    with any_database.write() as connection:
        rewind(connection, "notifications")
    settle()
    with any_database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(table)) == 1


def test_the_program_itself_is_nobodys_news(crm: Crm, member: Principal, told: Told) -> None:
    from app.shared.contract import SYSTEM

    made(crm, SYSTEM, "deals", name="Demo", owner=member.user_id)
    assert told(member) == []


# --- proposals --------------------------------------------------------------------------------------------------------


def _proposed(crm: Crm, principal: Principal) -> int:
    operation = Operation(action="create", object="companies", values={"name": "New"})
    return propose(crm.database, principal, ChangeSet(title="Add New", operations=(operation,))).id


@pytest.mark.parametrize(("how", "what"), [("apply", "applied"), ("reject", "rejected")])
def test_who_proposed_hears_what_somebody_else_decided(
    any_database: Database, crm: Crm, admin: Principal, member: Principal, how: str, what: str
) -> None:
    getattr(crm, how)(admin, _proposed(crm, member))
    getattr(crm, how)(member, _proposed(crm, member))  # one's own decision is no news
    with any_database.read() as connection:
        (item,) = inbox.listing(connection, member, limit=5)
    assert (item.row.kind, item.row.actor, item.row.detail) == ("proposal", "Anna", {"what": what, "title": "Add New"})


def test_who_proposed_hears_that_it_has_expired(any_database: Database, crm: Crm, member: Principal) -> None:
    id = _proposed(crm, member)
    late = utc_now() + timedelta(days=8)
    reminders.clear(any_database, late)
    reminders.clear(any_database, late)
    with any_database.read() as connection:
        (item,) = inbox.listing(connection, member, limit=5)
        assert item.row.detail["what"] == "expired"
        assert connection.scalar(select(change_sets.c.state).where(change_sets.c.id == id)) == "expired"


def test_notifications_go_after_ninety_days(crm: Crm, admin: Principal, member: Principal, told: Told) -> None:
    made(crm, admin, "deals", name="Big", owner=member.user_id)
    assert told(member)
    with crm.database.write() as connection:
        connection.execute(update(table).values(created_at=utc_now() - timedelta(days=91)))
    reminders.clear(crm.database, utc_now())
    assert told(member) == []


def test_the_assignee_of_the_next_step_is_told_that_its_turn_has_come(
    any_database: Database, crm: Crm, admin: Principal, member: Principal, told: Told
) -> None:
    first = made(crm, admin, "tasks", name="First")
    made(crm, member, "tasks", name="Second", after=first)
    change(crm, admin, "tasks", first, done=True)
    assert told(member) == [("unlocked", "Second")]
    assert told(admin) == []


def test_a_task_that_is_done_is_told_as_that(
    settle: Callable[[], None], crm: Crm, admin: Principal, member: Principal
) -> None:
    task = made(crm, admin, "tasks", name="Call", owner=member.user_id)
    for done, words in ((True, "Anna completed this task"), (False, "Anna reopened it")):
        change(crm, admin, "tasks", task, done=done)
        settle()
        with crm.database.read() as connection:
            newest = inbox.listing(connection, member, limit=1)[0]
        assert notifications.line(crm.catalog(), newest).text == words
