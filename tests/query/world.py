"""A small workspace of random records, made from a seed: as rows for the database, as plain dicts for the oracle."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from random import Random
from typing import Any

from sqlalchemy import Connection, insert, select

from app.crm import catalog, rates
from app.crm.changes import index
from app.crm.schema import (
    KEYED_TYPES,
    TABLES,
    column_name,
    custom_fields,
    key_name,
    pipelines,
    search_documents,
    settings,
    stages,
    taggings,
    tags,
    teams,
    users,
)
from app.crm.terms import terms
from app.shared.contract import SYSTEM, Catalog, FieldSpec, Principal, Role
from app.shared.db import Database, text_key
from app.shared.types import utc_now

Record = dict[str, Any]  # field name -> value; besides: id, version, trashed_at, created_by

OBJECTS = ("companies", "people", "deals", "activities", "notes", "tasks")
JOINED = ("deal_contacts", "deal_team")  # made last: they connect the others
WORDS = (
    "Straße",
    "STRASSE",
    "Acme",
    "acme",
    "Ångström",
    "İzmir",
    "Zeta",
    "ζῆτα",
    "100%",
    "a_b",
    "a,b\\c",
    "",
    "ﬁn",
    "Medical",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "A\u030angstro\u0308m",  # the same letters, apart
    "\U0001d538cme",  # a letter beyond the first plane that reads as A
    "\U00010400bc",  # a capital beyond it
    "\U0001f600 zeta",
    "Pricing talks",
    "Integrations, integrated",
    "the café's prices",
    "हिन्दी 東京",
)
CURRENCIES = (None, "USD", "EUR", "JPY", "KWD")
WORTH = {"USD": "1", "EUR": "1.0837", "JPY": "0.0066", "KWD": "3.25"}  # in some currency that no one has
TAGS = ("VIP", "Île", "cold", "Zürich")
TEAMS = {1: "North", 2: "south"}
USERS = {1: ("Anna", 1), 2: ("anna", 1), 3: ("Ölaf", 2), 4: ("Zoë", None)}
# Near days on which clocks change in Berlin and New York, near midnights and near a leap day.
MOMENTS = tuple(
    datetime(2024, month, day, hour, minute, tzinfo=UTC)
    for month, day in ((2, 29), (3, 10), (3, 31), (10, 27), (11, 3), (12, 31))
    for hour, minute in ((0, 0), (3, 59), (4, 30), (18, 30), (22, 59), (23, 0))
) + tuple(
    datetime(2024, month, day, hour, minute, tzinfo=UTC)
    for month, day, hours in (
        (4, 25, (20, 21, 22)),  # Cairo's clocks jump at midnight
        (10, 31, (20, 21, 22)),
        (11, 3, (5, 6)),  # Havana's midnight comes twice
        (4, 6, (14, 15)),  # half an hour on Lord Howe Island
    )
    for hour in hours
    for minute in (0, 30)
)
NOW = datetime(2024, 11, 3, 4, 30, tzinfo=UTC)  # another day in New York than in London
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe",
    "Pacific/Apia",
)  # fmt: skip
ROLES: tuple[Role, ...] = ("admin", "member", "viewer")
DAYS = tuple(sorted({moment.date() for moment in MOMENTS} | {date(2024, 1, 1), date(2023, 12, 31), date(2024, 11, 5)}))
NUMBERS = (-3, 0, 1, 2, 25, 50, 1000)
PARTS = (-2.5, 0.25, 0.5, 1.75, 3)
AMOUNTS = (-1, 0, 1, 99, 100, 1_000, 99_999, 100_000, 12_345_678)
TIERS = [["gold", "Gold"], ["silver", "Silver"], ["bronze", "Bronze plate"]]
CHANNELS = [["web", "Web"], ["fair", "Trade fair"], ["call", "Cold call"]]
CUSTOM: tuple[tuple[str, str, str, dict[str, Any]], ...] = (  # one of every type, and some on other objects
    ("deals", "c_text", "text", {}),
    ("deals", "c_long", "long_text", {}),
    ("deals", "c_number", "number", {}),
    ("deals", "c_integer", "number", {"integer": True}),
    ("deals", "c_money", "money", {}),
    ("deals", "c_date", "date", {}),
    ("deals", "c_moment", "datetime", {}),
    ("deals", "c_flag", "boolean", {}),
    ("deals", "c_tier", "select", {"options": TIERS}),
    ("deals", "c_channels", "multi_select", {"options": CHANNELS}),
    ("deals", "c_partner", "link", {"target": "companies"}),
    ("deals", "c_url", "url", {}),
    ("deals", "c_mail", "email", {}),
    ("deals", "c_phone", "phone", {}),
    ("companies", "c_worth", "money", {}),
    ("companies", "c_since", "datetime", {}),
    ("companies", "c_kinds", "multi_select", {"options": CHANNELS}),
    ("companies", "c_chair", "link", {"target": "people"}),
    ("people", "c_best", "link", {"target": "deals"}),
    ("people", "c_grade", "select", {"options": TIERS}),
    ("people", "c_sponsor", "link", {"target": "users"}),
    ("tasks", "c_effort", "number", {}),
    ("tasks", "c_until", "date", {}),
    ("notes", "c_ref", "text", {}),
    ("activities", "c_useful", "boolean", {}),
)


def prepare(database: Database) -> Catalog:
    """What stays the same in every example: users, teams, a second pipeline, tags, custom fields."""
    with database.write() as connection:
        _people(connection)
        connection.execute(insert(pipelines).values(id=2, name="Renewals", name_key="renewals", position=2))
        kept = (("lead", "Lead", "open", 5, 1), ("signed", "Signed up", "won", None, 2), ("gone", "Gone", "lost", 0, 3))
        for key, label, kind, probability, position in kept:
            row = {"key": key, "label": label, "kind": kind, "probability": probability, "position": position}
            connection.execute(insert(stages).values(pipeline_id=2, **row))
        for position, (object_, name, kind, rest) in enumerate(CUSTOM):
            row = {"object": object_, "name": name, "label": name, "type": kind, "position": position, **rest}
            connection.execute(insert(custom_fields).values(created_at=utc_now(), **row))
        _rates(connection)
        catalog.bump(connection)
    with database.read() as connection:
        return catalog.load(connection)


def rate(currency: str, base: str) -> Decimal:
    """What a unit of the one is worth in the other, to ten digits: as a workspace in that currency keeps it."""
    return Context(prec=10).divide(Decimal(WORTH[currency]), Decimal(WORTH[base]))


def _rates(connection: Connection) -> None:
    """For each currency that a workspace may have; those of another day don't count."""
    for base in WORTH:
        for currency in WORTH.keys() - {base}:
            for day, found in ((date(2020, 1, 1), Decimal(7)), (date(2021, 1, 1), rate(currency, base))):
                rates.set_rate(connection, SYSTEM, base, currency, day, found)
            rates.set_rate(connection, SYSTEM, base, currency, date(2999, 1, 1), Decimal(9))


