"""Development: a supervisor that starts the server anew when a source file changes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from app.serve import ALREADY_RUNNING

FOLDER = Path(__file__).resolve().parent
POLL = 0.5  # seconds between two looks at the files
_CHILD = "_PARLEY_RELOADED"  # no setting: it tells the child process that a supervisor watches
_FINAL = (0, 2, ALREADY_RUNNING)  # ended as told, or can't start: no change of the source mends that


def is_child() -> bool:
    return _CHILD in os.environ


def supervise(arguments: Sequence[str]) -> int:
    """Run `python -m app` with these arguments until it ends by itself; after each change of the source, again."""
    child = _start(arguments)

    def stop(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    seen = _stamps()
    while True:
        code = child.poll()
        if code is not None and (code in _FINAL or code < 0):
            return max(code, 0)
        time.sleep(POLL)
        now = _stamps()
        if now != seen:
            seen = now
            print("The source has changed: starting again.", flush=True)
            child.terminate()
            child.wait()
            child = _start(arguments)


def _start(arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", "app", *arguments], env={**os.environ, _CHILD: "1", "PARLEY_ENV": "development"}
    )


def _stamps() -> dict[str, int]:
    """When each source file was last changed."""
    found: dict[str, int] = {}
    for path in FOLDER.rglob("*.py"):
        try:
            found[str(path)] = path.stat().st_mtime_ns
        except OSError:  # gone between the two calls
            continue
    return found
