"""What was asked and answered: conversations, their turns and the turns' events, each belonging to one user.

Functions take a connection; the caller owns the transaction. A conversation of somebody else is not found.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from app.chatbot.cursors import decode, encode
from app.chatbot.events import Event
from app.chatbot.tables import conversations, events, messages
from app.chatbot.types import Turn
from app.shared.errors import NotFound
from app.shared.types import utc_now
from app.shared.values import as_json

State = Literal["running", "done", "stopped", "failed"]
TITLE_LENGTH = 80
INTERRUPTED = "Parley was restarted while it answered. Ask again."


def owned(user_id: int | None) -> ColumnElement[bool]:
    """The conversations of one user; those of the command line have none."""
    return conversations.c.user_id.is_(None) if user_id is None else conversations.c.user_id == user_id


# --- a turn's life ---


def open_turn(
    connection: Connection, user_id: int | None, conversation_id: int | None, question: str, context: Any
) -> Event:
    """Begin a turn, in a new conversation where none is given. Returns its first event, stored."""
    if conversation_id is None:
        conversation_id = _create(connection, user_id, title_of(question))
    else:
        find(connection, user_id, conversation_id)
        connection.execute(
            update(conversations).where(conversations.c.id == conversation_id).values(updated_at=utc_now())
        )
    message_id = connection.execute(
        insert(messages).values(
            conversation_id=conversation_id,
            question=question,
            context=context,
            state="running",
            created_at=utc_now(),
        )
    ).inserted_primary_key
    assert message_id is not None
    started = Event(conversation_id, message_id[0], 1, "started", {"question": question})
    add_events(connection, [started])
    return started


def _create(connection: Connection, user_id: int | None, title: str) -> int:
    now = utc_now()
    key = connection.execute(
        insert(conversations).values(user_id=user_id, title=title, created_at=now, updated_at=now)
    ).inserted_primary_key
    assert key is not None
    return int(key[0])


def title_of(question: str) -> str:
    """The first question as a title: one line, cut between words."""
    line = " ".join(question.split())
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line[:TITLE_LENGTH].rsplit(" ", 1)[0]
    return cut.rstrip(" ,;:.") + "…"


def add_events(connection: Connection, batch: Sequence[Event]) -> None:
    rows = [
        {"message_id": event.message_id, "seq": event.seq, "type": event.type, "data": dict(event.data)}
        for event in batch
    ]
    connection.execute(insert(events), rows)


def finish(connection: Connection, message_id: int, state: State, answer: Mapping[str, Any] | None) -> None:
    """Close a turn. `answer`: the finished one; None where it failed."""
    connection.execute(
        update(messages)
        .where(messages.c.id == message_id)
        .values(state=state, answer=dict(answer) if answer else None, finished_at=utc_now())
    )


def fail_running(connection: Connection) -> int:
    """Mark turns failed that were cut off with the process that ran them. Returns how many there were."""
    last = select(events.c.message_id, func.max(events.c.seq)).group_by(events.c.message_id)
    running = connection.execute(
        select(messages.c.id, messages.c.conversation_id).where(messages.c.state == "running")
    ).all()
    ids = [row.id for row in running]
    seqs = {row[0]: row[1] for row in connection.execute(last.where(events.c.message_id.in_(ids)))}
    for row in running:
        error = {"detail": INTERRUPTED, "status": 503}
        add_events(connection, [Event(row.conversation_id, row.id, seqs.get(row.id, 0) + 1, "error", error)])
        finish(connection, row.id, "failed", None)
    return len(running)


def events_after(connection: Connection, user_id: int | None, message_id: int, after: int) -> list[Event]:
    """The stored events of a turn past `after`. Raises NotFound where the turn isn't this user's."""
    conversation_id = conversation_of(connection, user_id, message_id)
    rows = connection.execute(
        select(events).where(events.c.message_id == message_id, events.c.seq > after).order_by(events.c.seq)
    )
    return [Event(conversation_id, message_id, row.seq, row.type, row.data) for row in rows]


def conversation_of(connection: Connection, user_id: int | None, message_id: int) -> int:
    found = connection.execute(
        select(messages.c.conversation_id).join(conversations).where(messages.c.id == message_id, owned(user_id))
    ).scalar()
    if found is None:
        raise NotFound(f"There is no answer {message_id}.")
    return int(found)


def history(connection: Connection, conversation_id: int, before: int, limit: int) -> tuple[Turn, ...]:
    """The last finished turns before the message `before`, oldest first."""
    rows = connection.execute(
        select(messages.c.question, messages.c.answer)
        .where(messages.c.conversation_id == conversation_id, messages.c.id < before, messages.c.state == "done")
        .order_by(messages.c.id.desc())
        .limit(limit)
    ).all()
    return tuple(Turn(row.question, row.answer or {}) for row in reversed(rows))


# --- the list, and one of it ---


def find(connection: Connection, user_id: int | None, id: int) -> Row[Any]:
    found = connection.execute(select(conversations).where(conversations.c.id == id, owned(user_id))).first()
    if found is None:
        raise NotFound(f"There is no conversation {id}.")
    return found


def _json(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "created_at": as_json(row.created_at),
        "updated_at": as_json(row.updated_at),
    }


def _mentions(connection: Connection, words: str) -> ColumnElement[bool]:
    """Conversations with these words in the title or in a question, whatever their case."""
    asked = select(messages.c.conversation_id).where(_contains(connection, messages.c.question, words))
    return _contains(connection, conversations.c.title, words) | conversations.c.id.in_(asked)


def _contains(connection: Connection, column: Any, words: str) -> ColumnElement[bool]:
    if connection.dialect.name == "sqlite":  # its LIKE folds ASCII alone; text_key is registered on each connection
        from app.shared.db import text_key

        return func.text_key(column).contains(text_key(words), autoescape=True)
    return column.icontains(words, autoescape=True)  # type: ignore[no-any-return]


def listing(
    connection: Connection, user_id: int | None, *, search: str = "", limit: int = 30, cursor: str | None = None
) -> dict[str, Any]:
    """One page of a user's conversations, the one used last first. Raises BadRequest for a bad cursor."""
    mine = owned(user_id) if not search.strip() else owned(user_id) & _mentions(connection, search.strip())
    wanted: Select[Any] = select(conversations).where(mine)
    if cursor:
        at, last = decode(cursor)
        table = conversations.c
        wanted = wanted.where((table.updated_at < at) | ((table.updated_at == at) & (table.id < last)))
    order = (conversations.c.updated_at.desc(), conversations.c.id.desc())
    rows = connection.execute(wanted.order_by(*order).limit(limit + 1)).all()
    total = connection.execute(select(func.count()).select_from(conversations).where(mine)).scalar_one()
    more = encode(rows[limit - 1].updated_at, rows[limit - 1].id) if len(rows) > limit else None
    return {"items": [_json(row) for row in rows[:limit]], "next_cursor": more, "total": total}


