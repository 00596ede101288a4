"""The change door in plain Python: what the tables must hold after any sequence of sets and undos."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from app.shared.db import text_key

Key = tuple[str, int]
_ANY: dict[str, Any] = {"name": None, "tags": ()}
FIELDS: dict[str, dict[str, Any]] = {  # `nick` and `partner` are custom fields; `_moved` stands for stage_changed_at
    "companies": _ANY | {"city": None, "annual_revenue": None, "currency": None, "parent": None, "nick": None},
    "people": _ANY | {"email": None, "company": None},
    "deals": _ANY
    | {"stage": 1, "probability": 10, "amount": None, "currency": None, "company": None, "partner": None, "_moved": 0},
    "deal_contacts": {"deal": None, "person": None, "role": None, "note": None},
}
LINKS = {"parent": "companies", "company": "companies", "partner": "companies", "deal": "deals", "person": "people"}
REQUIRED = {"name", "deal", "person"}
WAYS = {  # relation -> (holder, its link to this record, its link to the other one)
    ("deals", "company"): ("deals", None, "company"),
    ("deals", "partner"): ("deals", None, "partner"),
    ("people", "company"): ("people", None, "company"),
    ("companies", "parent"): ("companies", None, "parent"),
    ("companies", "people"): ("people", "company", None),
    ("companies", "deals"): ("deals", "company", None),
    ("companies", "subsidiaries"): ("companies", "parent", None),
    ("deals", "contacts"): ("deal_contacts", "deal", "person"),
    ("people", "deal_roles"): ("deal_contacts", "person", "deal"),
}
STAGES = {"lead": (1, 10), "proposal": (3, 50), "won": (5, 100), "lost": (6, 0)}
MONEY = ("amount", "annual_revenue")
OWN_LINKS = {"companies": ("parent",)}
NOT_FILLED = {"tags", "stage", "probability", "currency", "_moved", *MONEY}
_moves = count(1)


class RefusedError(Exception):
    """The model expects the door to refuse this, and to write nothing."""


@dataclass
class Item:
    values: dict[str, Any]
    trashed: bool = False
    version: int = 1

    @property
    def content(self) -> Any:
        return self.values, self.trashed


@dataclass
class Touch:
    """What one set did to one record."""

    created: bool = False
    purged: bool = False
    was_trashed: bool = False
    is_trashed: bool = False
    moved_only: bool = True  # never went to the trash or came out of it
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def change(self, name: str, old: Any, new: Any) -> None:
        if old != new:
            self.before.setdefault(name, old)
            self.after[name] = new

    def follows(self, fates: set[Key]) -> bool:
        """Whether the set only turned links from or to what it trashed or restored."""
        if self.created or self.purged or not self.moved_only or not self.after:
            return False
        ends = [(LINKS.get(name), side.get(name)) for name in self.after for side in (self.before, self.after)]
        return all(name in LINKS for name in self.after) and all(
            any(end in fates for end in ends[place : place + 2]) for place in range(0, len(ends), 2)
        )


@dataclass
class Set:
    touches: dict[Key, Touch] = field(default_factory=dict)
    state: str = "applied"
    undoes: int | None = None
    undone_by: int | None = None
    count: int = 0
    operations: list[dict[str, Any]] = field(default_factory=list)  # proposed

    @property
    def fates(self) -> set[Key]:
        return {key for key, touch in self.touches.items() if not touch.moved_only and not touch.created}


@dataclass
class World:
    items: dict[Key, Item] = field(default_factory=dict)
    sets: dict[int, Set] = field(default_factory=dict)

    def apply(self, operations: Sequence[dict[str, Any]], ids: Iterator[int]) -> "Draft":
        """The world after a set. `ids` gives the ids of new records. Raises RefusedError."""
        draft = Draft(deepcopy(self.items))
        for operation in operations:
            draft.run(operation, ids)
        draft.check_unique()
        return draft

    def undo(self, number: int) -> "Draft":
        done = self.sets[number]
        if done.state != "applied":
            raise RefusedError(f"{done.state} already")
        draft = Draft(deepcopy(self.items))
        for key, touch in done.touches.items():
            draft.take_back(key, touch, done.fates)
        draft.check_unique()
        draft.check_links(self.items, {key for key, touch in done.touches.items() if touch.created})
        return draft

    def commit(self, number: int, draft: "Draft", count: int, undoes: int | None = None) -> None:
        for key, item in draft.items.items():
            before = self.items.get(key)
            changed = before is not None and before.content != item.content
            item.version = before.version + changed if before else 1
        self.items = draft.items
        self.sets[number] = Set(draft.touches, undoes=undoes, count=count)
        if undoes is not None:
            self._ends(undoes, number)

    def _ends(self, number: int, by: int) -> None:
        """A set no longer holds; what it had undone holds again."""
        one = self.sets[number]
        one.state, one.undone_by = "undone", by
        if one.undoes is not None and self.sets[one.undoes].undone_by == number:
            self._holds(one.undoes)

    def _holds(self, number: int) -> None:
        one = self.sets[number]
        one.state, one.undone_by = "applied", None
        if one.undoes is not None and self.sets[one.undoes].state == "applied":
            self._ends(one.undoes, number)

    def kept(self, operations: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The operations of a proposal: each change with the values that it replaces."""
        seen: set[tuple[Any, ...]] = set()
        found = []
        for operation in operations:
            names = list(operation.get("values", {})) if operation["action"] == "update" else []
            if operation["action"] == "link" and WAYS[operation["object"], operation["relation"]][1] is None:
                names = [operation["relation"]]
            key = (operation["object"], operation.get("id"))
            if names and key in self.items and "expect" not in operation:
                anew = [name for name in names if (*key, name) not in seen]
                seen |= {(*key, name) for name in anew}
                operation = operation | {"stood": {name: self.items[key].values[name] for name in anew}}
            found.append(operation)
        return found


