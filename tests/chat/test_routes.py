"""The assistant's addresses: one question, three ways to be answered, and conversations that are one's own."""

import json
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.chatbot.routes import router
from app.chatbot.schemas import FinishedAnswer
from app.chatbot.service import Chat
from app.shared.contract import Principal
from tests.chat.conftest import NOT_READ, Bench

CONTRACT = {
    "conversation_id", "message_id", "answer", "figures", "rows", "query", "url", "passages", "readings", "unread",
    "citations", "proposals", "mode", "model",
}  # fmt: skip


class Asker:
    """Speaks for one principal after another, as the identity layer would find them."""

    def __init__(self, http: TestClient, who: dict[str, Principal | None]) -> None:
        self.http = http
        self._who = who

    def be(self, principal: Principal | None) -> "Asker":
        self._who["now"] = principal
        return self


@pytest.fixture
def asker(bench: Bench, member: Principal) -> Iterator[Asker]:
    who: dict[str, Principal | None] = {"now": member}
    chat = Chat(bench.settings, bench.database, bench.port, None, answerer=bench.exact)  # type: ignore[arg-type]

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> Any:
        await chat.start()
        yield
        await chat.stop()

    app = FastAPI(lifespan=lifespan)
    app.include_router(router(chat))

    async def identified(scope: Any, receive: Any, send: Any) -> None:
        scope["parley.principal"] = who["now"]
        await app(scope, receive, send)

    with TestClient(identified) as http:
        yield Asker(http, who)


def test_a_question_is_answered_as_one_json_object(asker: Asker) -> None:
    response = asker.http.post("/chat/ask", json={"question": "How many deals did Darcel win?"})
    assert response.status_code == 200
    body = response.json()
    assert set(body) >= CONTRACT
    assert body["answer"] == "Darcel won 2 deals."
    assert body["figures"] == [{"label": "Deals", "value": 2, "unit": None}]
    assert body["query"] == {"object": "deals"}
    assert (body["mode"], body["model"], body["url"]) == ("exact", None, "/deals?stage=won")
    FinishedAnswer.model_validate(body)


