"""Real server processes for tests: started on a free port, known by their runtime file, ended for certain."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from app.shared.config import ROOT

STARTS_WITHIN = 40  # seconds; generous, for machines under load


def environment(instance: Path, environ: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment with the test's own settings and nothing else of Parley's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return kept | {"PARLEY_INSTANCE": str(instance), "PARLEY_OLLAMA_URL": ""} | (environ or {})


@dataclass
class Server:
    """A server process and how to speak to it."""

    process: "subprocess.Popen[str]"
    instance: Path
    log: Path
    token: str = ""
    runtime: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return str(self.runtime["url"])

    @property
    def port(self) -> int:
        return int(self.runtime["port"])

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    @cached_property
    def http(self) -> httpx.Client:
        """A client of this server, signed in by the token."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def signal(self, number: int, within: float = 10) -> int:
        """Send a signal and wait for the end; gives the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=within)

    def wait_for(self, text: str, within: float = 10) -> None:
        """Wait until the output has this text."""
        deadline = time.monotonic() + within
        while text not in self.output:
            assert time.monotonic() < deadline, f"{text!r} isn't in the output:\n{self.output[-4000:]}"
            time.sleep(0.02)

    def end(self) -> None:
        if "http" in self.__dict__:
            self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server didn't end within 10 s of SIGTERM:\n{self.output[-4000:]}") from None


def launch(
    instance: Path, *arguments: str, environ: dict[str, str] | None = None, cwd: Path = ROOT
) -> "subprocess.Popen[str]":
    """`python -m app` with these arguments, its output captured by pipes."""
    return subprocess.Popen(
        [sys.executable, "-m", "app", *arguments],
        cwd=cwd,
        env=environment(instance, environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def start_server(
    instance: Path,
    *arguments: str,
    environ: dict[str, str] | None = None,
    token: str = "",
    cwd: Path = ROOT,
    ports: tuple[str, ...] = ("--port", "0"),
) -> Server:
    """Start `serve` (on any free port unless told) and wait until its runtime file shows that it is ready."""
    instance.parent.mkdir(parents=True, exist_ok=True)
    log = instance.parent / f"{instance.name}-{time.monotonic_ns()}.log"
    chosen = arguments if "--port" in arguments else (*ports, *arguments)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", *chosen],
            cwd=cwd,
            env=environment(instance, environ),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    server = Server(process, instance, log, token)
    server.runtime = _wait_until_ready(server, arguments)
    return server


def _wait_until_ready(server: Server, arguments: tuple[str, ...]) -> dict[str, Any]:
    half = arguments[arguments.index("--only") + 1] if "--only" in arguments else None
    path = server.instance / (f"runtime.{half}.json" if half else "runtime.json")
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise AssertionError(f"the server ended with {server.process.returncode}:\n{server.output[-4000:]}")
        if path.exists():
            runtime: dict[str, Any] = json.loads(path.read_text())
            if runtime["pid"] == server.process.pid:
                return runtime
        time.sleep(0.02)
    server.process.kill()
    raise AssertionError(f"the server wasn't ready within {STARTS_WITHIN} s:\n{server.output[-4000:]}")
