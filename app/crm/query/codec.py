"""Queries as URL parameters, and back: parse(print(q)) == q.

`stage__in=won,lost&company.industry=medical&sort=-amount`. A value that reads as a number, true, false or null is one;
a text that looks like one is written in quotes (`name="123"`). In lists a comma inside a value is `\\,`. What the flat
form can't say stands in `where`, as JSON.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, get_args
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError

from app.crm.query.suggestions import bad, hint
from app.shared.contract import And, Bucket, Condition, Filter, Group, Having, Measure, MeasureName, Op, Query
from app.shared.errors import BadRequest, FieldError, Invalid

LISTS = ("in", "not_in", "between")
OPS = get_args(Op)
RESERVED = (
    "q", "sort", "limit", "cursor", "fields", "group_by", "measure", "having", "convert", "trashed", "where",
)  # fmt: skip
_FIELD = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_INTEGER = re.compile(r"0|-?[1-9]\d{0,17}")
_DECIMAL = re.compile(r"-?(0|[1-9]\d*)\.\d+")
_HAVING = re.compile(r"(.+)__(\w+):(.*)", re.DOTALL)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_DEFAULT_LIMIT = Query.model_fields["limit"].default
_filter: TypeAdapter[Filter] = TypeAdapter(Filter)
_havings: TypeAdapter[tuple[Having, ...]] = TypeAdapter(tuple[Having, ...])
Param = tuple[str, str]
T = TypeVar("T")


# --- print -----------------------------------------------------------------------------------------------------------


def url(query: Query) -> str:
    """The list page that shows exactly these rows or groups."""
    params = urlencode(to_params(query), safe=",:.")
    return f"/{query.object}?{params}" if params else f"/{query.object}"


def to_params(query: Query) -> list[Param]:
    """The query as URL parameters, without its object."""
    params = _where(query.where)
    named = {
        "q": query.text or "",
        "group_by": _join(group.key for group in query.group_by),
        "measure": _join(measure.key for measure in query.measures),
        "having": _having(query.having),
        "convert": query.currency or "",
        "sort": _join(query.sort),
        "fields": _join(query.columns),
        "limit": str(query.limit) if query.limit != _DEFAULT_LIMIT else "",
        "cursor": query.cursor or "",
        "trashed": "true" if query.trashed else "",
    }
    return params + [(name, value) for name, value in named.items() if value]


def _where(where: Filter | None) -> list[Param]:
    """The flat form; what it can't say as the one JSON filter, last."""
    if where is None:
        return []
    if isinstance(where, And) and len(where.items) > 1:
        *first, last = where.items
        flat = [_flat(item) for item in first]
        if all(flat):
            return [param for param in flat if param] + [_flat(last) or _json(last)]
    return [_flat(where) or _json(where)]


def _json(filter: Filter) -> Param:
    return "where", json.dumps(filter.model_dump(mode="json", by_alias=True), ensure_ascii=False, separators=(",", ":"))


def _flat(item: Filter) -> Param | None:
    if not isinstance(item, Condition) or not _FIELD.fullmatch(item.field):
        return None
    value = _list(item.value) if item.op in LISTS else _scalar(item.value)
    if not value:
        return None  # an empty parameter is easily lost on its way
    bare = item.op == "eq" and "__" not in item.field and item.field not in RESERVED
    return (item.field if bare else f"{item.field}__{item.op}"), value


def _having(bounds: Sequence[Having]) -> str:
    """`sum:amount__gte:1000,count__between:1\\,5`; as JSON what that can't say."""
    if not bounds:
        return ""
    flat = _join(_bound(bound) for bound in bounds)
    return flat if _reads_back(flat, bounds) else _havings.dump_json(tuple(bounds)).decode()


def _bound(bound: Having) -> str:
    value = _list(bound.value) if bound.op in LISTS else _scalar(bound.value)
    return "" if value is None else f"{bound.measure}__{bound.op}:{value}"


def _reads_back(flat: str, bounds: Sequence[Having]) -> bool:
    try:
        back = _bounds(flat)
    except (BadRequest, Invalid):
        return False
    return _havings.dump_json(back) == _havings.dump_json(tuple(bounds))  # 1 and true are equal in Python


def _list(value: Any) -> str | None:
    if not isinstance(value, list | tuple):
        return None
    items = [_scalar(item) for item in value]
    if any(item is None for item in items):
        return None
    return ",".join(_escape(item) for item in items if item is not None)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace(",", "\\,")


def _scalar(value: Any) -> str | None:
    """The value as a text that reads back as itself; None: there is none."""
    if isinstance(value, str):
        is_plain = value and _read(value) == value and not value.startswith('"')
        text = value if is_plain else json.dumps(value, ensure_ascii=False)
    elif value is None or isinstance(value, bool):
        text = {True: "true", False: "false", None: "null"}[value]
    elif isinstance(value, int | float):
        text = repr(value)
    else:
        return None
    back = _read(text)
    return text if back == value and type(back) is type(value) else None


def _join(items: Iterable[str]) -> str:
    return ",".join(_escape(item) for item in items)


