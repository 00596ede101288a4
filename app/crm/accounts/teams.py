"""Teams: a name that users share."""

from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from app.crm.schema import teams, users
from app.shared.characters import seen
from app.shared.db import text_key
from app.shared.errors import FieldError, Invalid, NotFound

NAME_LENGTH = 100


def listing(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(select(teams).order_by(teams.c.name_key, teams.c.id)))


def sizes(connection: Connection) -> dict[int, int]:
    """How many active users each team has."""
    counted = select(users.c.team_id, func.count()).where(users.c.team_id.isnot(None), users.c.active)
    return {row[0]: row[1] for row in connection.execute(counted.group_by(users.c.team_id))}


def get(connection: Connection, team_id: int) -> Row[Any]:
    """The team. Raises NotFound."""
    row = connection.execute(select(teams).where(teams.c.id == team_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no team {team_id}.")
    return row


def by_name(connection: Connection, name: str) -> int | None:
    """The id of the team of this name, whatever its capitals and spaces."""
    wanted = select(teams.c.id).where(teams.c.name_key == text_key(_squeezed(name)))
    return connection.execute(wanted).scalar_one_or_none()


def name_of(connection: Connection, team_id: int | None) -> str:
    """The team's name; "" for none."""
    return "" if team_id is None else str(get(connection, team_id).name)


def members(connection: Connection, team_id: int) -> list[Row[Any]]:
    """Its users, deactivated ones too, by name."""
    wanted = select(users).where(users.c.team_id == team_id).order_by(users.c.name_key, users.c.id)
    return list(connection.execute(wanted))


def ensure(connection: Connection, name: str) -> int | None:
    """The team of this name, made where it is missing; None for no name. Raises Invalid."""
    if not _squeezed(name):
        return None
    found = by_name(connection, name)
    return found if found is not None else create(connection, name)


def create(connection: Connection, name: str, field: str = "team") -> int:
    """A new team. Raises Invalid, naming `field`, where its name is empty, too long or taken."""
    made = teams.insert().values(**_named(connection, name, field)).returning(teams.c.id)
    return int(connection.execute(made).scalar_one())


def rename(connection: Connection, team_id: int, name: str) -> None:
    """Raises Invalid where the name is empty, too long or another team's."""
    values = _named(connection, name, "name", team_id)
    connection.execute(update(teams).where(teams.c.id == team_id).values(**values))


def delete_(connection: Connection, team_id: int) -> None:
    """Drop a team that has no users any more."""
    connection.execute(delete(teams).where(teams.c.id == team_id))


def _named(connection: Connection, name: str, field: str, team_id: int | None = None) -> dict[str, Any]:
    name = _squeezed(name)
    if not name:
        raise Invalid("A team needs a name.", [FieldError(field, "Enter a name.")])
    if len(name) > NAME_LENGTH:
        raise Invalid("The team's name is too long.", [FieldError(field, f"Use at most {NAME_LENGTH} characters.")])
    if by_name(connection, name) not in (None, team_id):
        raise Invalid("There is a team of this name.", [FieldError(field, "Another team has this name.")])
    return {"name": name, "name_key": text_key(name)}


def _squeezed(name: str) -> str:
    return " ".join(seen(name).split())
