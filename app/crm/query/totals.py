"""How many rows a list has: exact up to a bound, and counted once for as long as nothing changes.

A total of many rows is remembered with the end of the journal at which it was counted. Since every change of a record
is in the journal, it is exact while the journal ends there; few rows are counted faster than they are looked up.
"""

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Select, case, func, select

from app.crm.query.scope import Scope
from app.crm.schema import TABLES, changes
from app.shared.contract import And, Condition, Filter, Not, Or, Query

_FEW = 2_000  # rows that are counted each time
_MOST = 512  # totals remembered for each engine
Key = tuple[object, ...]
_known: WeakKeyDictionary[Engine, OrderedDict[Key, tuple[Any, int]]] = WeakKeyDictionary()
_lock = Lock()


def total(scope: Scope, query: Query, wanted: Select[Any], bound: int) -> int:
    """How many rows there are; `bound` + 1 where there are more than that."""
    key = _key(scope, query)
    known = None if key is None else _memory(scope).get(key)
    stamp = _stamp(scope, query) if known is not None else None
    if known is not None and known[0] == stamp:
        return known[1]
    found = _counted(scope, wanted, bound)
    if key is not None and found >= _FEW:
        _remember(scope, key, stamp or _stamp(scope, query), found)
    return found


def forget() -> None:
    """Forget what is remembered."""
    with _lock:
        _known.clear()


def _counted(scope: Scope, wanted: Select[Any], bound: int) -> int:
    """A look at the row after the bound first: where it is there, nothing needs to be counted."""
    beyond = wanted.limit(1).offset(bound).scalar_subquery()
    every = wanted.with_only_columns(func.count()).scalar_subquery()
    return scope.connection.scalar(select(case((beyond.is_not(None), bound + 1), else_=every))) or 0


def _memory(scope: Scope) -> OrderedDict[Key, tuple[Any, int]]:
    with _lock:
        return _known.setdefault(scope.connection.engine, OrderedDict())


def _remember(scope: Scope, key: Key, stamp: Any, found: int) -> None:
    memory = _memory(scope)
    with _lock:
        memory[key] = (stamp, found)
        memory.move_to_end(key)
        while len(memory) > _MOST:
            memory.popitem(last=False)


def _stamp(scope: Scope, query: Query) -> Any:
    """What differs once a record was changed: the journal's end, and the newest record's number."""
    end = select(func.max(changes.c.seq)).scalar_subquery()
    newest = select(func.max(TABLES[query.object].c.id)).scalar_subquery()
    return tuple(scope.connection.execute(select(end, newest)).one())


def _key(scope: Scope, query: Query) -> Key | None:
    """What the total depends on beside the records; None where something isn't in the journal, as who is in a team."""
    who, rules = scope.principal, scope.state.rules
    writing = scope.connection.get_execution_options().get("parley_write")  # it may still be rolled back
    if writing or query.text or query.object not in TABLES or ("team" in rules.values() and not who.is_admin):
        return None
    if query.where is not None and not all(_is_own(scope, query, item) for item in _conditions(query.where)):
        return None
    where = query.where.model_dump_json() if query.where else ""
    catalog = (scope.catalog.version, scope.catalog.currency, tuple(sorted(rules.items())))
    return (query.object, where, query.trashed, who.user_id, who.role, scope.today, scope.zone.key, catalog)


def _conditions(filter: Filter) -> Iterator[Filter]:
    if isinstance(filter, And | Or):
        for item in filter.items:
            yield from _conditions(item)
    elif isinstance(filter, Not):
        yield from _conditions(filter.item)
    else:
        yield filter


def _is_own(scope: Scope, query: Query, item: Filter) -> bool:
    """A condition on the record's own fields alone, tags left out: their names are shared."""
    if not isinstance(item, Condition) or "." in item.field:
        return False
    field = scope.object(query.object).field(item.field)
    return field is not None and field.type != "tags"
