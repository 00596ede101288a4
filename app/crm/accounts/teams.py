"""Teams: a name that users share."""

from typing import Any

from sqlalchemy import Connection, Row, select

from app.crm.schema import teams
from app.shared.db import text_key
from app.shared.errors import FieldError, Invalid

NAME_LENGTH = 100


def listing(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(select(teams).order_by(teams.c.name_key, teams.c.id)))


def ensure(connection: Connection, name: str) -> int | None:
    """The team of this name, made where it is missing; None for no name. Raises Invalid."""
    name = " ".join(name.split())
    if not name:
        return None
    if len(name) > NAME_LENGTH:
        raise Invalid("The team's name is too long.", [FieldError("team", f"Use at most {NAME_LENGTH} characters.")])
    found = connection.execute(select(teams.c.id).where(teams.c.name_key == text_key(name))).scalar_one_or_none()
    if found is not None:
        return int(found)
    made = teams.insert().values(name=name, name_key=text_key(name)).returning(teams.c.id)
    return int(connection.execute(made).scalar_one())
