"""What one applied set did to each record in all, read from the journal."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, func, select, tuple_

from app.crm.schema import changes

BATCH = 5_000  # records at a time
Key = tuple[str, int]  # object, id


@dataclass(slots=True)
class Net:
    """Each changed field's first value and last, and the record's coming and going."""

    label: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    moves: list[str] = field(default_factory=list)  # create, trash, restore and purge, in order

    def add(self, line: Row[Any]) -> None:
        self.label = line.label
        for name, value in line.before.items():
            self.before.setdefault(name, value)
        for name, value in line.after.items():
            self.before.setdefault(name, None)
            self.after[name] = value
        if line.action != "update":
            self.moves.append(line.action)

    @property
    def created(self) -> bool:
        return self.moves[:1] == ["create"]

    @property
    def purged(self) -> bool:
        return "purge" in self.moves

    @property
    def was_trashed(self) -> bool:
        """Whether the record was in the trash before the set, or wasn't there at all."""
        return self.moves[:1] in (["create"], ["restore"])

    @property
    def is_trashed(self) -> bool:
        """Whether the set left the record in the trash."""
        return self.moves[-1:] == ["trash"]


def batches(connection: Connection, change_set: int) -> Iterator[dict[Key, Net]]:
    """The records of a set, last touched first, in batches."""
    last = func.max(changes.c.seq)
    touched = select(changes.c.object, changes.c.record_id).where(changes.c.change_set_id == change_set)
    touched = touched.group_by(changes.c.object, changes.c.record_id).order_by(last.desc())
    keys = [(row.object, row.record_id) for row in connection.execute(touched)]
    for start in range(0, len(keys), BATCH):
        yield _nets(connection, change_set, keys[start : start + BATCH])


def _nets(connection: Connection, change_set: int, keys: list[Key]) -> dict[Key, Net]:
    nets = {key: Net("") for key in keys}
    mine = tuple_(changes.c.object, changes.c.record_id).in_(keys)
    statement = select(changes).where(changes.c.change_set_id == change_set, mine).order_by(changes.c.seq)
    for line in connection.execute(statement):
        nets[line.object, line.record_id].add(line)
    return nets
