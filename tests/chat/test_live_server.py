"""Over a real server process: streams on the wire, kill -9, SIGTERM with readers; and a real Ollama where one is."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from app.chatbot.models import Message
from app.chatbot.models.ollama import OllamaServer
from app.shared.config import ROOT
from tests.chat.model_server import FakeOllama
from tests.chat.served import fake_ollama, prepare, serve, wait_for_model
from tests.outside import TEST_OLLAMA_URL, needs_ollama
from tests.processes import Server

QUESTION = "How many won deals are there?"
LONG = ["And so on. "] * 400


def socket_of(server: Server) -> ClientConnection:
    url = server.url.replace("http", "ws", 1) + "/chat/ws"
    return connect(url, additional_headers={"Authorization": f"Bearer {server.token}"}, proxy=None)


def ask(socket: ClientConnection, question: str = QUESTION) -> None:
    socket.send(json.dumps({"type": "ask", "question": question}))


def next_event(socket: ClientConnection, seconds: float = 20) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(socket.recv(timeout=seconds))
    return event


def until(socket: ClientConnection, kind: str, seconds: float = 20, words: str = "") -> list[dict[str, Any]]:
    """The events up to the first of this kind (whose text holds these words)."""
    seen = []
    while True:
        seen.append(next_event(socket, seconds))
        if seen[-1]["type"] == kind and words in seen[-1].get("text", ""):
            return seen


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    with fake_ollama(FakeOllama(words=LONG, pause=0.05)) as found:
        yield found


@pytest.mark.server
def test_a_killed_server_marks_the_turn_failed_when_it_is_back(
    tmp_path: Path, sqlite_template: Path, fake: FakeOllama
) -> None:
    made = prepare(tmp_path / "instance", sqlite_template)
    server, _site = serve(tmp_path / "instance", made, fake.url)
    try:
        wait_for_model(server, "tiny")
        with socket_of(server) as socket:
            ask(socket)
            seen = until(socket, "delta", words="And so on.")
        server.process.kill()
        server.process.wait()
        server, _site = serve(tmp_path / "instance", made, fake.url)
        with socket_of(server) as socket:
            last = seen[-1]
            socket.send(json.dumps({"type": "resume", "message_id": last["message_id"], "after": last["seq"]}))
            rest = until(socket, "error")
            assert [event["seq"] for event in rest] == list(range(last["seq"] + 1, last["seq"] + 1 + len(rest)))
            assert "restarted" in rest[-1]["detail"]
        found = server.http.get(f"/chat/conversations/{last['conversation_id']}").json()
        assert found["messages"][0]["state"] == "failed"
    finally:
        server.end()


@pytest.mark.server
def test_sigterm_ends_within_five_seconds_with_sockets_and_streams_open(
    tmp_path: Path, sqlite_template: Path, fake: FakeOllama
) -> None:
    made = prepare(tmp_path / "instance", sqlite_template)
    server, _site = serve(tmp_path / "instance", made, fake.url)
    try:
        wait_for_model(server, "tiny")
        headers = {"accept": "text/event-stream"}
        with (
            socket_of(server) as idle,
            socket_of(server) as busy,
            server.http.stream("POST", "/chat/ask", json={"question": QUESTION}, headers=headers) as stream,
        ):
            ask(busy)
            until(busy, "delta", words="And so on.")
            lines = stream.iter_lines()
            assert any(line == "event: delta" for line in lines)
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(timeout=8)
            assert time.monotonic() - began < 5
            assert idle is not None
        assert "Traceback" not in server.output
        time.sleep(0.1)
        assert fake.open_streams == 0
    finally:
        server.end()


@pytest.mark.server
def test_pages_stay_quick_while_the_model_hangs(tmp_path: Path, sqlite_template: Path, fake: FakeOllama) -> None:
    """A hanging model holds no thread and no transaction: pages and writes go on beside it."""
    made = prepare(tmp_path / "instance", sqlite_template)
    server, _site = serve(tmp_path / "instance", made, fake.url)
    try:
        wait_for_model(server, "tiny")
        server.http.get("/api/v1/deals?limit=5")
        fake.fault = "hang"
        with socket_of(server) as socket:
            for _ in range(4):
                ask(socket)
            until(socket, "result")
            took = []
            for number in range(20):
                began = time.monotonic()
                assert server.http.post("/api/v1/companies", json={"name": f"New {number}"}).status_code == 201
                assert server.http.get("/api/v1/deals?limit=5").status_code == 200
                took.append(time.monotonic() - began)
            assert sorted(took)[10] < 1.0  # generous: machines under load
    finally:
        server.end()


# --- a real Ollama ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_ollama(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("ollama")
    made = prepare(folder, sqlite_template)
    server, _site = serve(
        folder, made, TEST_OLLAMA_URL or "", PARLEY_FIRST_TOKEN_TIMEOUT="170", PARLEY_IDLE_TIMEOUT="100"
    )
    yield server
    server.end()


@needs_ollama()
@pytest.mark.outside
@pytest.mark.timeout(420)
def test_the_tokens_of_a_real_model_arrive_one_by_one() -> None:
    async def body() -> list[str]:
        server = OllamaServer(TEST_OLLAMA_URL or "", "", first_token=170, idle=100)
        assert (await server.probe()).name, server.state.reason
        try:
            return [
                piece.text async for piece in server.stream([Message("user", "Tell me about the sea.")], max_tokens=12)
            ]
        finally:
            await server.close()

    assert len(asyncio.run(body())) > 3


@needs_ollama()
@pytest.mark.outside
@pytest.mark.timeout(420)
def test_a_real_model_works_to_its_end_over_websocket_and_sse(with_ollama: Server) -> None:
    """A small model's sentences may all be left out by the gate: then the notes say so."""
    server = with_ollama
    deadline = time.monotonic() + 20
    while not (name := server.http.get("/chat/model").json()["model"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with socket_of(server) as socket:
        ask(socket)
        seen = until(socket, "done", 190)
    done = seen[-1]
    assert done["answer"].startswith("10 won deals")
    assert done["figures"][0]["value"] == 10
    assert not any(event.get("code") == "model_failed" for event in seen), done["notes"]
    assert done["model"] == name or "left out" in " ".join(done["notes"])
    headers = {"accept": "text/event-stream"}
    with server.http.stream(
        "POST", "/chat/ask", json={"question": "deals by stage"}, headers=headers, timeout=190
    ) as stream:
        data = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]
    assert data[-1]["type"] == "done"
    assert [event["seq"] for event in data] == list(range(1, len(data) + 1))
    assert any(event["type"] == "status" and event["code"] in ("writing", "loading") for event in data)
    assert "".join(event["text"] for event in data if event["type"] == "delta") == data[-1]["answer"]


@pytest.mark.outside
@pytest.mark.timeout(420)
def test_a_real_ollama_killed_at_its_work_is_told_within_seconds(tmp_path: Path, sqlite_template: Path) -> None:
    tool = ROOT.parent / "shared" / "tools" / "ollama-server"
    if not tool.exists():
        pytest.skip(f"NOT TESTED: there is no {tool} to start an Ollama of our own with")
    with _own_ollama(tool) as (process, url):
        made = prepare(tmp_path / "instance", sqlite_template)
        server, _site = serve(
            tmp_path / "instance", made, url, PARLEY_FIRST_TOKEN_TIMEOUT="170", PARLEY_IDLE_TIMEOUT="100"
        )
        try:
            wait_for_model(server, "smollm2", 30)
            with socket_of(server) as socket:
                ask(socket)
                until(socket, "status", 60)
                time.sleep(1.0)  # the model loads, reads or writes: it is killed wherever it is
                os.killpg(process.pid, signal.SIGKILL)
                began = time.monotonic()
                done = until(socket, "done", 30)[-1]
                assert time.monotonic() - began < 5
            assert done["figures"][0]["value"] == 10
            assert any(note.startswith("The model stopped answering: ") for note in done["notes"])
            assert server.http.get("/api/v1/deals?limit=1").status_code == 200
        finally:
            server.end()


class _own_ollama:  # noqa: N801 - used as a context manager, like a function
    """An Ollama of this test's own, in a process group that can be killed whole."""

    def __init__(self, tool: Path) -> None:
        self._tool = tool

    def __enter__(self) -> "tuple[subprocess.Popen[bytes], str]":
        import socket as sockets

        with sockets.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._process = subprocess.Popen(
            [str(self._tool), str(port)],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self._process, f"http://127.0.0.1:{port}"

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
