"""What type a column is, from all of its values: a guess that never loses what is written."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from app.crm.transfer import dates, numbers
from app.shared.contract import FieldType
from app.shared.db import text_key

# Numbers that name something and aren't counted: kept as text, letter for letter.
_NAMES_THINGS = re.compile(
    r"(^|[\s_-])(id|code|key|ref|reference|sku|zip|zipcode|postcode|postal|phone|fax|mobile|iban|vat|ean|isbn)$", re.I
)
_CAMEL_ID = re.compile(r"[a-z](Id|ID)$")
_INTEGER = re.compile(r"^[+-]?(0|[1-9]\d{0,14})$")
TRUE = frozenset({"true", "yes", "y", "t", "1", "on", "x", "✓"})
FALSE = frozenset({"false", "no", "n", "f", "0", "off"})
_WORDS_OF_TRUTH = frozenset({"true", "false", "yes", "no"})
_LONG = 255


@dataclass(frozen=True, slots=True)
class Guess:
    type: FieldType
    integer: bool = False


def guess(name: str, values: Collection[str], order: dates.Order) -> Guess:
    """The narrowest type that every value fits."""
    if any("\n" in value or len(value) > _LONG for value in values):
        return Guess("long_text")
    if _NAMES_THINGS.search(name) or _CAMEL_ID.search(name):
        return Guess("text")
    if {text_key(value) for value in values} <= _WORDS_OF_TRUTH:
        return Guess("boolean")
    return _number(values) or _date(values, order) or Guess("text")


def _number(values: Collection[str]) -> Guess | None:
    if any(re.match(r"^[+-]?0\d", value) for value in values):  # 007 and 02134 name something
        return None
    if all(_INTEGER.match(value) for value in values):
        return Guess("number", integer=True)
    if not all(numbers.amount(value, ".") or numbers.amount(value, ",") for value in values):
        return None
    mark = numbers.decimal_mark(values)
    found = [item for value in values if (item := numbers.amount(value, mark))]
    signed = sum(item.signed for item in found)
    if len(found) < len(values) or 0 < signed < len(values):
        return None
    if signed:
        return Guess("money")
    return Guess("number", integer=all(item.number == item.number.to_integral_value() for item in found))


def _date(values: Collection[str], order: dates.Order) -> Guess | None:
    if not all(dates.moment(value, order) for value in values):
        return None
    if all(re.match(r"^\d{8}$", value) for value in values):
        return None
    return Guess("datetime" if any(dates.has_time(value) for value in values) else "date")
