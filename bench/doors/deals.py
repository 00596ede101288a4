"""Databases full of deals, written in bulk past the Change door: only reading is measured on them."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.engine import make_url

from app import migrations
from app.crm.schema import TABLES, change_sets, changes, stages, taggings, tags, users
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.types import utc_now

OWNERS = 12
PER_COMPANY = 20  # deals
BATCH = 20_000
INDUSTRIES = ("Medical", "Retail", "Energy", "Finance", "Education", "Logistics", "Software", "Food")
FIRST = datetime(2023, 1, 1, tzinfo=UTC)
DAYS = 1000


def opened(folder: Path, count: int, *, mixed: bool = False) -> Database:
    """The SQLite database with so many deals in this folder; made where it isn't there yet."""
    path = folder / f"deals-{count}{'-mixed' if mixed else ''}.db"
    made = path.exists()
    database = Database(make_url(f"sqlite:///{path}"))
    migrations.upgrade(database)
    if not made:
        fill(database, count, mixed=mixed)
    return database


def reader(database: Database, role: str = "admin") -> Principal:
    """The first of the owners, as an admin or another role."""
    with database.read() as connection:
        row = connection.execute(select(users).where(users.c.id == 1)).one()
    return Principal(row.id, row.name, role, email=row.email, channel="api")  # type: ignore[arg-type]


def fill(database: Database, count: int, *, mixed: bool = False) -> None:
    """Owners, companies, tags, deals of every stage over three years, and a journal with one record's long past."""
    pick = random.Random(11)
    companies = max(1, count // PER_COMPANY)
    _write(database, users, (_user(number) for number in range(1, OWNERS + 1)))
    _write(database, TABLES["companies"], (_company(number, pick) for number in range(1, companies + 1)))
    with database.read() as connection:
        steps = list(connection.execute(select(stages.c.id).order_by(stages.c.position)).scalars())
    rows = (_deal(number, steps[number * 7 % len(steps)], companies, mixed, pick) for number in range(1, count + 1))
    _write(database, TABLES["deals"], rows)
    _write(database, tags, ({"id": n, "name": f"Tag {n}", "name_key": f"tag {n}"} for n in range(1, 6)))
    tagged = ({"object": "deals", "record_id": n, "tag_id": n % 5 + 1} for n in range(1, count + 1, 3))
    _write(database, taggings, tagged)
    _journal(database, count)
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _write(database: Database, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    with database.write() as connection:
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                connection.execute(insert(table), batch)
                batch = []
        if batch:
            connection.execute(insert(table), batch)


def _user(number: int) -> dict[str, Any]:
    name = f"Owner {number}"
    email = f"owner{number}@example.com"
    return {"id": number, "name": name, "name_key": name.casefold(), "email": email, "email_key": email,
            "role": "admin", "created_at": utc_now()}  # fmt: skip


def _company(number: int, pick: random.Random) -> dict[str, Any]:
    name, industry = f"Company {number * 7919 % 1_000_003}", pick.choice(INDUSTRIES)
    at = FIRST + timedelta(minutes=number)
    return {
        "id": number, "name": name, "name_key": name.casefold(), "industry": industry,
        "industry_key": industry.casefold(), "employees": pick.randint(1, 5000),
        "owner_id": pick.randint(1, OWNERS), "created_at": at, "updated_at": at, "custom": {},
        "trashed_at": at if number % 97 == 0 else None,
    }  # fmt: skip


def _deal(number: int, stage: int, companies: int, mixed: bool, pick: random.Random) -> dict[str, Any]:
    name = f"Deal {number * 7919 % 10_000_019} renewal"
    at = FIRST + timedelta(days=number * 7919 % DAYS, seconds=pick.randint(0, 86_399), microseconds=number % 1_000_000)
    currency = pick.choice(("USD", "USD", "USD", "EUR", "GBP")) if mixed else "USD"
    return {
        "id": number, "name": name, "name_key": name.casefold(), "company_id": pick.randint(1, companies),
        "pipeline_id": 1, "stage_id": stage, "amount": pick.randint(1, 5_000_000), "currency": currency,
        "currency_key": currency.casefold(), "probability": number % 101 if number % 4 == 0 else None,
        "close_date": None if number % 50 == 0 else date(2023, 1, 1) + timedelta(days=pick.randint(0, DAYS)),
        "owner_id": pick.randint(1, OWNERS), "description": "Bring the offer of last year up to date." * 3,
        "created_at": at, "updated_at": at, "custom": {}, "trashed_at": at if number % 101 == 0 else None,
    }  # fmt: skip


def _journal(database: Database, count: int) -> None:
    """One line for each deal up to 200,000, and a hundred more for deal 1."""
    now = utc_now()
    with database.write() as connection:
        made = {"state": "applied", "title": "Filled", "author": "Owner 1", "author_id": 1, "channel": "cli"}
        connection.execute(insert(change_sets).values(**made, created_at=now, applied_at=now, count=count))
    ids = [*range(1, min(count, 200_000) + 1), *[1] * 100]
    line = {"change_set_id": 1, "action": "update", "object": "deals", "label": "Deal", "before": {"amount": None}}
    _write(database, changes, ({**line, "record_id": id, "after": {"amount": None}} for id in ids))
