"""Choosing a record by its name: search as you type, and the same by a plain text field without scripts."""

from collections.abc import Sequence

from flask import render_template, request
from sqlalchemy import or_, select

from app.crm import schema
from app.crm.pages.reader import Reader, reading
from app.crm.query import visible
from app.crm.schema import TABLES
from app.shared.db import text_key
from app.shared.errors import NotFound

Named = tuple[int, str]
_SHOWN = 8


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def matches(reader: Reader, object: str, text: str, limit: int = _SHOWN) -> Sequence[Named]:
    """Living records whose name starts with the text, or has a word that does; best first, in one statement."""
    table = TABLES[object]
    if "name_key" not in table.c:
        raise NotFound("There is nothing to choose from.")
    key = _escaped(text_key(text.strip()) or "")
    starts = table.c.name_key.like(f"{key}%", escape="\\")
    wanted = or_(starts, table.c.name_key.like(f"% {key}%", escape="\\"))
    statement = (
        select(table.c.id, table.c.name)
        .where(wanted, visible(reader.principal, object), table.c.name.is_not(None))
        .order_by(starts.desc(), table.c.name_key, table.c.id)
        .limit(limit)
    )
    if "trashed_at" in table.c:
        statement = statement.where(table.c.trashed_at.is_(None))
    return [(row.id, row.name) for row in reader.connection.execute(statement)]


def tags(reader: Reader, text: str) -> Sequence[Named]:
    """The tags that exist whose name has a word that starts with the text."""
    key, name = _escaped(text_key(text.strip()) or ""), schema.tags.c.name_key
    wanted = or_(name.like(f"{key}%", escape="\\"), name.like(f"% {key}%", escape="\\"))
    found = select(schema.tags.c.id, schema.tags.c.name).where(wanted).order_by(name).limit(_SHOWN)
    return [(row.id, row.name) for row in reader.connection.execute(found)]


def new_tag(reader: Reader, text: str) -> str:
    """The name of the tag that this would make; "" where there is one of that name."""
    name = " ".join(text.split())
    found = select(schema.tags.c.id).where(schema.tags.c.name_key == text_key(name))
    return name if name and reader.connection.scalar(found) is None else ""


def by_name(reader: Reader, object: str, name: str, limit: int = 5) -> Sequence[Named]:
    """The living records that are called exactly this, whatever the case."""
    table = TABLES[object]
    statement = select(table.c.id, table.c.name).where(
        table.c.name_key == text_key(name.strip()), visible(reader.principal, object)
    )
    if "trashed_at" in table.c:
        statement = statement.where(table.c.trashed_at.is_(None))
    return [(row.id, row.name) for row in reader.connection.execute(statement.order_by(table.c.id).limit(limit))]


def options(object: str) -> str:
    """GET /pick/<object>?q=: matches as options of a list box. Tags are chosen by their names, with `new` made too."""
    with reading() as reader:
        if object == "tags":
            text = request.args.get("q", "")
            new = new_tag(reader, text) if "new" in request.args else ""
            return render_template("_options.html", found=tags(reader, text), object=object, new=new)
        if object not in reader.catalog.objects:
            raise NotFound("There is nothing to choose from.")
        found = matches(reader, object, request.args.get("q", ""))
    return render_template("_options.html", found=found, object=object)
