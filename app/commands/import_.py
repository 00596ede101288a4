"""`python -m app import`: a file of records into the CRM."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.commands import common
from app.commands.progress import Progress

if TYPE_CHECKING:
    from app.crm.transfer import Options, Report, Sheet
    from app.shared.db import Database

_HELP = """Import FILE (CSV or other delimited text) into the CRM. It is safe to run twice.

Columns that are named as a field fill it by themselves. A row with a problem is not imported: it is named with its row
number, and written to an errors file that can be mended and imported."""


@click.command("import", help=_HELP)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--object", required=True, help="What the rows are: companies, people, deals, tasks, notes, activities.")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="The field that a column fills. Repeatable.")
@click.option("--match", metavar="FIELD", help="The key by which a row finds its record; a new one is made for it.")
@click.option("--create", "creates", multiple=True, metavar="KINDS",
              help="What may be created where the CRM lacks it: fields,owners,stages,companies,people.")  # fmt: skip
@click.option("--day-first", "order", flag_value="day-first", help="Read 3/4/2024 as 3 April.")
@click.option("--month-first", "order", flag_value="month-first", help="Read 3/4/2024 as March 4.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@click.option("--errors", type=click.Path(path_type=Path), help="Where to write the rows that were not imported.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@common.instance_option
@common.tells_errors
def command(
    file: Path,
    object: str,
    maps: tuple[str, ...],
    match: str | None,
    creates: tuple[str, ...],
    order: str | None,
    dry_run: bool,
    errors: Path | None,
    as_json: bool,
    instance: str | None,
) -> None:
    from app.crm import transfer

    options = transfer.from_words(object, maps, match, creates, order, dry_run)
    sheet = _read(file, errors)
    _, database = common.open_instance(instance)
    try:
        report = _run(database, sheet, options)
    finally:
        database.close()
    if report.failed and (errors or not dry_run):
        report.errors_file = _write_errors(errors, sheet, report)
    if as_json:
        common.show(report.as_json() | {"errors_file": report.errors_file})
    else:
        print("\n".join(report.lines()))
    if report.failed and report.failed == report.rows:
        sys.exit(1)


def _read(file: Path, errors: Path | None) -> "Sheet":
    from app.crm import transfer

    if errors and errors.exists():
        common.fail(f"{errors} exists already, and is not overwritten. Name another file with --errors.")
    try:
        return transfer.read(file)
    except OSError as error:
        common.fail(f"{file} can't be read: {error.strerror or error}.")


def _run(database: "Database", sheet: "Sheet", options: "Options") -> "Report":
    from dataclasses import replace

    from app.crm import transfer
    from app.shared.contract import SYSTEM

    try:
        return transfer.run(database, replace(SYSTEM, channel="import"), sheet, options, Progress())
    except KeyboardInterrupt:
        print("\nStopped: nothing was imported.", file=sys.stderr)
        sys.exit(130)


def _write_errors(wanted: Path | None, sheet: "Sheet", report: "Report") -> str:
    from app.crm.transfer import errors_file

    path = wanted or errors_file.free_name(Path.cwd(), sheet.name)
    try:
        errors_file.write(path, sheet, report)
    except OSError as error:
        common.fail(f"The import is done, but {path} can't be written: {error.strerror or error}.")
    return str(path)
