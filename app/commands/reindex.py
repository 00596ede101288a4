"""`python -m app reindex`: build the search index anew, beside the one that serves."""

import time
from pathlib import Path
from typing import Any

import click

from app.commands import common

POLL = 0.5  # seconds between two looks at a running server's progress


@click.command("reindex", help="Build the search index anew, beside the one that serves.")
@click.option("--instance", type=click.Path(path_type=Path), help="The instance folder.")
def command(instance: Path | None) -> None:
    settings, database = common.open_instance(instance)
    server = common.running_server(settings, "chatbot")
    if server:
        _through(common.server_client(settings, server))
        return
    from app.chatbot.retrieval import Index
    from app.chatbot.retrieval.embed import EmbedderError
    from app.chatbot.retrieval.vectors import VectorsError
    from app.crm.port import Crm

    index = Index(settings, Crm(database))
    try:
        count = index.reindex(_show)
    except KeyboardInterrupt:
        raise click.ClickException("Stopped; the old index serves on.") from None
    except (EmbedderError, VectorsError) as error:
        raise click.ClickException(f"{error} Full text serves alone.") from None
    finally:
        index.stop()
    click.echo(f"\nThe index holds {count} records with text.")


def _through(client: Any) -> None:
    """The server owns the engine while it runs, so it does the work; Ctrl-C stops it there too."""
    with client:
        client.post("/chat/index/rebuild").raise_for_status()
        try:
            state = _wait(client)
        except KeyboardInterrupt:
            client.delete("/chat/index/rebuild")
            raise click.ClickException("Stopped; the old index serves on.") from None
    if state["state"] != "done":
        raise click.ClickException(
            f"The reindex ended as {state['state']}: {state['error'] or 'the old index serves on.'}"
        )
    click.echo(f"\nThe index holds {state['embedded']} records with text.")


def _wait(client: Any) -> dict[str, Any]:
    while True:
        state: dict[str, Any] = client.get("/chat/index").raise_for_status().json()["rebuild"]
        _show(state["done"], state["total"])
        if state["state"] != "running":
            return state
        time.sleep(POLL)


def _show(done: int, total: int) -> None:
    share = 100 * done // total if total else 100
    click.echo(f"\rIndexing: {done:,} of {total:,} records ({share}%)", nl=False)
