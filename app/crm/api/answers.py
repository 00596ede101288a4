"""What the doors return, as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.shared.contract import (
    Change,
    GroupRow,
    Groups,
    Hit,
    Money,
    Page,
    Principal,
    Rate,
    Record,
    StoredChangeSet,
    Value,
)
from app.shared.values import as_json, record_json

_MARKS = str.maketrans("", "", "\x02\x03")


def answer(found: Page | Groups) -> dict[str, Any]:
    return page(found) if isinstance(found, Page) else groups(found)


def record(found: Record) -> dict[str, Any]:
    """A record; the currency of its money stands beside it, also where only the amount was asked for."""
    body = record_json(found)
    currency = next((value.currency for value in found.values.values() if isinstance(value, Money)), None)
    if currency and body.get("currency") is None:
        body["currency"] = currency
    return body


def page(found: Page) -> dict[str, Any]:
    body = {
        "items": [record(item) for item in found.records],
        "next_cursor": found.next_cursor,
        "total": found.total,
    }
    return body | {"total_is_bound": True} if found.total_is_bound else body


def groups(found: Groups) -> dict[str, Any]:
    """Groups: `keys` and `measures` by their names; a sum over several currencies is a list of amounts."""
    names = [item.key for item in found.query.measures] or ["count"]
    return {
        "items": [_group(found, row, names) for row in found.rows],
        "next_cursor": None,
        "total": found.group_count,
        "totals": _measures(names, found.totals),
        **({"rates": [as_rate(rate) for rate in found.rates]} if found.query.currency else {}),
    }


def as_rate(rate: Rate) -> dict[str, Any]:
    """What one unit of `currency` was worth in `to` from `day` on; the rate as text, so that no digit is lost."""
    return {"currency": rate.currency, "to": rate.to, "rate": f"{rate.rate:f}", "day": rate.day.isoformat()}


def _group(found: Groups, row: GroupRow, names: Sequence[str]) -> dict[str, Any]:
    keys = {group.key: as_json(key) for group, key in zip(found.query.group_by, row.keys, strict=True)}
    return {"keys": keys, "measures": _measures(names, row.measures)}


def _measures(names: Sequence[str], values: Sequence[Value]) -> dict[str, Any]:
    body: dict[str, Any] = {name: _measure(value) for name, value in zip(names, values, strict=False)}
    currencies = {value.currency for value in values if isinstance(value, Money)}
    return body | {"currency": currencies.pop()} if len(currencies) == 1 else body


def _measure(value: Value) -> Any:
    if isinstance(value, tuple | list):
        return [{"amount": as_json(item.major), "currency": item.currency} for item in value]
    return as_json(value)


def hit(found: Hit) -> dict[str, Any]:
    """A hit of the search. `matches` are the places of the matched words in the snippet, as [start, end)."""
    return {
        "object": found.ref.object,
        "id": found.ref.id,
        "label": found.ref.label,
        "url": found.ref.url,
        "snippet": found.snippet.translate(_MARKS),
        "matches": _places(found.snippet),
        "score": found.score,
        "date": as_json(found.date),
    }


def _places(snippet: str) -> list[list[int]]:
    places: list[list[int]] = []
    at = start = 0
    for char in snippet:
        if char == "\x02":
            start = at
        elif char == "\x03":
            places.append([start, at])
        else:
            at += 1
    return places


def change_set(found: StoredChangeSet) -> dict[str, Any]:
    return {
        "id": found.id,
        "state": found.state,
        "title": found.title,
        "author": found.author,
        "author_id": found.author_id,
        "channel": found.channel,
        "created_at": as_json(found.created_at),
        "applied_at": as_json(found.applied_at),
        "expires_at": as_json(found.expires_at),
        "undoes": found.undoes,
        "undone_by": found.undone_by,
        "count": found.count,
        "operations": [item.model_dump(mode="json", exclude_defaults=True) for item in found.operations],
        "records": [as_json(ref) for ref in found.records],
    }


def change(found: Change) -> dict[str, Any]:
    return {
        "seq": found.seq,
        "action": found.action,
        "object": found.object,
        "id": found.id,
        "label": found.label,
        "before": _plain(found.before),
        "after": _plain(found.after),
    }


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: as_json(value) for name, value in values.items()}


def principal(found: Principal) -> dict[str, Any]:
    return {
        "id": found.user_id,
        "name": found.name,
        "email": found.email,
        "role": found.role,
        "team_id": found.team_id,
        "scopes": sorted(found.scopes),
        "can_write": found.can_write,
        "timezone": found.timezone,
        "locale": found.locale,
    }
