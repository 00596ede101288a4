"""`./run.sh test`: every check, one after another, with a plain line for each at the end."""

import os
import subprocess
import time
from collections.abc import Sequence

from app.setup.environment import ROOT, VENV

_BIN = VENV / "bin"
_PYTEST = ("pytest", "-q", "--dist", "loadfile")
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Style (ruff check)", ("ruff", "check", ".")),
    ("Format (ruff format)", ("ruff", "format", "--check", ".")),
    ("Types (mypy)", ("mypy",)),
    ("Weak code (bandit)", ("bandit", "-q", "-r", "app", "-c", "pyproject.toml")),
    ("Architecture (import-linter)", ("lint-imports",)),
    ("Tests", (*_PYTEST, "-m", "not server and not browser")),
    ("Tests against a server", (*_PYTEST, "-m", "server and not browser")),
    ("Pages in Chromium", (*_PYTEST, "-m", "browser", "--ignore", "tests/chat")),
    ("Chat in Chromium", (*_PYTEST, "-m", "browser", "tests/chat")),  # a driver of its own: one can't be started twice
)


def run_all(arguments: Sequence[str]) -> int:
    """Run every check; with arguments only the tests, with these for pytest. Gives the exit code."""
    if arguments:
        return _run(("pytest", *arguments))
    results = [(title, *_timed(command)) for title, command in CHECKS]
    print("\n" + "\n".join(_line(*result) for result in results), flush=True)
    failed = sum(1 for _, code, _ in results if code)
    print(f"{failed} of {len(results)} checks failed." if failed else "Everything passed.", flush=True)
    return 1 if failed else 0


def _timed(command: tuple[str, ...]) -> tuple[int, float]:
    print(f"\n$ {' '.join(command)}", flush=True)
    started = time.monotonic()
    workers = ("-n", str(min(4, max(2, os.cpu_count() or 2)))) if command[0] == "pytest" else ()
    code = _run((*command, *workers))
    if code == 1 and workers:  # a loaded machine can stretch a wait too far: what failed must pass alone
        print("\nOnce more, one at a time, what failed:", flush=True)
        code = _run((*command, "--last-failed", "-p", "no:randomly"))
    return code, time.monotonic() - started


def _run(command: Sequence[str]) -> int:
    path = f"{_BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")} | {"PATH": path}
    program = str(_BIN / command[0])
    return subprocess.run([program, *command[1:]], cwd=ROOT, env=environ, check=False).returncode  # noqa: S603


def _line(title: str, code: int, seconds: float) -> str:
    return f"{'failed' if code else 'passed'}  {title} ({seconds:.0f} s)"
