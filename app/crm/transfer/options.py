"""What the person who imports has asked for, checked once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.crm.transfer.dates import Order
from app.shared.errors import FieldError, Invalid

CREATABLE = ("fields", "owners", "stages", "companies", "people")


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is imported."""

    object: str
    maps: tuple[tuple[str, str], ...] = ()  # (column of the file, field of the object)
    match: str | None = None  # the field by which a row finds its record; "": by its content alone; None: not said
    create: frozenset[str] = frozenset()  # which of `CREATABLE` may be created where the CRM lacks them
    order: Order | None = None  # how dates like 3/4/2024 are read; None: as the values settle it
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "object": self.object,
            "map": dict(self.maps),
            "match": self.match or None,
            "create": sorted(self.create),
            "date_order": self.order,
            "dry_run": self.dry_run,
        }


def from_words(
    object: str,
    maps: Iterable[str] = (),
    match: str | None = None,
    create: Iterable[str] = (),
    order: str | None = None,
    dry_run: bool = False,
) -> Options:
    """Options from words as the command line and forms give them: COLUMN=field, and comma lists. Raises Invalid."""
    pairs = tuple(_pair(item) for item in maps)
    return from_parts(object, pairs, match, _words(create), order, dry_run)


def from_parts(
    object: str,
    maps: tuple[tuple[str, str], ...],
    match: str | None,
    create: Iterable[str],
    order: str | None,
    dry_run: bool,
) -> Options:
    wanted = frozenset(create)
    if unknown := sorted(wanted - set(CREATABLE)):
        raise _bad("create", f"{unknown[0]!r} can't be created by an import. Known: {', '.join(CREATABLE)}.")
    columns = [column for column, _ in maps]
    if twice := next((column for column in columns if columns.count(column) > 1), None):
        raise _bad("map", f"The column {twice!r} is mapped twice.")
    if order not in (None, "month-first", "day-first"):
        raise _bad("date_order", f"{order!r} is no order of dates: expected month-first or day-first.")
    return Options(object, maps, match, wanted, order, dry_run)  # type: ignore[arg-type]  # checked above


def _pair(item: str) -> tuple[str, str]:
    column, mark, field = item.rpartition("=")
    if not (mark and column.strip() and field.strip()):
        raise _bad("map", f"{item!r} can't be read: expected COLUMN=field.")
    return column.strip(), field.strip()


def _words(items: Iterable[str]) -> list[str]:
    return [word.strip() for item in items for word in item.split(",") if word.strip()]


def _bad(field: str, message: str) -> Invalid:
    return Invalid(message, [FieldError(field, message)])
