"""What the matrix of routes can't show: WebSocket messages as each caller, and another team's records on each route.

Message types are found among the declared models, so that a new one fails until it is placed.
"""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from starlette.websockets import WebSocketDisconnect

from app.chatbot import schemas
from app.chatbot.schemas import Closed
from app.crm import customization
from app.crm.accounts import sessions, teams, users
from app.crm.objects import BUILT_IN, WRITTEN_OBJECTS
from app.crm.schema import sessions as session_table
from tests.test_every_route import EXPECTED, HOME, LOOKS, UNKNOWN, World, world

__all__ = ["world"]  # the fixture
SOCKET = "ws://127.0.0.1:5050/chat/ws"

# Each message of /chat/ws: what is sent about somebody else's turn, and what it is answered with.
MESSAGES: dict[str, tuple[dict[str, Any], str]] = {
    "ask": ({"question": "How many deals are there?", "conversation_id": 0}, "404"),
    "stop": ({"message_id": 0}, "404"),
    "resume": ({"message_id": 0, "after": 0}, "404"),
    "watch": ({"conversation_id": 0}, "404"),
}


def declared() -> set[str]:
    """The type of every message that the assistant takes over its WebSocket."""
    found = set()
    for model in vars(schemas).values():
        if isinstance(model, type) and issubclass(model, Closed) and "type" in model.model_fields:
            found |= set(get_args(model.model_fields["type"].annotation))
    return found


@pytest.fixture(scope="module")
def turn(world: World) -> dict[str, int]:
    """A turn of the admin's; nobody else may see it, hear it or stop it."""
    headers = world.headers("admin")
    body = world.client.post("/chat/ask", headers=headers, json={"question": "How many deals are there?"}).json()
    return {"conversation_id": body["conversation_id"], "message_id": body["message_id"]}


def message(kind: str, turn: dict[str, int]) -> dict[str, Any]:
    """About the admin's turn."""
    body, _ = MESSAGES[kind]
    return {"type": kind, **{name: turn.get(name, value) for name, value in body.items()}}


def test_every_message_stands_in_the_table() -> None:
    assert declared() == set(MESSAGES)


@pytest.mark.parametrize("kind", sorted(MESSAGES))
@pytest.mark.parametrize("caller", UNKNOWN)
def test_who_is_unknown_sends_no_message(world: World, turn: dict[str, int], caller: str, kind: str) -> None:
    headers = world.headers(caller)
    before = world.digest()
    with (
        pytest.raises(WebSocketDisconnect),
        world.client.websocket_connect(SOCKET, headers=headers) as connection,
    ):
        connection.send_json(message(kind, turn))
    assert world.digest() == before


@pytest.mark.parametrize("caller", sorted(LOOKS - {"admin", "admin's token", "admin's reading token"}))
def test_nobody_reaches_into_the_turn_of_somebody_else(world: World, turn: dict[str, int], caller: str) -> None:
    headers = world.headers(caller)
    before = world.digest()
    with world.client.websocket_connect(SOCKET, headers=headers) as connection:
        for kind, (_, status) in MESSAGES.items():
            connection.send_json(message(kind, turn))
            answer = connection.receive_json()
            assert (answer["type"], str(answer["status"])) == ("error", status), kind
            assert "deals" not in json.dumps(answer)
    assert world.digest() == before


@pytest.mark.parametrize("caller", sorted(LOOKS))
def test_whoever_may_look_asks(world: World, caller: str) -> None:
    with world.client.websocket_connect(SOCKET, headers=world.headers(caller)) as connection:
        connection.send_json({"type": "ask", "question": "How many deals are there?"})
        kinds = []
        while "done" not in kinds:
            kinds.append(connection.receive_json()["type"])
            assert "error" not in kinds
    assert kinds[0] == "started"


@pytest.mark.parametrize("kind", sorted(MESSAGES))
@pytest.mark.parametrize("how", ["revoked", "deactivated", "another role"])
def test_a_message_after_the_credential_has_ended_does_nothing(
    world: World, turn: dict[str, int], kind: str, how: str
) -> None:
    member = world.users["member"]
    with world.client.websocket_connect(SOCKET, headers=world.headers("member")) as connection:
        with world.database.write() as writing:
            if how == "revoked":
                writing.execute(session_table.delete().where(session_table.c.user_id == member))
            elif how == "deactivated":
                users.deactivate(writing, member)
            else:
                users.set_role(writing, member, "viewer")
        try:
            before = world.digest()
            connection.send_json({"type": "ask", "question": "Hello?"} if kind == "ask" else message(kind, turn))
            with pytest.raises(WebSocketDisconnect) as closed:
                connection.receive_json()
            assert closed.value.code == 1008
            assert world.digest() == before
        finally:
            with world.database.write() as writing:
                users.reactivate(writing, member)
                users.set_role(writing, member, "member")
                sessions.revoke_all(writing, member)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:9999", None])
@pytest.mark.parametrize("path", [route.removeprefix("WS ") for route in EXPECTED if route.startswith("WS ")])
def test_a_websocket_from_another_site_is_not_accepted(world: World, path: str, origin: str | None) -> None:
    headers = {name: value for name, value in world.headers("member").items() if name != "Origin"}
    if origin is not None:
        headers["Origin"] = origin
    with (
        pytest.raises(WebSocketDisconnect),
        world.client.websocket_connect(f"ws://127.0.0.1:5050{path}", headers=headers),
    ):
        pass


