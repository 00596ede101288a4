"""The part of the OpenAPI document that is about users and teams, which are looked at alone."""

from collections.abc import Callable
from typing import Any

from app.crm.api import schemas
from app.crm.api.parameters import filters
from app.crm.api.shapes import Schema, ref
from app.shared.contract import Catalog

_FOR_ADMINS: dict[str, Schema] = {
    "role": {"type": "string", "enum": ["admin", "member", "viewer"], "description": "Told to admins."},
    "state": {
        "type": "string",
        "enum": ["active", "deactivated", "uninvited"],
        "description": "Told to admins. Uninvited: has no password yet.",
    },
}


def described(found: dict[str, Schema]) -> dict[str, Schema]:
    """The schemas, with what admins are told of users besides."""
    user = found["User"]
    return found | {"User": {**user, "properties": {**user["properties"], **_FOR_ADMINS}}}


def paths(operation: Callable[..., Schema], pieces: Any, catalog: Catalog) -> dict[str, Schema]:
    """The routes; `operation` and `pieces` are what the rest of the document is made of."""
    made: dict[str, Schema] = {}
    for name in ("users", "teams"):
        spec = catalog[name]
        kind, one = schemas.type_name(spec), spec.label_one.lower()
        listed = {
            "description": f"{spec.label}; groups of them where `group_by` or `measure` is given.",
            "content": {"application/json": {"schema": {"anyOf": [ref(f"{kind}List"), ref("Groups")]}}},
        }
        listing = operation(
            f"list_{name}", "administration", f"List {name}", pieces.responses({"200": listed}, "400"), *filters(spec)
        )
        answer = pieces.responses({"200": pieces.answer(kind, f"The {one}.")}, "404")
        made[f"/api/v1/{name}"] = {"get": listing}
        made[f"/api/v1/{name}/{{id}}"] = {
            "get": operation(f"get_{spec.singular}", "administration", f"A {one}", answer, pieces.id)
        }
    return made
