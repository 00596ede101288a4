"""Teams, visibility, handing over and signing out others, by the admins' pages."""

from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.crm import changes
from app.crm.accounts import sessions, teams, tokens, users
from app.crm.port import Crm
from app.crm.schema import security_events
from app.shared.contract import ChangeSet, Operation, Principal, Query
from app.shared.db import Database
from tests.accounts.browsing import Visitor, words
from tests.conftest import add_user


@pytest.fixture
def anna(stranger: TestClient, database: Database, admin: Principal) -> Visitor:
    """The admin's browser."""
    return Visitor(stranger.app, database, admin.user_id)


def kinds(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(select(security_events.c.kind).order_by(security_events.c.id)).scalars())


def team_of(database: Database, user: Principal) -> str:
    with database.read() as connection:
        return teams.name_of(connection, users.get(connection, user.user_id or 0).team_id)


def add(crm: Crm, by: Principal, object: str, **values: Any) -> int:
    operation = Operation(action="create", object=object, values=values)
    return crm.apply(by, ChangeSet(operations=(operation,))).records[0].id


def owners(crm: Crm, by: Principal, object: str) -> dict[str, str]:
    """The owner of each record by its label."""
    found = crm.query(by, Query(object=object))
    return {record.label: getattr(record.values.get("owner"), "label", "") for record in found.records}  # type: ignore[union-attr]


# --- teams ------------------------------------------------------------------------------------------------------------


def test_a_team_is_made_filled_renamed_and_deleted(anna: Visitor, database: Database, member: Principal) -> None:
    path = anna.post("/settings/teams", name="  North  Sea ").headers["location"]
    assert "North Sea" in words(anna.get("/settings/teams"))
    assert anna.post(f"{path}/members", member=[str(member.user_id)]).status_code == 303
    assert team_of(database, member) == "North Sea"
    assert "North Sea 1" in words(anna.get("/settings/teams"))
    assert anna.post(path, name="Baltic").headers["location"] == "/settings/teams"
    assert team_of(database, member) == "Baltic"
    assert anna.post(f"{path}/delete").status_code == 303
    assert team_of(database, member) == ""
    assert anna.get(path).status_code == 404
    assert kinds(database) == ["team.created", "user.team", "team.renamed", "user.team", "team.deleted"]


def test_unticking_takes_out_and_ticking_takes_from_another_team(
    anna: Visitor, database: Database, member: Principal, viewer: Principal
) -> None:
    north, south = (anna.post("/settings/teams", name=name).headers["location"] for name in ("North", "South"))
    anna.post(f"{north}/members", member=[str(member.user_id), str(viewer.user_id)])
    anna.post(f"{south}/members", member=[str(viewer.user_id)])
    assert (team_of(database, member), team_of(database, viewer)) == ("North", "South")
    anna.post(f"{north}/members")
    assert team_of(database, member) == ""


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "north"])
def test_a_bad_name_of_a_team_comes_back_with_the_reason(anna: Visitor, name: str) -> None:
    anna.post("/settings/teams", name="North")
    answer = anna.post("/settings/teams", name=name)
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert anna.post("/settings/teams/1", name="NORTH").status_code == 303  # its own name is free


def test_a_member_who_does_not_exist_is_refused(anna: Visitor) -> None:
    anna.post("/settings/teams", name="North")
    assert anna.post("/settings/teams/1/members", member=["999"]).status_code == 404


# --- visibility -------------------------------------------------------------------------------------------------------


