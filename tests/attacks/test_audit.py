"""`./run.sh audit` fails where a package is weak, and just as well where it couldn't be looked up."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.setup import audit
from app.setup.audit import CLEAN, UNKNOWN, WEAK
from app.shared.config import ROOT

WEAKNESS = {
    "id": "PYSEC-2026-1",
    "summary": "It leaks.",
    "details": "It leaks.",
    "modified": "2026-01-01T00:00:00Z",
    "published": "2026-01-01T00:00:00Z",
    "aliases": ["CVE-2026-1"],
    "affected": [{"package": {"name": "leaky", "ecosystem": "PyPI"}, "versions": ["1.0"], "ranges": []}],
}


@contextmanager
def service(weak: str = "", status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """A service that speaks OSV's protocol: its address, and the names of the packages that it was asked about."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(query["package"]["name"])
            body = json.dumps({"vulns": [WEAKNESS]} if query["package"]["name"] == weak else {}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "some.lock"
    path.write_text("# pins\nleaky==1.0 \\\n    --hash=sha256:aa\nSound_Thing==2.0 ; python_version < '4' \\\n")
    return path


def test_a_weak_package_fails_the_audit(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with service(weak="leaky") as (url, asked):
        assert audit.main(["--lock", str(lock), "--osv", url]) == WEAK
    assert "leaky 1.0 has PYSEC-2026-1" in capsys.readouterr().out
    assert sorted(asked) == ["leaky", "sound-thing"]


def test_what_was_looked_up_and_is_sound_passes(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with service() as (url, _):
        assert audit.main(["--lock", str(lock), "--osv", url]) == CLEAN
    assert "2 packages looked up, no known weakness." in capsys.readouterr().out


def test_a_service_that_cant_be_reached_fails_the_audit(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with service() as (url, _):
        pass  # the port is dead now
    assert audit.main(["--lock", str(lock), "--osv", url]) == UNKNOWN
    assert "not known" in capsys.readouterr().out


@pytest.mark.parametrize("status", [404])
def test_a_service_that_refuses_fails_the_audit(lock: Path, status: int) -> None:
    with service(status=status) as (url, _):
        assert audit.main(["--lock", str(lock), "--osv", url]) == UNKNOWN


def test_a_package_that_was_passed_over_is_not_known() -> None:
    """As pip-audit reports what PyPI's own service answers with 404: skipped, and with exit code 0."""
    report: dict[str, Any] = {"dependencies": [{"name": "leaky", "skip_reason": "Dependency not found on PyPI"}]}
    assert audit.judge("some.lock", {"leaky": "1.0"}, json.dumps(report), "") == UNKNOWN
    report["dependencies"] = [{"name": "leaky", "version": "1.0", "vulns": []}]
    assert audit.judge("some.lock", {"leaky": "1.0"}, json.dumps(report), "") == CLEAN
    assert audit.judge("some.lock", {"leaky": "1.0", "missing": "1.0"}, json.dumps(report), "") == UNKNOWN
    report["dependencies"][0]["vulns"] = [{"id": "PYSEC-2026-1"}]
    assert audit.judge("some.lock", {"leaky": "1.0", "missing": "1.0"}, json.dumps(report), "") == WEAK


@pytest.mark.parametrize("output", ["", "no JSON", "{}", "[]", '{"dependencies": null}', '{"dependencies": [{}]}'])
def test_no_report_is_not_a_clean_one(output: str) -> None:
    assert audit.judge("some.lock", {"leaky": "1.0"}, output, "the service is away") == UNKNOWN


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ('{"metadata": {"vulnerabilities": {"total": 0}}}', CLEAN),
        ('{"metadata": {"vulnerabilities": {"total": 1}}, "vulnerabilities": {"leaky": {"severity": "high"}}}', WEAK),
        ('{"error": {"code": "ENOAUDIT"}}', UNKNOWN),
        ("", UNKNOWN),
        ("null", UNKNOWN),
    ],
)
def test_what_npm_says(output: str, code: int) -> None:
    assert audit.judge_npm(output) == code


def test_every_package_of_the_locks_is_asked_about() -> None:
    lines = (ROOT / "requirements-test.lock").read_text().splitlines()
    pins = [line for line in lines if "==" in line and line[0] not in " #"]
    rounds = audit.wanted(ROOT / "requirements-test.lock")
    assert {"fastapi", "flask", "sqlalchemy", "uvicorn", "pytest"} <= rounds[0].keys()
    assert sum(map(len, rounds)) == len(pins)
