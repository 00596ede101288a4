"""The journal as an outbox: what has changed after a position, in commit order, and how far each reader has come."""

from collections.abc import Sequence

from sqlalchemy import Connection, case, func, insert, select, update

from app.crm.schema import changes, consumers


def journal(connection: Connection, after: int, limit: int = 1000) -> Sequence[tuple[int, str, int]]:
    """(seq, object, id) of the changes after a position, in commit order.

    There is one writer at a time, who numbers its lines while it holds the lock: a number that can be read has no
    smaller one still to come. Numbers may have gaps.
    """
    statement = select(changes.c.seq, changes.c.object, changes.c.record_id).where(changes.c.seq > after)
    return [tuple(row) for row in connection.execute(statement.order_by(changes.c.seq).limit(limit))]


def journal_end(connection: Connection) -> int:
    """The newest position; 0 where nothing has happened yet."""
    return int(connection.scalar(select(func.coalesce(func.max(changes.c.seq), 0))) or 0)


def position(connection: Connection, name: str) -> int:
    """How far the reader `name` has come; 0 where it hasn't begun."""
    return int(connection.scalar(select(consumers.c.seq).where(consumers.c.name == name)) or 0)


def advance(connection: Connection, name: str, seq: int) -> None:
    """Note how far the reader has come, in the transaction of what it did with the lines. Never goes back."""
    later = case((consumers.c.seq < seq, seq), else_=consumers.c.seq)
    known = connection.execute(update(consumers).where(consumers.c.name == name).values(seq=later))
    if known.rowcount == 0:
        connection.execute(insert(consumers).values(name=name, seq=seq))


def rewind(connection: Connection, name: str) -> None:
    """Let the reader begin anew."""
    connection.execute(update(consumers).where(consumers.c.name == name).values(seq=0))
