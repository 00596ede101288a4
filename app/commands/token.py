"""`python -m app token`: API tokens."""

from datetime import timedelta

import click

from app.commands import common


@click.group("token", help="Make API tokens.")
def command() -> None:
    pass


@command.command("create")
@click.option("--user", "email", required=True, help="The address of the user whom the token acts for.")
@click.option("--name", required=True, help="What it is for, to know it by later.")
@click.option("--scope", type=click.Choice(["read", "write"]), default="write", show_default=True,
              help="read: may look only; write: may look and change.")  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3650), help="How long it is good for; without it, until it is revoked.")
@common.instance_option
@common.tells_errors
def create(email: str, name: str, scope: str, days: int | None, instance: str | None) -> None:
    """Make a token. It stands alone on the last line, and is never shown again."""
    from app.crm.accounts import events, tokens, users
    from app.shared.errors import NotFound
    from app.shared.types import utc_now

    _, database = common.open_instance(instance)
    expires_at = utc_now() + timedelta(days=days) if days else None
    with database.write() as connection:
        user = users.by_email(connection, email)
        if user is None or not user.active:
            raise NotFound(f"There is no active user {email}.")
        token = tokens.create(connection, user.id, name, [scope], expires_at)
        detail = {"token": tokens.shown(token), "name": name, "scope": scope}
        events.by_system(connection, "token.created", user_id=user.id, detail=detail)
    database.close()
    print(f"A token for {user.email}, {'to look only' if scope == 'read' else 'to look and change'}:")
    print(token)
