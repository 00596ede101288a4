"""What the model may fill in: a Query, flat and by JSON schema, checked and compiled by the same door as any other.

A model is never trusted with words: every value of a filter must stand in the question (or be one of a field's own
options), every word that the parser could not place must be used by a value, and a query that finds nothing doesn't
count. Otherwise the abstention stands.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from app.shared.contract import (
    And,
    Catalog,
    Condition,
    FieldSpec,
    Group,
    Measure,
    ObjectSpec,
    Op,
    Query,
)
from app.shared.db import text_key

QUERY_TOKENS = 400
_NUMERIC = ("number", "money")
_PERIOD = re.compile(
    r"^(today|yesterday|tomorrow|(this|last|next)_(day|week|month|quarter|year)|(last|next)_\d+_(days|weeks|months)"
    r"|\d{4}(-Q[1-4]|-\d{2}(-\d{2})?)?)$"
)
# Words that carry no meaning of their own; a model may leave them unused.
_FILLER = frozenset(
    "a an and any are as at be by can could do does for from give had has have how i in is it its many me much of on "
    "or our please show some tell that the their them there these they this to us was we were what when where which "
    "who whose will with would you your".split()
)


class Unusable(Exception):
    """The model's query can't be taken; the message says why, to the model."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FilledFilter(_Closed):
    field: str
    op: Op
    value: JsonValue = None


class FilledMeasure(_Closed):
    fn: str
    field: str | None = None


class FilledQuery(_Closed):
    """The model's flat form of a Query; "none" as object where it can't be asked."""

    object: str
    filters: list[FilledFilter] = Field(default_factory=list)
    group_by: list[str] = Field(default_factory=list)
    measures: list[FilledMeasure] = Field(default_factory=list)
    sort: list[str] = Field(default_factory=list)
    limit: int = 50


def schema(catalog: Catalog) -> dict[str, Any]:
    """The JSON schema of `FilledQuery` over this catalog: only its objects and paths can be named."""
    paths = sorted({path for spec in _objects(catalog) for path, _field in _paths(catalog, spec)})
    path = {"type": "string", "enum": paths}
    ops = ["eq", "ne", "in", "contains", "gt", "gte", "lt", "lte", "between", "during", "empty"]
    value = {
        "anyOf": [
            {"type": "string"},
            {"type": "number"},
            {"type": "boolean"},
            {"type": "array", "items": {"type": "string"}},
        ]
    }
    filter_ = _shape({"field": path, "op": {"type": "string", "enum": ops}, "value": value}, 3)
    fns = ["count", "sum", "avg", "min", "max"]
    measure = _shape({"fn": {"type": "string", "enum": fns}, "field": path}, 1)
    return _shape(
        {
            "object": {"type": "string", "enum": [*(spec.name for spec in _objects(catalog)), "none"]},
            "filters": {"type": "array", "items": filter_, "maxItems": 6},
            "group_by": {"type": "array", "items": path, "maxItems": 2},
            "measures": {"type": "array", "items": measure, "maxItems": 3},
            "sort": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
            "limit": {"type": "integer", "minimum": 1, "maximum": 50},
        },
        5,
    )


def _shape(properties: dict[str, Any], required: int) -> dict[str, Any]:
    names = list(properties)[:required]
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _objects(catalog: Catalog) -> list[ObjectSpec]:
    return [spec for spec in catalog.objects.values() if spec.has_pages]


def _paths(catalog: Catalog, spec: ObjectSpec) -> Iterator[tuple[str, FieldSpec]]:
    """The fields of an object, and those of the records that it links to."""
    for field in spec.fields:
        yield field.name, field
        if field.type == "link" and field.target and field.target in catalog.objects:
            for far in catalog[field.target].fields:
                if far.type != "link":
                    yield f"{field.name}.{far.name}", far


def vocabulary(catalog: Catalog) -> str:
    """The objects, their fields with types, and their options, for the prompt."""
    return "\n".join(_describe(spec) for spec in _objects(catalog))


