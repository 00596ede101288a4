"""Runtime files and locks: who serves an instance, and what a server that died leaves behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import runtime
from app.runtime import Runtime
from app.shared.config import ROOT

HOLD = """
import sys, time
from pathlib import Path
from app import runtime
with runtime.held(Path(sys.argv[1]), None):
    print("held", flush=True)
    time.sleep(60)
"""


def a_server(pid: int | None = None) -> Runtime:
    return Runtime(pid or os.getpid(), "http://127.0.0.1:9", 9, "2030-01-01T00:00:00+00:00", "1", "nonce")


def test_a_server_is_found_while_it_holds_its_instance(tmp_path: Path) -> None:
    with runtime.held(tmp_path, None):
        assert runtime.running(tmp_path) is None  # not ready yet
        runtime.announce(tmp_path, None, a_server())
        assert runtime.running(tmp_path) == a_server()
        assert runtime.for_half(tmp_path, "chatbot") == a_server()
    assert runtime.running(tmp_path) is None


def test_an_instance_is_held_once(tmp_path: Path) -> None:
    with runtime.held(tmp_path, None), pytest.raises(runtime.Taken), runtime.held(tmp_path, None):
        raise AssertionError("held twice")


def test_the_halves_are_held_apart_and_the_whole_needs_both(tmp_path: Path) -> None:
    with runtime.held(tmp_path, "crm"), runtime.held(tmp_path, "chatbot"):
        for taken in ("crm", "chatbot", None):
            with pytest.raises(runtime.Taken), runtime.held(tmp_path, taken):
                raise AssertionError("held twice")
    with runtime.held(tmp_path, None):
        assert runtime.holder(tmp_path, "crm") == os.getpid()


def test_a_killed_server_leaves_a_file_that_is_known_to_be_stale(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    runtime.announce(tmp_path, None, a_server(process.pid))
    assert runtime.running(tmp_path) == a_server(process.pid)
    process.kill()
    process.communicate()
    assert runtime.read(tmp_path, None) == a_server(process.pid)
    assert runtime.running(tmp_path) is None
    runtime.forget_stale(tmp_path)
    assert not runtime.file(tmp_path, None).exists()


def test_a_file_of_another_process_than_the_holder_is_stale(tmp_path: Path) -> None:
    with runtime.held(tmp_path, None):
        runtime.announce(tmp_path, None, a_server(1))
        assert runtime.running(tmp_path) is None


def test_a_server_removes_its_own_file_alone(tmp_path: Path) -> None:
    runtime.announce(tmp_path, None, a_server())
    runtime.withdraw(tmp_path, None, "another nonce")
    assert runtime.read(tmp_path, None) is not None
    runtime.withdraw(tmp_path, None, "nonce")
    assert runtime.read(tmp_path, None) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 1}', "null"])
def test_a_broken_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    runtime.file(tmp_path, None).write_text(text)
    assert runtime.read(tmp_path, None) is None
    assert runtime.running(tmp_path) is None


def test_nobody_sees_half_a_file(tmp_path: Path) -> None:
    runtime.announce(tmp_path, None, a_server())
    assert set(json.loads(runtime.file(tmp_path, None).read_text())) == {
        "pid", "url", "port", "started", "version", "nonce",
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["runtime.json"]


def test_who_answers_without_the_nonce_is_somebody_else(tmp_path: Path) -> None:
    assert not runtime.answers(a_server(), timeout=0.5)


def test_a_port_is_kept(tmp_path: Path) -> None:
    assert runtime.kept_port(tmp_path, None) is None
    runtime.keep_port(tmp_path, None, 5053)
    runtime.keep_port(tmp_path, "chatbot", 8020)
    assert (runtime.kept_port(tmp_path, None), runtime.kept_port(tmp_path, "chatbot")) == (5053, 8020)


def test_the_other_half_is_away_or_known(tmp_path: Path) -> None:
    assert runtime.peer(tmp_path, None) is None
    away = runtime.peer(tmp_path, "crm")
    assert away is not None
    assert away.is_away
    assert "./run.sh serve --only chatbot" in away.sentence
    with runtime.held(tmp_path, "chatbot"):
        runtime.announce(tmp_path, "chatbot", a_server())
        found = runtime.peer(tmp_path, "crm")
        assert found is not None
        assert found.url == "http://127.0.0.1:9"
