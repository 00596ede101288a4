"""`python -m app`: each command is a module of `app/commands`, loaded only when it is called."""

import sys
from importlib import import_module

import click

from app import __version__

COMMANDS = {
    "serve": "Serve this instance.",
    "stop": "Stop the server of this instance.",
    "status": "Say whether and where this instance is served.",
    "user": "Add and list the people of this instance.",
    "token": "Make API tokens.",
    "import": "Import a CSV file.",
    "query": "Run a query, given as JSON.",
    "ask": "Ask the assistant.",
    "reindex": "Build the search index anew.",
    "doctor": "Check this machine and this instance, line by line.",
    "demo": "Load the demo's records into an empty instance.",
}
_MODULES = {"import": "import_"}  # a word that Python keeps for itself


class Commands(click.Group):
    """Lists the commands without loading them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"app.commands.{_MODULES.get(cmd_name, cmd_name)}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="parley")
def cli() -> None:
    """Parley: a self-hosted CRM that you can talk to."""


def main() -> None:
    """The entry point of `parley` and of `python -m app`."""
    try:
        cli(prog_name="parley")
    except BrokenPipeError:  # the reader, as `head`, has had enough
        sys.stderr.close()
        sys.exit(1)
