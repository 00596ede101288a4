"""The options of a custom choice. An option keeps its key for life; a retired one stays where records hold it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from app.crm.customfields import CHOICES, MOST_OPTIONS, option_rows, row_of, write
from app.crm.customnames import bad, checked_label, free, only_admins, snake
from app.shared.contract import SYSTEM, FieldSpec, Principal
from app.shared.db import text_key
from app.shared.errors import NotFound

Stored = list[list[Any]]  # [key, label] or, retired, [key, label, True]


def _row(connection: Connection, actor: Principal, custom_id: int) -> Row[Any]:
    only_admins(actor)
    row = row_of(connection, custom_id)
    if row.type not in CHOICES:
        raise bad("options", f"{row.label} is no choice: it has no options.")
    return row


def _offered(stored: Sequence[Sequence[Any]]) -> Stored:
    return [list(item) for item in stored if len(item) == 2]


def _retired(stored: Sequence[Sequence[Any]]) -> Stored:
    return [list(item) for item in stored if len(item) > 2]


def _check_label(stored: Sequence[Sequence[Any]], label: str, key: str = "") -> str:
    label = checked_label(label, "options")
    twin = next((item for item in stored if text_key(item[1]) == text_key(label) and item[0] != key), None)
    if twin:
        more = " It is retired: bring it back instead." if len(twin) > 2 else ""
        raise bad("options", f"There is an option {twin[1]} already.{more}")
    return label


def _find(row: Row[Any], key: str) -> list[Any]:
    found = next((list(item) for item in row.options or () if item[0] == key), None)
    if found is None:
        raise NotFound(f"{row.label} has no option {key!r}.")
    return found


def _save(connection: Connection, actor: Principal, row: Row[Any], options: Stored) -> FieldSpec:
    if not _offered(options):
        raise bad("options", "A choice keeps one option at least. Retire the field instead.")
    if len(options) > MOST_OPTIONS:
        raise bad("options", f"Use at most {MOST_OPTIONS} options.")
    return write(connection, actor, row, "field.changed", options=options)


def set_options(
    connection: Connection, custom_id: int, labels: Sequence[str], *, actor: Principal = SYSTEM
) -> FieldSpec:
    """Another list of options, in this order. A label that was there keeps its key; one that is left out is retired."""
    row = _row(connection, actor, custom_id)
    if not labels:
        raise bad("options", "A choice needs one option at least.")
    options = option_rows(labels, row.options)
    kept = {key for key, _label in options}
    return _save(connection, actor, row, options + [[*item[:2], True] for item in row.options if item[0] not in kept])


def add_option(connection: Connection, custom_id: int, label: str, *, actor: Principal = SYSTEM) -> FieldSpec:
    """One more option, after those that are offered."""
    row = _row(connection, actor, custom_id)
    label = _check_label(row.options, label)
    key = free(snake(label), [item[0] for item in row.options])
    return _save(connection, actor, row, [*_offered(row.options), [key, label], *_retired(row.options)])


def rename_option(
    connection: Connection, custom_id: int, key: str, label: str, *, actor: Principal = SYSTEM
) -> FieldSpec:
    """Another label; the key stays, and with it what records hold."""
    row = _row(connection, actor, custom_id)
    found = _find(row, key)
    found[1] = _check_label(row.options, label, key)
    return _save(connection, actor, row, [found if item[0] == key else list(item) for item in row.options])


def place_option(
    connection: Connection, custom_id: int, key: str, place: int, *, actor: Principal = SYSTEM
) -> FieldSpec:
    """Move an option to a place among those that are offered, counted from 1."""
    row = _row(connection, actor, custom_id)
    found = _find(row, key)
    if len(found) > 2:
        raise bad("options", f"{found[1]} is retired: bring it back first.")
    rest = [item for item in _offered(row.options) if item[0] != key]
    at = min(max(place, 1), len(rest) + 1) - 1
    return _save(connection, actor, row, [*rest[:at], found, *rest[at:], *_retired(row.options)])


def retire_option(connection: Connection, custom_id: int, key: str, *, actor: Principal = SYSTEM) -> FieldSpec:
    """Offer it no more. Records that hold it keep it, and show it."""
    row = _row(connection, actor, custom_id)
    found = _find(row, key)
    kept = [list(item) for item in row.options if item[0] != key]
    return _save(connection, actor, row, [*_offered(kept), *_retired(kept), [*found[:2], True]])


def restore_option(connection: Connection, custom_id: int, key: str, *, actor: Principal = SYSTEM) -> FieldSpec:
    """Offer a retired option again, after the others."""
    row = _row(connection, actor, custom_id)
    found = _find(row, key)
    kept = [list(item) for item in row.options if item[0] != key]
    return _save(connection, actor, row, [*_offered(kept), found[:2], *_retired(kept)])
