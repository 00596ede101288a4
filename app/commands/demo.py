"""`python -m app demo`: the demo's records and its user, into an empty instance."""

import click

from app.commands.common import instance_option, open_instance, tells_errors


@click.command("demo", help="Load the demo's records into an empty instance.")
@instance_option
@tells_errors
def command(instance: str | None) -> None:
    from app.crm import demo
    from app.shared.contract import SYSTEM

    _settings, database = open_instance(instance)
    loaded = demo.load(database, SYSTEM)
    click.echo(f"{loaded.count} records are there. They are change set {loaded.id}, and can be undone as one.")
