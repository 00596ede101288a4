"""`python -m app query JSON`: what the query door answers, as JSON."""

import click

from app.commands import common


@click.command("query")
@click.argument("query", metavar="JSON")
@click.option("--user", "email", metavar="EMAIL", help="Ask as this user; without it, as the system, who sees all.")
@common.instance_option
@common.tells_errors
def command(query: str, email: str | None, instance: str | None) -> None:
    """Answer a query, as `{"object": "deals", "measures": [{"fn": "count"}]}`. "-" reads it from standard input."""
    from app.crm.api import answers, bodies
    from app.crm.port import Crm

    text = click.get_text_stream("stdin").read() if query == "-" else query
    asked = bodies.query(bodies.parse_json(text.encode()))
    _, database = common.open_instance(instance)
    try:
        crm = Crm(database)
        found = crm.query(_principal(database, email), asked)
        common.show(answers.answer(found) | {"url": crm.url(asked), "sentence": crm.sentence(asked)})
    finally:
        database.close()
