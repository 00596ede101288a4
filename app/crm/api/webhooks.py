"""Webhooks over REST, for admins alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, current_app, jsonify
from sqlalchemy import Connection, Row

from app.crm import web
from app.crm.api import bodies, params, shaping
from app.crm.api.idempotency import idempotent
from app.crm.hooks import signing, webhooks
from app.shared.contract import Model
from app.shared.values import as_json

_SHOWN = (
    "id", "url", "description", "objects", "actions", "active", "off_reason", "failing_since", "pending", "created_at",
)  # fmt: skip
_DELIVERY = (
    "id", "message_id", "type", "change_set_id", "count", "state", "attempts", "created_at", "attempted_at", "next_at",
    "response_status", "milliseconds", "error",
)  # fmt: skip


class NewWebhook(Model):
    url: str
    description: str = ""
    objects: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    active: bool = True


class WebhookChange(Model):
    url: str | None = None
    description: str | None = None
    objects: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None
    active: bool | None = None


def _body(row: Row[Any]) -> dict[str, Any]:
    found = {name: as_json(row._mapping[name]) for name in _SHOWN}
    return found | {"created_by": {"object": "users", "id": row.created_by_id, "label": row.maker}}


def _delivery(row: Row[Any]) -> dict[str, Any]:
    return {name: as_json(row._mapping[name]) for name in _DELIVERY}


def _with_secret(view: Callable[..., Response]) -> Callable[..., Response]:
    """Put the secret into the answer as it leaves: what `Idempotency-Key` keeps for a repetition doesn't hold it."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Response:
        response = view(*args, **kwargs)
        body = response.get_json(silent=True)
        if response.status_code < 400 and isinstance(body, dict):
            row = shaping.read(lambda connection: webhooks.get(connection, body["id"]))
            response.set_data(jsonify(body | {"secret": signing.secret(web.services().settings, row.salt)}).data)
        return response

    return wrapped


def listing() -> Response:
    params.only()
    return shaping.listed([_body(row) for row in shaping.read(webhooks.listing)])


@_with_secret
@idempotent
def create() -> Response:
    params.only()
    given = bodies.model(NewWebhook, bodies.json_object())
    wanted = webhooks.Wanted(**dict(given))

    def step(connection: Connection) -> Row[Any]:
        return webhooks.create(connection, web.services().settings, web.principal(), wanted)[0]

    return shaping.created(_body(shaping.write(step)), "webhooks")


def show(id: int) -> Response:
    params.only()
    return jsonify(_body(shaping.read(lambda connection: webhooks.get(connection, id))))


def change(id: int) -> Response:
    """PATCH: what isn't named stays as it is."""
    params.only()
    given = bodies.model(WebhookChange, bodies.json_object())

    def step(connection: Connection) -> Row[Any]:
        row = webhooks.get(connection, id)
        stored = {name: row._mapping[name] for name in NewWebhook.model_fields}
        named = {name: value for name, value in given if value is not None}
        wanted = webhooks.Wanted(**stored | named)
        return webhooks.change(connection, web.services().settings, web.principal(), id, wanted)

    return jsonify(_body(shaping.write(step)))


def delete(id: int) -> Response:
    params.only()
    shaping.write(lambda connection: webhooks.remove(connection, web.principal(), id))
    return Response(status=204)


@_with_secret
@idempotent
def renew(id: int) -> Response:
    """A new secret."""
    _no_body()
    shaping.write(lambda connection: webhooks.renew(connection, web.services().settings, web.principal(), id))
    return show(id)


@idempotent
def test(id: int) -> Response:
    _no_body()
    return _queued(shaping.write(lambda connection: webhooks.test(connection, id)))


def deliveries(id: int) -> Response:
    given = params.only("limit", "cursor")
    limit = params.whole(given, "limit", 50, 1000)
    before = params.cursor(given)
    found = shaping.read(lambda connection: webhooks.sent(connection, id, limit + 1, before))
    total = shaping.read(lambda connection: webhooks.count(connection, id))
    following = str(found[limit - 1].id) if len(found) > limit else None
    return jsonify({"items": [_delivery(row) for row in found[:limit]], "next_cursor": following, "total": total})


@idempotent
def again(id: int, delivery: int) -> Response:
    _no_body()
    return _queued(shaping.write(lambda connection: webhooks.again(connection, id, delivery)))


def _no_body() -> None:
    params.only()
    bodies.only(bodies.json_object(optional=True))


def _queued(row: Row[Any]) -> Response:
    """A delivery that is sent now."""
    if hooks := current_app.extensions.get("parley.hooks"):
        hooks.notify()
    return jsonify(_delivery(row))
