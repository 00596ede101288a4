"""The values of conditions, read by the type of their field. Everything that can't be read is Invalid, and named."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from app.crm.query import periods
from app.crm.query.suggestions import bad, hint
from app.shared.contract import FieldSpec, Option
from app.shared.db import text_key

LARGEST = 2**63 - 1  # what an integer column holds
MOST_ITEMS = 10_000  # values of a list
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_DIGITS = re.compile(r"-?\d+")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Field:
    """Where a value belongs, for its errors."""

    path: str
    spec: FieldSpec
    op: str

    def refuse(self, value: Any, expected: str, advice: str = "") -> Exception:
        message = f"{self.path} {self.op}: {shown(value)} can't be used, expected {expected}.{advice}"
        return bad(self.path, message, op=self.op)


def shown(value: Any) -> str:
    """A value as an error quotes it, cut to a readable length."""
    words = repr(value) if not isinstance(value, bool) else str(value).lower()
    return words if len(words) <= 80 else words[:79] + "…"


def is_nothing(value: Any) -> bool:
    return value is None or value == ""


def items(field: Field, value: Any) -> Sequence[Any]:
    """The list of an `in`, `not_in` or `between`; a single value stands for a list of one."""
    if isinstance(value, list | tuple):
        if len(value) > MOST_ITEMS:
            reason = f"{field.path} {field.op}: a list holds at most {MOST_ITEMS:,} values, this one {len(value):,}."
            raise bad(field.path, reason, op=field.op)
        return value
    if isinstance(value, dict):
        raise field.refuse(value, "a list of values")
    return [value]


def text(field: Field, value: Any) -> str:
    """A text; numbers and booleans by their spelling, since a URL can't tell them apart."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise field.refuse(value, "a text")
    if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise field.refuse(value, "a text without control character 0 and lone surrogates")
    return value


def key(field: Field, value: Any) -> str:
    """The comparison key of a text."""
    return text_key(text(field, value)) or ""


def number(field: Field, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise field.refuse(value, "a number")
    try:
        found = Decimal(repr(value) if isinstance(value, float) else value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise field.refuse(value, "a number") from None
    if not found.is_finite() or abs(found.adjusted()) > 300:
        raise field.refuse(value, "a number of ordinary size")
    return found


def boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    found = _BOOLEANS.get(str(value).strip().casefold()) if isinstance(value, int | str) else None
    if found is None:
        raise field.refuse(value, "true or false")
    return found


def identity(field: Field, value: Any, me: int | None) -> int | None:
    """A record's id; `me` for a link to users is the asking one (None, which nobody is, for the system itself)."""
    if value == "me" and field.spec.target == "users":
        return me
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise field.refuse(value, _expected_id(field), f" To compare its name, ask for {field.path}.name.")
    return value if abs(value) <= LARGEST else None


def _expected_id(field: Field) -> str:
    return "an id or me" if field.spec.target == "users" else "an id"


def span(field: Field, value: Any, today: date) -> periods.Span:
    """A day or a period: its first day and the day after its last."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # a year
    if not isinstance(value, str):
        raise field.refuse(value, "a date as 2024-11-05 or a period")
    try:
        return periods.resolve(value, today)
    except ValueError:
        raise field.refuse(value, f"a date as 2024-11-05 or a period ({periods.EXAMPLES})", _near(value)) from None


def _near(value: str) -> str:
    return hint(value, periods.NAMED)


def moment(field: Field, value: Any, zone: ZoneInfo) -> datetime | None:
    """A moment with a time of day, in the principal's time zone where it names none; None: it is a day or period."""
    if not isinstance(value, str) or not _MOMENT.match(value):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(ZoneInfo("UTC"))
    except (ValueError, OverflowError):
        raise field.refuse(value, "a moment as 2024-11-05T10:00:00Z") from None


def option(field: Field, value: Any) -> str:
    """The key of the option whose key or label this is, capitals aside. Unknown keys are refused with near ones."""
    wanted = text(field, value)
    found = match((*field.spec.options, *field.spec.retired_options), wanted)
    if found is None:
        raise field.refuse(value, _choices(field.spec.options), hint(wanted, _names(field.spec.options)))
    return found


def match(options: Iterable[Option], wanted: str) -> str | None:
    folded = text_key(wanted)
    options = tuple(options)
    for read in (lambda item: item.key == wanted, lambda item: text_key(item.key) == folded, _labelled(folded)):
        for item in options:
            if read(item):
                return item.key
    return None


def _labelled(folded: str | None) -> Any:
    return lambda item: text_key(item.label) == folded


def stage(field: Field, value: Any, retired: Callable[[], Sequence[Option]]) -> tuple[tuple[str, ...], str | None]:
    """The stage keys that a key or label names, and the kind that it names. Deals may stand in a retired stage yet."""
    wanted = text(field, value)
    folded = text_key(wanted)
    options = field.spec.options
    kind = folded if folded in ("open", "won", "lost") else None
    keys = _stage_keys(options, wanted) or (() if kind else _stage_keys(retired(), wanted))
    if not keys and not kind:
        raise field.refuse(value, _choices(options) + ", or open, won, lost", hint(wanted, _names(options)))
    return keys, kind


def _stage_keys(options: Iterable[Option], wanted: str) -> tuple[str, ...]:
    """The one whose key it is to the letter; else all that are called so, capitals aside, of whatever pipeline."""
    options, folded = tuple(options), text_key(wanted)
    exact = {item.key for item in options if item.key == wanted}
    return tuple(
        sorted(exact or {item.key for item in options if folded in (text_key(item.key), text_key(item.label))})
    )


def stage_stands_alone(field: FieldSpec, key: str) -> bool:
    """Whether a stage's key, as the value of a condition, means that stage only: no kind that others are of too."""
    options = (*field.options, *field.retired_options)
    folded = text_key(key)
    if any(text_key(item.label) == folded for item in field.options) and key not in {one.key for one in field.options}:
        return False  # the key of a retired stage, and what one in use is called
    return folded not in ("open", "won", "lost") or [item.key for item in options if item.kind == folded] == [key]


def stage_label(field: FieldSpec, key: str) -> str | None:
    """What a stage is called, with its pipeline where another pipeline's stage in use is called the same."""
    one = field.option(key)
    if one is None or not one.pipeline:
        return one.label if one else None
    name = text_key(one.label)
    twins = [item for item in field.options if text_key(item.label) == name and item.pipeline != one.pipeline]
    return f"{one.label} ({one.pipeline})" if twins else one.label


def _names(options: Iterable[Option]) -> list[str]:
    return [name for item in options for name in (item.key, item.label)]


def _choices(options: Iterable[Option]) -> str:
    labels = list(dict.fromkeys(item.label for item in options))
    return "one of " + ", ".join(labels[:12] + ["…"] * (len(labels) > 12)) if labels else "an option (it has none)"
