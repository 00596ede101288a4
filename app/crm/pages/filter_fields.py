"""A condition as a form edits it: its field, how it compares, and its values as texts."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.crm.pages import numerals
from app.crm.pages.words import gettext as _
from app.crm.query.periods import away
from app.crm.query.wording import trail
from app.shared.contract import Catalog, Condition, FieldSpec

_KINDS = {
    "number": "number", "money": "number", "date": "date", "datetime": "date", "boolean": "boolean",
    "select": "options", "multi_select": "options", "stage": "options", "tags": "tags", "link": "link",
}  # fmt: skip
_EMPTY = (("empty", "is empty"), ("filled", "is not empty"))
_ORDERED = (
    ("gt", "comes after"), ("gte", "is or comes after"), ("lt", "comes before"), ("lte", "is or comes before"),
    ("between", "is between"),
)  # fmt: skip
_LONG_TEXT = (
    ("contains", "contains"), ("not_contains", "doesn't contain"), ("starts_with", "starts with"), ("eq", "is"),
    ("ne", "is not"), ("in", "is any of"), ("not_in", "is none of"), *_EMPTY,
)  # fmt: skip
# For each kind of field its operators, the usual one first, as the form names them: `filled` is `empty` turned round;
# the last four of dates are periods that move with today.
_OPERATORS: dict[str, tuple[tuple[str, str], ...]] = {
    "text": (*_LONG_TEXT[:7], *_ORDERED, *_EMPTY),
    "long_text": _LONG_TEXT,
    "number": (
        ("gte", "is at least"), ("gt", "is over"), ("lte", "is at most"), ("lt", "is under"), ("between", "is between"),
        ("eq", "is"), ("ne", "is not"), ("in", "is any of"), ("not_in", "is none of"), *_EMPTY,
    ),
    "date": (
        ("during", "is in"), ("last", "is in the last"), ("next", "is in the next"), ("ago", "is more than … ago"),
        ("ahead", "is more than … from now"), ("period", "is in the year, quarter or month"), ("gte", "is on or after"),
        ("lte", "is on or before"), ("gt", "is after"), ("lt", "is before"), ("between", "is between"),
        ("ne", "is not in"), ("in", "is any of"), ("not_in", "is none of"), *_EMPTY,
    ),
    "boolean": (("eq", "is"), ("ne", "is not"), *_EMPTY),
    "options": (("in", "is any of"), ("not_in", "is none of"), *_EMPTY),
    "tags": (
        ("in", "include any of"), ("not_in", "include none of"), ("empty", "are empty"), ("filled", "are not empty"),
    ),
    "link": (("eq", "is"), ("in", "is any of"), ("ne", "is not"), ("not_in", "is none of"), *_EMPTY),
}  # fmt: skip
PERIODS = (
    ("today", "today"), ("yesterday", "yesterday"), ("tomorrow", "tomorrow"), ("this_week", "this week"),
    ("last_week", "last week"), ("next_week", "next week"), ("this_month", "this month"),
    ("last_month", "last month"), ("next_month", "next month"), ("this_quarter", "this quarter"),
    ("last_quarter", "last quarter"), ("next_quarter", "next quarter"), ("this_year", "this year"),
    ("last_year", "last year"), ("next_year", "next year"),
)  # fmt: skip
UNITS = (("days", "days"), ("weeks", "weeks"), ("months", "months"), ("quarters", "quarters"), ("years", "years"))
MOVING = ("last", "next", "ago", "ahead")  # their values: a number and a unit
_SEVERAL = ("in", "not_in")
_BREAK = {"\n", "\r"}
_ALIKE = {"eq": "in", "ne": "not_in", "contains": "in", "not_contains": "not_in"}  # of what is chosen from a list


@dataclass(frozen=True, slots=True)
class Draft:
    """A condition as it is being made: strings as the form holds them."""

    path: str
    label: str  # the labels along the path
    field: FieldSpec
    op: str
    values: tuple[str, ...] = ()
    typed: str = ""  # the name of a link's record, as it was typed
    names: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )  # what the records are called that the values name
    problem: str = ""

    @property
    def kind(self) -> str:
        return kind(self.field)

    @property
    def is_several(self) -> bool:
        """Whether its values are typed one a line."""
        return self.op in _SEVERAL and self.kind in ("text", "long_text", "number", "date")

    @property
    def said(self) -> tuple[str, str, tuple[str, ...]]:
        """What of it is the condition; the rest is for the form. The order of a list says nothing."""
        values = tuple(sorted(set(self.values))) if self.op in _SEVERAL else self.values
        return self.path, self.op, values


def kind(spec: FieldSpec) -> str:
    """Which controls a field's values have."""
    return "long_text" if spec.type == "long_text" else _KINDS.get(spec.type, "text")


def operators(of: str) -> list[tuple[str, str]]:
    return [(key, _(label)) for key, label in _OPERATORS[of]]


def known(of: str) -> list[str]:
    return [key for key, _label in _OPERATORS[of]]


# --- from a condition ------------------------------------------------------------------------------------------------


