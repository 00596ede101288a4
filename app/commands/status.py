"""`python -m app status`: whether and where this instance is served."""

import sys

import click

from app import runtime
from app.commands import common


@click.command("status")
@common.instance_option
@common.tells_errors
def command(instance: str | None) -> None:
    """Say whether and where this instance is served. Exit code 1: it isn't."""
    folder = common.load_settings(instance).instance
    found = runtime.servers(folder)
    for half, server in found:
        part = f"'s {half} half" if half else ""
        state = "is running" if runtime.answers(server) else "is running, but doesn't answer,"
        print(f"Parley{part} {state} at {server.url} (pid {server.pid}, version {server.version}, {_since(server)}).")
    if found:
        return
    starting = any(runtime.holder(folder, half) is not None for half in runtime.HALVES)
    print(f"Parley is {'starting' if starting else 'not running'} (instance {folder}).")
    sys.exit(1)


def _since(server: runtime.Runtime) -> str:
    return "since " + server.started.replace("T", " ").replace("+00:00", " UTC")
