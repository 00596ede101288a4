"""Who may see which records. Every reader narrows by `visible`; the query door does so by itself, on every path.

The rule of an object is the settings row `visibility.<object>`: `everyone` (where there is none), `team` or `owner`.
A record without an owner counts as its maker's. Admins see every record but the private notes of others.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, FromClause, Text, and_, cast, false, func, or_, select, true

from app.crm.schema import TABLES, settings, users
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
    if "owner_id" not in table.c:
        return true()
    return and_(_by_rule(principal, object, table, rules), _not_private(principal, table))


def living(table: FromClause) -> Condition:
    """Not in the trash."""
    return table.c.trashed_at.is_(None) if "trashed_at" in table.c else true()


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
