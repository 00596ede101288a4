"""A real server process: announced once ready, one an instance, ended cleanly, whole after a kill."""

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from app import runtime
from tests.processes import STARTS_WITHIN, Server, environment, launch, start_server

pytestmark = pytest.mark.server
Start = Callable[..., Server]


def test_a_first_start_makes_the_instance_and_says_where_it_is(new_server: Start, tmp_path: Path) -> None:
    server = new_server()
    folder = tmp_path / "instance"
    server.wait_for(f"Parley is ready at http://127.0.0.1:{server.port}\n")
    server.wait_for("Set it up here: http://127.0.0.1")
    assert server.output.count("is ready at") == 1
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    assert (folder / "crm.db").exists()


def test_the_runtime_file_tells_who_answers(new_server: Start) -> None:
    server = new_server()
    assert set(server.runtime) == {"pid", "url", "port", "started", "version", "nonce"}
    assert server.runtime["pid"] == server.process.pid
    assert server.http.get("/healthz").json()["nonce"] == server.runtime["nonce"]


def test_the_loopback_answers_by_both_its_addresses(new_server: Start) -> None:
    server = new_server()
    assert httpx.get(f"http://127.0.0.1:{server.port}/healthz").status_code == 200
    if socket.has_ipv6 and Path("/proc/net/if_inet6").exists():
        assert httpx.get(f"http://[::1]:{server.port}/healthz").status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(new_server: Start, number: int) -> None:
    server = new_server()
    started = time.monotonic()
    assert server.signal(number) == 0
    assert time.monotonic() - started < 5
    assert not (server.instance / "runtime.json").exists()
    assert "Traceback" not in server.output


def test_it_ends_within_five_seconds_with_connections_open(server_of_own: Server) -> None:
    from websockets.sync.client import connect

    headers = {"Authorization": f"Bearer {server_of_own.token}"}
    address = server_of_own.url.replace("http", "ws") + "/chat/ws"
    upload = f"POST /api/v1/deals HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {headers['Authorization']}\r\n"
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(connect(address, additional_headers=headers))
        stalled = held.enter_context(socket.create_connection(("127.0.0.1", server_of_own.port)))
        stalled.sendall(f"{upload}Content-Length: 1000\r\n\r\n{{".encode())
        started = time.monotonic()
        assert server_of_own.signal(signal.SIGTERM) == 0
        assert time.monotonic() - started < 5
    assert "Traceback" not in server_of_own.output


def test_after_a_kill_the_next_start_finds_everything(new_server: Start) -> None:
    first = new_server()
    first.process.kill()
    first.process.wait()
    assert (first.instance / "runtime.json").exists()
    assert runtime.running(first.instance) is None
    second = new_server(first.instance)
    assert second.runtime["pid"] != first.runtime["pid"]
    database = sqlite3.connect(first.instance / "crm.db")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_a_second_start_tells_where_the_first_is(new_server: Start) -> None:
    server = new_server()
    second = launch(server.instance, "serve", "--port", "0")
    output, _ = second.communicate(timeout=STARTS_WITHIN)
    assert second.returncode == 3
    assert f"already running at {server.url}" in output


