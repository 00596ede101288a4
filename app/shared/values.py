"""Values as JSON: one place that knows how the doors' values are written outside."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.shared.contract import Money, Record, Ref


def as_json(value: Any) -> Any:
    """Any value of the doors as JSON. Money is a number in major units; its currency stands beside it."""
    if isinstance(value, Money):
        return as_json(value.major)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Ref):
        return {"object": value.object, "id": value.id, "label": value.label, "url": value.url}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    return value


def row_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row of an answer: its amounts are numbers beside the row's `currency`; one in another currency, and a measure
    in several, carry their own.
    """
    currency = next((value.currency for value in values.values() if isinstance(value, Money)), None)
    row = {name: _amount(value, currency) for name, value in values.items()}
    return row | ({"currency": currency} if currency else {})


def _amount(value: Any, currency: str | None) -> Any:
    if isinstance(value, Money) and value.currency != currency:
        return {"amount": as_json(value), "currency": value.currency}
    if isinstance(value, tuple) and value and isinstance(value[0], Money):
        return [_amount(item, None) for item in value]
    return as_json(value)


def record_json(record: Record) -> dict[str, Any]:
    """A record as REST shows it."""
    body: dict[str, Any] = {"id": record.id, "object": record.object, "label": record.label, "url": record.url}
    body |= {name: as_json(value) for name, value in record.values.items()}
    body["version"] = record.version
    if record.trashed_at:
        body["trashed_at"] = as_json(record.trashed_at)
    return body
