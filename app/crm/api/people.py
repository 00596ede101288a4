"""Users and teams, to look at: through the read door, with the same filters, sorting and paging as records.

Admins are told each user's role and state as well. Users are changed by a person on the settings' pages alone.
"""

from typing import Any

from flask import Response, jsonify, request
from sqlalchemy import select

from app.crm import query as door
from app.crm import web
from app.crm.accounts.users import state
from app.crm.api import answers, bodies
from app.crm.api.params import only
from app.crm.schema import users as table
from app.shared.contract import Page


def users() -> Response:
    """GET /api/v1/users."""
    return _listing("users")


def teams() -> Response:
    """GET /api/v1/teams."""
    return _listing("teams")


def user(id: int) -> Response:
    """GET /api/v1/users/<id>."""
    return _show("users", id)


def team(id: int) -> Response:
    """GET /api/v1/teams/<id>."""
    return _show("teams", id)


def _listing(object: str) -> Response:
    for name, value in request.args.items(multi=True):
        bodies.check_text(name, "parameter")
        bodies.check_text(value, name)
    asked = door.from_params(object, request.args.items(multi=True))
    found = web.services().crm.query(web.principal(), asked)
    body = answers.answer(found)
    if object == "users" and isinstance(found, Page):
        _tell_admins(body["items"])
    return jsonify(body)


def _show(object: str, id: int) -> Response:
    only()
    found = web.services().crm.get(web.principal(), object, id)
    body = answers.record(found)
    if object == "users":
        _tell_admins([body])
    return jsonify(body)


def _tell_admins(items: list[dict[str, Any]]) -> None:
    """Role and state beside each user, where an admin asks; one statement."""
    if not web.principal().is_admin or not items:
        return
    with web.services().database.read() as connection:
        wanted = select(table).where(table.c.id.in_([item["id"] for item in items]))
        rows = {row.id: row for row in connection.execute(wanted)}
    for item in items:
        if row := rows.get(item["id"]):
            item |= {"role": row.role, "state": state(row)}
