"""Settings: tags."""

from typing import Any

from flask import Response, render_template, request
from sqlalchemy import Connection

from app.crm import customtags
from app.crm.objects import BUILT_IN
from app.crm.pages import queries, shaping
from app.crm.pages.reader import reading
from app.crm.pages.shaping import NOTHING, Refused
from app.crm.web import principal
from app.shared.errors import NotFound

HOME = "/settings/tags"


def _uses(tag: customtags.Tag) -> list[tuple[str, int, str]]:
    """(object, count, the list's address) of the records that have a tag."""
    return [
        (
            BUILT_IN[object].label_one if count == 1 else BUILT_IN[object].label,
            count,
            queries.url(queries.of(object, queries.eq("tags", tag.name))),
        )
        for object, count in sorted(tag.by_object.items())
        if object in BUILT_IN
    ]


def _show(refused: Refused = NOTHING) -> str:
    with reading() as reader:
        tags = customtags.stored_tags(reader.connection, reader.principal)
    rows: list[dict[str, Any]] = [{"tag": tag, "uses": _uses(tag)} for tag in tags]
    return render_template("settings/tags.html", rows=rows, refused=refused, form=request.form)


def listing() -> str:
    """GET /settings/tags."""
    shaping.admin()
    return _show()


def rename(id: int) -> Response | str:
    """POST /settings/tags/<id>: another name. Where another tag has it, whether to join both is asked first."""
    shaping.admin()
    name, merge = request.form.get("name", ""), shaping.ticked("merge")
    with reading() as reader:
        twin = customtags.twin_of(reader.connection, id, name.strip())
        if twin and not merge:
            return _ask_to_join(customtags.tag_row(reader.connection, id).name, _found(reader.connection, id), twin)

    def step(connection: Connection) -> int | None:
        return customtags.rename_tag(connection, id, name, merge=merge, actor=principal())

    return shaping.take(step, HOME, _show, form=f"tag-{id}")


def _found(connection: Connection, id: int) -> customtags.Tag:
    tag = next((tag for tag in customtags.stored_tags(connection, principal()) if tag.id == id), None)
    if tag is None:
        raise NotFound(f"There is no tag {id}.")
    return tag


def _ask_to_join(name: str, tag: customtags.Tag, twin: Any) -> str:
    return render_template("settings/tag_join.html", name=name, tag=tag, twin=twin)


def ask_to_delete(id: int) -> str:
    """GET /settings/tags/<id>/delete."""
    shaping.admin()
    with reading() as reader:
        tag = _found(reader.connection, id)
    return render_template("settings/tag_delete.html", tag=tag, uses=_uses(tag))


def delete(id: int) -> Response:
    """POST /settings/tags/<id>/delete."""
    shaping.admin()
    return shaping.take(lambda connection: customtags.delete_tag(connection, id, actor=principal()), HOME, _show)