def detail(
    connection: Connection, user_id: int | None, id: int, *, limit: int = 50, before: int | None = None
) -> dict[str, Any]:
    """A conversation with its newest turns, oldest first; `before` (a message's id) reads further back."""
    body = _json(find(connection, user_id, id))
    wanted = select(messages).where(messages.c.conversation_id == id)
    if before is not None:
        wanted = wanted.where(messages.c.id < before)
    rows = connection.execute(wanted.order_by(messages.c.id.desc()).limit(limit + 1)).all()
    body["messages"] = [_turn(row) for row in reversed(rows[:limit])]
    body["has_earlier"] = len(rows) > limit
    return body


def _turn(row: Row[Any]) -> dict[str, Any]:
    numbers = {"conversation_id": row.conversation_id, "message_id": row.id}
    return {
        "message_id": row.id,
        "question": row.question,
        "state": row.state,
        "answer": row.answer | numbers if row.answer else None,
        "created_at": as_json(row.created_at),
        "finished_at": as_json(row.finished_at),
        "rating": row.rating,
        "rating_reason": row.rating_reason,
    }


def rate(connection: Connection, user_id: int | None, message_id: int, rating: str | None, reason: str | None) -> None:
    """Keep what the asker thought of an answer; None takes it back. Raises NotFound where it isn't this user's."""
    conversation_of(connection, user_id, message_id)
    reason = reason if rating else None
    connection.execute(update(messages).where(messages.c.id == message_id).values(rating=rating, rating_reason=reason))


def rename(connection: Connection, user_id: int | None, id: int, title: str) -> dict[str, Any]:
    find(connection, user_id, id)
    connection.execute(update(conversations).where(conversations.c.id == id).values(title=title))
    return _json(find(connection, user_id, id))


def remove(connection: Connection, user_id: int | None, id: int) -> None:
    """Delete a conversation for good, with its turns and their events."""
    find(connection, user_id, id)
    turns = select(messages.c.id).where(messages.c.conversation_id == id)
    connection.execute(delete(events).where(events.c.message_id.in_(turns)))
    connection.execute(delete(messages).where(messages.c.conversation_id == id))
    connection.execute(delete(conversations).where(conversations.c.id == id))
