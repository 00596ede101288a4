"""One cell as the JSON value of a field, or the reason why it can't be one. Links are resolved elsewhere."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.crm.transfer import dates, numbers
from app.crm.transfer.columns import Column
from app.crm.transfer.guess import FALSE, TRUE
from app.shared.contract import FieldSpec
from app.shared.db import text_key
from app.shared.money import digits
from app.shared.values import as_json

_LIST = re.compile(r"\s*[;,|\n]\s*")


class CellError(Exception):
    """Why a cell can't be the value of its field, in a sentence."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads cells for one import. `currency` is the workspace's own."""

    currency: str
    zone: str

    def value(self, column: Column, text: str) -> Any:
        """The JSON value of a cell that isn't empty. Raises CellError."""
        field = column.field
        assert field is not None
        if "\x00" in text:
            raise CellError("holds a NUL character, which no field can hold")
        read = getattr(self, f"_{field.type}", None)
        return read(column, field, text) if read else text

    def _number(self, column: Column, field: FieldSpec, text: str) -> Any:
        number = numbers.number(text, column.mark)
        if number is None:
            raise CellError("is no number")
        if field.integer and number != number.to_integral_value():
            raise CellError("is no whole number")
        _at_least(field, number)
        return as_json(number)

    def _money(self, column: Column, field: FieldSpec, text: str) -> Any:
        return self.money(column, text)[0]

    def money(self, column: Column, text: str, currency: str | None = None) -> tuple[Any, str | None, bool]:
        """(major units, the currency that the cell names, whether it was rounded to the minor unit)."""
        found = numbers.amount(text, column.mark)
        if found is None:
            raise CellError("is no amount of money")
        _at_least(column.field, found.number)
        unit = Decimal(1).scaleb(-digits(currency or found.currency or self.currency))
        rounded = found.number.quantize(unit, ROUND_HALF_UP)
        return as_json(rounded), found.currency, rounded != found.number

    def _date(self, column: Column, field: FieldSpec, text: str) -> str:
        found = dates.day(text, column.order)
        if found is None:
            raise CellError(_no_date(text, column.order))
        return found.isoformat()

    def _datetime(self, column: Column, field: FieldSpec, text: str) -> str:
        found = dates.moment(text, column.order, self.zone)
        if found is None:
            raise CellError(_no_date(text, column.order))
        return str(as_json(found))

    def _boolean(self, column: Column, field: FieldSpec, text: str) -> bool:
        key = text_key(text)
        if key not in TRUE and key not in FALSE:
            raise CellError("is neither yes nor no")
        return key in TRUE

    def _select(self, column: Column, field: FieldSpec, text: str) -> str:
        wanted = text_key(text)
        for option in field.options:
            if wanted in (text_key(option.key), text_key(option.label)):
                return option.key
        labels = ", ".join(option.label for option in field.options)
        raise CellError(f"is none of the choices: {labels}")

    def _multi_select(self, column: Column, field: FieldSpec, text: str) -> list[str]:
        return [self._select(column, field, part) for part in _LIST.split(text) if part]

    def _tags(self, column: Column, field: FieldSpec, text: str) -> list[str]:
        return list(dict.fromkeys(part for part in _LIST.split(text) if part))


def _at_least(field: FieldSpec | None, number: Decimal) -> None:
    if field and field.minimum is not None and number < field.minimum:
        raise CellError(f"is below {field.minimum}")


def _no_date(text: str, order: dates.Order) -> str:
    other: dates.Order = "day-first" if order == "month-first" else "month-first"
    if dates.day(text, other):
        return f"is no date when read {order}, as this column is"
    return "is no date"
