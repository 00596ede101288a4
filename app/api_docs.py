"""One description of every route of both halves, and the page that shows it."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import __version__
from app.crm.port import Crm
from app.runtime import Half
from app.shared.assets import static_url

DESCRIPTION = "Parley's REST interface and its assistant. Send a token: `Authorization: Bearer pat_...`."
Document = dict[str, Any]


def document(app: FastAPI, crm: Crm, only: Half | None) -> Document:
    """The OpenAPI document: the host's and the assistant's routes, and the REST routes of the CRM half."""
    ours = get_openapi(title="Parley", version=__version__, description=DESCRIPTION, routes=app.routes)
    if only == "chatbot":
        return _with_security(ours)
    from app.crm.api import openapi

    return _with_security(merge(ours, openapi.document(crm.catalog())))


def merge(first: Document, second: Document) -> Document:
    """Both documents in one. Raises ValueError where both describe the same thing differently."""
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
    components = found.setdefault("components", {})
    components.setdefault("securitySchemes", {})["token"] = {"type": "http", "scheme": "bearer"}
    return {**found, "security": [{"token": []}]}


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Parley</title>
<link rel="stylesheet" href="{css}">
<div id="docs"></div>
<noscript>This page needs JavaScript. The same is at <a href="/openapi.json">/openapi.json</a>.</noscript>
<script src="{bundle}" defer></script>
<script src="{start}" defer></script>
</html>
"""


def page() -> str:
    """Swagger UI, from files that are served here."""
    return _PAGE.format(
        css=static_url("vendor/swagger-ui/swagger-ui.css"),
        bundle=static_url("vendor/swagger-ui/swagger-ui-bundle.js"),
        start=static_url("js/api-docs.js"),
    )
