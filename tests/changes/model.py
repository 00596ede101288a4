"""The change door in plain Python: what the tables must hold after any sequence of sets and undos."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from app.shared.db import text_key

Key = tuple[str, int]
_ANY: dict[str, Any] = {"name": None, "tags": ()}
FIELDS: dict[str, dict[str, Any]] = {
    "companies": _ANY | {"city": None, "annual_revenue": None, "currency": None, "parent": None},
    "people": _ANY | {"email": None, "company": None},
    "deals": _ANY | {"stage": 1, "probability": 10, "amount": None, "currency": None, "company": None},
}
LINKS = {"parent": "companies", "company": "companies"}
STAGES = {"lead": (1, 10), "proposal": (3, 50), "won": (5, 100), "lost": (6, 0)}
MONEY = ("amount", "annual_revenue")


class RefusedError(Exception):
    """The model expects the door to refuse this, and to write nothing."""


@dataclass
class Item:
    values: dict[str, Any]
    trashed: bool = False


@dataclass
class Touch:
    """What one set did to one record."""

    created: bool = False
    purged: bool = False
    was_trashed: bool = False
    is_trashed: bool = False
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def change(self, name: str, old: Any, new: Any) -> None:
        if old != new:
            self.before.setdefault(name, old)
            self.after[name] = new


@dataclass
class Set:
    touches: dict[Key, Touch]
    undoes: int | None = None
    undone: bool = False


@dataclass
class World:
    items: dict[Key, Item] = field(default_factory=dict)
    sets: dict[int, Set] = field(default_factory=dict)

    def apply(self, operations: list[dict[str, Any]], ids: Iterator[int]) -> "Draft":
        """The world after a set. `ids` gives the ids of new records. Raises RefusedError."""
        draft = Draft(deepcopy(self.items))
        for operation in operations:
            draft.run(operation, ids)
        draft.check_unique()
        return draft

    def undo(self, number: int) -> "Draft":
        done = self.sets[number]
        if done.undone:
            raise RefusedError("undone already")
        draft = Draft(deepcopy(self.items))
        for key, touch in done.touches.items():
            draft.take_back(key, touch)
        draft.check_unique()
        draft.check_links(self.items, {key for key, touch in done.touches.items() if touch.created})
        return draft

    def commit(self, number: int, draft: "Draft", undoes: int | None = None) -> None:
        self.items = draft.items
        self.sets[number] = Set(draft.touches, undoes)
        if undoes is not None:
            self.sets[undoes].undone = True
            if (first := self.sets[undoes].undoes) is not None:
                self.sets[first].undone = False


@dataclass
class Draft:
    items: dict[Key, Item]
    touches: dict[Key, Touch] = field(default_factory=dict)
    refs: dict[str, int] = field(default_factory=dict)

    # --- a set -------------------------------------------------------------------------------------------------------

    def run(self, operation: dict[str, Any], ids: Iterator[int]) -> None:
        if operation["action"] == "create":
            self._create(operation, next(ids))
            return
        key = (operation["object"], operation["id"])
        if key not in self.items:
            raise RefusedError("not found")
        expected = operation.get("expect", {})
        if any(self.items[key].values[name] != value for name, value in expected.items()):
            raise RefusedError("conflict")
        getattr(self, f"_{operation['action']}")(key, operation.get("values", {}))

    def _create(self, operation: dict[str, Any], id: int) -> None:
        key = (operation["object"], id)
        item = Item(dict(FIELDS[operation["object"]]))
        touch = self.touches[key] = Touch(created=True, was_trashed=True)
        self._assign(key, item, operation["values"])
        self.items[key] = item
        touch.after = dict(item.values)
        if "ref" in operation:
            self.refs[operation["ref"]] = id

    def _update(self, key: Key, values: dict[str, Any]) -> None:
        item = self.items[key]
        if item.trashed:
            raise RefusedError("in the trash")
        before = dict(item.values)
        self._assign(key, item, values)
        self._note(key, before)

    def _note(self, key: Key, before: dict[str, Any]) -> None:
        item = self.items[key]
        if before != item.values:
            touch = self._touch(key)
            for name, value in item.values.items():
                touch.change(name, before[name], value)

    def _touch(self, key: Key) -> Touch:
        trashed = self.items[key].trashed
        return self.touches.setdefault(key, Touch(was_trashed=trashed, is_trashed=trashed))

    def _assign(self, key: Key, item: Item, values: dict[str, Any]) -> None:
        old_stage = item.values.get("stage")
        for name, value in values.items():
            if name in LINKS:
                self._link(key, item, name, value)
            elif name == "stage":
                item.values["stage"], probability = STAGES[value]
                if item.values["stage"] != old_stage:
                    item.values["probability"] = probability
            elif name in MONEY:
                item.values[name] = None if value is None else value * 100
            else:
                item.values[name] = tuple(value) if name == "tags" else value
        if any(item.values.get(name) is not None for name in MONEY):
            item.values["currency"] = "USD"
        if not item.values["name"]:
            raise RefusedError("a name is needed")

    def _link(self, key: Key, item: Item, name: str, value: Any) -> None:
        if isinstance(value, str):
            value = self.refs.get(value[1:])
            if value is None:
                raise RefusedError("no such ref")
        if value is not None and value != item.values[name]:
            target = self.items.get((LINKS[name], value))
            if target is None or target.trashed or (LINKS[name], value) == key:
                raise RefusedError("no such record")
        item.values[name] = value

    def _trash(self, key: Key, _values: Any) -> None:
        if not self.items[key].trashed:
            self._touch(key).is_trashed = self.items[key].trashed = True

    def _restore(self, key: Key, _values: Any) -> None:
        if self.items[key].trashed:
            self._touch(key).is_trashed = self.items[key].trashed = False

    def _purge(self, key: Key, _values: Any) -> None:
        if not self.items[key].trashed:
            raise RefusedError("not in the trash")
        for other, item in self.items.items():
            before = dict(item.values)
            for name, target in LINKS.items():
                if (target, item.values.get(name)) == key:
                    item.values[name] = None
            self._note(other, before)
        self._touch(key).purged = True
        del self.items[key]

    def check_unique(self) -> None:
        living = [text_key(i.values["email"]) for i in self.items.values() if i.values.get("email") and not i.trashed]
        if len(living) != len(set(living)):
            raise RefusedError("not unique")

    # --- an undo -----------------------------------------------------------------------------------------------------

    def take_back(self, key: Key, touch: Touch) -> None:
        item = self.items.get(key)
        if item is None or touch.purged or item.trashed != touch.is_trashed:
            raise RefusedError("gone, or elsewhere")
        if any(item.values[name] != value for name, value in touch.after.items()):
            raise RefusedError("edited since")
        before = dict(item.values)
        if item.trashed != touch.was_trashed:
            self._touch(key).is_trashed = item.trashed = touch.was_trashed
        if not touch.created:
            item.values |= touch.before
            self._note(key, before)

    def check_links(self, current: dict[Key, Item], made: set[Key]) -> None:
        for key, item in self.items.items():
            for name, target in LINKS.items():
                linked = (target, item.values.get(name))
                if item.values.get(name) is None:
                    continue
                if item.values[name] != current[key].values[name] and linked not in self.items:
                    raise RefusedError("what it linked to is gone")
                if linked in made and key not in made and not item.trashed:
                    raise RefusedError("something links to it")
