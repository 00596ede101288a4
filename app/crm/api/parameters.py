"""The query parameters of lists, as the OpenAPI document describes them."""

from collections.abc import Iterator
from typing import Any, get_args

from app.crm.api import schemas
from app.crm.api.shapes import Schema
from app.shared.contract import Bucket, FieldSpec, ObjectSpec

_EMPTY: Schema = {"type": "string", "enum": ["", "null"]}
_COMPARED = ("number", "money", "date", "datetime")


def parameter(name: str, schema: Schema, description: str = "", place: str = "query", **more: Any) -> Schema:
    found = {"name": name, "in": place, "schema": schema, **more}
    return found | ({"description": description} if description else {})


LIMIT = parameter("limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50})
CURSOR = parameter("cursor", {"type": "string"}, "The `next_cursor` of the page before.")


def filters(spec: ObjectSpec) -> Iterator[Schema]:
    """Every field is a filter; further operators stand behind two underscores, paths over links behind dots."""
    yield parameter("q", {"type": "string"}, "Full text.")
    names = [field.name for field in spec.fields if field.type not in ("tags", "long_text", "multi_select")]
    signed = [f"{sign}{name}" for name in names for sign in ("", "-")]
    yield list_parameter("sort", signed, "`-` before a field: descending.")
    yield list_parameter(
        "fields", [field.name for field in spec.fields], "What to return; paths as `company.name` too."
    )
    yield LIMIT
    yield CURSOR
    yield parameter("trashed", {"anyOf": [{"type": "boolean"}, _EMPTY]}, "The trash instead of the living records.")
    yield list_parameter("group_by", list(_groupable(spec)), "Dates by a bucket; paths as `company.industry` too.")
    yield list_parameter("measure", list(_measures(spec)), "What to say of each group.")
    where = {
        "type": "object",
        "properties": {"field": {"enum": names}, "op": {"const": "empty"}, "value": {"type": "boolean"}},
        "required": ["field", "op", "value"],
        "additionalProperties": False,
    }
    yield {
        "name": "where",
        "in": "query",
        "description": "Any filter that POST /query takes, as JSON, for what these parameters can't say.",
        "content": {"application/json": {"schema": where}},
    }
    for field in spec.fields:
        yield from _fieldfilters(field)


def _groupable(spec: ObjectSpec) -> Iterator[str]:
    for field in spec.fields:
        if field.type in ("date", "datetime"):
            yield from (f"{field.name}:{bucket}" for bucket in get_args(Bucket))
        elif field.type not in ("tags", "long_text", "multi_select", "money", "number"):
            yield field.name


def _measures(spec: ObjectSpec) -> Iterator[str]:
    yield "count"
    for field in spec.fields:
        if field.type in ("money", "number"):
            yield from (f"{name}:{field.name}" for name in ("sum", "avg", "min", "max"))


def list_parameter(name: str, values: list[str], description: str) -> Schema:
    schema = {"type": "array", "items": {"type": "string", "enum": [*values, ""]}, "minItems": 1}
    return parameter(name, schema, description, style="form", explode=False)


def _fieldfilters(field: FieldSpec) -> Iterator[Schema]:
    schema = schemas.filter_schema(field)
    if schema is None:
        return
    yield parameter(field.name, schema if schema == {"type": "string"} else {"anyOf": [schema, _EMPTY]})
    if field.type in _COMPARED:
        for op in ("gte", "lte"):
            yield parameter(f"{field.name}__{op}", schema)
    yield parameter(f"{field.name}__empty", {"type": ["boolean", "null"]})
