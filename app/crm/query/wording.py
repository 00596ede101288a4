"""Queries in plain English: chips, as "Amount over $10,000" and "Company › Industry is Medical", and a sentence."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.crm.query import periods
from app.crm.query.source import KEPT, STAGES
from app.crm.query.values import match
from app.shared.contract import (
    And,
    Catalog,
    Condition,
    FieldSpec,
    Filter,
    Group,
    Measure,
    Not,
    ObjectSpec,
    Or,
    Query,
    Related,
)

Names = Mapping[tuple[str, int], str]  # (object, id) -> label, for links
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_DATES = {"eq": "is", "ne": "is not", "gt": "after", "gte": "on or after", "lt": "before", "lte": "on or before"}
_NUMBERS = {"eq": "is", "ne": "is not", "gt": "over", "gte": "at least", "lt": "under", "lte": "at most"}
_TEXTS = {
    "eq": "is",
    "ne": "is not",
    "gt": "after",
    "gte": "from",
    "lt": "before",
    "lte": "up to",
    "contains": "contains",
    "not_contains": "doesn't contain",
    "starts_with": "starts with",
}
_MEASURES = {
    "count": "number",
    "count_distinct": "number of different",
    "sum": "total",
    "avg": "average",
    "min": "lowest",
    "max": "highest",
    "weighted": "weighted",
}


def sentence(catalog: Catalog, query: Query, names: Names | None = None) -> str:
    """The query as one line: "Total amount of deals by owner: Stage is Won · Amount over $10,000"."""
    spec = catalog.objects.get(query.object)
    head = spec.label if spec is not None else query.object
    if query.is_grouped and spec is not None:
        head = _measured(catalog, spec, query)
    conditions = " · ".join(chips(catalog, query, names))
    order = _order(catalog, spec, query) if spec is not None else ""
    return head + (f": {conditions}" if conditions else "") + order


def chips(catalog: Catalog, query: Query, names: Names | None = None) -> tuple[str, ...]:
    """The conditions of the query, one phrase each. `names` gives the labels of linked records (else their ids)."""
    writer = _Writer(catalog, names or {})
    spec = catalog.objects.get(query.object)
    found = ["In the trash"] if query.trashed else []
    if query.text:
        found.append(f"Text has “{query.text}”")
    if query.where is not None and spec is not None:
        items = query.where.items if isinstance(query.where, And) else (query.where,)
        found += [writer.phrase(spec, item) for item in items]
    return tuple(found)


def _measured(catalog: Catalog, spec: ObjectSpec, query: Query) -> str:
    measures = query.measures or (Measure(),)
    what = " and ".join(_measure(catalog, spec, measure) for measure in measures)
    by = " and ".join(_group(catalog, spec, group) for group in query.group_by)
    words = f"{what} of {spec.label.lower()}" + (f" by {by}" if by else "")
    return words[0].upper() + words[1:]


def _measure(catalog: Catalog, spec: ObjectSpec, measure: Measure) -> str:
    name = _MEASURES[measure.fn]
    if measure.fn == "weighted" and not measure.field:
        return "weighted amount"
    if not measure.field:
        return name
    field = trail(catalog, spec, measure.field)[0]
    return f"number with {field.lower()}" if measure.fn == "count" else f"{name} {field.lower()}"


def _group(catalog: Catalog, spec: ObjectSpec, group: Group) -> str:
    field = trail(catalog, spec, group.field)[0].lower()
    return f"{group.bucket} of {field}" if group.bucket else field


def _order(catalog: Catalog, spec: ObjectSpec, query: Query) -> str:
    if not query.sort:
        return ""
    measures = query.measures or ((Measure(),) if query.is_grouped else ())
    keys = {measure.key: _measure(catalog, spec, measure) for measure in measures}
    keys |= {group.key: _group(catalog, spec, group) for group in query.group_by}
    words = []
    for name in query.sort:
        key = name.removeprefix("-")
        field = keys.get(key) or trail(catalog, spec, key)[0].lower()
        words.append(f"{field}, descending" if name.startswith("-") else field)
    return f", sorted by {' then '.join(words)}"


def trail(catalog: Catalog, spec: ObjectSpec, path: str) -> tuple[str, FieldSpec | None]:
    """The labels along a path, as "Company › Industry", and the field at its end (None: a relation, or unknown)."""
    labels: list[str] = []
    field: FieldSpec | None = None
    here: ObjectSpec | None = spec
    for step in path.split("."):
        field, label, here = _step(catalog, here, step)
        labels.append(label)
    return " › ".join(labels), field


def _step(catalog: Catalog, spec: ObjectSpec | None, step: str) -> tuple[FieldSpec | None, str, ObjectSpec | None]:
    if spec is None:
        return None, step, None
    field = spec.field(step) or next((kept for kept in KEPT if kept.name == step), None)
    if field is not None:
        target = STAGES if field.type == "stage" else catalog.objects.get(field.target or "")
        return field, field.label, target
    back = catalog.inverse(spec.name, step)
    return (None, back[0].label, back[0]) if back else (None, step, None)


class _Writer:
    def __init__(self, catalog: Catalog, names: Names) -> None:
        self.catalog = catalog
        self.names = names

    def phrase(self, spec: ObjectSpec, item: Filter) -> str:
        if isinstance(item, Condition):
            return self._condition(spec, item)
        if isinstance(item, And):
            return self._joined(spec, item.items, "and", "everything")
        if isinstance(item, Or):
            return self._joined(spec, item.items, "or", "nothing")
        if isinstance(item, Not):
            return f"not ({self.phrase(spec, item.item)})"
        return self._related(spec, item)

    def _joined(self, spec: ObjectSpec, items: Sequence[Filter], word: str, none: str) -> str:
        if not items:
            return none
        phrases = [
            f"({self.phrase(spec, item)})" if isinstance(item, And | Or) else self.phrase(spec, item) for item in items
        ]
        return f" {word} ".join(phrases)

    def _related(self, spec: ObjectSpec, item: Related) -> str:
        label, _ = trail(self.catalog, spec, item.relation)
        back = self._target(spec, item.relation)
        head = f"has {'no' if item.quantifier == 'none' else 'some'} {label.lower()}"
        if item.where is None or back is None:
            return head
        return f"{head} where {self.phrase(back, item.where)}"

    def _target(self, spec: ObjectSpec, path: str) -> ObjectSpec | None:
        here: ObjectSpec | None = spec
        for step in path.split("."):
            here = _step(self.catalog, here, step)[2]
        return here

    def _condition(self, spec: ObjectSpec, condition: Condition) -> str:
        label, field = trail(self.catalog, spec, condition.field)
        return f"{label} {_predicate(self, field, condition.op, condition.value)}"

    def value(self, field: FieldSpec | None, value: Any) -> str:
        if value is None or value == "":
            return "empty"
        if field is None:
            return str(value)
        return self._typed(field, value)

    def _typed(self, field: FieldSpec, value: Any) -> str:
        if field.type in ("select", "multi_select", "stage"):
            return _option(field, str(value))
        if field.type == "link":
            return self._link(field, value)
        if field.type == "money":
            return amount(value, self.catalog.currency)
        if field.type == "number":
            return figure(value, plain=field.name == "id")
        if field.type in ("date", "datetime"):
            return day(str(value))
        return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)

    def _link(self, field: FieldSpec, value: Any) -> str:
        if value == "me":
            return "me"
        known = self.names.get((field.target or "", int(value))) if str(value).isdecimal() else None
        return known or f"number {value}"


def _predicate(writer: _Writer, field: FieldSpec | None, op: str, value: Any) -> str:
    if op == "empty":
        return "is not empty" if value in (False, "false", "no", "0", 0) else "is empty"
    items = [writer.value(field, item) for item in (value if isinstance(value, list | tuple) else [value])]
    items = items or ["nothing"]
    if op in ("in", "not_in"):
        return f"is {'not ' if op == 'not_in' else ''}{_either(items)}"
    if op == "between":
        return f"from {' to '.join(items)}"
    if op == "during":
        return f"in {items[0]}" if items[0][:4].isdecimal() or items[0][:1].isupper() else f"is {items[0]}"
    return f"{_words(field).get(op, op)} {items[0]}"


def _words(field: FieldSpec | None) -> Mapping[str, str]:
    if field is None or field.type in ("number", "money"):
        return _NUMBERS
    return _DATES if field.type in ("date", "datetime") else _TEXTS


def _either(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"


def _option(field: FieldSpec, value: str) -> str:
    key = match(field.options, value)
    label = next((option.label for option in field.options if option.key == key), None)
    return label or (value.capitalize() if value in ("open", "won", "lost") else value)


def figure(value: Any, *, plain: bool = False) -> str:
    """A number with thousands apart."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return str(value) if plain or not number.is_finite() else f"{number.normalize():,f}"


def amount(value: Any, currency: str) -> str:
    """$10,000; 10,000 CHF."""
    number = figure(value)
    symbol = _SYMBOLS.get(currency)
    if symbol is None:
        return f"{number} {currency}"
    return f"-{symbol}{number[1:]}" if number.startswith("-") else f"{symbol}{number}"


def day(value: str) -> str:
    """5 Nov 2024; Nov 2024; Q4 2024; last quarter."""
    try:
        if "T" in value or ":" in value:
            return f"{datetime.fromisoformat(value):%-d %b %Y %H:%M}"
        first, _ = periods.resolve(value, date(2000, 1, 1))
    except ValueError:
        return value
    parts = value.upper().split("-")
    if not parts[0].isdecimal():
        return value.replace("_", " ")
    if len(parts) == 1:
        return value
    if parts[1].startswith("Q"):
        return f"{parts[1]} {parts[0]}"
    return f"{first:%b %Y}" if len(parts) == 2 else f"{first.day} {first:%b %Y}"
