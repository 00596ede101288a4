"""What a statement selects for a field, and how the selected values become a value of the doors."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.sql.elements import Label

from app.crm.query.money import money
from app.crm.query.source import Leaf
from app.shared.contract import Ref, Value

Decode = Callable[[Sequence[Any]], Value]


class Selection:
    """The expressions of one SELECT, each once, and the places at which a reader finds its own."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._kept: list[ColumnElement[Any]] = []

    def add(self, *expressions: ColumnElement[Any]) -> tuple[int, ...]:
        return tuple(self._place(expression) for expression in expressions)

    def _place(self, expression: ColumnElement[Any]) -> int:
        if id(expression) not in self._places:
            self._places[id(expression)] = len(self._kept)
            self._kept.append(expression)
        return self._places[id(expression)]

    @property
    def labelled(self) -> list[Label[Any]]:
        return [expression.label(f"c{index}") for index, expression in enumerate(self._kept)]


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a record: where its parts stand in a row, and what they mean."""

    name: str
    places: tuple[int, ...]
    decode: Decode

    def read(self, row: Sequence[Any]) -> Value:
        return self.decode([row[place] for place in self.places])


def column(selection: Selection, leaf: Leaf, name: str) -> Column:
    """A column of a page. Tags are not selected here: they are read by the ids, see `records`."""
    parts, decode = _custom(leaf) if leaf.field.custom_id is not None else _built_in(leaf)
    return Column(name, selection.add(*parts), decode)


def _built_in(leaf: Leaf) -> tuple[list[ColumnElement[Any]], Decode]:
    field, table = leaf.field, leaf.source.table
    if field.type == "link":
        return _link(leaf)
    if field.type == "stage":
        return [leaf.source.follow(field).table.c.key], lambda parts: parts[0]
    if field.type == "tags":
        return [table.c.id], lambda parts: parts[0]
    if field.type == "money":
        parts: list[ColumnElement[Any]] = [table.c[field.name], *([table.c.currency] if "currency" in table.c else [])]
        return parts, _money(leaf)
    return [table.c[field.name]], lambda parts: value(field.type, parts[0])


def _link(leaf: Leaf) -> tuple[list[ColumnElement[Any]], Decode]:
    target = leaf.source.follow(leaf.field)
    spec = target.spec

    def decode(parts: Sequence[Any]) -> Ref | None:
        return None if parts[0] is None else Ref(spec.name, parts[0], label(spec.label_one, *parts))

    return [target.table.c.id, *naming(target.table, spec.label_field)], decode


def _money(leaf: Leaf) -> Decode:
    default = leaf.scope.catalog.currency
    return lambda parts: money(parts[0], parts[1] if len(parts) > 1 else None, default)


def _custom(leaf: Leaf) -> tuple[list[ColumnElement[Any]], Decode]:
    field, table = leaf.field, leaf.source.table
    if field.type == "link":
        return _link(leaf)
    name = f"f{field.custom_id}"
    if field.type == "money":
        as_money = _money(leaf)
        parts: list[ColumnElement[Any]] = [table.c.custom, *([table.c.currency] if "currency" in table.c else [])]
        return parts, lambda found: as_money([(found[0] or {}).get(name), *found[1:]])
    return [table.c.custom], lambda found: value(field.type, (found[0] or {}).get(name))


def value(type: str, stored: Any) -> Value:
    """A stored value, from a column or from the JSON of the custom fields, as a value of the doors."""
    if type == "multi_select":
        return tuple(json.loads(stored) if isinstance(stored, str) else stored or ())
    if stored is None:
        return None
    if type == "date" and isinstance(stored, str):
        return date.fromisoformat(stored)
    if type == "datetime" and isinstance(stored, str):
        return datetime.fromisoformat(stored)
    if type == "number":
        return plain_number(stored)
    return bool(stored) if type == "boolean" else stored


def plain_number(number: Any) -> int | float:
    """Whole numbers as int, the rest as float: the same on both engines."""
    if isinstance(number, Decimal) and number == number.to_integral_value():
        return int(number)
    number = float(number) if isinstance(number, Decimal) else number
    return int(number) if isinstance(number, float) and number.is_integer() and abs(number) < 2**53 else number


# --- the words that name a record ------------------------------------------------------------------------------------

_LONGEST = 80


def naming(table: Any, label_field: str) -> list[ColumnElement[Any]]:
    """The columns from which `label` names a record."""
    names = [label_field, *(name for name in ("body", "kind") if name in table.c)]
    return [table.c[name] for name in names]


_MARKS = (  # of Markdown: a link (cut off, perhaps), what begins a line, what stands around words
    (re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)?"), r"\1"),
    (re.compile(r"^\s*(?:#{1,6}|>|[-*+]|\d+[.)])\s+"), ""),
    (re.compile(r"\*\*|__|~~|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)"), ""),
)


def unmarked(line: str) -> str:
    """A line of Markdown as its words alone; what is nothing but marks stays as it is."""
    words = line
    for mark, instead in _MARKS:
        words = mark.sub(instead, words)
    return words.strip() or line


def label(object_label: str, id: int, name: Any, *rest: Any) -> str:
    """A record's name; of one without, the beginning of its text, else its kind and number."""
    if name:
        return str(name)
    lines = str(rest[0] or "").strip().splitlines() if rest else []
    if lines:
        line = unmarked(lines[0].rstrip())
        return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"
    kind = str(rest[1] or "").capitalize() if len(rest) > 1 else ""
    return f"{kind or object_label} {id}"