# --- parse -----------------------------------------------------------------------------------------------------------


def from_params(object: str, params: Iterable[Param]) -> Query:
    """The query that these URL parameters ask for. Names of fields are checked when it runs.

    Raises BadRequest for JSON that can't be read, Invalid for a number, bucket, measure or filter that isn't one, and
    for what stands twice; conditions may, then all must hold.
    """
    given: dict[str, Any] = {}
    items: list[Filter] = []
    for name, value in params:
        if name in _NAMED:
            if _NAMED[name][0] in given:
                raise bad(name, f"{name!r} stands more than once.")
            key, read = _NAMED[name]
            given[key] = read(value)
        else:
            items.append(_from_json(_filter, value, "where") if name == "where" else _condition(name, value))
    where = items[0] if len(items) == 1 else And.model_validate({"and": items}) if items else None
    return _validated(lambda: Query(object=object, where=where, **given))


def _condition(name: str, value: str) -> Condition:
    field, _, op = name.rpartition("__")
    if not field or op not in OPS:
        return Condition(field=name, value=_read(value))
    found = [_read(item) for item in split(value)] if op in LISTS else _read(value)
    return Condition.model_validate({"field": field, "op": op, "value": found})


def _read(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return _quoted(text) if len(text) > 1 and text[0] == text[-1] == '"' else text


def _quoted(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, str) else text


def split(text: str) -> list[str]:
    """The items of a comma-separated list, in which `\\,` is a comma and `\\\\` a backslash."""
    if not text:
        return []
    items, escaped = [""], False
    for letter in text:
        if escaped or letter not in "\\,":
            items[-1] += letter if letter in "\\," or not escaped else "\\" + letter
            escaped = False
        elif letter == "\\":
            escaped = True
        else:
            items.append("")
    items[-1] += "\\" if escaped else ""
    return items


def _from_json(reader: TypeAdapter[T], text: str, name: str) -> T:
    try:
        return _validated(lambda: reader.validate_json(text), name)
    except (RecursionError, UnicodeEncodeError):
        raise BadRequest(f"{name} can't be read.") from None


def _validated(step: Callable[[], T], name: str = "query") -> T:
    try:
        return step()
    except ValidationError as error:
        reasons = error.errors(include_url=False, include_context=False)
        if any(reason["type"] == "json_invalid" for reason in reasons):
            raise BadRequest(f"{name} holds no JSON that can be read.") from None
        found = [FieldError(".".join(str(step) for step in reason["loc"]) or name, reason["msg"]) for reason in reasons]
        raise Invalid(f"The query can't be read: {found[0].field}: {found[0].message}.", found) from None


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise bad("limit", f"limit is {text!r}: expected a whole number from 1 to 1000.")
    return int(text)


def _flag(text: str) -> bool:
    if text not in ("true", "false", "1", "0", ""):
        raise bad("trashed", f"trashed is {text!r}: expected true or false.")
    return text in ("true", "1")


def _groups(text: str) -> tuple[Group, ...]:
    return tuple(_group(item) for item in split(text))


def _group(text: str) -> Group:
    field, _, bucket = text.partition(":")
    if bucket and bucket not in get_args(Bucket):
        known = get_args(Bucket)
        raise bad("group_by", f"{bucket!r} is no bucket: expected one of {', '.join(known)}.{hint(bucket, known)}")
    return Group.model_validate({"field": field, "bucket": bucket or None})


def _measures(text: str) -> tuple[Measure, ...]:
    return tuple(_measure(item) for item in split(text))


def _measure(text: str) -> Measure:
    name, _, field = text.partition(":")
    known = get_args(MeasureName)
    if name not in known:
        raise bad("measure", f"{name!r} is no measure: expected one of {', '.join(known)}.{hint(name, known)}")
    return Measure.model_validate({"fn": name, "field": field or None})


def _bounds(text: str) -> tuple[Having, ...]:
    if text.startswith("["):
        return _from_json(_havings, text, "having")
    return tuple(_read_bound(item) for item in split(text))


def _read_bound(text: str) -> Having:
    match = _HAVING.fullmatch(text)
    if match is None:
        raise bad("having", f"{text!r} is no bound on a measure: expected, say, sum:amount__gte:1000.")
    measure, op, value = match.groups()
    found = [_read(item) for item in split(value)] if op in LISTS else _read(value)
    return _validated(lambda: Having.model_validate({"measure": measure, "op": op, "value": found}))


def _texts(text: str) -> Sequence[str]:
    return tuple(split(text))


_NAMED: dict[str, tuple[str, Callable[[str], Any]]] = {
    "q": ("text", lambda text: text or None),
    "sort": ("sort", _texts),
    "fields": ("columns", _texts),
    "group_by": ("group_by", _groups),
    "measure": ("measures", _measures),
    "having": ("having", _bounds),
    "convert": ("currency", lambda text: text or None),
    "limit": ("limit", _number),
    "cursor": ("cursor", lambda text: text or None),
    "trashed": ("trashed", _flag),
}
