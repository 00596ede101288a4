"""A task's chain: the steps before it and after it, in order, as one reader may see them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.crm import query
from app.crm.schema import TABLES
from app.shared.contract import Principal, Record, Ref

MOST = 200  # steps that are shown
_TASKS = TABLES["tasks"]
Links = Mapping[int, int | None]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: done, next, or waiting for the one that it follows."""

    record: Record
    depth: int  # 0 for the chain itself, more where a step has several that follow it
    waits_for: Ref | None = None


def of(connection: Connection, principal: Principal, task: int) -> list[Step]:
    """The chain that a task stands in as far as it is seen, from its first step; empty where it stands alone.

    A step that the principal may not see ends the chain there, as if its neighbours had no link to it. Four statements,
    however long it is.
    """
    before = _walk(connection, task, forward=False)
    found = _walk(connection, _first(task, before), forward=True)
    if len(found) < 2:
        return []
    records = query.fetch(connection, principal, "tasks", list(found)[: 2 * MOST])
    links = {id: after if after in records else None for id, after in found.items() if id in records}
    order = list(_ordered(_first(task, links), links))[:MOST]
    if len(order) < 2:
        return []
    return [Step(records[id], depth, _waits_for(records[id], records)) for id, depth in order]


def _walk(connection: Connection, task: int, *, forward: bool) -> Links:
    """The tasks that lead to this one, or that follow from it, each with the one that it comes after."""
    here = select(_TASKS.c.id, _TASKS.c.after_id).where(_TASKS.c.id == task).cte("here", recursive=True)
    onward = _TASKS.c.after_id == here.c.id if forward else _TASKS.c.id == here.c.after_id
    here = here.union(select(_TASKS.c.id, _TASKS.c.after_id).join(here, onward))
    return {row.id: row.after_id for row in connection.execute(select(here.c.id, here.c.after_id))}


def _first(task: int, before: Links) -> int:
    seen: set[int] = set()
    while (earlier := before.get(task)) is not None and earlier not in seen:
        seen.add(task)
        task = earlier
    return task


def _ordered(first: int, links: Links) -> Iterator[tuple[int, int]]:
    """(id, depth) with every step before what follows it; a step's last follower goes on at its own depth."""
    following: dict[int, list[int]] = defaultdict(list)
    for id, after in sorted(links.items()):
        if after is not None and id != first:
            following[after].append(id)
    open_: list[tuple[int, int]] = [(first, 0)]
    while open_:
        id, depth = open_.pop()
        yield id, depth
        mine = following[id]
        open_ += [(one, depth + (place < len(mine) - 1)) for place, one in reversed(list(enumerate(mine)))]


def _waits_for(record: Record, records: Mapping[int, Record]) -> Ref | None:
    after = record.values.get("after")
    if record.values.get("done") or after is None:
        return None
    earlier = records.get(after.id)
    return None if earlier is None or earlier.values.get("done") else after


def last(steps: Sequence[Step]) -> int | None:
    """Where the next step is added."""
    return steps[-1].record.id if steps else None
