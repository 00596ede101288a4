"""The workspace's own words over REST: what there is, a new one, one less."""

from typing import Any

from flask import Response
from sqlalchemy import Connection

from app.crm import catalog, spoken, synonyms, web
from app.crm.api import bodies, params, shaping
from app.crm.api.idempotency import idempotent
from app.shared.contract import Model


class NewSynonym(Model):
    word: str
    target: str


def listing() -> Response:
    """GET /synonyms: by what they stand for."""
    params.only()

    def step(connection: Connection) -> list[dict[str, Any]]:
        found = catalog.load(connection)
        return [_json(connection, found, row) for row in spoken.stored(connection)]

    return shaping.listed(shaping.read(step))


def _json(connection: Connection, found: Any, row: Any) -> dict[str, Any]:
    label = synonyms.label(connection, found, spoken.target(row.target))
    return {"id": row.id, "word": row.word, "target": row.target, "label": label}


@idempotent
def create() -> Response:
    """POST /synonyms: a word for an object, a field, an option, a stage, a user, a team or a pipeline."""
    params.only()
    wanted, actor = bodies.model(NewSynonym, bodies.json_object()), web.principal()

    def step(connection: Connection) -> dict[str, Any]:
        found = catalog.load(connection)
        return _json(connection, found, synonyms.add(connection, found, wanted.target, wanted.word, actor=actor))

    return shaping.created(shaping.write(step), "synonyms")


def delete(id: int) -> Response:
    params.only()
    shaping.write(lambda connection: synonyms.remove(connection, id, actor=web.principal()))
    return Response(status=204)
