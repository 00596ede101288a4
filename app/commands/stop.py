"""`python -m app stop`: end the server of this instance."""

import os
import signal
import sys
import time
from pathlib import Path

import click

from app import runtime
from app.commands import common

WITHIN = 10.0  # seconds; the server itself needs at most five


@click.command("stop")
@common.instance_option
@common.tells_errors
def command(instance: str | None) -> None:
    """Stop the server of this instance, cleanly. Exit code 1: there is none."""
    folder = common.load_settings(instance).instance
    found = {pid for half in runtime.HALVES if (pid := runtime.holder(folder, half))}
    if not found:
        runtime.forget_stale(folder)
        print("Parley is not running here.")
        sys.exit(1)
    for pid in found:
        os.kill(pid, signal.SIGTERM)
    if not _ended(folder):
        common.fail(f"Parley (pid {', '.join(map(str, sorted(found)))}) didn't end within {WITHIN:.0f} s.")
    print("Parley has stopped.")


def _ended(folder: Path) -> bool:
    deadline = time.monotonic() + WITHIN
    while any(runtime.holder(folder, half) is not None for half in runtime.HALVES):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
