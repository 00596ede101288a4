"""Values for what nobody may set: every column of every table, sent where a form or the API takes values."""

import itertools
from typing import Any

import pytest
from sqlalchemy import func, select

from app.crm.objects import BUILT_IN, TYPED_OBJECTS
from app.crm.schema import change_sets, metadata, record_tables, users
from tests.attacks.office import Office

# What each object's minimal record is made of.
GOOD: dict[str, dict[str, Any]] = {
    "companies": {"name": "Good"},
    "people": {"name": "Good"},
    "deals": {"name": "Good"},
    "tasks": {"name": "Good"},
    "notes": {"body": "Good"},
    "activities": {"kind": "call", "date": "2024-11-05"},
}
FORBIDDEN = (
    "id",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "created_by_id",
    "trashed_at",
    "custom",
    "label",
    "url",
)


def settable(object: str) -> set[str]:
    return {field.name for field in BUILT_IN[object].fields if not field.read_only}


def columns(object: str) -> list[str]:
    """Every column that isn't itself a field that one may set."""
    found = {column.name for column in record_tables[object].columns} | set(FORBIDDEN)
    elsewhere = {column.name for table in metadata.sorted_tables for column in table.columns}
    return sorted((found | elsewhere) - settable(object))


@pytest.mark.parametrize("object", TYPED_OBJECTS)
def test_no_column_is_set_by_its_name(office: Office, object: str) -> None:
    """As admin, whose rights would suffice for anything: each name is refused by name, alone and among the others."""
    headers, names = office.as_token("anna"), columns(object)
    made = office.client.post(f"/api/v1/{object}", json=GOOD[object], headers=headers).json()
    before = office.digest()
    everything = GOOD[object] | dict.fromkeys(names, 1)
    for method, path in (("POST", f"/api/v1/{object}"), ("PATCH", f"/api/v1/{object}/{made['id']}")):
        answer = office.client.request(method, path, json=everything, headers=headers)
        assert answer.status_code == 422
        assert {error["field"] for error in answer.json()["errors"]} == set(names)
    for name in set(names) & ({column.name for column in record_tables[object].columns} | set(FORBIDDEN)):
        answer = office.client.patch(f"/api/v1/{object}/{made['id']}", json={name: 1}, headers=headers)
        assert answer.status_code == 422, (name, answer.text)
    assert office.digest() == before


@pytest.mark.parametrize("object", TYPED_OBJECTS)
def test_change_sets_and_queries_take_no_further_keys(office: Office, object: str) -> None:
    headers, before = office.as_token("anna"), office.digest()
    operation = {"action": "create", "object": object, "values": GOOD[object]}
    for table in (change_sets, users):
        for name in (*table.c.keys(), "principal", "author", "state_", "channel"):
            if name not in ("id", "title", "operations", "state", "propose", "resolutions"):
                body = {"title": "x", "operations": [operation], name: 1}
                assert office.client.post("/api/v1/changes", json=body, headers=headers).status_code == 422, name
    for name in ("created_at", "created_by_id", "author_id", "state", "principal", "sql"):
        body = {"title": "x", "operations": [{**operation, name: 1}]}
        assert office.client.post("/api/v1/changes", json=body, headers=headers).status_code == 422, name
        answer = office.client.post("/api/v1/query", json={"object": object, name: 1}, headers=headers)
        assert answer.status_code == 422, name
    assert office.digest() == before


NOT_RECORDS = ("users", "teams", "pipelines", "sessions", "tokens", "settings", "change_sets", "custom_fields")


@pytest.mark.parametrize("action", ["create", "update", "trash", "restore", "purge", "merge", "link", "unlink"])
def test_no_change_set_reaches_a_table_of_accounts_or_settings(office: Office, action: str) -> None:
    headers, before = office.as_token("anna"), office.digest()
    operation = {"action": action, "values": {"name": "Owned", "role": "admin"}}
    ways = ({}, {"id": 1}, {"id": 1, "to": 2, "relation": "team"}, {"id": 1, "twins": [2]})
    for object, more in itertools.product(NOT_RECORDS, ways):
        body = {"operations": [{**operation, **more, "object": object}]}
        answer = office.client.post("/api/v1/changes", json=body, headers=headers)
        assert answer.status_code in (400, 403, 404, 422), (more, answer.text)
    assert office.digest() == before


