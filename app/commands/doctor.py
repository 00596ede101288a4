"""`python -m app doctor`: this machine and this instance, checked line by line."""

import sys

import click

from app.commands import common


@click.command("doctor")
@click.option("--deploy", is_flag=True, help="Check as well what serving others needs.")
@common.instance_option
@common.tells_errors
def command(deploy: bool, instance: str | None) -> None:
    """Check this machine and this instance. Changes nothing. Exit code 1: there is a fault."""
    from app import doctor, doctor_deploy

    settings = common.load_settings(instance)
    faults = 0
    for check in (*doctor.CHECKS, *(doctor_deploy.CHECKS if deploy else ())):
        for finding in check(settings):
            faults += finding.verdict == "fault"
            click.echo(f"{finding.verdict:<5}  {finding.what}: {finding.why}")
    click.echo(f"{faults} fault{'s' if faults != 1 else ''} found." if faults else "No fault found.")
    sys.exit(1 if faults else 0)
