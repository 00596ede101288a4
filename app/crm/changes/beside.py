"""What else must stand or fall with a change set: written in its transaction, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Connection

Companion = Callable[[Connection, int], None]
_companion: ContextVar[Companion | None] = ContextVar("companion", default=None)


@contextmanager
def beside(companion: Companion) -> Iterator[None]:
    """Meanwhile, call `companion(connection, change_set)` in the transaction of every set that is proposed or applied
    in this thread. What it raises rolls the set back.
    """
    token = _companion.set(companion)
    try:
        yield
    finally:
        _companion.reset(token)


def note(connection: Connection, change_set: int) -> None:
    """A new set has been added in this transaction."""
    if companion := _companion.get():
        companion(connection, change_set)
