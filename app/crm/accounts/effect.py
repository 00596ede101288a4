"""What a rule of visibility means in numbers: how many records each person sees under each of the three."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, literal, select

from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.schema import TABLES, users

RULES = ("everyone", "team", "owner")
OBJECTS = tuple(name for name in RECORD_OBJECTS if any(field.name == "owner" for field in BUILT_IN[name].fields))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a rule narrows, and what they see of an object under each rule."""

    name: str
    team: bool  # whether they are in a team
    sees: dict[str, int]


@dataclass(frozen=True, slots=True)
class Effect:
    """An object under each rule. `unowned` are records without owner and maker, which only admins see then."""

    object: str
    total: int
    unowned: int
    people: list[Person]

    def span(self, rule: str) -> tuple[int, int]:
        """The fewest and the most that anybody sees; the total twice where nobody is narrowed."""
        seen = [person.sees[rule] for person in self.people] or [self.total]
        return min(seen), max(seen)


def effects(connection: Connection) -> list[Effect]:
    """Every object, with every active user who isn't an admin. One statement an object."""
    narrowed = select(users.c.id, users.c.name, users.c.team_id).where(users.c.active, users.c.role != "admin")
    people: list[Row[Any]] = list(connection.execute(narrowed.order_by(users.c.name_key, users.c.id)))
    mates: dict[int, set[int]] = {}
    for user_id, team_id in connection.execute(select(users.c.id, users.c.team_id).where(users.c.team_id.is_not(None))):
        mates.setdefault(team_id, set()).add(user_id)
    return [_effect(connection, name, people, mates) for name in OBJECTS]


def _effect(connection: Connection, name: str, people: list[Row[Any]], mates: dict[int, set[int]]) -> Effect:
    shared, private = _counts(connection, name)
    total = sum(shared.values()) + sum(private.values())
    found = []
    for person in people:
        mine = private.get(person.id, 0)
        team = mates.get(person.team_id, {person.id})
        sees = {
            "everyone": sum(shared.values()) + mine,
            "team": sum(shared.get(mate, 0) for mate in team) + mine,
            "owner": shared.get(person.id, 0) + mine,
        }
        found.append(Person(person.name, person.team_id is not None, sees))
    return Effect(name, total, shared.get(None, 0), found)


def _counts(connection: Connection, name: str) -> tuple[dict[int | None, int], dict[int | None, int]]:
    """(records that aren't private, private ones) by whose they are: the owner's, else the maker's."""
    table = TABLES[name]
    whose = func.coalesce(table.c.owner_id, table.c.created_by_id)
    private = table.c.private.is_(True) if "private" in table.c else literal(False)
    statement = select(whose, private, func.count()).where(table.c.trashed_at.is_(None)).group_by(whose, private)
    counts: tuple[dict[int | None, int], dict[int | None, int]] = ({}, {})
    for user_id, is_private, count in connection.execute(statement):
        counts[bool(is_private)][user_id] = count
    return counts
