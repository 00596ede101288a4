"""The durable subscriber `notifications`: from the journal to what each user is told."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, select

from app.crm.changes.subscribers import Answer, Line, Subscriber
from app.crm.notifications import audience, people, reminders, write
from app.crm.notifications.audience import News, Ref
from app.crm.query.visibility import visible
from app.crm.schema import TABLES
from app.shared.contract import Principal
from app.shared.db import Database

NAME = "notifications"


def subscriber(database: Database, timer: "reminders.Timer | None" = None) -> Subscriber:
    """`timer` is told where a task's reminder may have changed."""
    return Subscriber(NAME, lambda lines: _handle(database, lines, timer.look_again if timer else _nothing))


def _nothing() -> None: ...


def _handle(database: Database, lines: Sequence[Line], look_again: Callable[[], None]) -> Answer:
    with database.read() as connection:
        found = audience.of(connection, audience.read(connection, lines[0].seq, lines[-1].seq))
        made = write.rows(_allowed(connection, found)) if found else []
        kept = reminders.changed(connection, [line.id for line in lines if line.object == "tasks"])
    if not made and not kept:
        return "ignored"

    def store(connection: Connection) -> None:
        write.add(connection, made)
        reminders.store(connection, kept)
        look_again()

    return store


def _allowed(connection: Connection, found: Sequence[News]) -> list[News]:
    """What its user wants, and may see: the record, and for an addition the record that it was added to or itself."""
    principals = people.principals(connection, {news.user for news in found})
    off = people.unwanted(connection, principals)
    wanted = [
        news for news in found if news.user in principals and news.kind not in off.get(news.user, frozenset())
    ]  # fmt: skip
    mine: dict[int, set[Ref]] = defaultdict(set)
    for news in wanted:
        mine[news.user].add(news.ref)
    seen = {user: _seen(connection, principals[user], refs) for user, refs in mine.items()}
    return [news for news in wanted if news.ref in seen[news.user]]


def _seen(connection: Connection, principal: Principal, refs: set[Ref]) -> set[Ref]:
    found: set[Ref] = set()
    for object in sorted({object for object, _ in refs}):
        table, ids = TABLES[object], sorted(id for name, id in refs if name == object)
        statement = select(table.c.id).where(table.c.id.in_(ids), visible(principal, object))
        found |= {(object, id) for id in connection.execute(statement).scalars()}
    return found
