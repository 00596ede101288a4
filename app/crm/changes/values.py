"""Values as JSON to values as the doors keep them: one parser for each type of field.

Kept forms: text as str, numbers as int or float, money as Decimal in major units (the currency is known only later),
dates and moments (UTC), select as its option's key, stage as the words given (the pipeline is known only later), links
as an id or as "$ref", tags and multi-select as tuples of str. Empty text is no value.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from app.crm.changes import formats
from app.crm.changes.formats import Refused
from app.shared.characters import seen
from app.shared.contract import FieldSpec
from app.shared.db import text_key

INT32, JSON_INT = 2**31 - 1, 2**53 - 1  # the largest whole number of an Integer column, and of JSON everywhere
MAX_TAGS, TAG_LENGTH = 50, 60
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse(field: FieldSpec, value: Any, *, timezone: str = "UTC", lenient: bool = False) -> Any:
    """The kept form of a JSON value. `lenient` keeps odd values as written, as old ones are. Raises Refused."""
    if value is None or (isinstance(value, str) and not seen(value).strip() and field.type != "tags"):
        return () if field.type in ("tags", "multi_select") else None
    if field.type in ("datetime",):
        return _moment(value, timezone)
    if lenient and field.type in ("email", "phone", "url"):
        return _text(field, value)
    found = _PARSERS[field.type](field, value)
    if field.minimum is not None and found < field.minimum and not lenient:
        raise Refused(f"Expected {field.minimum} or more.")
    return found


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise Refused("Expected text.")


def _text(field: FieldSpec, value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)  # a postcode or a number as a name: meant as it is written
    return formats.text(_string(value))


def _short(field: FieldSpec, value: Any) -> str:
    found = _text(field, value)
    return formats.currency(found) if field.name == "currency" and field.custom_id is None else found


def _formatted(check: Callable[[str], str]) -> Callable[[FieldSpec, Any], str]:
    return lambda field, value: check(formats.text(_string(value)))


def _decimal(value: Any) -> Decimal:
    """A JSON number, or a decimal string; never NaN, infinity or a boolean."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = value.strip()
    elif isinstance(value, bool) or not _is_number(value):
        raise Refused("Expected a number.")
    try:
        return Decimal(str(value))
    except (InvalidOperation, ValueError):  # thousands of digits
        raise Refused("Expected a number.") from None


def _is_number(value: Any) -> bool:
    """A finite one. Whole numbers are: a huge one would be no float, and is refused by its size."""
    return isinstance(value, int) or (isinstance(value, float | Decimal) and math.isfinite(value))


def _number(field: FieldSpec, value: Any) -> int | float:
    number = _decimal(value)
    whole = number == number.to_integral_value() if abs(number) < JSON_INT else True
    bound = INT32 if field.integer and field.custom_id is None else JSON_INT
    if field.integer and not whole:
        raise Refused("Expected a whole number.")
    if abs(number) > bound:
        raise Refused(f"Expected a number up to {bound:,}.")
    return int(number) if whole else float(number)


def _money(field: FieldSpec, value: Any) -> Decimal:
    if isinstance(value, dict) and "amount" in value:
        value = value["amount"]
    return _decimal(value)


def _date(field: FieldSpec, value: Any) -> date:
    written = _string(value).strip()
    try:
        if not _DATE.fullmatch(written):
            raise ValueError(written)
        return date.fromisoformat(written)
    except ValueError:
        raise Refused("Expected a date as 2024-05-31.") from None


def _moment(value: Any, timezone: str) -> datetime:
    """A moment in UTC; one without a zone is meant in the asking user's."""
    try:
        written = _string(value).strip()
        if not _DATE.match(written):
            raise ValueError(written)
        moment = datetime.fromisoformat(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("Expected a date and time as 2024-05-31T14:30 or 2024-05-31T14:30:00Z.") from None


def _boolean(field: FieldSpec, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise Refused("Expected true or false.")


def _option(field: FieldSpec, value: Any) -> str:
    """The option's key; of a retired one too, which a record may hold on to (see `assign`)."""
    wanted = text_key(_string(value).strip())
    known = (*field.options, *field.retired_options)
    for option in known:
        if wanted in (option.key, text_key(option.key)):
            return option.key
    for option in known:
        if wanted == text_key(option.label):
            return option.key
    labels = ", ".join(option.label for option in field.options[:12])
    raise Refused(f"{value!r} isn't one of its values: {labels}.")


def _options(field: FieldSpec, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise Refused("Expected a list of values.")
    chosen = {_option(field, item) for item in value}
    return tuple(option.key for option in (*field.options, *field.retired_options) if option.key in chosen)


def _link(field: FieldSpec, value: Any) -> int | str:
    """An id, {"id": id}, or "$ref" of a record that the same set creates."""
    if isinstance(value, dict):
        value = value.get("id")
    if isinstance(value, str) and (value.startswith("$") or value.strip().isdecimal()):
        value = value if value.startswith("$") else int(value)
    if isinstance(value, bool) or not isinstance(value, int | str) or (isinstance(value, str) and value[:1] != "$"):
        raise Refused("Expected the id of a record.")
    if isinstance(value, int) and not 0 < value <= JSON_INT:
        raise Refused("Expected the id of a record.")
    return value


def _stage(field: FieldSpec, value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("key")
    return formats.text(_string(value))


def _tags(field: FieldSpec, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise Refused("Expected a list of names.")
    names = {text_key(name): name for item in value if (name := formats.text(_string(item)))}
    if len(names) > MAX_TAGS or any(len(name) > TAG_LENGTH for name in names.values()):
        raise Refused(f"Use at most {MAX_TAGS} tags of {TAG_LENGTH} characters.")
    return tuple(names[key] for key in sorted(names, key=str))


_PARSERS: dict[str, Callable[[FieldSpec, Any], Any]] = {
    "text": _short,
    "key": _text,
    "long_text": lambda field, value: formats.text(_string(value), long=True),
    "number": _number,
    "money": _money,
    "date": _date,
    "boolean": _boolean,
    "select": _option,
    "multi_select": _options,
    "link": _link,
    "url": _formatted(formats.url),
    "email": _formatted(formats.email),
    "phone": _formatted(formats.phone),
    "stage": _stage,
    "tags": _tags,
}
