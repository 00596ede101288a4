"""One description of every route of both halves: as an OpenAPI document, and as a page made from it."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import __version__
from app.crm.port import Crm
from app.runtime import Half

DESCRIPTION = (
    "Records over REST, and the assistant over JSON, server-sent events and a WebSocket. "
    "Send a token with each request: Authorization: Bearer pat_..."
)
Document = dict[str, Any]


def document(app: FastAPI, crm: Crm, only: Half | None) -> Document:
    """The OpenAPI document: the host's and the assistant's routes, and the REST routes of the CRM half."""
    ours = _with_problems(get_openapi(title="Parley", version=__version__, description=DESCRIPTION, routes=app.routes))
    if only == "chatbot":
        return _with_security(ours)
    from app.crm.api.openapi import document as of_rest

    return _with_security(merge(ours, of_rest(crm.catalog())))


_PROBLEM: Document = {
    "description": "Why not, as problem details (RFC 9457).",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "instance": {"type": "string"},
                    "errors": {"type": "array", "items": {"type": "object"}},
                },
            }
        }
    },
}


def _with_problems(ours: Document) -> Document:
    """Every refusal of the host and the assistant is problem details, whatever FastAPI thinks of its own errors."""
    for methods in ours.get("paths", {}).values():
        for operation in methods.values():
            responses = operation["responses"]
            for status in [status for status in responses if status.startswith("4")]:
                said = responses[status].get("description") if status != "422" else None
                responses[status] = {**_PROBLEM, **({"description": said} if said else {})}
            responses["default"] = _PROBLEM
    return ours


def merge(first: Document, second: Document) -> Document:
    """Both documents in one. Raises ValueError where both describe the same thing, and not alike."""
    merged = {**first, "paths": _joined("path", first.get("paths", {}), second.get("paths", {}))}
    merged["tags"] = [*first.get("tags", []), *second.get("tags", [])]
    components: Document = dict(first.get("components", {}))
    for kind, items in second.get("components", {}).items():
        components[kind] = _joined(kind, components.get(kind, {}), items)
    return {**merged, "components": components}


def _joined(kind: str, first: Document, second: Document) -> Document:
    for name in first.keys() & second.keys():
        if first[name] != second[name]:
            raise ValueError(f"both halves describe the {kind} {name!r}, and not alike")
    return {**first, **second}


def _with_security(found: Document) -> Document:
    """A bearer token for every route, unless the route says otherwise."""
    components = found.setdefault("components", {})
    components.setdefault("securitySchemes", {}).setdefault("token", {"type": "http", "scheme": "bearer"})
    return {"security": [{"token": []}], **found}