def test_the_same_comes_as_server_sent_events(asker: Asker) -> None:
    headers = {"accept": "text/event-stream"}
    with asker.http.stream("POST", "/chat/ask", json={"question": "How many?"}, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = parsed(response.read().decode())
    assert [name for name, _id, _data in events] == ["started", "result", "delta", "done"]
    assert [number for _name, number, _data in events] == ["1", "2", "3", "4"]
    for name, number, data in events:
        assert data["type"] == name
        assert str(data["seq"]) == number
        assert data["conversation_id"]
        assert data["message_id"]
    assert set(events[-1][2]) >= CONTRACT


def parsed(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if "data" in lines:
            found.append((lines["event"], lines["id"], json.loads(lines["data"])))
    return found


def test_an_event_stream_resumes_after_the_last_event_that_was_read(asker: Asker) -> None:
    asked = asker.http.post("/chat/ask", json={"question": "How many?"}).json()
    path = f"/chat/messages/{asked['message_id']}/events"
    assert [item[1] for item in parsed(asker.http.get(path).text)] == ["1", "2", "3", "4"]
    assert [item[1] for item in parsed(asker.http.get(path, params={"after": 2}).text)] == ["3", "4"]
    assert [item[1] for item in parsed(asker.http.get(path, headers={"last-event-id": "3"}).text)] == ["4"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": ""}, "question"),
        ({"question": "   "}, "question"),
        ({"question": 5}, "question"),
        ({"question": "x" * 2001}, "question"),
        ({"question": "a\x00b"}, "question"),
        ({"question": "Hi", "conversation_id": "x"}, "conversation_id"),
        ({"question": "Hi", "conversation": 1}, "conversation"),
        ({"question": "Hi", "context": {"object": "deals"}}, "context"),
        ({"question": "Hi", "context": {"url": "/deals", "object": "deals", "id": 1}}, "context"),
        ([], "body"),
    ],
)
def test_bad_input_is_refused_by_name(asker: Asker, body: Any, field: str) -> None:
    for headers in ({}, {"accept": "text/event-stream"}):
        response = asker.http.post("/chat/ask", json=body, headers=headers)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == 422
        assert [error["field"] for error in problem["errors"]] == [field]


def test_a_body_that_is_no_json_is_a_bad_request(asker: Asker) -> None:
    response = asker.http.post("/chat/ask", content=b"{", headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert response.json()["title"] == "Bad request"


def test_a_failure_is_a_problem_with_a_sentence(asker: Asker, bench: Bench) -> None:
    bench.exact.gives = RuntimeError("boom")
    response = asker.http.post("/chat/ask", json={"question": "How many?"})
    assert response.status_code == 500
    assert response.json()["detail"].startswith("Something went wrong while answering.")


def test_an_abstention_offers_readings_and_no_figures(asker: Asker, bench: Bench) -> None:
    bench.exact.gives = NOT_READ
    body = asker.http.post("/chat/ask", json={"question": "frobnicate"}).json()
    assert body["mode"] == "none"
    assert body["unread"] == ["frobnicate"]
    assert body["readings"] == [{"question": "How many deals are open?", "query": None}]
    assert body["figures"] == body["rows"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/chat/conversations"), ("GET", "/chat/conversations/1"), ("POST", "/chat/ask"), ("GET", "/chat/model")],
)
def test_a_stranger_is_refused(asker: Asker, method: str, path: str) -> None:
    response = asker.be(None).http.request(method, path, json={"question": "Hi"} if method == "POST" else None)
    assert response.status_code == 401


# --- the WebSocket ---


def test_a_question_over_the_websocket_and_the_reference_that_comes_back(asker: Asker) -> None:
    with asker.http.websocket_connect("/chat/ws") as socket:
        socket.send_json({"type": "ask", "question": "How many?", "ref": "a1"})
        events = [socket.receive_json() for _ in range(4)]
        assert [event["type"] for event in events] == ["started", "result", "delta", "done"]
        assert events[0]["ref"] == "a1"
        assert set(events[-1]) >= CONTRACT
        socket.send_json({"type": "resume", "message_id": events[0]["message_id"], "after": 2})
        assert [socket.receive_json()["seq"] for _ in range(2)] == [3, 4]
        socket.send_json({"type": "stop", "message_id": events[0]["message_id"]})
        socket.send_json({"type": "ask", "question": "Again?", "conversation_id": events[0]["conversation_id"]})
        assert socket.receive_json()["type"] == "started"


@pytest.mark.parametrize(
    "message",
    [
        "not json",
        "[]",
        "5",
        "{}",
        '{"type": 5}',
        '{"type": ["ask"]}',
        '{"type": "dance"}',
        '{"type": "ask"}',
        '{"type": "ask", "question": ""}',
        '{"type": "ask", "question": "Hi", "conversation_id": 999999}',
        '{"type": "ask", "question": "Hi", "extra": 1}',
        '{"type": "resume", "message_id": 424242}',
        '{"type": "resume", "message_id": 1, "after": -1}',
        '{"type": "stop", "message_id": 424242}',
        '{"type": "stop"}',
        "[" * 5000,
        '{"type": "ask", "question": "' + "x" * 70_000 + '"}',
    ],
)
def test_a_bad_message_is_answered_by_an_error_and_the_socket_stays_open(asker: Asker, message: str) -> None:
    with asker.http.websocket_connect("/chat/ws") as socket:
        socket.send_text(message)
        error = socket.receive_json()
        assert error["type"] == "error"
        assert error["detail"]
        assert {"seq", "conversation_id", "message_id"} <= set(error)
        socket.send_json({"type": "ask", "question": "How many?"})
        assert socket.receive_json()["type"] == "started"


def test_binary_messages_are_answered_by_an_error(asker: Asker) -> None:
    with asker.http.websocket_connect("/chat/ws") as socket:
        socket.send_bytes(b"\x00\x01")
        assert socket.receive_json()["type"] == "error"


def test_closing_the_socket_does_not_stop_the_turn(asker: Asker, bench: Bench) -> None:
    bench.exact.seconds = 0.3
    with asker.http.websocket_connect("/chat/ws") as socket:
        socket.send_json({"type": "ask", "question": "How many?"})
        started = socket.receive_json()
    with asker.http.websocket_connect("/chat/ws") as socket:
        socket.send_json({"type": "resume", "message_id": started["message_id"], "after": 1})
        assert [socket.receive_json()["type"] for _ in range(3)] == ["result", "delta", "done"]


# --- conversations ---


def ask(asker: Asker, question: str, **rest: Any) -> dict[str, Any]:
    body: dict[str, Any] = asker.http.post("/chat/ask", json={"question": question, **rest}).json()
    return body


def test_conversations_are_titled_listed_searched_renamed_and_deleted(asker: Asker) -> None:
    first = ask(
        asker, "How many deals\n did  Zoë win in the first half of the year, and how many did she lose, by month?"
    )
    second = ask(asker, "Who owns Betatech?")
    ask(asker, "and 100% of its deals?", conversation_id=second["conversation_id"])
    listed = asker.http.get("/chat/conversations").json()
    assert listed["total"] == 2
    assert listed["items"][0]["title"] == "Who owns Betatech?"
    title = listed["items"][1]["title"]
    assert title.startswith("How many deals did Zoë win")
    assert title.endswith("…")
    assert len(title) <= 81

    def found(words: str) -> list[int]:
        return [item["id"] for item in asker.http.get("/chat/conversations", params={"q": words}).json()["items"]]

    assert found("ZOË") == [first["conversation_id"]]
    assert found("100%") == [second["conversation_id"]]
    assert found("_") == []
    assert found("nobody") == []

    path = f"/chat/conversations/{second['conversation_id']}"
    body = asker.http.get(path).json()
    assert [turn["question"] for turn in body["messages"]] == ["Who owns Betatech?", "and 100% of its deals?"]
    assert body["messages"][0]["answer"]["answer"] == "Darcel won 2 deals."
    assert body["has_earlier"] is False
    assert asker.http.patch(path, json={"title": "  Betatech\nowner "}).json()["title"] == "Betatech owner"
    assert asker.http.patch(path, json={"title": " "}).status_code == 422
    assert asker.http.delete(path).status_code == 204
    assert asker.http.get(path).status_code == 404
    assert asker.http.get("/chat/conversations").json()["total"] == 1


def test_conversations_come_in_pages_without_a_gap(asker: Asker) -> None:
    for number in range(5):
        ask(asker, f"Question {number}?")
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = asker.http.get("/chat/conversations", params=params).json()
        seen += [item["title"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == [f"Question {number}?" for number in range(4, -1, -1)]
    assert asker.http.get("/chat/conversations", params={"cursor": "nonsense"}).status_code == 400


def test_a_long_conversation_is_read_from_its_end(asker: Asker) -> None:
    first = ask(asker, "Question 0?")
    for number in range(1, 4):
        ask(asker, f"Question {number}?", conversation_id=first["conversation_id"])
    path = f"/chat/conversations/{first['conversation_id']}"
    late = asker.http.get(path, params={"limit": 2}).json()
    assert [turn["question"] for turn in late["messages"]] == ["Question 2?", "Question 3?"]
    assert late["has_earlier"]
    early = asker.http.get(path, params={"limit": 2, "before": late["messages"][0]["message_id"]}).json()
    assert [turn["question"] for turn in early["messages"]] == ["Question 0?", "Question 1?"]
    assert not early["has_earlier"]


def test_anothers_conversation_is_not_found_whatever_one_does(
    asker: Asker, member: Principal, admin: Principal
) -> None:
    mine = ask(asker.be(member), "How many?")
    asker.be(admin)
    path = f"/chat/conversations/{mine['conversation_id']}"
    assert asker.http.get(path).status_code == 404
    assert asker.http.patch(path, json={"title": "Mine"}).status_code == 404
    assert asker.http.delete(path).status_code == 404
    assert asker.http.get(f"/chat/messages/{mine['message_id']}/events").status_code == 404
    assert asker.http.post(f"/chat/messages/{mine['message_id']}/stop").status_code == 404
    body = {"question": "Hi", "conversation_id": mine["conversation_id"]}
    assert asker.http.post("/chat/ask", json=body).status_code == 404
    assert asker.http.get("/chat/conversations").json()["items"] == []


def test_the_list_in_view_is_what_a_question_may_lean_on(asker: Asker, bench: Bench) -> None:
    ask(asker, "How many of these?", context={"url": "/deals?stage=won"})
    assert bench.exact.asked[-1][1].view is not None
    ask(asker, "How many of these?", context={"url": "/settings"})
    assert bench.exact.asked[-1][1].view is None


def test_the_page_names_the_mode_without_a_model(asker: Asker) -> None:
    state = asker.http.get("/chat/model").json()
    assert state["model"] is None
    assert "PARLEY_OLLAMA_URL" in state["reason"]


def test_an_answer_is_rated_with_a_reason_and_the_rating_taken_back(asker: Asker, admin: Principal) -> None:
    made = asker.http.post("/chat/ask", json={"question": "How many deals?"}).json()
    path, conversation = f"/chat/messages/{made['message_id']}/rating", f"/chat/conversations/{made['conversation_id']}"

    def kept() -> tuple[Any, Any]:
        (turn,) = asker.http.get(conversation).json()["messages"]
        return turn["rating"], turn["rating_reason"]

    assert kept() == (None, None)
    assert asker.http.put(path, json={"rating": "down", "reason": "The numbers are wrong"}).status_code == 204
    assert kept() == ("down", "The numbers are wrong")
    assert asker.http.put(path, json={"rating": None}).status_code == 204
    assert kept() == (None, None)
    assert asker.http.put(path, json={"rating": "great"}).status_code == 422
    assert asker.be(admin).http.put(path, json={"rating": "up"}).status_code == 404