@pytest.fixture
def office(_store: Database, crm: Crm, admin: Principal) -> dict[str, Principal]:
    """Two people of one team, one of another, one of none; seven deals and a private note."""
    with _store.write() as connection:
        north, south = teams.create(connection, "North"), teams.create(connection, "South")
    found = {
        "ben": add_user(_store, "Ben", "member", team_id=north),
        "cleo": add_user(_store, "Cleo", "member", team_id=north),
        "dora": add_user(_store, "Dora", "viewer", team_id=south),
        "emil": add_user(_store, "Emil", "member"),
    }
    for name, count in (("ben", 3), ("cleo", 1), ("dora", 2), ("emil", 1)):
        for number in range(count):
            add(crm, admin, "deals", name=f"{name} {number}", owner=found[name].user_id)
    add(crm, found["ben"], "notes", body="mine", private=True)
    return found


@pytest.mark.parametrize("rule", ["everyone", "team", "owner"])
def test_the_preview_is_what_each_person_then_sees(
    any_database: Database, crm: Crm, office: dict[str, Principal], admin: Principal, rule: str
) -> None:
    from app.crm.accounts import administration, effect

    with any_database.read() as connection:
        found = {item.object: item for item in effect.effects(connection)}
    with any_database.write() as connection:
        for name in effect.OBJECTS:
            administration.set_visibility(connection, admin, name, rule)
    people = {item.name: item for item in office.values()}
    for name in ("deals", "notes"):
        assert [person.name for person in found[name].people] == ["Ben", "Cleo", "Dora", "Emil"]
        for person in found[name].people:
            seen = crm.query(people[person.name], Query(object=name))
            assert seen.total == person.sees[rule], (name, person.name)  # type: ignore[union-attr]


def test_the_page_says_what_each_rule_means_in_numbers(anna: Visitor, office: dict[str, Principal]) -> None:
    said = words(anna.get("/settings/visibility"))
    assert "members and viewers see between 1 and 4 of 7" in said
    assert "each member and viewer sees 7 of 7" in said
    assert "Emil in no team" in said


def test_a_rule_is_saved_counts_at_once_and_is_noted(
    anna: Visitor, database: Database, crm: Crm, office: dict[str, Principal]
) -> None:
    assert anna.post("/settings/visibility", deals="owner").status_code == 303
    assert crm.query(office["cleo"], Query(object="deals")).total == 1  # type: ignore[union-attr]
    with database.read() as connection:
        row = connection.execute(select(security_events)).one()
    assert (row.kind, row.detail) == ("visibility.changed", {"object": "deals", "from": "everyone", "to": "owner"})
    anna.post("/settings/visibility", deals="owner")
    assert kinds(database) == ["visibility.changed"]


def test_a_rule_that_there_is_not_changes_nothing(anna: Visitor, database: Database) -> None:
    answer = anna.post("/settings/visibility", deals="nobody", notes="team")
    assert answer.status_code == 422
    assert kinds(database) == []


# --- who leaves -------------------------------------------------------------------------------------------------------


@pytest.fixture
def portfolio(crm: Crm, admin: Principal, member: Principal) -> None:
    """What the member owns."""
    for object, values in (
        ("companies", {"name": "Acme"}), ("people", {"name": "Ada"}), ("deals", {"name": "Pilot"}),
        ("tasks", {"name": "Call"}), ("tasks", {"name": "Done", "done": True}), ("notes", {"body": "Said"}),
    ):  # fmt: skip
        add(crm, admin, object, owner=member.user_id, **values)
    gone = add(crm, admin, "deals", name="Gone", owner=member.user_id)
    crm.apply(admin, ChangeSet(operations=(Operation(action="trash", object="deals", id=gone),)))