def settled(operations: Sequence[dict[str, Any]], resolutions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The operations as resolutions leave them. Raises RefusedError for one that fits nothing."""
    found = deepcopy(list(operations))
    for resolution in resolutions:
        operation, name = found[resolution["operation"]], resolution["field"]
        places = [operation.setdefault(part, {}) for part in ("values", "expect", "stood")]
        if operation["action"] == "link" and name == operation["relation"]:
            operation["left"] = resolution["keep"] == "theirs"
        elif not any(name in place for place in places):
            raise RefusedError("nothing to settle")
        for place in places if resolution["keep"] == "theirs" else places[1:]:
            place.pop(name, None)
    return found


@dataclass
class Draft:
    items: dict[Key, Item]
    touches: dict[Key, Touch] = field(default_factory=dict)
    refs: dict[str, Key] = field(default_factory=dict)
    order: dict[Key, bool] = field(default_factory=dict)  # what the operations name, and whether they make it

    # --- a set -------------------------------------------------------------------------------------------------------

    def run(self, operation: dict[str, Any], ids: Iterator[int]) -> None:
        if operation["action"] == "create":
            self._create(operation["object"], operation["values"], next(ids), operation.get("ref"))
            return
        key = (operation["object"], operation["id"])
        if key not in self.items:
            raise RefusedError("not found")
        self.order.setdefault(key, False)
        expected = operation.get("expect", {}) | operation.get("stood", {})
        if any(self.items[key].values[name] != value for name, value in expected.items()):
            raise RefusedError("conflict")
        if operation["action"] in ("link", "unlink"):
            self._over(key, operation, ids)
        elif operation["action"] == "merge":
            self._merge(key, operation["twins"], operation["values"])
        else:
            getattr(self, f"_{operation['action']}")(key, operation.get("values", {}))

    def _create(self, object: str, values: dict[str, Any], id: int, ref: str | None = None) -> None:
        key = (object, id)
        item = Item(dict(FIELDS[object]))
        touch = self.touches[key] = Touch(created=True, was_trashed=True)
        self.order[key] = True
        self._assign(key, item, values)
        self.items[key] = item
        touch.after = dict(item.values)
        if ref:
            self.refs[ref] = key

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
        old_stage = item.values.get("stage") if item.values.get("_moved") else None
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
                item.values[name] = tuple(value) if name == "tags" else value or None
        if "_moved" in item.values and item.values["stage"] != old_stage:
            item.values["_moved"] = next(_moves)
        if any(item.values.get(name) is not None for name in MONEY):
            item.values["currency"] = "USD"
        if any(name in REQUIRED and value is None for name, value in item.values.items()):
            raise RefusedError("something is needed")

    def _link(self, key: Key, item: Item, name: str, value: Any) -> None:
        if isinstance(value, str):
            object, value = self.refs.get(value[1:], ("", 0))
            if object != LINKS[name]:
                raise RefusedError("no such ref")
        if value is not None and value != item.values[name]:
            target = self.items.get((LINKS[name], value))
            if target is None or target.trashed or (LINKS[name], value) == key:
                raise RefusedError("no such record")
        item.values[name] = value

    def _turn(self, key: Key, *, trashed: bool) -> None:
        if self.items[key].trashed != trashed:
            touch = self._touch(key)
            touch.moved_only = False
            touch.is_trashed = self.items[key].trashed = trashed

    def _trash(self, key: Key, _values: Any = None) -> None:
        self._turn(key, trashed=True)

    def _restore(self, key: Key, _values: Any) -> None:
        self._turn(key, trashed=False)

    def _purge(self, key: Key, _values: Any) -> None:
        if not self.items[key].trashed:
            raise RefusedError("not in the trash")
        for other, item in list(self.items.items()):
            held = [name for name in item.values if name in LINKS and (LINKS[name], item.values[name]) == key]
            if held and other[0] == "deal_contacts":
                self._touch(other).purged = True
                del self.items[other]
            elif held:
                before = dict(item.values)
                item.values |= dict.fromkeys(held)
                self._note(other, before)
        self._touch(key).purged = True
        del self.items[key]

    # --- links -------------------------------------------------------------------------------------------------------

    def _over(self, key: Key, operation: dict[str, Any], ids: Iterator[int]) -> None:
        holder, near, far = WAYS[key[0], operation["relation"]]
        links, to, values = operation["action"] == "link", operation["to"], operation.get("values", {})
        if self.items[key].trashed:
            raise RefusedError("in the trash")
        if near and far:
            self._over_contacts({near: key[1], far: to}, values, ids, links=links)
        elif near:
            self._turn_link((holder, to), near, key[1], links=links)
        elif far and not operation.get("left"):
            self._turn_link(key, far, to, links=links)

    def _turn_link(self, key: Key, name: str, value: int, *, links: bool) -> None:
        item = self.items.get(key)
        if item is None or (not links and item.values[name] != value):
            raise RefusedError("not linked")
        self.order.setdefault(key, False)
        self._update(key, {name: value if links else None})

    def _over_contacts(self, ends: dict[str, Any], values: dict[str, Any], ids: Iterator[int], *, links: bool) -> None:
        there = {
            key: item
            for key, item in self.items.items()
            if key[0] == "deal_contacts" and not item.trashed and ends.items() <= item.values.items()
        }
        role = values.get("role")
        same = [key for key, item in there.items() if item.values["role"] == role]
        if links:
            self._contact(ends, values, ids, self._standing(role, same, there), bool(there))
            return
        found = same if role else list(there)
        if len(found) != 1:
            raise RefusedError("not linked, or more than once")
        self.order.setdefault(found[0], False)
        self._trash(found[0])

    @staticmethod
    def _standing(role: str | None, same: list[Key], there: dict[Key, Item]) -> Key | None:
        """The connection that a link means: in this role, without a role yet, or the only one."""
        if same:
            return same[0]
        if role:
            return next((key for key, item in there.items() if item.values["role"] is None), None)
        return next(iter(there)) if len(there) == 1 else None

    def _contact(self, ends: Any, values: Any, ids: Iterator[int], found: Key | None, others: bool) -> None:
        role = values.get("role")
        given = {name: value for name, value in values.items() if name != "role" or role}
        if found:
            self.order.setdefault(found, False)
            self._update(found, given)
        elif others and not role:
            if values:
                raise RefusedError("several roles")
        else:
            self._create("deal_contacts", ends | given, next(ids))

    # --- merge -------------------------------------------------------------------------------------------------------

    def _merge(self, key: Key, twins: Sequence[int], values: dict[str, Any]) -> None:
        object, id = key
        if not twins or id in twins or len(set(twins)) < len(twins):
            raise RefusedError("no twins")
        others = [(object, twin) for twin in twins]
        if any(other not in self.items for other in others):
            raise RefusedError("not found")
        if any(self.items[one].trashed for one in (key, *others)):
            raise RefusedError("in the trash")
        item, before = self.items[key], dict(self.items[key].values)
        uppers = {name: self._upper(key, others, name) for name in OWN_LINKS.get(object, ())}
        self._move(key, others)
        for other in others:
            self._fill(item.values, self.items[other].values)
        item.values |= uppers
        item.values["tags"] = tuple(sorted({tag for one in (key, *others) for tag in self.items[one].values["tags"]}))
        for other in others:
            self._trash(other)
        self._assign(key, item, values)
        self._note(key, before)

    def _upper(self, key: Key, twins: list[Key], name: str) -> int | None:
        """The nearest one above that isn't reached again from itself once the twins are the survivor."""
        object = key[0]
        own = self.items[key].values[name]
        if own is not None and not set(twins) & set(self._chain(object, own, name)):
            return int(own)
        for twin in twins:
            upper = self.items[twin].values[name]
            if upper is not None and not {key, *twins} & set(self._chain(object, upper, name)):
                return int(upper)
        return None

    def _chain(self, object: str, id: int | None, name: str) -> list[Key]:
        found: list[Key] = []
        while id is not None and (object, id) not in found:
            found.append((object, id))
            id = self.items[object, id].values[name]
        return found

    def _move(self, key: Key, twins: list[Key]) -> None:
        for other in sorted(self.items):
            item = self.items[other]
            held = [name for name in item.values if name in LINKS and (LINKS[name], item.values[name]) in twins]
            if not held or other == key or other in twins:
                continue
            if other[0] == "deal_contacts" and not item.trashed and self._doubles(other, held[0], key[1]):
                continue
            before = dict(item.values)
            item.values |= dict.fromkeys(held, key[1])
            self._note(other, before)

    def _doubles(self, other: Key, name: str, id: int) -> bool:
        """A contact who stands there in that role already goes to the trash; the first takes over its note."""
        wanted = self.items[other].values | {name: id}
        places = ("deal", "person", "role")
        for key, item in sorted(self.items.items()):
            if key[0] != "deal_contacts" or item.trashed or key == other:
                continue
            if all(item.values[place] == wanted[place] for place in places):
                before = dict(item.values)
                item.values["note"] = item.values["note"] or wanted["note"]
                self._note(key, before)
                self._trash(other)
                return True
        return False

    @staticmethod
    def _fill(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
        money = next((name for name in MONEY if name in mine), None)
        if money:
            if mine[money] is None and (theirs[money] is not None or mine["currency"] is None):
                mine["currency"] = theirs["currency"]
            mine[money] = theirs[money] if mine[money] is None else mine[money]
        for name in mine:
            if name not in NOT_FILLED and name not in ("parent",) and mine[name] is None:
                mine[name] = theirs[name]

    # --- what must hold ----------------------------------------------------------------------------------------------

    def check_unique(self) -> None:
        living = [item for item in self.items.values() if not item.trashed]
        emails = [text_key(item.values["email"]) for item in living if item.values.get("email")]
        places = [tuple(item.values[n] for n in ("deal", "person", "role")) for item in living if "role" in item.values]
        if len(emails) != len(set(emails)) or len(places) != len(set(places)):
            raise RefusedError("not unique")

    # --- an undo -----------------------------------------------------------------------------------------------------

    def take_back(self, key: Key, touch: Touch, fates: set[Key]) -> None:
        item = self.items.get(key)
        follows = touch.follows(fates)
        if item is None or touch.purged or (item.trashed != touch.is_trashed and not follows):
            raise RefusedError("gone, or elsewhere")
        if any(item.values[name] != value for name, value in touch.after.items() if name != "_moved"):
            raise RefusedError("edited since")
        before = dict(item.values)
        if not follows:
            self._turn(key, trashed=touch.was_trashed)
        if not touch.created:
            item.values |= touch.before
            self._note(key, before)

    def check_links(self, current: dict[Key, Item], made: set[Key]) -> None:
        for key, item in self.items.items():
            for name in (name for name in item.values if name in LINKS and item.values[name] is not None):
                linked = (LINKS[name], item.values[name])
                if item.values[name] != current[key].values[name] and linked not in self.items:
                    raise RefusedError("what it linked to is gone")
                if linked in made and key not in made and not item.trashed:
                    raise RefusedError("something links to it")