def _describe(spec: ObjectSpec) -> str:
    return f"{spec.name}: " + ", ".join(_describe_field(field) for field in spec.fields)


def _describe_field(field: FieldSpec) -> str:
    if field.type == "link":
        return f"{field.name} (link to {field.target}; use {field.name}.name)"
    options = "/".join(dict.fromkeys(key for option in field.options for key in (option.key, option.kind) if key))
    return f"{field.name} ({options or field.type})"


def parse(text: str, catalog: Catalog, question: str, unread: Sequence[str], before: str = "") -> Query:
    """The model's JSON as a Query. Raises Unusable, with the reason, where it can't or mustn't be asked.

    `before`: the question before this one, whose values a question that leans on it may take up.
    """
    try:
        filled = FilledQuery.model_validate_json(text)
    except ValidationError as error:
        raise Unusable(f"it isn't the JSON that was asked for ({error.errors()[0]['msg']}).") from None
    if filled.object not in catalog.objects or not catalog[filled.object].has_pages:
        raise Unusable("there is no such object.")
    known = dict(_paths(catalog, catalog[filled.object]))
    for item in filled.filters:
        _check_filter(item, known, f"{question}\n{before}")
    _check_unread(filled, unread)
    return _build(filled, known)


def _check_filter(item: FilledFilter, known: Mapping[str, FieldSpec], question: str) -> None:
    field = known.get(item.field)
    if field is None:
        raise Unusable(f"{item.field} is no field of that object.")
    for value in item.value if isinstance(item.value, list) else [item.value]:
        if not _is_grounded(value, field, item.op, question):
            raise Unusable(f"the value {value!r} of {item.field} doesn't stand in the question.")


def _is_grounded(value: JsonValue, field: FieldSpec, op: str, question: str) -> bool:
    if isinstance(value, bool) or value is None:
        return True
    own = {key for option in field.options for key in (option.key, option.label, option.kind) if key}
    if str(value) in own or (field.type in ("date", "datetime") and _is_date(str(value))):
        return True
    if isinstance(value, int | float):
        from app.chatbot.numerals import stated

        return any(float(number.value) == float(value) for number in stated(question))
    return bool(str(value).strip()) and (text_key(str(value)) or "") in (text_key(question) or "")


def _is_date(value: str) -> bool:
    if _PERIOD.match(value):
        return True
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


def _check_unread(filled: FilledQuery, unread: Sequence[str]) -> None:
    """A word that nobody could place must not be passed over in silence: it may be the very name that was asked for."""
    used = text_key(" ".join(str(item.value) for item in filled.filters)) or ""
    for word in unread:
        key = text_key(word) or ""
        if key not in _FILLER and key not in used:
            raise Unusable(f"the word {word!r} of the question is not used.")


def _build(filled: FilledQuery, known: Mapping[str, FieldSpec]) -> Query:
    conditions = tuple(Condition(field=item.field, op=item.op, value=item.value) for item in filled.filters)
    try:
        return Query(
            object=filled.object,
            where=None if not conditions else conditions[0] if len(conditions) == 1 else And(items=conditions),
            group_by=tuple(_group(path, known) for path in filled.group_by),
            measures=tuple(_measure(item, known) for item in filled.measures),
            sort=tuple(filled.sort),
            limit=max(1, min(filled.limit, 50)),
        )
    except ValidationError as error:
        raise Unusable(f"{error.errors()[0]['msg']}.") from None


def _group(path: str, known: Mapping[str, FieldSpec]) -> Group:
    if path not in known:
        raise Unusable(f"{path} is no field of that object.")
    return Group(field=path, bucket="month" if known[path].type in ("date", "datetime") else None)


def _measure(item: FilledMeasure, known: Mapping[str, FieldSpec]) -> Measure:
    if item.fn == "count":
        return Measure()
    field = known.get(item.field or "")
    if field is None or (item.fn in ("sum", "avg") and field.type not in _NUMERIC):
        raise Unusable(f"{item.fn} needs a number field.")
    return Measure.model_validate({"fn": item.fn, "field": item.field})