# --- records of another team ------------------------------------------------------------------------------------------

SECRET = "Nightingale"


@pytest.fixture(scope="module")
def hidden(world: World) -> Iterator[dict[str, int]]:
    """A record of each object, owned in one team, where records are for teams alone; their ids."""
    with world.database.write() as connection:
        north, south = teams.create(connection, "North"), teams.create(connection, "South")
        users.set_team(connection, world.users["member"], north)
        users.set_team(connection, world.users["other"], south)
        for name in BUILT_IN:
            if "owner" in {field.name for field in BUILT_IN[name].fields}:
                customization.set_setting(connection, f"visibility.{name}", "team")
    yield _records(world, world.headers("member"))
    with world.database.write() as connection:
        for name in BUILT_IN:
            customization.set_setting(connection, f"visibility.{name}", None)


def _records(world: World, headers: dict[str, str]) -> dict[str, int]:
    owner = {"owner": world.users["member"]}
    sent: dict[str, dict[str, Any]] = {
        "companies": {"name": SECRET, **owner},
        "people": {"name": SECRET, **owner},
        "deals": {"name": SECRET, **owner},
        "tasks": {"name": SECRET, **owner},
        "notes": {"body": SECRET, **owner},
        "activities": {"kind": "call", "name": SECRET, "date": "2024-11-05", **owner},
    }
    made: dict[str, int] = {}
    for object, body in sent.items():
        answer = world.client.post(f"/api/v1/{object}", headers=headers, json=body)
        assert answer.status_code == 201, answer.text
        made[object] = answer.json()["id"]
    file = {"file": (f"{SECRET}.txt", SECRET.encode())}
    answer = world.client.post("/api/v1/files", headers=headers, files=file, data={"owner": str(owner["owner"])})
    assert answer.status_code == 201, answer.text
    made["files"] = answer.json()["id"]
    ends = {"deal": made["deals"], "person": made["people"], "user": world.users["member"]}
    for object in set(WRITTEN_OBJECTS) - made.keys():
        body = {field.name: ends[field.name] for field in BUILT_IN[object].ends}
        made[object] = world.client.post(f"/api/v1/{object}", headers=headers, json=body).json()["id"]
    return made


def about(ids: dict[str, int]) -> Iterator[tuple[str, str]]:
    """Every route that names one record, for each object that it takes."""
    for route in EXPECTED:
        method, rule = route.split(" ", 1)
        taken = _objects(rule) or [rule.split("/")[1]]
        if "<id>" in rule and set(taken) <= ids.keys():
            for object in taken:
                path = _of(rule, object).replace("<id>", str(ids[object]))
                yield method, path.replace("<relation>", "contacts")


def _objects(rule: str) -> list[str]:
    return rule.partition("<any(")[2].partition(")")[0].split(",") if "<any(" in rule else []


def _of(rule: str, object: str) -> str:
    return rule.replace(f"<any({','.join(_objects(rule))}):object>", object).replace("{object}", object)


def test_a_member_of_another_team_meets_nothing_on_any_route_of_a_record(world: World, hidden: dict[str, int]) -> None:
    """Each route answers exactly as it does for a record that isn't there, and nothing is written."""
    headers = world.headers("member of another team")
    before = world.digest()
    nothing = list(about(dict.fromkeys(hidden, 999_999)))
    asked = list(about(hidden))
    assert len(asked) > 80
    for (method, path), (_, absent) in zip(asked, nothing, strict=True):
        sent = {"json": {"name": "x"}} if path.startswith("/api") and method in ("PATCH", "PUT") else {}
        sent |= (
            {"data": {"name": "x", "stage": "won", "by": "", "to": "won"}}
            if method == "POST" and not path.startswith("/api")
            else {}
        )
        answer = world.client.request(method, path, headers=headers, **sent)
        assert answer.status_code == world.client.request(method, absent, headers=headers, **sent).status_code, path
        assert answer.status_code in (400, 403, 404, 405, 422), (method, path, answer.status_code)
        assert SECRET not in answer.text, (method, path)
    assert world.digest() == before


def seen(world: World, caller: str) -> set[str]:
    """The pages and answers that name no record in their address, and show what is hidden from others."""
    headers, found = world.headers(caller), set()
    for route in EXPECTED:
        method, rule = route.split(" ", 1)
        if method == "GET" and "<id>" not in rule and "{id}" not in rule:
            for object in _objects(rule) or (["deals"] if "{object}" in rule else [""]):
                path = _of(rule, object)
                answer = world.client.get(
                    path, headers=headers, params={"q": SECRET.upper()} if "search" in path else {}
                )
                found |= {path} if SECRET in answer.text else set()
    return found


def test_a_member_of_another_team_sees_none_of_it_on_any_other_page(world: World, hidden: dict[str, int]) -> None:
    assert seen(world, "member of another team") == set()
    assert {"/deals", "/search", "/deals/board", "/export/deals.csv", "/api/v1/notes", "/api/v1/search"} <= seen(
        world, "member"
    )


def test_who_is_in_the_team_does_meet_them(world: World, hidden: dict[str, int]) -> None:
    headers = world.headers("member")
    for object, id in hidden.items():
        assert world.client.get(f"/api/v1/{object}/{id}", headers=headers).status_code == 200
    assert HOME in headers.values()