def _people(connection: Connection) -> None:
    for number, name in TEAMS.items():
        connection.execute(insert(teams).values(id=number, name=name, name_key=text_key(name)))
    for number, (name, team) in USERS.items():
        row = {"id": number, "name": name, "name_key": text_key(name), "team_id": team, "created_at": utc_now()}
        connection.execute(insert(users).values(**row))
    for number, name in enumerate(TAGS, start=1):
        connection.execute(insert(tags).values(id=number, name=name, name_key=text_key(name)))


@dataclass
class World:
    """The records of one example, with the rules by which they are seen."""

    catalog: Catalog
    stages: dict[int, Record]
    records: dict[str, list[Record]] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    currency: str = "USD"

    def find(self, object: str, id: int | None) -> Record | None:
        return next((record for record in self.records[object] if record["id"] == id), None)


def read_stages(database: Database) -> dict[int, Record]:
    with database.read() as connection:
        return {row.id: dict(row._mapping) for row in connection.execute(select(stages))}


def make(catalog_: Catalog, known_stages: dict[int, Record], seed: int) -> World:
    """The world of a seed."""
    random = Random(seed)
    world = World(catalog_, known_stages)
    world.records["teams"] = [{"id": number, "name": name} for number, name in TEAMS.items()]
    world.records["users"] = [
        {"id": number, "name": name, "email": None, "active": True, "team": team}
        for number, (name, team) in USERS.items()
    ]
    world.records["pipelines"] = [{"id": 1, "name": "Sales"}, {"id": 2, "name": "Renewals"}]
    world.rules = {name: random.choice(("everyone", "everyone", "team", "owner")) for name in OBJECTS}
    world.currency = random.choice(("USD", "USD", "EUR", "JPY"))
    several = random.random() < 0.5
    for name in OBJECTS:
        count = random.randint(0, 9 if name == "deals" else 5)
        world.records[name] = []
        for number in range(count):  # one after the other: links to the same object lead to earlier records
            world.records[name].append(_record(world, random, name, number + 1, several))
    for name in JOINED:
        ends = [world.records[spec.target or ""] for spec in catalog_[name].ends]
        count = random.randint(0, 6) if all(ends) else 0
        world.records[name] = [_join(world, random, name, number + 1) for number in range(count)]
    _link_back(world, random)
    return world


def _join(world: World, random: Random, object: str, id: int) -> Record:
    ends = {spec.name: random.choice(world.records[spec.target or ""])["id"] for spec in world.catalog[object].ends}
    return _record(world, random, object, id, several=False) | ends


