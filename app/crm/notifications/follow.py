"""Following a record: its owner does, who made it by hand does, and whoever says so; until they say the contrary."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import Connection, insert, select, tuple_, update

from app.crm.schema import TABLES, change_sets, changes, follows, users
from app.shared.types import utc_now

Ref = tuple[str, int]


def followers(connection: Connection, refs: Collection[Ref]) -> dict[Ref, set[int]]:
    """Who follows each of these records; a fixed number of statements for each kind of record."""
    found: dict[Ref, set[int]] = defaultdict(set)
    for ref, user in _by_default(connection, refs):
        found[ref].add(user)
    said = tuple_(follows.c.object, follows.c.record_id).in_(sorted(refs))
    for row in connection.execute(select(follows).where(said)):
        mine = found[row.object, row.record_id]
        (mine.add if row.following else mine.discard)(row.user_id)
    return found


def _by_default(connection: Connection, refs: Collection[Ref]) -> Iterable[tuple[Ref, int]]:
    made = []
    for object in sorted({object for object, _ in refs}):
        table, ids = TABLES[object], sorted(id for name, id in refs if name == object)
        if "owner_id" not in table.c:
            continue
        statement = select(table.c.id, table.c.owner_id, table.c.created_by_id).where(table.c.id.in_(ids))
        for row in connection.execute(statement):
            if row.owner_id is not None:
                yield (object, row.id), row.owner_id
            if row.created_by_id not in (None, row.owner_id):
                made.append(((object, row.id), row.created_by_id))
    by_hand = _made_by_hand(connection, [ref for ref, _ in made]) if made else set()
    yield from ((ref, maker) for ref, maker in made if ref in by_hand)


def _made_by_hand(connection: Connection, refs: Collection[Ref]) -> set[Ref]:
    """Those that no import has made: who brings in ten thousand companies doesn't follow each of them."""
    born = tuple_(changes.c.object, changes.c.record_id).in_(sorted(refs))
    statement = (
        select(changes.c.object, changes.c.record_id)
        .join(change_sets, change_sets.c.id == changes.c.change_set_id)
        .where(born, changes.c.action == "create", change_sets.c.channel.in_(("page", "api", "assistant")))
    )
    return {(row.object, row.record_id) for row in connection.execute(statement)}


def names(connection: Connection, ref: Ref) -> list[tuple[int, str]]:
    """(id, name) of the active users who follow a record, by name."""
    ids = followers(connection, [ref])[ref]
    if not ids:
        return []
    statement = select(users.c.id, users.c.name).where(users.c.id.in_(sorted(ids)), users.c.active)
    return [(row.id, row.name) for row in connection.execute(statement.order_by(users.c.name_key))]


def follow(connection: Connection, user_id: int, ref: Ref, following: bool) -> None:
    """Say whether one follows a record, whatever one did before."""
    object, id = ref
    mine = (follows.c.user_id == user_id, follows.c.object == object, follows.c.record_id == id)
    if connection.execute(update(follows).where(*mine).values(following=following)).rowcount == 0:
        row = {"user_id": user_id, "object": object, "record_id": id, "following": following}
        connection.execute(insert(follows).values(**row, created_at=utc_now()))