def test_somebody_elses_change_set_is_not_to_be_had(office: Office) -> None:
    """Otto's proposal over his own deal: Ben can't see, apply, reject or undo it."""
    deal = office.ids["otto.deal"]
    operation = {"action": "update", "object": "deals", "id": deal, "values": {"amount": 7}}
    proposed = office.client.post(
        "/api/v1/changes", json={"propose": True, "operations": [operation]}, headers=office.as_token("otto")
    ).json()
    before, headers = office.digest(), office.as_token("ben")
    assert office.client.get(f"/api/v1/changes/{proposed['id']}", headers=headers).status_code in (403, 404)
    for action in ("apply", "reject", "undo"):
        answer = office.client.post(f"/api/v1/changes/{proposed['id']}/{action}", json={}, headers=headers)
        assert answer.status_code in (403, 404), (action, answer.text)
    assert office.digest() == before


@pytest.mark.parametrize("object", ["deals", "notes"])
def test_a_record_out_of_sight_is_not_changed_by_its_number(office: Office, object: str) -> None:
    id, headers = office.ids[f"otto.{object.removesuffix('s')}"], office.as_token("ben")
    before = office.digest()
    field = "name" if object == "deals" else "body"
    tries = [
        office.client.get(f"/api/v1/{object}/{id}", headers=headers),
        office.client.patch(f"/api/v1/{object}/{id}", json={field: "Mine"}, headers=headers),
        office.client.delete(f"/api/v1/{object}/{id}", headers=headers),
        office.client.post(f"/api/v1/{object}/{id}/restore", json={}, headers=headers),
    ]
    for action in ("update", "trash", "restore", "purge"):
        values = {field: "Mine"} if action == "update" else {}
        operation = {"action": action, "object": object, "id": id, "values": values}
        for propose in (True, False):
            body = {"operations": [operation], "propose": propose}
            tries.append(office.client.post("/api/v1/changes", json=body, headers=headers))
    assert {answer.status_code for answer in tries} <= {403, 404}, [answer.text for answer in tries]
    assert office.digest() == before


def test_a_link_to_a_record_out_of_sight_is_refused_like_one_to_nothing(office: Office) -> None:
    headers, before = office.as_token("ben"), office.digest()
    hidden = office.client.post("/api/v1/tasks", json={"name": "x", "deal": office.ids["otto.deal"]}, headers=headers)
    nothing = office.client.post("/api/v1/tasks", json={"name": "x", "deal": 999_999}, headers=headers)
    assert (hidden.status_code, nothing.status_code) == (422, 422)
    number = str(office.ids["otto.deal"])
    assert hidden.json()["detail"].replace(number, "N") == nothing.json()["detail"].replace("999999", "N")
    assert office.digest() == before


# --- accounts ---------------------------------------------------------------------------------------------------------


def _users(office: Office) -> dict[int, dict[str, Any]]:
    with office.database.read() as connection:
        return {row.id: dict(row._mapping) for row in connection.execute(select(users))}


SENT = {column.name: "1" for column in users.columns} | {
    "role": "admin",
    "team": "South",
    "active": "1",
    "password": "long enough 1",
    "new": "",
    "user_id": "1",
    "email": "new@example.com",
}


@pytest.mark.parametrize("who", ["ben", "vera"])
def test_a_profile_changes_its_three_fields_and_no_other(office: Office, who: str) -> None:
    me, before = office.people[who].user_id or 0, _users(office)
    sent = {**SENT, "name": before[me]["name"], "timezone": "Europe/Berlin", "locale": before[me]["locale"]}
    answer = office.client.post("/settings/profile", data=sent, headers=office.as_person(who))
    assert answer.status_code == 303, answer.text
    after = _users(office)
    assert after[me].pop("timezone") == "Europe/Berlin"  # the form was taken
    before[me].pop("timezone")
    assert after == before


