"""The part of the OpenAPI document that files have to themselves: they come as forms, and go as bytes."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from app.crm.api import schemas
from app.crm.api.shapes import Schema
from app.shared.contract import FieldSpec, ObjectSpec

_CONTENT: Schema = {
    "200": {
        "description": "The bytes, as a download; `Range` and `If-None-Match` are honoured.",
        "headers": {name: {"schema": {"type": "string"}, "required": True} for name in ("Content-Disposition", "ETag")},
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    },
    "206": {
        "description": "The part of it that was asked for.",
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
    },
    "304": {"description": "It is the one that you have."},
    "416": {"description": "There is no such part.", "content": {"text/plain": {"schema": {"type": "string"}}}},
}


def upload(operation: Callable[..., Schema], pieces: SimpleNamespace, spec: ObjectSpec, created: Schema) -> Schema:
    """POST /api/v1/files."""
    properties = {field.name: _in_form(field) for field in spec.fields if not field.read_only}
    file = {"type": "string", "format": "binary", "description": "The file; its name is the record's where none is."}
    body = {"type": "object", "properties": {"file": file, **properties}, "required": ["file"]}
    return operation(
        "create_file", spec.name, "Upload a file",
        pieces.responses({"201": created}, "400", "409", "413", "415"), pieces.key,
        requestBody={"required": True, "content": {"multipart/form-data": {"schema": body}}},
    )  # fmt: skip


def _in_form(field: FieldSpec) -> Schema:
    """A form knows texts alone: a link is an id, tags stand between commas."""
    if field.type == "tags":
        return {"type": "string", "title": field.label, "description": "Separated by commas."}
    return schemas.sent(field)


def paths(operation: Callable[..., Schema], pieces: SimpleNamespace) -> dict[str, Any]:
    content = operation(
        "download_file", "files", "The bytes of a file", pieces.responses(_CONTENT, "404"), pieces.id
    )  # fmt: skip
    return {"/api/v1/files/{id}/content": {"get": content}}
