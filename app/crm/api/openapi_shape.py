"""The part of the OpenAPI document that is about administration: fields, pipelines, stages, tags; and the export."""

from collections.abc import Callable
from typing import Any

from app.crm.api import fields, pipelines, synonyms, tags
from app.crm.api.shapes import ID, TEMPLATE, Schema, listed, ref

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_MODELS = (
    fields.NewField, fields.FieldChange, pipelines.NewPipeline, pipelines.PipelineChange, pipelines.NewStage,
    pipelines.StageChange, tags.TagChange, synonyms.NewSynonym,
)  # fmt: skip


def _object(properties: dict[str, Schema], *optional: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
    }


def _shapes() -> dict[str, Schema]:
    option = _object({"key": _TEXT, "label": _TEXT, "retired": _FLAG})
    change_set = {**ID, "description": "The change set that moved or retagged records, where one did."}
    stage = {
        "id": ID, "key": _TEXT, "label": _TEXT, "kind": {"type": "string", "enum": ["open", "won", "lost"]},
        "probability": {"type": ["integer", "null"]}, "position": {"type": "integer"}, "retired": _FLAG,
        "pipeline": {**ID, "description": "The id of its pipeline."}, "change_set": change_set,
    }  # fmt: skip
    field = {
        "id": ID, "object": _TEXT, "name": {**_TEXT, "description": "Its key in records, URLs and queries."},
        "label": _TEXT, "type": _TEXT, "target": {"type": ["string", "null"]},
        "options": {"type": "array", "items": option}, "required": _FLAG, "unique": _FLAG, "integer": _FLAG,
        "help": _TEXT, "position": {"type": "integer"}, "retired": _FLAG,
    }  # fmt: skip
    pipeline = {
        "id": ID, "name": _TEXT, "position": {"type": "integer"}, "retired": _FLAG,
        "stages": {"type": "array", "items": ref("PipelineStage")}, "change_set": change_set,
    }  # fmt: skip
    tag = {"id": ID, "name": _TEXT, "count": {"type": "integer", "minimum": 0}, "change_set": change_set}
    synonym = {
        "id": ID, "word": _TEXT,
        "target": {**_TEXT, "description": "deals, deals.amount, tasks.priority=high, users/3."},
        "label": {"type": ["string", "null"], "description": "What it stands for; null where that is gone."},
    }  # fmt: skip
    found = {
        "Synonym": _object(synonym),
        "CustomField": _object(field),
        "PipelineStage": _object(stage, "change_set"),
        "SalesPipeline": _object(pipeline, "change_set"),
        "Tag": _object(tag, "change_set", "count"),
    }
    return found | {f"{name}Page": listed(ref(name)) for name in ("CustomField", "SalesPipeline", "Tag", "Synonym")}


def schemas() -> dict[str, Schema]:
    """What the routes take and answer."""
    found = _shapes()
    for model in _MODELS:
        schema = model.model_json_schema(ref_template=TEMPLATE)
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return found


def paths(operation: Callable[..., Schema], pieces: Any, objects: list[str]) -> dict[str, Schema]:
    """The routes; `operation` and `pieces` are what the rest of the document is made of."""
    made: dict[str, Schema] = {}
    for name, one, shape, new, change in (
        ("fields", "custom field", "CustomField", "NewField", "FieldChange"),
        ("pipelines", "pipeline", "SalesPipeline", "NewPipeline", "PipelineChange"),
        ("stages", "stage", "PipelineStage", "NewStage", "StageChange"),
        ("tags", "tag", "Tag", "", "TagChange"),
        ("synonyms", "word", "Synonym", "NewSynonym", ""),
    ):
        made |= _collection(operation, pieces, name, one, shape, new, objects)
        if change:
            made |= _member(operation, pieces, name, one, shape, change)
    gone = pieces.responses({"204": {"description": "It means nothing any more."}}, "404")
    made["/api/v1/synonyms/{id}"] = {
        "delete": operation("delete_word", "administration", "Delete a word (admins)", gone, pieces.id)
    }
    return made | _export(operation, pieces, objects)


def _collection(
    operation: Callable[..., Schema], pieces: Any, name: str, one: str, shape: str, new: str, objects: list[str]
) -> dict[str, Schema]:
    verbs: dict[str, Schema] = {}
    if name != "stages":
        only = [pieces.parameter("object", {"type": "string", "enum": objects})] if name == "fields" else []
        answer = pieces.answer(f"{shape}Page", f"All {name}, retired ones too.")
        verbs["get"] = operation(
            f"list_{name}", "administration", f"List {name}", pieces.responses({"200": answer}), *only
        )
    if new:
        answer = pieces.responses(
            {"201": pieces.answer(shape, f"The new {one}.", ("Location",))}, "400", "404", "409", "413", "415"
        )
        words = one.replace(" ", "_")
        verbs["post"] = operation(
            f"create_{words}", "administration", f"Make a {one} (admins)", answer, pieces.key,
            requestBody=pieces.body(new),
        )  # fmt: skip
    return {f"/api/v1/{name}": verbs}


def _member(
    operation: Callable[..., Schema], pieces: Any, name: str, one: str, shape: str, change: str
) -> dict[str, Schema]:
    words = one.replace(" ", "_")
    answer = pieces.answer(shape, f"The {one}.")
    changed = pieces.responses({"200": answer}, "400", "404", "409", "413", "415")
    verbs: dict[str, Schema] = {
        "patch": operation(
            f"change_{words}", "administration", f"Change, retire or bring back a {one} (admins)", changed, pieces.id,
            requestBody=pieces.body(change),
        )
    }  # fmt: skip
    if name == "tags":
        gone = pieces.responses({"204": {"description": "It is gone from every record."}}, "404")
        verbs["delete"] = operation(f"delete_{words}", "administration", f"Delete a {one} (admins)", gone, pieces.id)
    else:
        found = pieces.responses({"200": answer}, "404")
        verbs["get"] = operation(f"get_{words}", "administration", f"A {one}", found, pieces.id)
    return {f"/api/v1/{name}/{{id}}": verbs}


def _export(operation: Callable[..., Schema], pieces: Any, objects: list[str]) -> dict[str, Schema]:
    file = {"description": "Every record as CSV.", "content": {"text/csv": {"schema": {"type": "string"}}}}
    verb = operation(
        "export", "exports", "Export records",
        pieces.responses({"200": file}, "400", "404", "503"),
        pieces.parameter("object", {"type": "string", "enum": objects}, place="path", required=True),
        pieces.parameter("raw", _FLAG, "Keys and values as the REST API has them, which an import takes back."),
        pieces.parameter("bom", _FLAG, "A byte order mark at the beginning; usual unless raw."),
        description="The filters, `sort` and `fields` are those of the object's list; all its pages are in the file.",
    )  # fmt: skip
    return {"/export/{object}.csv": {"get": verb}}
