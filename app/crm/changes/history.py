"""A record's timeline and the audit log: lines of the journal with who, when and through which channel."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, select

from app.crm import catalog
from app.crm.changes import connections, seen
from app.crm.changes.store import record_visible
from app.crm.objects import BUILT_IN
from app.crm.query.visibility import visible
from app.crm.schema import TABLES, change_sets, changes
from app.shared.contract import Change, Principal
from app.shared.errors import NotFound

_COLUMNS = (
    changes.c.seq,
    changes.c.change_set_id.label("change_set"),
    changes.c.action,
    changes.c.object,
    changes.c.record_id.label("id"),
    changes.c.label,
    changes.c.before,
    changes.c.after,
    change_sets.c.applied_at.label("at"),
    change_sets.c.author,
    change_sets.c.author_id,
    change_sets.c.channel,
)


def history(
    connection: Connection,
    principal: Principal,
    object: str,
    id: int,
    limit: int = 50,
    before: int | None = None,
    channel: str | None = None,
) -> Sequence[Change]:
    """The changes of one record, newest first; `before` is the last seq of the page before, `channel` how they came.

    With those of the joins that connect it (a deal's contacts), each under the name of what it is connected with.
    Values are JSON: money as {"amount", "currency"}, a link as {"id", "label"}, a stage as {"id", "key", "label"}.
    Raises NotFound where the principal may not see the record.
    """
    table = TABLES.get(object)
    seen = table is not None and select(table.c.id).where(table.c.id == id, visible(principal, object))
    if seen is False or connection.scalar(seen) is None:
        one = BUILT_IN[object].singular if object in BUILT_IN else object
        raise NotFound(f"There is no {one} {id}.")
    some = _lines(limit, before)
    some = some if channel is None else some.where(change_sets.c.channel == channel)
    mine = some.where(changes.c.object == object, changes.c.record_id == id)
    connected = connections.lines(connection, principal, object, id, some)
    found = [_line(row) for row in connection.execute(mine).mappings()]
    if connected:
        found += [replace(_line(row), label=label) for row, label in connected]
        found = sorted(found, key=lambda line: line.seq, reverse=True)[:limit]
    return masked(connection, principal, found)


@dataclass(frozen=True, slots=True)
class SetFacts:
    """What a timeline says of the set behind a line."""

    is_undone: bool
    is_undo: bool
    was_proposed: bool
    count: int  # operations


def facts(connection: Connection, change_sets_: Iterable[int]) -> dict[int, SetFacts]:
    """Facts of the sets behind some lines of `history`: one statement."""
    names = ("id", "state", "undone_by_id", "undoes_id", "expires_at", "count")
    statement = select(*(change_sets.c[name] for name in names)).where(change_sets.c.id.in_(sorted(set(change_sets_))))
    return {
        row.id: SetFacts(
            row.state == "undone" or row.undone_by_id is not None,
            row.undoes_id is not None,
            row.expires_at is not None,
            row._mapping["count"],
        )
        for row in connection.execute(statement)
    }


def of_set(
    connection: Connection, principal: Principal, change_set: int, limit: int = 1000, before: int | None = None
) -> Sequence[Change]:
    """What one applied set did to the records that the principal may see, newest line first."""
    mine = _lines(limit, before).where(changes.c.change_set_id == change_set, record_visible(principal))
    return _page(connection, principal, mine)


def recent(
    connection: Connection, principal: Principal, limit: int = 50, before: int | None = None
) -> Sequence[Change]:
    """The latest changes of all records that the principal may see, newest first."""
    return _page(connection, principal, _lines(limit, before).where(record_visible(principal)))


def matching(connection: Connection, principal: Principal, *conditions: ColumnElement[bool]) -> Sequence[Change]:
    """The lines of the journal that satisfy the conditions, in commit order; what may be seen is up to these."""
    statement = select(*_COLUMNS).join(change_sets, change_sets.c.id == changes.c.change_set_id)
    return _page(connection, principal, statement.where(*conditions).order_by(changes.c.seq))


def _lines(limit: int, before: int | None) -> Select[Any]:
    statement = select(*_COLUMNS).join(change_sets, change_sets.c.id == changes.c.change_set_id)
    statement = statement.order_by(changes.c.seq.desc()).limit(limit)
    return statement if before is None else statement.where(changes.c.seq < before)


def _page(connection: Connection, principal: Principal, statement: Select[Any]) -> list[Change]:
    return masked(connection, principal, [_line(row) for row in connection.execute(statement).mappings()])


def masked(connection: Connection, principal: Principal, lines: list[Change]) -> list[Change]:
    """The lines without the links to records that the principal may not see."""
    return lines if principal.is_admin else _Mask(connection, principal, lines).lines()


def _line(row: RowMapping) -> Change:
    """A line with its fields in the order of their declaration: PostgreSQL keeps an order of its own."""
    spec = BUILT_IN.get(row["object"])
    places = {field.name: place for place, field in enumerate(spec.fields if spec else ())}

    def ordered(values: Mapping[str, Any]) -> dict[str, Any]:
        return dict(sorted(values.items(), key=lambda item: places.get(item[0], len(places))))

    return Change(**{**row, "before": ordered(row["before"]), "after": ordered(row["after"])})


class _Mask:
    """Takes out links to records that the principal may not see: one statement for each object."""

    def __init__(self, connection: Connection, principal: Principal, lines: list[Change]) -> None:
        self.changes, self.known = lines, catalog.load(connection)
        linked: dict[str, set[int]] = defaultdict(set)
        for line in lines:
            for name, value in [*line.before.items(), *line.after.items()]:
                if value and (target := seen.target(self.known, line.object, name)):
                    linked[target].add(value["id"])
        self.hidden = seen.unseen(connection, principal, linked)

    def lines(self) -> list[Change]:
        return [
            replace(line, before=self._masked(line, line.before), after=self._masked(line, line.after))
            for line in self.changes
        ]

    def _masked(self, line: Change, values: Mapping[str, Any]) -> dict[str, Any]:
        """The line that makes a record names only what it holds: nothing is left out there."""
        masked = {name: None if self._is_hidden(line.object, name, value) else value for name, value in values.items()}
        if line.action == "create":
            return {name: value for name, value in masked.items() if value is not None}
        return masked

    def _is_hidden(self, object: str, name: str, value: Any) -> bool:
        target = seen.target(self.known, object, name)
        return bool(value and target and (target, value["id"]) in self.hidden)