@pytest.mark.parametrize("who", ["ben", "vera"])
@pytest.mark.parametrize(
    "path", ["/settings/users", "/settings/users/{me}", "/settings/users/{admin}", "/settings/users/{me}/reactivate"]
)
def test_nobody_gives_themselves_another_role(office: Office, who: str, path: str) -> None:
    filled = path.format(me=office.people[who].user_id, admin=office.people["anna"].user_id)
    before = _users(office)
    for headers in (office.as_person(who), office.as_token(who), office.as_token("anna")):
        assert office.client.post(filled, data=SENT, headers=headers).status_code == 403
    assert _users(office) == before


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("object", ["users", "teams", "pipelines", "sessions", "tokens"])
def test_accounts_have_no_collection_over_rest(office: Office, object: str, method: str) -> None:
    before = _users(office)
    for path in (f"/api/v1/{object}", f"/api/v1/{object}/1", f"/{object}/1/edit", f"/{object}/new"):
        answer = office.client.request(method, path, json={"role": "admin"}, headers=office.as_token("ben"))
        assert answer.status_code in (400, 403, 404, 405, 415), (path, answer.status_code)
    assert _users(office) == before


def test_a_token_of_more_than_ones_own_rights_is_not_made(office: Office) -> None:
    """A viewer's token that says write stays a viewer's; a token makes no token; nobody makes one for another."""
    headers = office.as_person("vera")
    for scope in ("write", "admin", "read write admin", "*"):
        office.client.post("/settings/tokens", data={"name": "x", "scope": scope, "user_id": "1"}, headers=headers)
    mine = office.people["vera"].user_id
    with office.database.read() as connection:
        owners = set(
            connection.execute(
                select(metadata.tables["tokens"].c.user_id).where(metadata.tables["tokens"].c.name == "x")
            ).scalars()
        )
    assert owners <= {mine}
    assert (
        office.client.post("/api/v1/companies", json={"name": "x"}, headers=office.as_token("vera")).status_code == 403
    )
    assert (
        office.client.post("/settings/tokens", data={"name": "y"}, headers=office.as_token("anna")).status_code == 403
    )


def test_a_viewer_owns_nothing_more_by_asking(office: Office) -> None:
    before, headers = office.digest(), office.as_token("vera")
    me = office.people["vera"].user_id
    for object in ("companies", "deals", "tasks"):
        for path, method in ((f"/api/v1/{object}", "POST"), (f"/api/v1/{object}/1", "PATCH")):
            answer = office.client.request(
                method, path, json={"name": "x", "owner": me, "assignee": me}, headers=headers
            )
            assert answer.status_code == 403
    operation = {"action": "update", "object": "deals", "id": office.ids["ben.deal"], "values": {"owner": me}}
    for propose in (True, False):
        answer = office.client.post(
            "/api/v1/changes", json={"operations": [operation], "propose": propose}, headers=headers
        )
        assert answer.status_code == 403
    assert office.digest() == before


def test_an_import_sets_no_column_that_isnt_a_field(office: Office) -> None:
    headers = office.as_token("anna")
    text = "name,id,version,created_at,created_by_id,trashed_at,custom\nBulk,1,9,2001-01-01,1,2001-01-01,{}\n"
    maps = ["id=id", "version=version", "created_at=created_at", "created_by_id=created_by_id", "custom=custom"]
    for name in maps:
        answer = office.client.post(
            "/api/v1/imports",
            data={"object": "companies", "map": [name]},
            files={"file": ("c.csv", text, "text/csv")},
            headers=headers,
        )
        body = answer.json()
        if answer.status_code == 201:  # told by the run itself
            body = _ended(office, body["id"], headers)
            assert body["state"] == "failed", (name, body)
        else:
            assert answer.status_code == 422
    table = record_tables["companies"]
    with office.database.read() as connection:
        assert connection.scalar(select(func.count()).where(table.c.name == "Bulk")) == 0


def _ended(office: Office, id: int, headers: dict[str, str]) -> Any:
    import time

    for _ in range(400):
        body = office.client.get(f"/api/v1/imports/{id}", headers=headers).json()
        if body["state"] not in ("queued", "running"):
            return body
        time.sleep(0.02)
    raise AssertionError(body)
