"""`python -m app query JSON`: what the query door answers, as JSON."""

import sys
from typing import TYPE_CHECKING

import click

from app.commands import common

if TYPE_CHECKING:
    from app.shared.contract import Principal
    from app.shared.db import Database


@click.command("query")
@click.argument("text", metavar="JSON")
@click.option("--user", "email", metavar="EMAIL", help="Ask as this user; without it, as the system, who sees all.")
@common.instance_option
@common.tells_errors
def command(text: str, email: str | None, instance: str | None) -> None:
    """Answer a query, as {"object": "deals", "measures": [{"fn": "count"}]}. "-" reads it from standard input."""
    from app.crm.api import answers, bodies
    from app.crm.port import Crm

    asked = bodies.query(bodies.parse_json((sys.stdin.read() if text == "-" else text).encode()))
    _, database = common.open_instance(instance)
    try:
        crm = Crm(database)
        found = answers.answer(crm.query(_principal(database, email), asked))
        common.show(found | {"sentence": crm.sentence(asked), "url": crm.url(asked)})
    finally:
        database.close()


def _principal(database: "Database", email: str | None) -> "Principal":
    from app.crm.accounts import users
    from app.shared.contract import SYSTEM, Principal
    from app.shared.errors import NotFound

    if email is None:
        return SYSTEM
    with database.read() as connection:
        user = users.by_email(connection, email)
    if user is None or not user.active:
        raise NotFound(f"There is no active user {email}.")
    return Principal(
        user_id=user.id,
        name=user.name,
        role=user.role,
        email=user.email,
        team_id=user.team_id,
        channel="cli",
        timezone=user.timezone,
        locale=user.locale,
    )
