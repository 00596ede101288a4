"""Names that admins give: labels, keys that follow from them, and places in an order."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from app.crm.changes.formats import Refused
from app.crm.changes.formats import text as checked_text
from app.shared.errors import FieldError, Invalid

LABEL_LENGTH = 80  # characters


def bad(field: str, message: str) -> Invalid:
    return Invalid(message, [FieldError(field, message)])


def checked_label(value: str, field: str = "label") -> str:
    try:
        label = checked_text(value)
    except Refused as problem:
        raise bad(field, str(problem)) from None
    if not 0 < len(label) <= LABEL_LENGTH:
        raise bad(field, f"Expected a name of 1 to {LABEL_LENGTH} characters.")
    return label


def snake(label: str) -> str:
    """A label as a key: "Account ID (old)" is account_id_old."""
    plain = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50].rstrip("_")
    return name if name and name[0].isalpha() else f"field_{name}".rstrip("_")


def free(name: str, taken: Iterable[str]) -> str:
    known = set(taken)
    return next(one for one in (name, *(f"{name}_{number}" for number in range(2, 10_000))) if one not in known)


def next_position(connection: Connection, table: Any, condition: Any) -> int:
    return int(connection.scalar(select(func.coalesce(func.max(table.c.position), 0)).where(condition)) or 0) + 1
