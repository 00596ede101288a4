"""What admins shape without a restart: custom fields and their options, pipelines and stages, tags and settings.

Every function works in the caller's write transaction, bumps the catalog and writes a line of the audit log in the name
of `actor`. `build_indexes` is apart: run it after the commit, outside of any request.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, insert, select, update

from app.crm import catalog
from app.crm.changes.formats import Refused, currency
from app.crm.changes.write import ensure_tags as ids_of_tags
from app.crm.customfields import (
    TYPES,
    change_field,
    create_field,
    names_of_new,
    place_field,
    rename,
    retire,
    stored_fields,
    unretire,
)
from app.crm.customindexes import build_indexes
from app.crm.customnames import LABEL_LENGTH, bad, checked_label, snake
from app.crm.customoptions import (
    add_option,
    place_option,
    rename_option,
    restore_option,
    retire_option,
    set_options,
)
from app.crm.custompipelines import create_pipeline, place_pipeline, rename_pipeline, restore_pipeline, retire_pipeline
from app.crm.customstages import change_stage, create_stage, place_stage, restore_stage, retire_stage
from app.crm.schema import settings
from app.shared.db import text_key

__all__ = [
    "LABEL_LENGTH", "TYPES", "add_option", "build_indexes", "change_field", "change_stage", "create_field",
    "create_pipeline", "create_stage", "ensure_tags", "names_of_new", "place_field", "place_option", "place_pipeline",
    "place_stage", "rename", "rename_option", "rename_pipeline", "restore_option", "restore_pipeline", "restore_stage",
    "retire", "retire_option", "retire_pipeline", "retire_stage", "set_options", "set_setting", "setting", "snake",
    "stored_fields", "unretire",
]  # fmt: skip

_VISIBILITY = ("everyone", "team", "owner")


def ensure_tags(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The ids of these tags by name; what is missing is made."""
    wanted = [checked_label(name, "tags") for name in names]
    ids = ids_of_tags(connection, wanted)
    return {name: ids[text_key(name)] for name in wanted}


def setting(connection: Connection, key: str, default: Any = None) -> Any:
    """A setting's value as JSON; `default` where it isn't set."""
    value = connection.scalar(select(settings.c.value).where(settings.c.key == key))
    return default if value is None else value


def set_setting(connection: Connection, key: str, value: Any) -> None:
    """Set workspace, currency, fiscal_start, visibility.<object> or another setting; None unsets it. Raises Invalid."""
    value = _checked(key, value)
    if connection.execute(update(settings).where(settings.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(insert(settings).values(key=key, value=value))
    catalog.bump(connection)


def _checked(key: str, value: Any) -> Any:
    if key == catalog.VERSION:
        raise bad(key, "The catalog's version is kept by the program.")
    if value is None:
        return None
    if key == "workspace":
        return checked_label(str(value), key)
    if key.startswith(catalog.VISIBILITY) and value not in _VISIBILITY:
        raise bad(key, f"Expected one of {', '.join(_VISIBILITY)}.")
    if key == catalog.FISCAL_START:
        if str(value) not in {str(month) for month in range(1, 13)}:
            raise bad(key, "Expected a month, 1 to 12.")
        return int(value)
    if key == "currency":
        try:
            return currency(str(value))
        except Refused as problem:
            raise bad(key, str(problem)) from None
    return value
