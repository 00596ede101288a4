"""One Alembic chain for both halves' tables."""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from app.shared.db import Database

_FOLDER = Path(__file__).parent


@cache
def head() -> str:
    """The newest revision that this code knows, by the names of the files: Alembic itself is loaded only to migrate."""
    return max(path.name.split("_", 1)[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def current(connection: Connection) -> str | None:
    """The revision of the database; None where it is new."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(database: Database) -> None:
    """Bring the database to the newest revision, in one transaction."""
    with database.read() as connection:
        if current(connection) == head():
            return
    with database.write() as connection:
        if current(connection) == head():  # another process has been quicker
            return
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
