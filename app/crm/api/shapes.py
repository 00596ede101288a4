"""The shapes of answers that are the same for every object, as JSON Schema."""

from copy import deepcopy
from typing import Any

Schema = dict[str, Any]
TEMPLATE = "#/components/schemas/{model}"
ID: Schema = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}


def ref(name: str) -> Schema:
    return {"$ref": TEMPLATE.format(model=name)}


def listed(item: Schema, **more: Schema) -> Schema:
    """A page of items, with further properties."""
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": item},
            "next_cursor": {"type": ["string", "null"]},
            "total": {"type": "integer", "minimum": 0, "description": "Exact up to 100,000."},
            "total_is_bound": {"type": "boolean", "description": "There are more than `total`."},
            **more,
        },
        "required": ["items", "next_cursor", "total"],
    }


_NULL_TIME: Schema = {"type": ["string", "null"], "format": "date-time"}
_NULL_ID: Schema = {"type": ["integer", "null"]}
_ANY_OBJECT: Schema = {"type": "object"}


def all_of_them() -> dict[str, Schema]:
    """A fresh copy of every shape."""
    return deepcopy(_SHAPES)


_SHAPES: dict[str, Schema] = {
    "Ref": {
        "type": "object",
        "description": "A link to a record or user, with the words to show for it.",
        "properties": {
            "object": {"type": "string"},
            "id": {"type": "integer"},
            "label": {"type": "string"},
            "url": {"type": "string"},
        },
        "required": ["object", "id", "label", "url"],
    },
    "ApiProblem": {
        "type": "object",
        "description": "Problem details (RFC 9457). `errors` names every bad field; a conflict shows both sides.",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                    "required": ["field", "message"],
                },
            },
            "yours": {"type": "object"},
            "theirs": {"type": "object"},
        },
        "required": ["type", "title", "status", "detail"],
    },
    "GroupRow": {
        "type": "object",
        "properties": {"keys": {"type": "object"}, "measures": {"type": "object"}},
        "required": ["keys", "measures"],
    },
    "Rate": {
        "type": "object",
        "description": "What one unit of `currency` was worth in `to` from `day` on.",
        "properties": {
            "currency": {"type": "string"},
            "to": {"type": "string"},
            "rate": {"type": "string"},
            "day": {"type": "string", "format": "date"},
        },
        "required": ["currency", "to", "rate", "day"],
    },
    "Groups": listed(
        ref("GroupRow"),
        totals={"type": "object", "description": "The measures over all rows of the groups."},
        rates={"type": "array", "items": ref("Rate"), "description": "Where amounts were converted: by which rates."},
    ),
    "Hit": {
        "type": "object",
        "properties": {
            "object": {"type": "string"},
            "id": ID,
            "label": {"type": "string"},
            "url": {"type": "string"},
            "snippet": {"type": "string"},
            "matches": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
            "score": {"type": "number"},
            "date": _NULL_TIME,
        },
        "required": ["object", "id", "label", "url", "snippet", "score"],
    },
    "Hits": listed(ref("Hit")),
    "StoredChangeSet": {
        "type": "object",
        "properties": {
            "id": ID,
            "state": {"type": "string", "enum": ["proposed", "applied", "rejected", "expired", "undone"]},
            "title": {"type": "string"},
            "author": {"type": "string"},
            "author_id": _NULL_ID,
            "channel": {"type": "string"},
            "created_at": {"type": "string", "format": "date-time"},
            "applied_at": _NULL_TIME,
            "expires_at": _NULL_TIME,
            "undoes": _NULL_ID,
            "undone_by": _NULL_ID,
            "count": {"type": "integer", "minimum": 0},
            "operations": {"type": "array", "items": _ANY_OBJECT},
            "records": {"type": "array", "items": ref("Ref")},
            "changes": {"type": "array", "items": _ANY_OBJECT},
        },
        "required": ["id", "state", "title", "author", "channel", "created_at", "count", "operations", "records"],
    },
    "ChangeSetList": listed(ref("StoredChangeSet")),
    "ImportRun": {
        "type": "object",
        "properties": {
            "id": ID,
            "state": {"type": "string", "enum": ["queued", "running", "done", "failed", "canceled"]},
            "object": {"type": "string"},
            "file_name": {"type": "string"},
            "options": _ANY_OBJECT,
            "progress": {"type": ["object", "null"], "description": "what, done and total, while it runs."},
            "report": {"type": ["object", "null"]},
            "created_at": {"type": "string", "format": "date-time"},
            "finished_at": _NULL_TIME,
            "errors_url": {"type": ["string", "null"], "description": "The rows that were not imported, as a file."},
        },
        "required": ["id", "state", "object", "file_name", "options", "created_at"],
    },
    "ImportList": listed(ref("ImportRun")),
    "Me": {
        "type": "object",
        "properties": {
            "id": _NULL_ID,
            "name": {"type": "string"},
            "email": {"type": ["string", "null"]},
            "role": {"type": "string", "enum": ["admin", "member", "viewer"]},
            "team_id": _NULL_ID,
            "scopes": {"type": "array", "items": {"type": "string"}},
            "can_write": {"type": "boolean"},
            "timezone": {"type": "string"},
            "locale": {"type": "string"},
        },
        "required": ["id", "name", "role", "scopes", "can_write"],
    },
}
