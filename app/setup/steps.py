"""Steps of the set-up as a person sees them: a line for each, a progress line for long ones, a sentence if not."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class SetupError(Exception):
    """Set-up can't go on; the message says what is missing and how to get it."""


class Progress:
    """One line that counts up on a terminal; elsewhere a line every ten seconds."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._live = sys.stdout.isatty()
        self._shown = time.monotonic()

    def show(self, state: str) -> None:
        now = time.monotonic()
        if self._live:
            print(f"\r\033[K  {self.title}: {state}", end="", flush=True)
        elif now - self._shown >= 10:
            self._shown = now
            print(f"  {self.title}: {state}", flush=True)

    def clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", flush=True)


@contextmanager
def step(title: str) -> Iterator[Progress]:
    """Say what is done, and how long it took."""
    print(f"{title} ...", flush=True)
    progress, started = Progress(title), time.monotonic()
    yield progress
    progress.clear()
    print(f"  done in {time.monotonic() - started:.0f} s", flush=True)


def run(
    command: Sequence[str],
    log: Path,
    failure: str,
    *,
    cwd: Path | None = None,
    environ: dict[str, str] | None = None,
    each_line: Callable[[str], None] | None = None,
) -> None:
    """Run a tool, its output into `log`. Raises SetupError with `failure` and its last lines where it fails."""
    with log.open("w") as out:
        process = subprocess.Popen(  # noqa: S603 - commands of this package alone
            command, cwd=cwd, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        assert process.stdout is not None
        for line in process.stdout:
            out.write(line)
            if each_line:
                each_line(line)
    if process.wait():
        tail = "".join(f"  {line}\n" for line in log.read_text().splitlines()[-12:])
        raise SetupError(f"{failure}\n{tail}The whole output is in {log}.")
