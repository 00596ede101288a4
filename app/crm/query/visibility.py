"""Who may see which records. Every reader narrows by `visible`; the query door does so by itself, on every path.

The rule of an object is the settings row `visibility.<object>`: `everyone` (where there is none), `team` or `owner`.
A record without an owner counts as its maker's. Admins see every record but the private notes of others. A join (a
deal's contact) is seen by who sees all that it connects, and lives while all of that lives. What is attached to records
(a file) is seen by who sees each of them, and by its own rule.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    True_,
    and_,
    cast,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)

from app.crm.objects import ATTACHED_OBJECTS, BUILT_IN, JOIN_OBJECTS
from app.crm.schema import TABLES, column_name, settings, users
from app.shared.contract import Principal

Condition = ColumnElement[bool]


def visible(
    principal: Principal, object: str, table: FromClause | None = None, rules: Mapping[str, str] | None = None
) -> Condition:
    """The SQL condition that leaves of `object` what the principal may see, in the trash and out of it.

    `table`: the alias to narrow (the object's own table where none is given). `rules`: the rules where they have been
    read already; else the condition reads its rule itself.
    """
    table = TABLES[object] if table is None else table
    if object in JOIN_OBJECTS:
        return _ends(object, table, lambda target, end: visible(principal, target, end, rules))
    if "owner_id" not in table.c:
        return true()
    own = every(_by_rule(principal, object, table, rules), _not_private(principal, table))
    return every(own, _hanging(principal, object, table, rules)) if object in ATTACHED_OBJECTS else own


def living(table: FromClause, object: str) -> Condition:
    """Not in the trash; of a join: and nothing that it connects is."""
    if "trashed_at" not in table.c:
        return true()
    mine: Condition = table.c.trashed_at.is_(None)
    if object not in JOIN_OBJECTS:
        return mine
    return every(mine, _ends(object, table, lambda target, end: living(end, target)))


def _ends(object: str, table: FromClause, asked: Callable[[str, FromClause], Condition]) -> Condition:
    """That each of a join's ends satisfies what is asked of it."""
    found: list[Condition] = []
    for field in BUILT_IN[object].ends:
        end = TABLES[field.target or ""].alias()
        condition = asked(field.target or "", end)
        if not isinstance(condition, True_):
            rows: Select[Any] = select(literal_column("1")).select_from(end)
            here = rows.where(end.c.id == table.c[column_name(field)], condition)
            found.append(exists(here.correlate_except(end)))
    return every(*found)


def _hanging(principal: Principal, object: str, table: FromClause, rules: Mapping[str, str] | None) -> Condition:
    """That every record on which something hangs may be seen."""
    found: list[Condition] = []
    for field in BUILT_IN[object].fields:
        if field.type != "link" or field.target == "users":
            continue
        end = TABLES[field.target or ""].alias()
        condition = visible(principal, field.target or "", end, rules)
        if not isinstance(condition, True_):
            here: ColumnElement[Any] = table.c[column_name(field)]
            rows: Select[Any] = select(literal_column("1")).select_from(end).where(end.c.id == here, condition)
            found.append(or_(here.is_(None), exists(rows.correlate_except(end))))
    return every(*found)


def every(*conditions: Condition) -> Condition:
    """All of them; `true()` itself where nothing is asked, so that a caller can leave it out."""
    asked = [condition for condition in conditions if not isinstance(condition, True_)]
    return and_(true(), *asked) if asked else true()


def _by_rule(principal: Principal, object: str, table: FromClause, rules: Mapping[str, str] | None) -> Condition:
    if principal.is_admin:
        return true()
    if rules is None:
        return _by_stored_rule(principal, object, table)
    rule = rules.get(object, "everyone")
    if rule == "everyone":
        return true()
    return _team(principal, table) if rule == "team" else _own(principal, table)


def _by_stored_rule(principal: Principal, object: str, table: FromClause) -> Condition:
    stored = select(cast(settings.c.value, Text)).where(settings.c.key == f"visibility.{object}").scalar_subquery()
    return or_(
        func.coalesce(stored, '"everyone"') == '"everyone"',
        and_(stored == '"team"', _team(principal, table)),
        _own(principal, table),
    )


def _own(principal: Principal, table: FromClause) -> Condition:
    if principal.user_id is None:
        return false()
    me = principal.user_id
    return or_(table.c.owner_id == me, and_(table.c.owner_id.is_(None), table.c.created_by_id == me))


def _team(principal: Principal, table: FromClause) -> Condition:
    if principal.team_id is None:
        return _own(principal, table)
    mates = select(users.c.id).where(users.c.team_id == principal.team_id)
    theirs = or_(table.c.owner_id.in_(mates), and_(table.c.owner_id.is_(None), table.c.created_by_id.in_(mates)))
    return or_(theirs, _own(principal, table))


def _not_private(principal: Principal, table: FromClause) -> Condition:
    if "private" not in table.c:
        return true()
    return or_(table.c.private.is_not(true()), _own(principal, table))
