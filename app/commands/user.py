"""`python -m app user`: the people of this instance."""

import sys

import click

from app.commands import common


@click.group("user", help="Add and list the people of this instance.")
def command() -> None:
    pass


@command.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(["admin", "member", "viewer"]), default="member", show_default=True)
@click.option("--name", help="The person's name; without it the address stands for it.")
@click.option("--team", help="The team's name; it is made where it is missing.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
@common.instance_option
@common.tells_errors
def add(email: str, role: str, name: str | None, team: str | None, password_stdin: bool, instance: str | None) -> None:
    """Add a user with a password; without one, print an invitation link by which they choose it."""
    from app.crm.accounts import events, links, passwords, teams, users

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    _, database = common.open_instance(instance)
    name = name or email.partition("@")[0]
    if password is not None:
        passwords.check(password, name=name, email=email)
    hashed = passwords.hash_password(password) if password is not None else None
    with database.write() as connection:
        team_id = teams.ensure(connection, team or "")
        user_id = users.create(connection, name=name, email=email, role=role, password_hash=hashed, team_id=team_id)
        events.by_system(connection, "user.created", user_id=user_id, detail={"name": name, "role": role})
        invitation = None if hashed else links.create(connection, "invitation", user_id)
    database.close()
    print(f"Added {email} as {role}.")
    if invitation:
        print("They choose a password by this link, once, within 7 days; put it behind the server's address:")
        print(f"/invitation/{invitation}")


@command.command("list")
@common.instance_option
@common.tells_errors
def list_(instance: str | None) -> None:
    """List everybody: id, role, state, name and address."""
    from app.crm.accounts import users

    _, database = common.open_instance(instance)
    with database.read() as connection:
        people = users.listing(connection)
    database.close()
    for user in people:
        print(f"{user.id:>5}  {user.role:<6}  {users.state(user):<11}  {user.name}  {user.email or ''}".rstrip())
    if not people:
        print("There is nobody yet.")
