"""Request bodies as JSON, read strictly: what can't be read is named with its place."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from app.shared.contract import Query
from app.shared.errors import BadRequest, FieldError, Invalid, ParleyError

Parsed = TypeVar("Parsed", bound=BaseModel)
MAX_DEPTH = 40  # of nested arrays and objects
MAX_KEYS = 1_000  # of one object; more than any record has fields
_SUSPICIOUS = (b"\\u0000", b"\\ud", b"\\uD")


class UnsupportedMediaType(ParleyError):
    status = 415
    title = "Unsupported media type"


def json_object(*, optional: bool = False) -> dict[str, Any]:
    """The request's body, a JSON object. `optional`: no body at all is an empty one."""
    raw = request.get_data(cache=True)
    if optional and not raw.strip():
        return {}
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        given = request.mimetype or "no type"
        raise UnsupportedMediaType(f"The body has {given}; this takes application/json.")
    body = parse_json(raw)
    if not isinstance(body, dict):
        raise BadRequest(f"The body is {_kind(body)}; this takes a JSON object.")
    return body


def parse_json(raw: bytes) -> Any:
    """The value that a JSON text stands for. Raises BadRequest, with line and column, or Invalid."""
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant, parse_float=_float)
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not UTF-8 (at byte {error.start}).") from None
    except json.JSONDecodeError as error:
        raise BadRequest(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from None
    except RecursionError:
        raise BadRequest(f"The body is nested more than {MAX_DEPTH} levels deep.") from None
    except ValueError as error:  # a whole number of thousands of digits
        raise BadRequest(f"The body holds a number that can't be read: {error}.") from None
    if isinstance(value, dict | list):
        _check(value)
    if any(mark in raw for mark in _SUSPICIOUS):
        for text in _texts(value):
            check_text(text)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _float(text: str) -> int | float:
    """A number with a point or an exponent; a whole one (JSON knows no difference) as an integer."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _check(value: Any) -> None:
    """Raises BadRequest for what is too deep or too wide. (Breadth first: the check itself can't run out of stack.)"""
    level = [value]
    for _ in range(MAX_DEPTH):
        if any(isinstance(item, dict) and len(item) > MAX_KEYS for item in level):
            raise BadRequest(f"The body holds an object of more than {MAX_KEYS:,} keys.")
        level = [inner for item in level for inner in _inner(item) if isinstance(inner, dict | list)]
        if not level:
            return
    raise BadRequest(f"The body is nested more than {MAX_DEPTH} levels deep.")


def _inner(item: Any) -> Any:
    return item.values() if isinstance(item, dict) else item


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item


def check_text(text: str, field: str = "body") -> None:
    """Raises Invalid for characters that no database holds: NUL, and halves of surrogate pairs."""
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        message = "Text can't hold NUL or half of a surrogate pair."
        raise Invalid(message, [FieldError(field, message)])


def model(kind: type[Parsed], body: Mapping[str, Any]) -> Parsed:
    """A body as one of the contract's types. Raises Invalid, naming every bad place."""
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        raise invalid(error) from None


def query(body: Any) -> Query:
    if not isinstance(body, dict):
        raise BadRequest(f"The query is {_kind(body)}; expected a JSON object.")
    return model(Query, body)


def invalid(error: ValidationError) -> Invalid:
    """What pydantic found, as this API's problem: each place once, unknown keys as such."""
    found: dict[str, str] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(str(part) for part in item["loc"] if not _is_type_name(part)) or "body"
        message = "There is no such field here." if item["type"] == "extra_forbidden" else f"{item['msg']}."
        found.setdefault(place, message)
    errors = [FieldError(place, message) for place, message in found.items()]
    return Invalid("; ".join(f"{item.field}: {item.message}" for item in errors[:5]), errors)


def _is_type_name(part: int | str) -> bool:
    """Members of a union stand in pydantic's places by their type's name."""
    return isinstance(part, str) and part in ("And", "Or", "Not", "Related", "Condition", "Text")


def only(body: Mapping[str, Any], *known: str) -> None:
    """Raises Invalid naming every key that is none of these."""
    unknown = [key for key in body if key not in known]
    if unknown:
        errors = [FieldError(key, "There is no such field here.") for key in unknown]
        raise Invalid(f"Unknown: {', '.join(unknown)}. Known: {', '.join(known)}.", errors)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
