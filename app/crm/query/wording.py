"""Queries in plain English: chips, as "Amount over $10,000" and "Company › Industry is Medical", and a sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.crm.query.source import KEPT, STAGES
from app.crm.query.spelling import amount, day, figure
from app.crm.query.values import match, stage_label
from app.shared.contract import (
    And,
    Catalog,
    Condition,
    FieldSpec,
    Filter,
    Group,
    Having,
    Measure,
    Not,
    ObjectSpec,
    Or,
    Query,
    Related,
    Text,
)
from app.shared.db import text_key

Names = Mapping[tuple[str, int], str]  # (object, id) -> label, for links
DEEPEST = 50  # levels of a filter that are put into words
_LONGEST_ID = 20  # digits
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


def asked(catalog: Catalog, query: Query, conditions: str) -> str:
    """The query as one line, its conditions put in."""
    spec = catalog.objects.get(query.object)
    head = spec.label if spec is not None else query.object
    if query.is_grouped and spec is not None:
        head = _measured(catalog, spec, query)
    order = _order(catalog, spec, query) if spec is not None else ""
    return (
        head + (f" in {query.currency}" if query.currency else "") + (f": {conditions}" if conditions else "") + order
    )


def bound(catalog: Catalog, query: Query, having: Having) -> str:
    """A bound on groups, as "Total amount at least $1,000"."""
    spec = catalog.objects.get(query.object)
    named, _, field = having.measure.partition(":")
    known = {"fn": named, "field": field or None}
    writer = Writer(replace(catalog, currency=query.currency or catalog.currency), {})
    if spec is None or named not in _MEASURES:
        return f"{having.measure} {_predicate(writer, None, having.op, having.value)}"
    measure = Measure.model_validate(known)
    words = _measure(catalog, spec, measure)
    return f"{words[0].upper()}{words[1:]} {_predicate(writer, _unit(catalog, spec, measure), having.op, having.value)}"


def _unit(catalog: Catalog, spec: ObjectSpec, measure: Measure) -> FieldSpec | None:
    """The field in whose unit a measure is; None: a plain number."""
    if measure.fn in ("count", "count_distinct"):
        return None
    path = measure.field or ("amount" if measure.fn == "weighted" else "")
    return trail(catalog, spec, path)[1] if path else None


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


def trail(catalog: Catalog, spec: ObjectSpec | None, path: str) -> tuple[str, FieldSpec | None]:
    """The labels along a path, as "Company › Industry", and the field at its end (None: a relation, or unknown)."""
    labels: list[str] = []
    field: FieldSpec | None = None
    here = spec
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


class Writer:
    """Puts filters into words."""

    def __init__(self, catalog: Catalog, names: Names) -> None:
        self.catalog = catalog
        self.names = names

    def phrase(self, spec: ObjectSpec | None, item: Filter, depth: int = 0) -> str:
        """A filter on records of an object (None: of one that there isn't)."""
        if depth > DEEPEST:
            return "…"
        if isinstance(item, Condition):
            return self._condition(spec, item)
        if isinstance(item, Text):
            return self.text(item.text)
        if isinstance(item, And):
            return self._joined(spec, item.items, "and", "everything", depth)
        if isinstance(item, Or):
            return self._joined(spec, item.items, "or", "nothing", depth)
        if isinstance(item, Not):
            return f"not ({self.phrase(spec, item.item, depth + 1)})"
        return self._related(spec, item, depth)

    def text(self, words: str) -> str:
        return f"Text has “{words}”"

    def _joined(self, spec: ObjectSpec | None, items: Sequence[Filter], word: str, none: str, depth: int) -> str:
        phrases = [self.phrase(spec, item, depth + 1) for item in items]
        if len(items) < 2:
            return phrases[0] if phrases else none
        wrapped = (
            f"({words})" if isinstance(item, And | Or) else words for item, words in zip(items, phrases, strict=True)
        )
        return f" {word} ".join(wrapped)

    def _related(self, spec: ObjectSpec | None, item: Related, depth: int) -> str:
        label, _ = trail(self.catalog, spec, item.relation)
        back = self._target(spec, item.relation)
        head = f"has {'no' if item.quantifier == 'none' else 'some'} {label.lower()}"
        if item.where is None:
            return head
        return f"{head} where {self.phrase(back, item.where, depth + 1)}"

    def _target(self, spec: ObjectSpec | None, path: str) -> ObjectSpec | None:
        here = spec
        for step in path.split("."):
            here = _step(self.catalog, here, step)[2]
        return here

    def _condition(self, spec: ObjectSpec | None, condition: Condition) -> str:
        label, field = trail(self.catalog, spec, condition.field)
        of, step = condition.field.rpartition(".")[::2]
        if step == "key" and (stage := trail(self.catalog, spec, of))[1] is not None and stage[1].type == "stage":
            label, field = stage[0], replace(stage[1], type="select")  # one stage, also where its key is a kind
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
        id = identity(value)
        known = None if id is None else self.names.get((field.target or "", id))
        return known or f"number {value}"


def identity(value: Any) -> int | None:
    """The id that a condition on a link names; None where it is none."""
    return int(value) if str(value).isdecimal() and len(str(value)) < _LONGEST_ID else None


def _predicate(writer: Writer, field: FieldSpec | None, op: str, value: Any) -> str:
    if op == "empty":
        return "is not empty" if value in (False, "false", "no", "0", 0) else "is empty"
    items = [writer.value(field, item) for item in (value if isinstance(value, list | tuple) else [value])]
    items = items or ["nothing"]
    if op in ("in", "not_in"):
        return f"is {'not ' if op == 'not_in' else ''}{_either(items)}"
    if op == "between":
        return f"from {' to '.join(items)}"
    if op == "during":
        inside = items[0][:4].isdecimal() or items[0][:1].isupper() or items[0].startswith("the ")
        return f"in {items[0]}" if inside else f"is {items[0]}"
    if (op == "lt" and items[0].endswith(" ago")) or (op == "gt" and items[0].endswith(" from now")):
        return f"more than {items[0]}" if _words(field) is _DATES else f"{_words(field).get(op, op)} {items[0]}"
    return f"{_words(field).get(op, op)} {items[0]}"


def _words(field: FieldSpec | None) -> Mapping[str, str]:
    if field is None or field.type in ("number", "money"):
        return _NUMBERS
    return _DATES if field.type in ("date", "datetime") else _TEXTS


def _either(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"


def _option(field: FieldSpec, value: str) -> str:
    key = match(field.options, value)
    is_one = field.type != "stage" or text_key(value) == text_key(key) not in ("open", "won", "lost")
    if key is not None and is_one:
        return stage_label(field, key) or value
    label = next((option.label for option in field.options if option.key == key), None)
    return label or (value.capitalize() if value in ("open", "won", "lost") else value)
