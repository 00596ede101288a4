"""Loads the demo through the Change door, as one set that can be undone."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, exists, insert, select

from app.crm import changes, customization
from app.crm.demo import data
from app.crm.schema import record_tables, users
from app.shared.contract import ChangeSet, Operation, Principal, StoredChangeSet
from app.shared.db import Database, text_key
from app.shared.errors import Conflict
from app.shared.types import utc_now

GUIDE = "guide"  # of the settings: how far the first run is, and the demo while it is there


def is_empty(database: Database) -> bool:
    """Whether there are no records at all, the trash included."""
    with database.read() as connection:
        return not any(connection.scalar(select(exists().select_from(table))) for table in record_tables.values())


def load(database: Database, principal: Principal) -> StoredChangeSet:
    """Create the demo's records. Its people of the team can't sign in. Raises Conflict where records exist."""
    if not is_empty(database):
        raise Conflict("There are records already; the demo data goes into an empty workspace only.")
    owners = _owners(database)
    today = utc_now().date()
    operations = (
        *_companies(owners),
        *_people(),
        *_deals(owners, today),
        *_activities(owners, today),
        *_notes(owners),
        *_tasks(owners, today),
    )
    loader = replace(principal, channel="system")  # who alone may say since when a deal has stood in its stage
    loaded = changes.apply(database, loader, ChangeSet(title="Demo data", operations=operations))
    with database.write() as connection:
        keep(connection, open=True, demo={"change_set": loaded.id, "users": people(connection)})
    return loaded


def kept(connection: Connection) -> dict[str, Any]:
    """What is remembered of the first run: {"open", "empty", "demo": {"change_set", "users"}}."""
    return dict(customization.setting(connection, GUIDE) or {})


def keep(connection: Connection, **news: Any) -> None:
    customization.set_setting(connection, GUIDE, kept(connection) | news)


def people(connection: Connection) -> list[int]:
    """The users whom the demo brought: they have its names, and no way to sign in."""
    named = (users.c.name.in_(data.USERS), users.c.email_key.is_(None), users.c.password_hash.is_(None))
    return list(connection.scalars(select(users.c.id).where(*named)))


def _owners(database: Database) -> list[int]:
    with database.write() as connection:
        return [
            connection.execute(
                insert(users).values(name=name, name_key=text_key(name), created_at=utc_now()).returning(users.c.id)
            ).scalar_one()
            for name in data.USERS
        ]


def _create(object: str, ref: str | None, **values: Any) -> Operation:
    kept = {name: value for name, value in values.items() if value not in ("", None)}
    return Operation(action="create", object=object, ref=ref, values=kept)


def _ref(kind: str, name: str | None) -> str | None:
    """A reference to a record of this set, by its name; the same words in both places."""
    return f"${_name(kind, name)}" if name else None


def _name(kind: str, name: str) -> str:
    """A name for a new record within the set: letters, digits and hyphens alone."""
    return f"{kind}-" + "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)


def _day(today: date, days: int) -> str:
    return (today + timedelta(days=days)).isoformat()


def _moment(today: date, days: int, hour: int = 9) -> str:
    return datetime.combine(today + timedelta(days=days), time(hour), UTC).isoformat()


def _companies(owners: list[int]) -> list[Operation]:
    return [
        _create(
            "companies", _name("company", name), name=name, industry=industry, city=city, country=country,
            employees=employees, annual_revenue=revenue, currency=currency, website=website, owner=owners[owner],
            tags=list(tags), description=text, parent=_ref("company", data.PARENTS.get(name)),
        )
        for name, industry, city, country, employees, revenue, currency, website, owner, tags, text in data.COMPANIES
    ]  # fmt: skip


def _people() -> list[Operation]:
    return [
        _create("people", _name("person", name), name=name, company=_ref("company", company), title=title, email=email)
        for name, company, title, email in data.PEOPLE
    ]


def _deals(owners: list[int], today: date) -> list[Operation]:
    return [
        _create(
            "deals", _name("deal", name), name=name, company=_ref("company", company), person=_ref("person", person),
            stage=stage, amount=amount, close_date=_day(today, day), owner=owners[owner], lost_reason=reason,
            stage_changed_at=_since(today, name, stage, day),
        )
        for name, company, person, stage, amount, day, owner, reason in data.DEALS
    ]  # fmt: skip


def _since(today: date, name: str, stage: str, day: int) -> str | None:
    """When a deal came into its stage: a closed one on its close date."""
    if stage in ("won", "lost"):
        return _moment(today, min(day, 0))
    return _moment(today, -data.STANDING[name]) if name in data.STANDING else None


def _activities(owners: list[int], today: date) -> list[Operation]:
    return [
        _create(
            "activities", None, name=subject, kind=kind, status=status, owner=owners[owner], body=text,
            date=_moment(today, day, hour),
            company=_ref("company", company), person=_ref("person", person), deal=_ref("deal", deal),
        )
        for kind, status, day, hour, company, person, deal, owner, subject, text in data.ACTIVITIES
    ]  # fmt: skip


def _notes(owners: list[int]) -> list[Operation]:
    return [
        _create(
            "notes", None, name=title, body=text, owner=owners[author],
            company=_ref("company", company), person=_ref("person", person), deal=_ref("deal", deal),
        )
        for company, person, deal, author, title, text in data.NOTES
    ]  # fmt: skip


def _tasks(owners: list[int], today: date) -> list[Operation]:
    return [
        _create(
            "tasks", None, name=title, due_date=_day(today, day), priority=priority, owner=owners[owner], done=done,
            company=_ref("company", company), deal=_ref("deal", deal),
        )
        for title, day, priority, company, deal, owner, done in data.TASKS
    ]  # fmt: skip
