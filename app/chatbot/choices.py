"""What admins have chosen for the assistant in settings: the model, the embedding model. The environment goes first."""

from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from app.chatbot.tables import settings
from app.shared.db import Database

Key = Literal["model", "embed_model"]


class Choices:
    """The stored choices of one database. Blocks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: Key) -> str:
        """What was chosen; "" where nothing was."""
        with self._database.read() as connection:
            return str(connection.scalar(select(settings.c.value).where(settings.c.key == key)) or "")

    def set(self, key: Key, value: str) -> None:
        with self._database.write() as connection:
            put(connection, key, value)


def put(connection: Connection, key: Key, value: str) -> None:
    """Keep a choice; "" takes it back."""
    connection.execute(delete(settings).where(settings.c.key == key))
    if value:
        connection.execute(insert(settings).values(key=key, value=value))
