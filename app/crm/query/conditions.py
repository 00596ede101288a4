"""One condition as SQL, by the type of its field.

Every condition is either true or false, never unknown: what is empty fails every positive operator, so it passes the
negative ones (`ne`, `not_in`, `not_contains`) and any `Not`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, false, func, or_, true

from app.crm.query import dates, lists, members, numbers, values
from app.crm.query.source import Leaf
from app.crm.query.suggestions import bad, hint
from app.crm.query.values import Field
from app.shared.contract import Condition

Sql = ColumnElement[bool]
_MEMBER = ("eq", "ne", "in", "not_in", "empty")
_ORDER = ("gt", "gte", "lt", "lte", "between")
_TEXT = (*_MEMBER, "contains", "not_contains", "starts_with")
OPERATORS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("text", "email", "url", "phone", "key"), _TEXT + _ORDER),
    "long_text": _TEXT,
    **dict.fromkeys(("number", "money"), _MEMBER + _ORDER),
    **dict.fromkeys(("date", "datetime"), (*_MEMBER, *_ORDER, "during")),
    **dict.fromkeys(("boolean", "select", "link", "stage"), _MEMBER),
    **dict.fromkeys(("tags", "multi_select"), (*_MEMBER, "contains", "not_contains")),
}
_POSITIVE = {"ne": "eq", "not_in": "in", "not_contains": "contains"}
_HIGHEST = "\U0010ffff"


def negate(condition: Sql) -> Sql:
    """True where the condition isn't."""
    return condition.is_not(true())


def compiled(leaf: Leaf, condition: Condition) -> Sql:
    """Raises Invalid, naming the field, the operator and the value."""
    op, value = condition.op, condition.value
    field = Field(leaf.path, leaf.field, op)
    _check_operator(field)
    positive = _positive(leaf, field, _POSITIVE.get(op, op), value)
    return negate(positive) if op in _POSITIVE else positive


def _check_operator(field: Field) -> None:
    allowed = OPERATORS[field.spec.type]
    if field.op not in allowed:
        message = f"{field.path} is a {field.spec.type} field: {field.op} isn't for it, only {', '.join(allowed)}."
        raise bad(field.path, message + hint(field.op, allowed), op=field.op)


def _positive(leaf: Leaf, field: Field, op: str, value: Any) -> Sql:
    if op == "empty":
        is_empty = empty(leaf)
        return is_empty if value is None or values.boolean(field, value) else negate(is_empty)
    if op in ("eq", "in") or (op == "contains" and field.spec.type in ("tags", "multi_select")):
        return _member(leaf, field, [value] if op != "in" else values.items(field, value))
    return _COMPARE[field.spec.type](leaf, field, op, value)


def _member(leaf: Leaf, field: Field, wanted: Any) -> Sql:
    present = [item for item in wanted if not values.is_nothing(item)]
    found = _MEMBERS[field.spec.type](leaf, field, present) if present else false()
    return or_(found, empty(leaf)) if len(present) < len(wanted) else found


def empty(leaf: Leaf) -> Sql:
    """Nothing there: null, the empty text, no tag, no record that may be seen."""
    if leaf.field.type in ("tags", "multi_select"):
        return members.has_none(leaf)
    if leaf.field.type in ("text", "long_text", "email", "url", "phone", "key", "select"):
        return or_(leaf.key.is_(None), leaf.key == "")
    return leaf.key.is_(None)


def _texts(leaf: Leaf, field: Field, wanted: Any) -> Sql:
    return lists.among(leaf.scope, leaf.key, [values.key(field, item) for item in wanted], Text())


def _compare_text(leaf: Leaf, field: Field, op: str, value: Any) -> Sql:
    if op == "between":
        low, high = pair(field, value)
        return and_(leaf.key >= values.key(field, low), leaf.key <= values.key(field, high))
    wanted = values.key(field, value)
    if not wanted:
        raise field.refuse(value, "a text of at least one character")
    if op == "contains":
        return _contains(leaf, wanted)
    return _TEXT_OPS[op](leaf.key, wanted)


def _contains(leaf: Leaf, part: str) -> Sql:
    """By position rather than LIKE: nothing to escape, no limit on the length of the pattern."""
    position = func.instr if leaf.scope.is_sqlite else func.strpos
    return position(leaf.key, part) > 0


def _starts_with(key: ColumnElement[Any], prefix: str) -> Sql:
    """A range, which an index serves in binary order."""
    after = _after_prefix(prefix)
    return and_(key >= prefix, key < after) if after else key >= prefix


def _after_prefix(prefix: str) -> str:
    """The first text after all that start with the prefix; "": there is none."""
    trimmed = prefix.rstrip(_HIGHEST)
    if not trimmed:
        return ""
    following = ord(trimmed[-1]) + 1
    return trimmed[:-1] + chr(0xE000 if following == 0xD800 else following)  # surrogates are no characters


_TEXT_OPS: dict[str, Callable[[Any, str], Sql]] = {
    "starts_with": _starts_with,
    "gt": lambda key, value: key > value,
    "gte": lambda key, value: key >= value,
    "lt": lambda key, value: key < value,
    "lte": lambda key, value: key <= value,
}


def pair(field: Field, value: Any) -> tuple[Any, Any]:
    """The two bounds of a `between`."""
    bounds = values.items(field, value)
    if len(bounds) != 2 or any(values.is_nothing(bound) for bound in bounds):
        raise field.refuse(value, "two values, the lowest and the highest")
    return bounds[0], bounds[1]


def _numbers(leaf: Leaf, field: Field, wanted: Any) -> Sql:
    return numbers.among(leaf, [values.number(field, item) for item in wanted])


def _compare_number(leaf: Leaf, field: Field, op: str, value: Any) -> Sql:
    if op == "between":
        low, high = pair(field, value)
        return and_(
            numbers.compare(leaf, "gte", values.number(field, low)),
            numbers.compare(leaf, "lte", values.number(field, high)),
        )
    found: Decimal = values.number(field, value)
    return numbers.compare(leaf, op, found)


def _compare_date(leaf: Leaf, field: Field, op: str, value: Any) -> Sql:
    if op == "between":
        low, high = pair(field, value)
        return and_(dates.compare(leaf, field, "gte", low), dates.compare(leaf, field, "lte", high))
    return dates.compare(leaf, field, "eq" if op == "during" else op, value)


def _booleans(leaf: Leaf, field: Field, wanted: Any) -> Sql:
    return or_(*(leaf.key.is_(answer) for answer in sorted({values.boolean(field, item) for item in wanted})))


_MEMBERS: dict[str, Callable[[Leaf, Field, Any], Sql]] = {
    **dict.fromkeys(("text", "long_text", "email", "url", "phone", "key"), _texts),
    **dict.fromkeys(("number", "money"), _numbers),
    **dict.fromkeys(("date", "datetime"), dates.among),
    "boolean": _booleans,
    "select": members.options,
    "link": members.links,
    "stage": members.stages,
    "tags": members.tags,
    "multi_select": members.choices,
}
_COMPARE: dict[str, Callable[[Leaf, Field, str, Any], Sql]] = {
    **dict.fromkeys(("text", "long_text", "email", "url", "phone", "key"), _compare_text),
    **dict.fromkeys(("number", "money"), _compare_number),
    **dict.fromkeys(("date", "datetime"), _compare_date),
}
