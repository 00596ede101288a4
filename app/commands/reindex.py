"""`python -m app reindex`: build the search index anew, beside the one that serves."""

import time
from typing import TYPE_CHECKING, Any

import click

from app.commands.common import fail, instance_option, open_instance, running_server, server_client, tells_errors

if TYPE_CHECKING:
    from app.shared.config import Settings
    from app.shared.db import Database
    from app.shared.outgoing.clients import Client

POLL = 0.5  # seconds between two looks at a running server's progress
STOPPED = "Stopped; the old index serves on."


@click.command("reindex", help="Build the search index anew, beside the one that serves.")
@instance_option
@tells_errors
def command(instance: str | None) -> None:
    settings, database = open_instance(instance)
    server = running_server(settings, "chatbot")
    count = _by_server(server_client(settings, server)) if server else _here(settings, database)
    click.echo(f"\nThe index holds {count} records with text.")


def _here(settings: "Settings", database: "Database") -> int:
    from app.chatbot.retrieval import Index
    from app.chatbot.retrieval.embed import EmbedderError
    from app.chatbot.retrieval.vectors import VectorsError
    from app.crm.port import Crm

    index = Index(settings, Crm(database))
    try:
        return index.reindex(_show)
    except KeyboardInterrupt:
        fail(STOPPED)
    except (EmbedderError, VectorsError) as error:
        fail(f"{error} Full text serves alone.")
    finally:
        index.stop()


def _by_server(client: "Client") -> int:
    """The server owns the engine while it runs, so it does the work; Ctrl-C stops it there too."""
    with client:
        client.post("/chat/index/rebuild").raise_for_status()
        try:
            state = _wait(client)
        except KeyboardInterrupt:
            client.delete("/chat/index/rebuild")
            fail(STOPPED)
    if state["state"] != "done":
        fail(f"The reindex ended as {state['state']}: {state['error'] or 'the old index serves on.'}")
    return int(state["embedded"])


def _wait(client: "Client") -> dict[str, Any]:
    while True:
        state: dict[str, Any] = client.get("/chat/index").raise_for_status().json()["rebuild"]
        _show(state["done"], state["total"])
        if state["state"] != "running":
            return state
        time.sleep(POLL)


def _show(done: int, total: int) -> None:
    share = 100 * done // total if total else 100
    click.echo(f"\rIndexing: {done:,} of {total:,} records ({share}%)", nl=False)
