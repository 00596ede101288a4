"""A conversation that is watched over one socket is told of what is asked in it over another."""

from typing import Any

from starlette.testclient import TestClient

SOCKET = "ws://127.0.0.1:5050/chat/ws"


def test_what_is_asked_elsewhere_is_told_once(client: TestClient) -> None:
    first: dict[str, Any] = client.post("/chat/ask", json={"question": "How many deals are there?"}).json()
    number = first["conversation_id"]
    with client.websocket_connect(SOCKET) as here, client.websocket_connect(SOCKET) as there:
        here.send_json({"type": "watch", "conversation_id": number})
        here.send_json({"type": "stop", "message_id": first["message_id"]})
        here.send_json({"type": "resume", "message_id": first["message_id"], "after": 0})
        while here.receive_json()["type"] != "done":
            pass
        there.send_json({"type": "watch", "conversation_id": number})
        asked = {"type": "ask", "question": "How many people are there?", "conversation_id": number}
        there.send_json({**asked, "ref": "r"})
        seen, own = _to_the_end(here), _to_the_end(there)
        assert [event["seq"] for event in seen] == [event["seq"] for event in own]
        assert seen[0]["question"] == "How many people are there?"
        assert ("ref" in own[0], "ref" in seen[0]) == (True, False)
        here.send_json({"type": "watch", "conversation_id": None})
        here.send_json({"type": "bogus"})
        assert here.receive_json()["status"] == 422
        there.send_json({"type": "ask", "question": "How many tasks are there?", "conversation_id": number})
        _to_the_end(there)
        here.send_json({"type": "bogus"})
        assert here.receive_json()["status"] == 422  # and nothing of that turn before it


def _to_the_end(socket: Any) -> list[dict[str, Any]]:
    seen = [socket.receive_json()]
    while seen[-1]["type"] not in ("done", "error"):
        seen.append(socket.receive_json())
    return seen


def test_a_model_is_left_out_where_that_is_asked_for(client: TestClient) -> None:
    answer = client.post("/chat/ask", json={"question": "How many deals are there?", "model": False})
    assert (answer.status_code, answer.json()["model"]) == (200, None)