@pytest.mark.usefixtures("portfolio")
def test_records_are_handed_over_in_one_change_set_that_can_be_undone(
    anna: Visitor, database: Database, crm: Crm, admin: Principal, member: Principal
) -> None:
    path = f"/settings/users/{member.user_id}"
    assert "1 company, 1 person, 1 deal and 1 task" in words(anna.get(path))
    assert anna.post(f"{path}/deactivate", to=str(admin.user_id)).status_code == 303
    toast = words(anna.get(path))
    assert "records handed over" in toast
    for object, label in (("companies", "Acme"), ("people", "Ada"), ("deals", "Pilot"), ("tasks", "Call")):
        assert owners(crm, admin, object)[label] == "Anna"
    assert owners(crm, admin, "tasks")["Done"] == "Ben"
    assert set(owners(crm, admin, "notes").values()) == {"Ben"}
    with database.read() as connection:
        last = changes.listing(connection, admin, limit=1)
    done = (last[0] if isinstance(last, tuple) else last)[0]
    assert done.title == "Hand over from Ben to Anna"
    crm.undo(admin, done.id)
    assert owners(crm, admin, "companies") == {"Acme": "Ben"}
    assert kinds(database) == ["records.handed_over", "user.deactivated"]


@pytest.mark.usefixtures("portfolio")
def test_without_a_choice_the_records_stay(
    anna: Visitor, database: Database, crm: Crm, admin: Principal, member: Principal
) -> None:
    assert anna.post(f"/settings/users/{member.user_id}/deactivate", to="").status_code == 303
    assert owners(crm, admin, "companies") == {"Acme": "Ben"}
    assert kinds(database) == ["user.deactivated"]


@pytest.mark.usefixtures("portfolio")
def test_records_go_to_somebody_else_who_is_active(anna: Visitor, database: Database, member: Principal) -> None:
    left = add_user(database, "Left", "member", active=False)
    for to in (str(member.user_id), str(left.user_id), "999", "x", "-1"):
        answer = anna.post(f"/settings/users/{member.user_id}/deactivate", to=to)
        assert answer.status_code in (404, 422), to
    with database.read() as connection:
        assert users.get(connection, member.user_id or 0).active
    assert kinds(database) == []


def test_an_admin_signs_somebody_out_everywhere(anna: Visitor, database: Database, member: Principal) -> None:
    with database.write() as connection:
        sessions.start(connection, member.user_id or 0)
        tokens.create(connection, member.user_id or 0, "script")
    path = f"/settings/users/{member.user_id}"
    assert "Ends 1 session and revokes 1 token" in words(anna.get(path))
    assert anna.post(f"{path}/sign-out").status_code == 303
    with database.read() as connection:
        assert sessions.listing(connection, member.user_id or 0) == []
        assert tokens.listing(connection, member.user_id or 0) == []


def test_the_last_admin_stays_one_by_every_way(anna: Visitor, database: Database, admin: Principal) -> None:
    with database.write() as connection:
        users.set_password(connection, admin.user_id or 0, "hash")
        sessions.revoke_all(connection, admin.user_id or 0)
    anna = Visitor(anna.client.app, database, admin.user_id)
    path = f"/settings/users/{admin.user_id}"
    fields = {"name": "Anna", "email": "anna@example.com", "team": ""}
    assert anna.post(path, role="member", **fields).status_code == 409
    assert anna.post(f"{path}/deactivate").status_code == 409
    with database.read() as connection:
        row = users.get(connection, admin.user_id or 0)
    assert (row.role, row.active) == ("admin", True)
    assert kinds(database) == []


def test_every_step_of_an_invitation_is_noted(anna: Visitor, database: Database) -> None:
    answer = anna.post("/settings/users", name="Cleo", email="cleo@example.com", role="viewer", team="North")
    path = answer.text.split('value="http://127.0.0.1:5050')[1].split('"')[0]
    visitor = Visitor(anna.client.app)
    assert visitor.post(path, name="Cleo", password="tulip river 42").status_code == 303
    assert kinds(database) == ["team.created", "user.invited", "user.joined", "session.started"]
    fields = {"name": "Cleo Park", "email": "cleo@example.com", "team": ""}
    anna.post("/settings/users/2", role="member", **fields)
    assert kinds(database)[4:] == ["user.role", "user.team", "user.changed"]
    with database.read() as connection:
        stored = str(connection.execute(select(security_events)).all())
    assert path.rsplit("/", 1)[1] not in stored
    assert "tulip" not in stored