def draft(catalog: Catalog, object: str, item: Condition) -> Draft | None:
    """A condition as the form shows it; None where the form has no words for it."""
    label, end = trail(catalog, catalog.objects.get(object), item.field)
    if end is None or end.name == "id":
        return None
    read = _read(kind(end), item)
    return None if read is None else Draft(item.field, label, end, *read)


def _read(of: str, item: Condition) -> tuple[str, tuple[str, ...]] | None:
    """Operator and values as the form has them."""
    op, value = item.op, item.value
    if op == "empty":
        return ("empty" if value in (None, True, "true", "yes", 1, "1") else "filled"), ()
    texts = [_text(of, part) for part in (value if isinstance(value, list | tuple) else [value])]
    wanted = len(texts) if op in _SEVERAL else 2 if op == "between" else 1
    if not texts or len(texts) != wanted or any(not text or text.strip() != text or _BREAK & {*text} for text in texts):
        return None
    values = tuple(str(text) for text in texts)
    if of in ("options", "tags"):
        return _ALIKE.get(op, op), values
    if of == "date" and len(values) == 1 and op in ("eq", "during", "lt", "gt"):
        return _moving(op, values[0]) or (_period(values[0]) if op in ("eq", "during") else op, values)
    return (op, values) if op in known(of) else None


def _text(of: str, value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower() if of == "boolean" else None
    if of == "boolean":
        return {"true": "true", "yes": "true", "false": "false", "no": "false"}.get(str(value).lower())
    if of == "number" and isinstance(value, str | int | float):
        return numerals.write(value)
    return str(value) if isinstance(value, str | int | float) else None


def _period(value: str) -> str:
    return "during" if value in {key for key, _label in PERIODS} else "period"


def _moving(op: str, value: str) -> tuple[str, tuple[str, ...]] | None:
    """`last_30_days` and `before 2_weeks_ago` as a number and a unit."""
    which, *rest = value.split("_")
    if op in ("eq", "during") and which in ("last", "next") and len(rest) == 2 and rest[0].isdecimal():
        return which, (rest[0], _plural(rest[1]))
    found = away(value)
    if found and ((op == "lt" and found[0] < 0) or (op == "gt" and found[0] > 0)):
        return ("ago" if found[0] < 0 else "ahead"), (str(abs(found[0])), _plural(found[1]))
    return None


def _plural(unit: str) -> str:
    return unit if unit.endswith("s") else f"{unit}s"


# --- to a condition --------------------------------------------------------------------------------------------------


def _value(one: Draft, text: str) -> Any:
    """One value of the form as the query holds it; what is no number stays text, see `missing`."""
    if one.kind == "boolean":
        return text == "true"
    if one.kind == "link":
        return int(text) if text.isdecimal() else text
    if one.kind == "number":
        try:
            number = float(numerals.read(text))
        except numerals.Unreadable:
            return text
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return text


def condition(one: Draft) -> Condition:
    """The draft as a condition of the query."""
    if one.op in ("empty", "filled"):
        return Condition(field=one.path, op="empty", value=one.op == "empty")
    if one.op in MOVING:
        return _away(one)
    values = [_value(one, text) for text in one.values]
    op = {"period": "during"}.get(one.op, one.op)
    several = op in (*_SEVERAL, "between")
    return Condition.model_validate({"field": one.path, "op": op, "value": values if several else values[0]})


def _away(one: Draft) -> Condition:
    number, unit = one.values
    value = {"ago": f"{number}_{unit}_ago", "ahead": f"in_{number}_{unit}"}.get(one.op, f"{one.op}_{number}_{unit}")
    op = {"ago": "lt", "ahead": "gt"}.get(one.op, "during")
    return Condition.model_validate({"field": one.path, "op": op, "value": value})


def missing(one: Draft) -> str:
    """What is still to be said, as a sentence; "" where nothing is."""
    if one.problem or one.op in ("empty", "filled"):
        return one.problem
    if one.op in MOVING and not (one.values and one.values[0].isdecimal() and 0 < int(one.values[0]) < 100_000):
        return _("Type a whole number, from 1 on.")
    wanted = 2 if one.op == "between" else 1
    given = [value for value in one.values if value.strip()]
    if len(given) >= wanted:
        return _unreadable(given) if one.kind == "number" else ""
    return _("Give both ends.") if wanted == 2 else _("Choose or type a value.")


def _unreadable(values: Sequence[str]) -> str:
    """Why the first of these that is no number in the user's locale is none."""
    try:
        for value in values:
            numerals.read(value)
    except numerals.Unreadable as error:
        return str(error)
    return ""


def sent(catalog: Catalog, object: str, path: str, op: str, values: Sequence[str], typed: str = "") -> Draft | None:
    """What a form says of a condition; None where it names no field."""
    label, end = trail(catalog, catalog.objects.get(object), path) if path else ("", None)
    if end is None:
        return None
    of = kind(end)
    chosen = op if op in known(of) else known(of)[0]
    several = chosen in _SEVERAL and of in ("text", "long_text", "number", "date")
    lines = [line.strip() for value in values for line in value.replace("\r", "").split("\n")] if several else [*values]
    kept = lines if chosen == "between" else [line for line in lines if line != ""]
    kept = [*kept, "days"] if chosen in MOVING and len(kept) == 1 else kept
    return Draft(path, label, end, chosen, tuple(kept), typed)
