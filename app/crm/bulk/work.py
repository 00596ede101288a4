"""What is done to each record of a selection, as operations of one change set; and a preview of it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection

from app.crm import changes
from app.crm.bulk.selection import Selection
from app.shared.contract import Change, ChangeSet, ObjectSpec, Operation, Principal, Record
from app.shared.db import text_key

LOOKED_AT = 10_000  # records of a selection that a preview asks the change door about
_SAMPLES = 5
_PAIRS = 6

Action = Literal["update", "trash", "restore"]


@dataclass(frozen=True, slots=True)
class Work:
    """`values` are set on every record, as the change door takes them; tags are added to those that a record has."""

    action: Action
    values: Mapping[str, Any] = field(default_factory=dict)
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    @property
    def reads_tags(self) -> bool:
        return bool(self.add or self.remove)

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.values, *(("tags",) if self.reads_tags else ()))

    def operation(self, object: str, id: int, tags: Sequence[str] = ()) -> Operation:
        values = {**self.values, **({"tags": self._tags(tags)} if self.reads_tags else {})}
        return Operation.model_construct(action=self.action, object=object, id=id, values=values)

    def _tags(self, now: Sequence[str]) -> list[str]:
        gone = {text_key(name) for name in self.remove}
        kept = [name for name in now if text_key(name) not in gone]
        had = {text_key(name) for name in kept}
        return kept + [name for name in self.add if text_key(name) not in had]

    def title(self, spec: ObjectSpec, count: int) -> str:
        what = f"{count:,} {spec.label.lower() if count != 1 else spec.label_one.lower()}"
        if self.action == "update":
            labels = [found.label for name in self.fields if (found := spec.field(name))]
            return f"{', '.join(labels[:3])}{' …' if len(labels) > 3 else ''} of {what}"
        return f"{what} moved to the trash" if self.action == "trash" else f"{what} restored"

    def as_json(self) -> dict[str, Any]:
        return {"action": self.action, "values": dict(self.values), "add": [*self.add], "remove": [*self.remove]}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Work":
        return cls(found["action"], found["values"], tuple(found["add"]), tuple(found["remove"]))


def change_set(
    connection: Connection, principal: Principal, selection: Selection, work: Work, spec: ObjectSpec, most: int = 0
) -> tuple[ChangeSet, int]:
    """The set, of the first `most` records where that is given; and how many records there are."""
    stream = selection.read(connection, principal, ("tags",) if work.reads_tags else ("id",))
    ids = stream.ids[:most] if most else stream.ids
    object = selection.object
    if work.reads_tags:
        records: Sequence[Record] = [record for record, _ in zip(stream, ids, strict=False)]
        made = tuple(work.operation(object, one.id, one.values["tags"] or ()) for one in records)
    else:
        made = tuple(work.operation(object, id) for id in ids)
    return ChangeSet.model_construct(title=work.title(spec, len(stream)), operations=made), len(stream)


# --- preview ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Turn:
    """How many records of a preview go from one value of a field to another; JSON values as the journal has them."""

    before: Any
    after: Any
    count: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen to a selection."""

    chosen: int  # as the user counts: ids that are there no more are among them
    found: int  # that the user may see now
    looked_at: int
    changing: int
    turns: dict[str, list[Turn]]  # by field, the most frequent first
    more: dict[str, int]  # records of further turns of a field
    samples: tuple[Change, ...]
    refused: tuple[tuple[str, int], ...]  # why, and how many

    @property
    def unchanged(self) -> int:
        return self.looked_at - self.changing - sum(count for _, count in self.refused)

    @property
    def seal(self) -> str:
        """What the user has agreed to: where it is no longer so on applying, the preview is shown again."""
        return f"{self.found}-{self.changing}-{sum(count for _, count in self.refused)}"


def preview(
    connection: Connection, principal: Principal, selection: Selection, work: Work, spec: ObjectSpec
) -> Preview:
    """Ask the change door what it would do. Writes nothing. Raises Invalid, Forbidden."""
    asked, found = change_set(connection, principal, selection, work, spec, LOOKED_AT)
    seen = changes.preview(connection, principal, asked)
    chosen = found if selection.is_all else len(selection.ids)
    turns, more = _turns(seen.lines, spec)
    reasons = Counter(one.message for one in seen.refused).most_common()
    return Preview(
        chosen, found, len(asked.operations), len({line.id for line in seen.lines}), turns, more,
        seen.lines[:_SAMPLES], tuple(reasons),
    )  # fmt: skip


def _turns(lines: Sequence[Change], spec: ObjectSpec) -> tuple[dict[str, list[Turn]], dict[str, int]]:
    counted: dict[str, Counter[tuple[str, str]]] = {}
    for line in lines:
        for name, after in line.after.items():
            one = spec.field(name)
            if one is not None and not one.read_only:
                pair = (json.dumps(line.before.get(name)), json.dumps(after))
                counted.setdefault(name, Counter())[pair] += 1
    turns = {
        name: [Turn(json.loads(old), json.loads(new), count) for (old, new), count in found.most_common(_PAIRS)]
        for name, found in counted.items()
    }
    more = {name: sum(found.values()) - sum(turn.count for turn in turns[name]) for name, found in counted.items()}
    return turns, more
