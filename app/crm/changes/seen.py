"""What a principal is shown of links: one to a record that they may not see is no link for them, as in reading.

So its id stands in no answer, none can be guessed by trying, and expecting nothing there is right.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from app.crm import catalog
from app.crm.changes import rows
from app.crm.changes.context import Context
from app.crm.changes.rows import Target
from app.crm.query.visibility import visible
from app.crm.schema import TABLES
from app.shared.contract import Catalog, FieldSpec, Operation, Principal

Key = tuple[str, int]


class Targets:
    """The records that a set's links point to, now and after.

    `works` are the set's own records, `hidden` those among them that the principal may not see.
    """

    def __init__(self, context: Context, works: Mapping[Key, Any], hidden: Container[Key]) -> None:
        self.context, self.works, self.hidden = context, works, hidden
        self.known: dict[Key, Target | None] = {}

    def read(self, object: str, ids: Iterable[int]) -> None:
        """Read many at once; those that may be seen are given their label, for conflicts and proposals name them."""
        wanted = sorted(set(ids))
        self.known |= {(object, id): None for id in wanted}
        for id, found in rows.targets(self.context, object, wanted).items():
            self.known[object, id] = found
            if found.visible:
                self.context.labels.links[object, id] = found.label

    def get(self, key: Key) -> Target | None:
        """One of them, as the set leaves it. None where there is none."""
        if (work := self.works.get(key)) is not None:
            return None if work.purged else Target(work.label, bool(work.trashed_at), key not in self.hidden)
        if key not in self.known:
            self.read(key[0], [key[1]])
        return self.known[key]

    def shown(self, field: FieldSpec, value: Any) -> Any:
        """A value of a state as the principal sees it."""
        if field.type != "link" or not isinstance(value, int) or self.context.catalog[field.target or ""].support:
            return value
        found = self.get((field.target or "", value))
        return value if found is not None and found.visible else None


def target(known: Catalog, object: str, name: str) -> str | None:
    """The record object that a link points to; users, teams and pipelines are no secret."""
    spec = known.objects.get(object)
    field = spec.field(name) if spec else None
    if field is None or field.type != "link" or known[field.target or ""].support:
        return None
    return field.target


def unseen(connection: Connection, principal: Principal, linked: Mapping[str, Iterable[int]]) -> set[Key]:
    """Those of some records that aren't there for the principal: a statement or more for each object."""
    hidden: set[Key] = set()
    for object, ids in linked.items():
        table = TABLES[object]
        for chunk in rows.chunks(sorted(set(ids))):
            there = select(table.c.id).where(table.c.id.in_(chunk), visible(principal, object))
            hidden |= {(object, id) for id in set(chunk) - set(connection.execute(there).scalars())}
    return hidden


# --- proposals -------------------------------------------------------------------------------------------------------

Operations = tuple[Operation, ...]


def operations(connection: Connection, principal: Principal, found: Iterable[Row[Any]]) -> dict[int, Operations]:
    """The operations of some change sets, by the sets' ids, as the principal may read them.

    Kept are the true old values, for whoever applies a proposal; a link that the reader can't see is none. What authors
    have asked for themselves is told to them in their own words.
    """
    kept = [row for row in found if row.operations]
    made = {row.id: tuple(Operation.model_validate(item) for item in row.operations) for row in kept}
    if not made:
        return {}
    known, linked = catalog.load(connection), dict[str, set[int]]()
    for items in made.values():
        for object, id in _links(known, items):
            linked.setdefault(object, set()).add(id)
    hidden = unseen(connection, principal, linked)
    if not hidden:
        return made
    own = {row.id for row in kept if row.author_id is not None and row.author_id == principal.user_id}
    return {
        id: tuple(_narrowed(known, hidden, item, own=id in own) for item in items) for id, items in made.items()
    }  # fmt: skip


def _links(known: Catalog, items: Operations) -> Iterator[Key]:
    for item in items:
        for name, value in [*item.values.items(), *(item.expect or {}).items()]:
            object, id = target(known, item.object, name), _id(value)
            if object and id is not None:
                yield object, id


def _id(value: Any) -> int | None:
    """The id that a link's value names, in any of the forms in which it may be given."""
    value = value.get("id") if isinstance(value, dict) else value
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53 else None


def _narrowed(known: Catalog, hidden: Container[Key], item: Operation, *, own: bool) -> Operation:
    def shown(name: str, value: Any) -> Any:
        return None if (target(known, item.object, name) or "", _id(value) or 0) in hidden else value

    expect = item.expect and {name: shown(name, value) for name, value in item.expect.items()}
    values = item.values if own else {name: shown(name, value) for name, value in item.values.items()}
    return item.model_copy(update={"expect": expect, "values": values})