def test_of_two_starts_at_once_one_serves(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    processes = [launch(folder, "serve", "--port", "0") for _ in range(2)]
    try:
        deadline = time.monotonic() + STARTS_WITHIN
        while all(process.poll() is None for process in processes) and time.monotonic() < deadline:
            time.sleep(0.05)
        ended = [process for process in processes if process.poll() is not None]
        assert [process.returncode for process in ended] == [3]
        url = json.loads((folder / "runtime.json").read_text())["url"]
        assert f"already running at {url}" in ended[0].communicate()[0]
    finally:
        for process in processes:
            process.terminate()
            process.communicate(timeout=10)


def test_stop_and_status(new_server: Start) -> None:
    server = new_server()
    assert _said(server.instance, "status") == (0, f"is running at {server.url}")
    assert _said(server.instance, "stop") == (0, "Parley has stopped.")
    assert server.process.wait(timeout=5) == 0
    assert _said(server.instance, "stop") == (1, "not running")
    assert _said(server.instance, "status") == (1, "not running")


def _said(instance: Path, *words: str) -> tuple[int, str]:
    """The exit code, and of the output what the tests ask about."""
    process = launch(instance, *words)
    output, _ = process.communicate(timeout=STARTS_WITHIN)
    known = ("is running at http", "Parley has stopped.", "not running")
    found = next((text for text in known if text in output), output)
    if found == known[0]:
        found = output[output.index("is running at") :].split(" (")[0]
    return process.returncode, found


def test_a_port_that_is_named_is_taken_or_refused(new_server: Start, tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = launch(tmp_path / "instance", "serve", "--port", str(port))
        output, _ = process.communicate(timeout=STARTS_WITHIN)
    assert process.returncode == 2
    assert f"Port {port} is taken" in output
    assert f"(pid {os.getpid()})" in output
    assert new_server(tmp_path / "instance", "--port", str(port)).port == port


def test_a_setting_that_is_unknown_stops_the_start(tmp_path: Path) -> None:
    process = launch(tmp_path / "instance", "serve", environ={"PARLEY_OLAMA_URL": "x"})
    output, _ = process.communicate(timeout=STARTS_WITHIN)
    assert process.returncode == 2
    assert output.startswith("PARLEY_OLAMA_URL is not a setting")


def test_others_are_let_in_with_an_origin_alone(tmp_path: Path) -> None:
    process = launch(tmp_path / "instance", "serve", "--host", "0.0.0.0", "--port", "0")
    output, _ = process.communicate(timeout=STARTS_WITHIN)
    assert process.returncode == 2
    assert "PARLEY_ORIGINS" in output


def test_logs_are_json_lines_that_name_their_request(server: Server) -> None:
    answer = server.http.get("/api/v1/deals?limit=1", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.headers["x-request-id"] == "from-the-proxy-1"
    server.wait_for('"request_id": "from-the-proxy-1"')
    lines = [json.loads(line) for line in server.output.splitlines() if line.startswith("{")]
    mine = [line for line in lines if line.get("request_id") == "from-the-proxy-1"]
    assert [line["path"] for line in mine if line["event"] == "request"] == ["/api/v1/deals"]


def test_a_page_s_own_log_lines_carry_the_request_s_id(server: Server) -> None:
    """The id crosses to the threads of the Flask half."""
    server.http.get("/setup/not-a-real-token-at-all", headers={"X-Request-ID": "one-time-link-1"})
    server.wait_for("one-time-link-1")
    assert "not-a-real-token-at-all" not in server.output


def test_many_requests_at_once_are_answered(server: Server) -> None:
    with ThreadPoolExecutor(24) as pool:
        codes = list(pool.map(lambda _: server.http.get("/api/v1/companies?limit=1").status_code, range(120)))
    assert set(codes) == {200}


def test_what_is_not_needed_at_the_start_is_not_loaded(tmp_path: Path) -> None:
    heavy = "numpy onnxruntime tokenizers qdrant_client qdrant_edge ollama httpx phonenumbers alembic flask_sqlalchemy"
    program = f"""
import asyncio, sys
from pathlib import Path
from app.shared.config import load
from app.setup.instance import open_database
folder = Path(sys.argv[1])
if sys.argv[2] == "make":
    open_database(load(instance=folder)).close()
    sys.exit()
from app.host import build
async def main():
    app = build(load(instance=folder))
    async with app.router.lifespan_context(app):
        await asyncio.sleep(0.2)
        print(" ".join(name for name in {heavy.split()!r} if name in sys.modules))
asyncio.run(main())
"""
    for word in ("make", "serve"):
        command = [sys.executable, "-c", program, str(tmp_path), word]
        found = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == ""


@pytest.fixture
def server_of_own(tmp_path: Path, server: Server) -> Iterator[Server]:
    """A server for one test alone, over a copy of the module's database, with the same token."""
    from app.setup.instance import snapshot

    folder = tmp_path / "own"
    folder.mkdir()
    snapshot(server.instance / "crm.db", folder / "crm.db")
    running = start_server(folder, token=server.token)
    yield running
    running.end()


def test_an_instance_keeps_its_port(tmp_path: Path) -> None:
    """Of the range, and the same one again, although a lower one may have become free."""
    from app import ports

    first = start_server(tmp_path / "instance", ports=())
    kept = first.port
    first.end()
    assert kept in ports.WHOLE
    assert int((tmp_path / "instance" / "port").read_text()) == kept
    again = start_server(tmp_path / "instance", ports=())
    again.end()
    assert again.port == kept


def test_a_kill_in_the_midst_of_writing_loses_nothing_that_was_answered(new_server: Start, server: Server) -> None:
    from app.setup.instance import snapshot

    folder = server.instance.parent / "killed"
    folder.mkdir()
    snapshot(server.instance / "crm.db", folder / "crm.db")
    first = new_server(folder)
    first.token = server.token
    answered: list[int] = []

    def write(number: int) -> None:
        try:
            made = first.http.post("/api/v1/companies", json={"name": f"Company {number}"})
        except httpx.HTTPError:
            return
        if made.status_code == 201:
            answered.append(made.json()["id"])

    with ThreadPoolExecutor(4) as pool:
        for number in range(200):
            pool.submit(write, number)
        while len(answered) < 20:
            time.sleep(0.01)
        first.process.kill()
    first.process.wait()
    second = new_server(folder)
    second.token = server.token
    found = {item["id"] for item in second.http.get("/api/v1/companies?limit=1000&fields=name").json()["items"]}
    assert set(answered) <= found


def test_an_event_stream_that_is_open_doesn_t_hold_up_the_end(server_of_own: Server) -> None:
    headers = {"Accept": "text/event-stream"}
    with server_of_own.http.stream(
        "POST", "/chat/ask", json={"question": "How many deals?"}, headers=headers
    ) as answer:
        assert answer.status_code == 200
        started = time.monotonic()
        assert server_of_own.signal(signal.SIGTERM) == 0
        assert time.monotonic() - started < 5


def test_development_reloads_on_a_change(tmp_path: Path) -> None:
    """Over a copy of the program, whose source is then touched."""
    import shutil

    from app.shared.config import ROOT

    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    process = launch(tmp_path / "instance", "serve", "--dev", "--port", "0", cwd=tmp_path)
    try:
        first = _ready_pid(tmp_path / "instance", None)
        (tmp_path / "app" / "__init__.py").touch()
        second = _ready_pid(tmp_path / "instance", first)
        assert second != first
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=15)
    assert process.returncode == 0, output
    assert "The source has changed" in output
    assert runtime.servers(tmp_path / "instance") == []


def _ready_pid(instance: Path, not_this: int | None) -> int:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        found = runtime.running(instance)
        if found and found.pid != not_this and runtime.answers(found):
            return found.pid
        time.sleep(0.05)
    raise AssertionError("not ready in time")
