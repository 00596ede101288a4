"""Lexicons kept warm: one for each principal, brought up to date by the journal before every question."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from weakref import WeakKeyDictionary

from app.chatbot.understanding import titles
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.names import Names
from app.chatbot.understanding.titles import named
from app.chatbot.understanding.vocabulary import Vocabulary
from app.shared.contract import (
    Catalog,
    CrmPort,
    Groups,
    Measure,
    ObjectSpec,
    Principal,
    Query,
    Record,
)
from app.shared.contract import Group as GroupBy

MOST_PRINCIPALS = 64  # lexicons kept
MOST_VALUES = 1000  # distinct values of a field; one with more is no list of choices
MOST_CHANGES = 500  # journal entries that are followed one by one; more: built anew
LIFE = 3600.0  # seconds until a lexicon is built anew
VALUES_LIFE = 300.0  # seconds until values are read anew, so that those which are gone are forgotten
MOST_NAMES = 400_000  # names kept in all lexicons together; the one in use is always kept
SUPPORT_LIFE = 1.0  # seconds

_Key = tuple[int | None, str, int | None, frozenset[str]]


@dataclass(slots=True)
class _Entry:
    catalog: Catalog
    vocabulary: Vocabulary
    names: Names
    position: int
    built: float
    valued: float = 0.0  # when the values were last read
    supported: float = 0.0  # when the support objects were last read
    support: dict[str, Sequence[tuple[int, str]]] = field(default_factory=dict)
    listed: frozenset[tuple[str, str]] = frozenset()  # (object, field) whose values are known


class Lexicons:
    """The lexicons of one port."""

    def __init__(self) -> None:
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._lock = Lock()

    def get(self, port: CrmPort, principal: Principal) -> Lexicon:
        """The lexicon of this principal, as of now."""
        key = (principal.user_id, principal.role, principal.team_id, principal.scopes)
        with self._lock:
            entry = self._fresh(port, principal, self._entries.get(key))
            self._entries[key] = entry
            self._entries.move_to_end(key)
            self._bound()
            whole = partial(titles.probe, port, principal, entry.catalog, entry.listed)
            return Lexicon(entry.vocabulary, entry.names, whole, partial(titles.begun, port, principal, entry.catalog))

    def _bound(self) -> None:
        """Drops what was least lately used, so that many users of a large workspace don't fill the memory."""
        names = sum(len(entry.names) for entry in self._entries.values())
        while len(self._entries) > 1 and (len(self._entries) > MOST_PRINCIPALS or names > MOST_NAMES):
            names -= len(self._entries.popitem(last=False)[1].names)

    def forget(self, principal: Principal) -> None:
        """Drops what is known for a principal: it has named something that may not be seen any more."""
        with self._lock:
            self._entries.pop((principal.user_id, principal.role, principal.team_id, principal.scopes), None)

    def _fresh(self, port: CrmPort, principal: Principal, entry: _Entry | None) -> _Entry:
        catalog = port.catalog()
        end = port.journal_end()
        if entry is None or entry.catalog.version != catalog.version or time.monotonic() - entry.built > LIFE:
            return _build(port, principal, catalog, end)
        if end != entry.position:
            changes = port.journal(entry.position, MOST_CHANGES + 1)
            if len(changes) > MOST_CHANGES or end < entry.position:
                return _build(port, principal, catalog, end)
            _follow(port, principal, entry, changes)
            entry.position = max([entry.position, *(seq for seq, _, _ in changes)])
        if time.monotonic() - entry.valued > VALUES_LIFE:
            _read_values(port, principal, entry)
        _support(port, principal, entry)
        return entry


def _read_values(port: CrmPort, principal: Principal, entry: _Entry) -> None:
    entry.names.forget_values()
    entry.listed = frozenset(_values(port, principal, entry))
    entry.valued = time.monotonic()


def _build(port: CrmPort, principal: Principal, catalog: Catalog, end: int) -> _Entry:
    entry = _Entry(catalog, Vocabulary(catalog), Names(), end, time.monotonic())
    for spec in catalog.objects.values():
        if named(spec) and not spec.support and not spec.join:
            for id, label in port.labels(principal, spec.name):
                entry.names.add_record(spec.name, id, label)
    _read_values(port, principal, entry)
    _support(port, principal, entry)
    return entry


def _support(port: CrmPort, principal: Principal, entry: _Entry) -> None:
    """Users, teams and pipelines change outside the journal: they are few, and read each time."""
    if time.monotonic() - entry.supported < SUPPORT_LIFE:
        return
    entry.supported = time.monotonic()
    for spec in entry.catalog.objects.values():
        if not spec.support:
            continue
        labels = _called(entry.catalog, spec.name, port.labels(principal, spec.name))
        before = entry.support.get(spec.name, [])
        if labels == before:
            continue
        for id, _ in before:
            entry.names.remove_record(spec.name, id)
        for id, label in labels:
            entry.names.add_record(spec.name, id, label)
        entry.support[spec.name] = labels


def _called(catalog: Catalog, object: str, labels: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Each name with the further names that the workspace has for the same user, team or pipeline."""
    return [(id, name) for id, label in labels for name in (label, *catalog.nicknames.get((object, id), ()))]


def _value_fields(catalog: Catalog) -> Iterator[tuple[ObjectSpec, str]]:
    for spec in catalog.objects.values():
        for one in spec.fields:
            if spec.has_pages and (one.type == "tags" or (one.type == "text" and one.name != spec.label_field)):
                yield spec, one.name


def _values(port: CrmPort, principal: Principal, entry: _Entry) -> Iterator[tuple[str, str]]:
    for spec, name in _value_fields(entry.catalog):
        query = Query(object=spec.name, group_by=(GroupBy(field=name),), measures=(Measure(),), limit=MOST_VALUES)
        found = port.query(principal, query)
        if isinstance(found, Groups) and found.group_count <= MOST_VALUES:
            yield spec.name, name
            for row in found.rows:
                _add_value(entry, spec.name, name, row.keys[0])


def _add_value(entry: _Entry, object: str, name: str, value: object) -> None:
    for one in value if isinstance(value, tuple) else (value,):
        if isinstance(one, str) and one:
            entry.names.add_value(object, name, one)


def _follow(port: CrmPort, principal: Principal, entry: _Entry, changes: Sequence[tuple[int, str, int]]) -> None:
    """Takes over what the journal says has changed, as far as this principal may see it."""
    refs = list(dict.fromkeys((object, id) for _, object, id in changes if object in entry.catalog.objects))
    found = port.get_many(principal, refs)
    for object, id in refs:
        spec = entry.catalog[object]
        record = found.get((object, id))
        if named(spec):
            entry.names.remove_record(object, id)
        if record is not None:
            _add(entry, spec, record)


def _add(entry: _Entry, spec: ObjectSpec, record: Record) -> None:
    if named(spec):
        entry.names.add_record(spec.name, record.id, record.label)
    for name, value in record.values.items():
        if (spec.name, name) in entry.listed:
            _add_value(entry, spec.name, name, value)


_PORTS: WeakKeyDictionary[CrmPort, Lexicons] = WeakKeyDictionary()
_PORTS_LOCK = Lock()


def lexicons(port: CrmPort) -> Lexicons:
    """The lexicons that belong to a port."""
    with _PORTS_LOCK:
        if port not in _PORTS:
            _PORTS[port] = Lexicons()
        return _PORTS[port]
