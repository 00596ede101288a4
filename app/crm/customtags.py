"""Tags, as admins tidy them up: rename, join one with another, delete.

A new name is a tag's own affair. Joining and deleting change what records hold, so they are change sets: the timeline
shows them, and Undo brings the tag back.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from app.crm import catalog
from app.crm.changes.formats import Refused
from app.crm.changes.formats import text as checked_text
from app.crm.changes.values import TAG_LENGTH
from app.crm.customnames import bad, log, only_admins
from app.crm.query.visibility import visible
from app.crm.schema import TABLES, taggings, tags
from app.shared.contract import SYSTEM, ChangeSet, Operation, Principal
from app.shared.db import text_key
from app.shared.errors import NotFound

MOST_CHANGED = 100_000  # records that one change set can hold


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, and how many living records that the asking user may see have it: in all, and of each object."""

    id: int
    name: str
    count: int
    by_object: dict[str, int]


def stored_tags(connection: Connection, principal: Principal) -> list[Tag]:
    """Every tag by its name; one statement for each object that has tags."""
    counts: dict[int, dict[str, int]] = {}
    for object in connection.execute(select(taggings.c.object).distinct()).scalars().all():
        for tag, count in connection.execute(_counted(principal, object)):
            counts.setdefault(tag, {})[object] = count
    rows = connection.execute(select(tags.c.id, tags.c.name).order_by(tags.c.name_key))
    return [Tag(row.id, row.name, sum(counts.get(row.id, {}).values()), counts.get(row.id, {})) for row in rows]


def _counted(principal: Principal, object: str) -> Any:
    table = TABLES[object]
    return (
        select(taggings.c.tag_id, func.count())
        .join(table, table.c.id == taggings.c.record_id)
        .where(taggings.c.object == object, table.c.trashed_at.is_(None), visible(principal, object))
        .group_by(taggings.c.tag_id)
    )


def tag_row(connection: Connection, id: int) -> Row[Any]:
    row = connection.execute(select(tags).where(tags.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no tag {id}.")
    return row


def checked_tag(name: str) -> str:
    try:
        found = checked_text(name)
    except Refused as problem:
        raise bad("name", str(problem)) from None
    if not 0 < len(found) <= TAG_LENGTH or "," in found:
        raise bad("name", f"Expected a name of 1 to {TAG_LENGTH} characters, without commas.")
    return found


def twin_of(connection: Connection, id: int, name: str) -> Row[Any] | None:
    """The other tag that has this name already."""
    wanted = select(tags).where(tags.c.name_key == text_key(name), tags.c.id != id)
    return connection.execute(wanted).one_or_none()


def rename_tag(
    connection: Connection, id: int, name: str, *, merge: bool = False, actor: Principal = SYSTEM
) -> int | None:
    """Another name. Where another tag has it: Invalid, or with `merge` both become that one.

    Then the id of the change set comes back that gave the records the other tag, to be announced after the commit.
    """
    only_admins(actor)
    row, name = tag_row(connection, id), checked_tag(name)
    twin = twin_of(connection, id, name)
    if twin is None:
        if name != row.name:
            connection.execute(update(tags).where(tags.c.id == id).values(name=name, name_key=text_key(name)))
            catalog.bump(connection)
            log(connection, actor, "tag.renamed", was=row.name, now=name)
        return None
    if not merge:
        raise bad("name", f"There is a tag {twin.name} already. Join both, or choose another name.", existing=twin.id)
    moved = _replace(connection, row, twin.name, f"Tag {row.name} joined with {twin.name}", actor)
    log(connection, actor, "tag.merged", was=row.name, now=twin.name)
    return moved


def delete_tag(connection: Connection, id: int, *, actor: Principal = SYSTEM) -> int | None:
    """Take the tag off every record and forget it; the change set's id, None where no record had it."""
    only_admins(actor)
    row = tag_row(connection, id)
    moved = _replace(connection, row, None, f"Tag {row.name} deleted", actor)
    log(connection, actor, "tag.deleted", tag=row.name)
    return moved


def _replace(connection: Connection, row: Row[Any], by: str | None, title: str, actor: Principal) -> int | None:
    """Give the records that have a tag another in its place, or none, and drop the tag."""
    from app.crm.changes import apply_within

    operations = _operations(connection, row, by)
    if len(operations) > MOST_CHANGED:
        raise bad("tag", f"{len(operations):,} records have it; at most {MOST_CHANGED:,} change at once.")
    made = None
    if operations:
        changes = ChangeSet.model_construct(title=title, operations=tuple(operations))
        made = apply_within(connection, actor, changes).id
    connection.execute(delete(taggings).where(taggings.c.tag_id == row.id))  # of records in the trash
    connection.execute(delete(tags).where(tags.c.id == row.id))
    catalog.bump(connection)
    return made


def _operations(connection: Connection, row: Row[Any], by: str | None) -> list[Operation]:
    found: list[Operation] = []
    objects = select(taggings.c.object).where(taggings.c.tag_id == row.id).distinct()
    for object in sorted(connection.execute(objects).scalars()):
        for id, names in _names(connection, object, row.id).items():
            kept = [name for name in names if text_key(name) != row.name_key]
            values: dict[str, Any] = {"tags": list(dict.fromkeys([*kept, by] if by else kept))}
            found.append(Operation.model_construct(action="update", object=object, id=id, values=values))
    return found


def _names(connection: Connection, object: str, tag: int) -> dict[int, list[str]]:
    """The tags of every living record that has this one."""
    table, mine = TABLES[object], taggings.alias("mine")
    statement = (
        select(taggings.c.record_id, tags.c.name)
        .join(mine, (mine.c.object == taggings.c.object) & (mine.c.record_id == taggings.c.record_id))
        .join(tags, tags.c.id == taggings.c.tag_id)
        .join(table, table.c.id == taggings.c.record_id)
        .where(taggings.c.object == object, mine.c.tag_id == tag, table.c.trashed_at.is_(None))
        .order_by(taggings.c.record_id, tags.c.name_key)
    )
    found: dict[int, list[str]] = {}
    for id, name in connection.execute(statement):
        found.setdefault(id, []).append(name)
    return found
