"""Tags over REST: what there is, another name, joining two, deleting one."""

from typing import Any

from flask import Response
from sqlalchemy import Connection

from app.crm import changes, customtags, web
from app.crm.api import bodies, params, shaping
from app.shared.contract import Model


class TagChange(Model):
    name: str
    merge: bool = False


def listing() -> Response:
    """GET /tags: by name, with how many records have each."""
    params.only()
    found = shaping.read(lambda connection: customtags.stored_tags(connection, web.principal()))
    return shaping.listed([{"id": tag.id, "name": tag.name, "count": tag.count} for tag in found])


def change(id: int) -> Response:
    """PATCH /tags/<id>: another name; with `merge` the name of another tag, which both become."""
    params.only()
    wanted, actor = bodies.model(TagChange, bodies.json_object()), web.principal()

    def step(connection: Connection) -> tuple[dict[str, Any], int | None]:
        twin = customtags.twin_of(connection, id, wanted.name)
        moved = customtags.rename_tag(connection, id, wanted.name, merge=wanted.merge, actor=actor)
        row = customtags.tag_row(connection, twin.id if twin else id)
        return {"id": row.id, "name": row.name}, moved

    found, moved = shaping.write(step)
    return shaping.changed(found, moved)


def delete(id: int) -> Response:
    params.only()
    moved = shaping.write(lambda connection: customtags.delete_tag(connection, id, actor=web.principal()))
    if moved is not None:
        changes.announce(moved)
    return Response(status=204)
