"""`python -m app serve`: serve this instance."""

import gc
import os
import sys
from dataclasses import replace
from typing import NoReturn

import click

from app.commands import common


@click.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), help="This port or none. Without it a free one of 5050-5060.")
@click.option("--host", default="127.0.0.1", help="The address to listen on. Beyond this machine needs PARLEY_ORIGINS.")
@click.option("--only", type=click.Choice(["crm", "chatbot"]), help="One half alone, as a service of its own.")
@click.option("--demo", is_flag=True, help="Load the demo's records where the instance is empty.")
@click.option("--dev", is_flag=True, help="Development: reload on changes, this machine alone.")
@click.option("--empty", is_flag=True, help="In a new worktree: start without the main checkout's records.")
@common.instance_option
@common.tells_errors
def command(
    port: int | None, host: str, only: str | None, demo: bool, dev: bool, empty: bool, instance: str | None
) -> None:
    """Serve this instance until it is stopped. Exit code 3: it is being served already."""
    gc.disable()  # while the modules are loaded, which makes no garbage; `serve` turns it on again once it is ready
    from app import reload
    from app.serve import Options, serve

    settings = common.load_settings(instance)
    if dev:
        settings = replace(settings, env="development")
    options = Options(host, port, only, empty, demo)  # type: ignore[arg-type]  # click has checked the choice
    if settings.development and not reload.is_child():
        sys.exit(reload.supervise(sys.argv[1:]))
    _exit(serve(settings, options))


def _exit(code: int) -> NoReturn:
    """End now: everything is closed and committed, and a thread that hangs is not waited for."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
