"""What the commands share: the instance, a server that may run beside, and errors as sentences."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

import click

from app import runtime
from app.runtime import Half, Runtime
from app.shared.config import Settings, SettingsError, load
from app.shared.errors import ParleyError

if TYPE_CHECKING:
    from app.shared.db import Database
    from app.shared.outgoing.clients import Client

P = ParamSpec("P")
T = TypeVar("T")
instance_option = click.option("--instance", help="The instance's folder, in place of PARLEY_INSTANCE.")


def fail(sentence: str) -> NoReturn:
    """One sentence on standard error, exit code 2."""
    print(sentence, file=sys.stderr)
    sys.exit(2)


def tells_errors(function: Callable[P, T]) -> Callable[P, T]:
    """Errors that a person may read become one sentence on standard error and exit code 2."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except (SettingsError, runtime.NotUsable) as error:
            fail(str(error))
        except ParleyError as error:
            fail("\n".join([error.detail, *(f"  {item.field}: {item.message}" for item in error.errors)]))

    return wrapped


def load_settings(instance: str | Path | None = None) -> Settings:
    """The settings of this command, with the instance that it names."""
    return load(instance=Path(instance) if instance else None)


def open_instance(instance: str | Path | None = None, *, empty: bool = False) -> "tuple[Settings, Database]":
    """The settings and the database; folder, secret, snapshot and schema are made where they are missing.

    `empty`: a new instance of a linked worktree starts without the main checkout's records.
    """
    from app.setup import instance as setup

    settings = load_settings(instance)
    return settings, setup.open_database(settings, empty=empty, say=functools.partial(print, file=sys.stderr))


def running_server(settings: Settings, half: Half) -> Runtime | None:
    """The server that serves this half of the instance now, and answers; else None."""
    found = runtime.for_half(settings.instance, half)
    return found if found and runtime.answers(found) else None


def server_client(settings: Settings, server: Runtime, user_id: int | None = None) -> "Client":
    """A client of the running server, as this user or as the system. Its base address is the server's."""
    from app.crm.accounts.local import local_token
    from app.shared.outgoing import Allowed, Bounds, clients

    headers = {"Authorization": f"Bearer {local_token(settings, user_id)}"}
    patience = settings.first_token_timeout + 60
    bounds = Bounds(connect=10, read=patience, total=patience, size=64_000_000)
    return clients.client(Allowed.only(server.url), bounds, base_url=server.url, headers=headers)


def show(value: Any) -> None:
    """One value as JSON on standard output."""
    import json

    print(json.dumps(value, indent=2, ensure_ascii=False))
