"""Users and teams over REST: everybody who is signed in may look; admins are told more; nobody changes them here."""

from typing import Any

import pytest

from app.crm.accounts import teams, users
from app.shared.contract import Principal
from app.shared.db import Database
from tests.conftest import bearer


@pytest.fixture
def north(database: Database, member: Principal) -> int:
    """A team that the member is in."""
    with database.write() as connection:
        team_id = teams.create(connection, "North")
        users.set_team(connection, member.user_id or 0, team_id)
    return team_id


def test_users_are_listed_with_their_teams(client: Any, member: Principal, north: int) -> None:
    body = client.get("/api/v1/users?sort=name").json()
    assert [item["name"] for item in body["items"]] == ["Anna", "Ben"]
    assert body["items"][1]["team"]["label"] == "North"
    assert body["total"] == 2
    assert client.get(f"/api/v1/users?team={north}&active=true").json()["items"][0]["id"] == member.user_id


def test_admins_are_told_role_and_state_and_others_are_not(client: Any, database: Database, member: Principal) -> None:
    path = f"/api/v1/users/{member.user_id}"
    assert client.get(path).json().items() >= {"role": "member", "state": "uninvited"}.items()
    headers = {"Authorization": f"Bearer {bearer(database, member, ('read',))}"}
    seen = client.get(path, headers=headers).json()
    assert {"id", "name", "email", "active"} <= seen.keys()
    assert not {"role", "state", "password_hash"} & seen.keys()


def test_teams_are_listed_and_shown(client: Any, north: int) -> None:
    assert [item["name"] for item in client.get("/api/v1/teams").json()["items"]] == ["North"]
    assert client.get(f"/api/v1/teams/{north}").json()["name"] == "North"
    assert client.get("/api/v1/teams/999").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/users/1", "/api/v1/teams", "/api/v1/teams/1"])
def test_nothing_of_it_is_changed_here(client: Any, method: str, path: str) -> None:
    assert client.request(method, path, json={"name": "x", "role": "admin"}).status_code == 405


def test_what_is_unknown_is_named(client: Any) -> None:
    answer = client.get("/api/v1/users?passwort=x")
    assert answer.status_code == 422
    assert "passwort" in answer.text
