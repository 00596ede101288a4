"""The catalog as JSON Schema: what each object's records look like, and what may be sent for them."""

from collections.abc import Iterable

from app.crm.api import shapes
from app.crm.api.shapes import ID, TEMPLATE, Schema, ref
from app.crm.changes.formats import CURRENCIES, LONG, SHORT
from app.shared.contract import ChangeSet, FieldSpec, ObjectSpec, Query, Resolution

_INT32 = {"minimum": -(2**31) + 1, "maximum": 2**31 - 1}
_JSON_INT = {"minimum": -(2**53) + 1, "maximum": 2**53 - 1}
_CONTROL = r"\u0000-\u001f\u007f-\u009f"
_MONEY_BOUND = 10**12  # major units that every currency can hold


def type_name(spec: ObjectSpec) -> str:
    """company -> Company: the name of its schemas."""
    return spec.label_one.title().replace(" ", "")


def nullable(schema: Schema) -> Schema:
    if "enum" in schema:
        return {**schema, "type": ["string", "null"], "enum": [*schema["enum"], None]}
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return {**schema, "type": [*types, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


# --- values ----------------------------------------------------------------------------------------------------------


def shown(field: FieldSpec) -> Schema:
    """A field's value in an answer."""
    return {**nullable(_shown(field)), "title": field.label, **_help(field)}


def _help(field: FieldSpec) -> Schema:
    words = [field.help] if field.help else []
    words += ["Kept by the program."] if field.read_only else []
    return {"description": " ".join(words)} if words else {}


def _shown(field: FieldSpec) -> Schema:
    if field.type == "link":
        return ref("Ref")
    if field.type in ("tags", "multi_select"):
        return {"type": "array", "items": {"type": "string"}}
    if field.type == "number":
        return {"type": "integer" if field.integer else "number"}
    if field.type in ("money", "boolean"):
        return {"type": {"money": "number", "boolean": "boolean"}[field.type]}
    if field.type in ("date", "datetime"):
        return {"type": "string", "format": {"date": "date", "datetime": "date-time"}[field.type]}
    return {"type": "string"}


def sent(field: FieldSpec) -> Schema:
    """A field's value in a request."""
    found = _sent(field)
    title = {"title": field.label, **_help(field)}
    always = field.required or field.type == "stage"  # a deal always stands somewhere
    return {**(found if always else nullable(found)), **title}


def _sent(field: FieldSpec) -> Schema:
    if field.type == "link":
        return {**ID, "description": f"The id of one of the {field.target}."}
    if field.type == "tags":
        return {"type": "array", "items": _line(60), "maxItems": 50}
    if field.type == "select":
        return {"type": "string", "enum": [option.key for option in field.options]}
    if field.type == "multi_select":
        return {"type": "array", "items": {"type": "string", "enum": [option.key for option in field.options]}}
    if field.type == "stage":
        return {"type": "string", "enum": sorted({option.key for option in field.options})}
    if field.type in _SENT:
        return _bounded(field, _SENT[field.type])
    if field.type == "long_text":
        return _long(field)
    return _bounded(field, _number(field)) if field.type == "number" else _short(field)


def _bounded(field: FieldSpec, schema: Schema) -> Schema:
    return schema if field.minimum is None else {**schema, "minimum": field.minimum}


def _number(field: FieldSpec) -> Schema:
    if field.name == "probability" and field.custom_id is None:
        return {"type": "integer", "minimum": 0, "maximum": 100}
    if field.integer:
        return {"type": "integer", **(_INT32 if field.custom_id is None else _JSON_INT)}
    return {"type": "number", **_JSON_INT}


def _line(most: int, *, required: bool = False) -> Schema:
    """A text of one line, without control characters; one that is required has something to see in it."""
    seen = rf"[^\s{_CONTROL}][^{_CONTROL}]*" if required else ""
    return {"type": "string", "maxLength": most, "pattern": f"^[^{_CONTROL}]*{seen}$"}


def _name(most: int, *, required: bool = False) -> Schema:
    """A line; a number as a name (a postcode) is taken as it is written."""
    return {**_line(most, required=required), "type": ["string", "number"]}


def _short(field: FieldSpec) -> Schema:
    if field.name == "currency" and field.custom_id is None:
        return {"type": "string", "enum": sorted(CURRENCIES)}
    return _name(SHORT, required=field.required)


def _long(field: FieldSpec) -> Schema:
    """A text of many lines: tabs and line breaks are its only control characters."""
    shown = rf"[^\s{_CONTROL}]" if field.required else ""
    breaks = rf"([^{_CONTROL}]|[\t\n\r])*"
    return {"type": "string", "maxLength": LONG, "pattern": f"^{breaks}{shown}{breaks if shown else ''}$"}


_SENT: dict[str, Schema] = {
    "money": {"type": "number", "minimum": -_MONEY_BOUND, "maximum": _MONEY_BOUND},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "boolean": {"type": "boolean"},
    "url": {"type": "string", "format": "uri", "maxLength": SHORT},
    "email": {"type": "string", "format": "email", "maxLength": 254},
    "phone": {"type": "string", "maxLength": 60},
}


# --- objects ---------------------------------------------------------------------------------------------------------


def of_object(spec: ObjectSpec) -> dict[str, Schema]:
    """The schemas of one object: its records as they are answered, and what is sent to make and to change one."""
    name = type_name(spec)
    if spec.support:
        return {name: _record(spec), f"{name}List": shapes.listed(ref(name))}
    writable = {field.name: sent(field) for field in spec.fields if not field.read_only}
    required = [field.name for field in spec.fields if field.required and field.default is None]
    return {
        name: _record(spec),
        f"{name}Create": {"type": "object", "properties": writable, "additionalProperties": False, "required": required}
        if required
        else {"type": "object", "properties": writable, "additionalProperties": False},
        f"{name}Change": {"type": "object", "properties": writable, "additionalProperties": False},
        f"{name}List": shapes.listed(ref(name)),
    }


def _record(spec: ObjectSpec) -> Schema:
    """`fields=` chooses among the values, and may add paths: only what names a record is always there."""
    always: dict[str, Schema] = {
        "id": ID,
        "object": {"type": "string", "const": spec.name},
        "label": {"type": "string"},
        "url": {"type": "string"},
        "version": {"type": "integer", "minimum": 1},
        "trashed_at": {
            "type": "string",
            "format": "date-time",
            "description": "When it was deleted; only in the trash.",
        },
    }
    values = {field.name: shown(field) for field in spec.fields}
    return {
        "type": "object",
        "description": "Money stands in major units beside its `currency`.",
        "properties": {**always, **values},
        "required": ["id", "object", "label", "url", "version"],
    }


# --- what all share --------------------------------------------------------------------------------------------------


def shared(objects: Iterable[str]) -> dict[str, Schema]:
    """Everything that isn't one object's own: problems, queries, change sets, imports."""
    found = shapes.all_of_them()
    for model in (Query, ChangeSet):
        schema = model.model_json_schema(ref_template=TEMPLATE)
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    named = {**found["Query"]["properties"], "object": {"type": "string", "enum": list(objects)}}
    found["Query"] = {**found["Query"], "description": Query.__doc__ or "", "properties": named}
    found["ChangeSet"]["properties"]["operations"]["minItems"] = 1
    found["Resolution"] = Resolution.model_json_schema()
    found["Settled"] = {
        "type": "object",
        "properties": {"resolutions": _RESOLUTIONS},
        "additionalProperties": False,
    }
    found["NewChangeSet"] = _new_change_set(found["ChangeSet"])
    return found


_RESOLUTIONS: Schema = {
    "type": "array",
    "items": ref("Resolution"),
    "description": "Whose values stay where a conflict was answered; for applying, not for proposing.",
}


def _new_change_set(schema: Schema) -> Schema:
    extra = {
        "propose": {"type": "boolean", "description": "Keep it as a proposal; nothing is written."},
        "state": {"type": "string", "enum": ["proposed", "applied"]},
        "resolutions": _RESOLUTIONS,
    }
    return {**schema, "title": "NewChangeSet", "properties": {**schema["properties"], **extra}}


def filter_schema(field: FieldSpec) -> Schema | None:
    """The value of a filter on a field in a URL; None where there is none to be had."""
    if field.type in ("multi_select", "long_text", "tags"):
        return None
    if field.type == "select":
        return {"type": "string", "enum": [option.key for option in field.options]}
    if field.type == "stage":
        keys = {option.key for option in field.options} | {option.kind for option in field.options if option.kind}
        return {"type": "string", "enum": sorted(keys)}
    if field.type in ("number", "money"):
        return {"type": "integer" if field.integer else "number"}
    if field.type == "link":
        return {"type": "integer"}
    if field.type in ("date", "datetime"):
        return {"type": "string", "format": "date"}
    return {"type": "boolean"} if field.type == "boolean" else {"type": "string"}
