"""Ids and numbers that no database holds, in every route and in the assistant's messages: refused, never a fault."""

import json
import re
from typing import Any

import pytest

from tests.attacks.office import Office
from tests.test_every_route import EXPECTED

NUMBERS = (
    "0",
    "-1",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "9" * 40,
    "1e3",
    "0x1",
    "١",
    "1.0",
    "%00",
    " 1",
)
HOLE = re.compile(r"<(?:[^:>]*:)?(\w+)>|\{(\w+)(?::\w+)?\}")
WITH_HOLES = sorted(route for route in EXPECTED if HOLE.search(route) and not route.startswith("WS "))


def _filled(rule: str, number: str) -> str:
    return HOLE.sub(lambda hole: "deals" if "object" in (hole[1] or hole[2]) else number, rule)


@pytest.mark.parametrize("number", NUMBERS)
def test_no_route_fails_over_a_number(office: Office, number: str) -> None:
    by_token, in_person = office.as_token("anna"), office.as_person("anna")
    faults = []
    for route in WITH_HOLES:
        method, rule = route.split(" ", 1)
        headers = by_token if rule.startswith(("/api", "/chat")) else in_person
        body = {"json": {}} if rule.startswith(("/api", "/chat")) and method != "GET" else {}
        if rule.endswith("/rating"):
            body = {"json": {"rating": None}}
        if rule.startswith("/chat/conversations") and method == "PATCH":
            body = {"json": {"title": "x"}}
        answer = office.client.request(method, _filled(rule, number), headers=headers, **body)
        if answer.status_code >= 500:
            faults.append((method, answer.url.path, answer.status_code))
    assert faults == []


@pytest.mark.parametrize("value", [2**63, 2**70, -1, -(2**70), 1e308, True, "1", None, [], {}])
def test_no_query_parameter_and_no_body_of_the_assistant_fails_over_a_number(office: Office, value: Any) -> None:
    headers, written = office.as_token("ben"), json.dumps(value)
    tries = [
        office.client.get(f"/chat/conversations/1?before={written}", headers=headers),
        office.client.get(f"/chat/messages/1/events?after={written}", headers=headers),
        office.client.get("/chat/messages/1/events", headers=headers | {"Last-Event-ID": written}),
        office.client.get(f"/chat/conversations?limit={written}", headers=headers),
        office.client.post("/chat/ask", json={"question": "x", "conversation_id": value}, headers=headers),
        office.client.post(
            "/chat/ask", json={"question": "x", "context": {"object": "deals", "id": value}}, headers=headers
        ),
    ]
    assert [answer.text for answer in tries if answer.status_code >= 500] == []


@pytest.mark.parametrize("value", [2**63, -1, 1e308, True, "1", None, []])
def test_no_message_of_the_socket_fails_over_a_number(office: Office, value: Any) -> None:
    with office.client.websocket_connect("ws://127.0.0.1:5050/chat/ws", headers=office.as_token("ben")) as socket:
        for message in (
            {"type": "resume", "message_id": value, "after": 0},
            {"type": "resume", "message_id": 1, "after": value},
            {"type": "stop", "message_id": value},
            {"type": "ask", "question": "x", "conversation_id": value if value is not None else 2**70},
            {"type": value},
        ):
            socket.send_json(message)
        socket.send_json({"type": "ask", "question": "how many deals"})  # it still serves
        kinds = set()
        while "done" not in kinds:
            kinds.add(socket.receive_json()["type"])