def _link_back(world: World, random: Random) -> None:
    """Custom links to what was made later."""
    for name in OBJECTS:
        for spec in world.catalog[name].fields:
            there = world.records[spec.target or ""] if spec.type == "link" and spec.custom_id else []
            for record in world.records[name]:
                if there and record[spec.name] is None and random.random() < 0.6:
                    record[spec.name] = random.choice(there)["id"]


def _record(world: World, random: Random, object: str, id: int, several: bool) -> Record:
    record: Record = {
        "id": id,
        "version": random.randint(1, 3),
        "trashed_at": random.choice(MOMENTS) if random.random() < 0.15 else None,
        "created_by": random.choice((None, 1, 2, 3, 4)),
    }
    for spec in world.catalog[object].fields:
        record[spec.name] = _value(world, random, spec)
    if "currency" in record:
        record["currency"] = random.choice(CURRENCIES) if several else random.choice((None, world.currency))
    return record


def _value(world: World, random: Random, spec: FieldSpec) -> Any:
    if spec.type == "tags":
        return tuple(sorted(random.sample(TAGS, random.choice((0, 0, 1, 2))), key=lambda name: text_key(name) or ""))
    if spec.type == "multi_select":
        return tuple(option.key for option in spec.options if random.random() < 0.4)
    if random.random() < 0.25:
        return None
    return _present(world, random, spec)


def _present(world: World, random: Random, spec: FieldSpec) -> Any:
    if spec.type == "link":
        there = world.records.get(spec.target or "", [])
        return random.choice(there)["id"] if there else None
    if spec.type == "email":
        return f"{random.choice('abc')}{random.random()}@Example.com"
    pools: dict[str, tuple[Any, ...]] = {
        "number": NUMBERS if spec.integer else (*NUMBERS, *PARTS),
        "money": AMOUNTS,
        "date": DAYS,
        "datetime": (*MOMENTS, MOMENTS[0] + timedelta(microseconds=1)),
        "boolean": (True, False),
        "select": tuple(option.key for option in spec.options),
        "stage": tuple(world.stages),
    }
    return random.choice(pools.get(spec.type, WORDS))


# --- into the database -----------------------------------------------------------------------------------------------


def store(connection: Connection, world: World) -> None:
    """Write the world; the caller rolls back."""
    values = {f"visibility.{name}": rule for name, rule in world.rules.items()} | {"currency": world.currency}
    connection.execute(insert(settings), [{"key": key, "value": value} for key, value in values.items()])
    for name in (*OBJECTS, *JOINED):
        rows = [_row(world, name, record) for record in world.records[name]]
        if rows:
            connection.execute(insert(TABLES[name]), rows)
    found = [_document(world, name, record) for name in OBJECTS for record in world.records[name]]
    living = [row for row in found if row is not None]
    if living:
        connection.execute(insert(search_documents), living)
    marks = list(_taggings(world))
    if marks:
        connection.execute(insert(taggings), marks)


def _document(world: World, object: str, record: Record) -> dict[str, Any] | None:
    """The searchable text as the change door writes it."""
    if record["trashed_at"] is not None:
        return None
    title, body = index.text(world.catalog[object], record)
    row = {"object": object, "record_id": record["id"], "title": title, "body": body, "seq": 1}
    return row | {"title_terms": terms(title), "body_terms": terms(body)}


def _taggings(world: World) -> Iterator[dict[str, Any]]:
    for name in OBJECTS:
        for record in world.records[name]:
            for tag in record.get("tags", ()):
                yield {"object": name, "record_id": record["id"], "tag_id": TAGS.index(tag) + 1}


def _row(world: World, object: str, record: Record) -> dict[str, Any]:
    row = {name: record[name] for name in ("id", "version", "trashed_at")} | {"created_by_id": record["created_by"]}
    custom: dict[str, Any] = {}
    for spec in world.catalog[object].fields:
        value = record[spec.name]
        if spec.custom_id is not None:
            custom |= _custom(spec, value)
        elif spec.type != "tags":
            row[column_name(spec)] = value
            if spec.type in KEYED_TYPES:
                row[key_name(spec)] = text_key(value)
    return row | {"custom": custom}


def _custom(spec: FieldSpec, value: Any) -> dict[str, Any]:
    if value is None or value == ():
        return {}
    name = f"f{spec.custom_id}"
    if isinstance(value, datetime):
        value = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    elif isinstance(value, date):
        value = value.isoformat()
    stored = {name: list(value) if isinstance(value, tuple) else value}
    return stored | ({f"{name}k": text_key(value)} if spec.type in KEYED_TYPES else {})


def principals() -> list[Principal]:
    """The system itself, and everyone of both teams and of none in every role."""
    asking = [Principal(None, "Parley", "admin")]
    for number, (name, team) in USERS.items():
        asking += [Principal(number, name, role, team_id=team) for role in ROLES]
    return asking


def static_catalog() -> Catalog:
    """The built-in objects, without a database."""
    from app.crm.objects import BUILT_IN

    return Catalog(BUILT_IN, version=-1)
