"""Rows written directly, as the write door would write them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from app.crm import catalog
from app.crm.schema import (
    KEYED_TYPES,
    TABLES,
    custom_fields,
    search_documents,
    settings,
    stages,
    taggings,
    tags,
)
from app.crm.terms import terms
from app.shared.db import text_key
from app.shared.types import utc_now

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


def add(connection: Connection, object: str, *, tagged: tuple[str, ...] = (), **values: Any) -> int:
    """A record's row with its keys; links by their id. Answers the id."""
    table = TABLES[object]
    row: dict[str, Any] = {name: LONG_AGO for name in ("created_at", "updated_at") if name in table.c}
    for name, value in values.items():
        row[name if name in table.c else f"{name}_id"] = value
        if f"{name}_key" in table.c:
            row[f"{name}_key"] = text_key(value)
    found = connection.execute(insert(table).values(**row).returning(table.c.id)).scalar_one()
    for name in tagged:
        connection.execute(insert(taggings).values(object=object, record_id=found, tag_id=tag(connection, name)))
    return int(found)


def tag(connection: Connection, name: str) -> int:
    known = connection.scalar(select(tags.c.id).where(tags.c.name_key == text_key(name)))
    statement = insert(tags).values(name=name, name_key=text_key(name)).returning(tags.c.id)
    return int(known or connection.execute(statement).scalar_one())


def stage(connection: Connection, key: str) -> int:
    return int(connection.execute(select(stages.c.id).where(stages.c.key == key)).scalar_one())


def custom_field(connection: Connection, object: str, name: str, type: str, **values: Any) -> str:
    """A new custom field; the name under which its values are stored."""
    row = {"object": object, "name": name, "label": name.capitalize(), "type": type, "position": 1}
    statement = insert(custom_fields).values(created_at=utc_now(), **row, **values).returning(custom_fields.c.id)
    found = connection.execute(statement).scalar_one()
    catalog.bump(connection)
    return f"f{found}"


def custom(name: str, value: Any, type: str = "text") -> dict[str, Any]:
    """The JSON column with one value in it."""
    return {name: value} | ({f"{name}k": text_key(value)} if type in KEYED_TYPES else {})


def rule(connection: Connection, object: str, who: str) -> None:
    connection.execute(insert(settings).values(key=f"visibility.{object}", value=who))


def document(connection: Connection, object: str, id: int, title: str, body: str = "") -> None:
    row = {"object": object, "record_id": id, "title": title, "body": body, "seq": 1}
    indexed = {"title_terms": terms(title), "body_terms": terms(body)}
    connection.execute(insert(search_documents).values(**row, **indexed))
