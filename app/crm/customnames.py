"""What every part of customization shares: names, keys that follow from them, places in an order, the audit log."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, update

from app.crm.changes.formats import Refused
from app.crm.changes.formats import text as checked_text
from app.shared.contract import Principal
from app.shared.errors import FieldError, Forbidden, Invalid

LABEL_LENGTH = 80  # characters


def bad(field: str, message: str, **extra: Any) -> Invalid:
    return Invalid(message, [FieldError(field, message, extra or None)])


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


def placed(items: Sequence[int], item: int, place: int) -> list[int]:
    """The items with this one at `place`, counted from 1; places beyond the ends mean the ends."""
    rest = [other for other in items if other != item]
    at = min(max(place, 1), len(items)) - 1
    return [*rest[:at], item, *rest[at:]]


def renumber(connection: Connection, table: Any, ids: Sequence[int]) -> None:
    """Let these rows stand in this order."""
    for position, id in enumerate(ids, 1):
        connection.execute(update(table).where(table.c.id == id).values(position=position))


def only_admins(actor: Principal) -> None:
    """Raises Forbidden for whoever may not shape the workspace."""
    if not (actor.is_admin and actor.can_write):
        raise Forbidden("Only an admin can change fields, pipelines and tags.")


def log(connection: Connection, actor: Principal, event: str, /, **detail: Any) -> None:
    """A line of the audit log, in the transaction of the change."""
    from app.crm.accounts.events import record

    record(connection, event, actor=actor, detail=detail)
