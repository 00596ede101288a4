"""What the routes share that shape the workspace: everybody reads how it is shaped, admins change it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, jsonify
from sqlalchemy import Connection

from app.crm import changes, web

Done = TypeVar("Done")
MOST_PLACES = 1000


def write(step: Callable[[Connection], Done]) -> Done:
    with web.services().database.write() as connection:
        return step(connection)


def read(step: Callable[[Connection], Done]) -> Done:
    with web.services().database.read() as connection:
        return step(connection)


def listed(items: list[dict[str, Any]]) -> Response:
    return jsonify({"items": items, "next_cursor": None, "total": len(items)})


def created(body: dict[str, Any], collection: str) -> Response:
    response = jsonify(body)
    response.status_code = 201
    response.headers["Location"] = f"/api/v1/{collection}/{body['id']}"
    return response


def changed(body: dict[str, Any], change_set: int | None) -> Response:
    """The answer, with the change set that moved or retagged records, where one did."""
    if change_set is None:
        return jsonify(body)
    changes.announce(change_set)
    return jsonify(body | {"change_set": change_set})
