"""What admins shape without a restart: custom fields, stages, tags and settings. Each change bumps the catalog.

Every function works in the caller's write transaction. `build_indexes` is apart: run it after the commit, outside of
any request.
"""

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from sqlalchemy import Connection, Row, func, insert, select, update

from app.crm import catalog
from app.crm.changes.formats import Refused, currency
from app.crm.changes.write import ensure_tags as ids_of_tags
from app.crm.customindexes import build_indexes
from app.crm.customnames import LABEL_LENGTH, bad, checked_label, free, next_position, snake
from app.crm.customstages import create_pipeline, create_stage, retire_stage
from app.crm.objects import RECORD_OBJECTS
from app.crm.schema import KEYED_TYPES, custom_fields, settings
from app.shared.contract import FieldSpec, FieldType
from app.shared.db import text_key
from app.shared.errors import NotFound
from app.shared.types import utc_now

__all__ = [
    "LABEL_LENGTH", "build_indexes", "create_field", "create_pipeline", "create_stage", "ensure_tags",
    "names_of_new", "rename", "retire", "retire_stage", "set_options", "set_setting", "setting", "snake", "unretire",
]  # fmt: skip

MOST_FIELDS, MOST_OPTIONS = 200, 500
TYPES = tuple(name for name in get_args(FieldType) if name not in ("stage", "tags"))
# Words that mean something else in URLs, JSON and records.
_RESERVED = frozenset(
    "id object label url version trashed_at created_by q sort limit cursor fields group_by measure trashed where and or"
    " not custom me view page total items next_cursor".split()
)
_VISIBILITY = ("everyone", "team", "owner")


# --- custom fields ---------------------------------------------------------------------------------------------------


def create_field(
    connection: Connection,
    object: str,
    label: str,
    type: FieldType = "text",
    *,
    name: str | None = None,
    options: Sequence[str] = (),
    target: str | None = None,
    required: bool = False,
    unique: bool = False,
    integer: bool = False,
) -> FieldSpec:
    """A new field of an object. Its key follows from the label where no `name` is given. Raises Invalid.

    `options` are the labels of a select, `target` is the object that a link points to.
    """
    label = checked_label(label)
    _check_kind(connection, object, type, options, target, unique)
    taken = _taken(connection, object)
    if name is not None and (name in taken or snake(name) != name):
        raise bad("name", f"{name!r} can't be the key of a new field here.")
    row = {
        "object": object,
        "name": name or free(snake(label), taken),
        "label": label,
        "type": type,
        "target": target if type == "link" else None,
        "options": _options(options, ()) or None,
        "required": required,
        "unique": unique,
        "integer": integer,
        "position": next_position(connection, custom_fields, custom_fields.c.object == object),
        "created_at": utc_now(),
    }
    made = connection.execute(insert(custom_fields).values(**row).returning(custom_fields.c.id)).scalar_one()
    catalog.bump(connection)
    return _spec(connection, object, made)


def names_of_new(connection: Connection, object: str, labels: Sequence[str]) -> list[str]:
    """The keys that `create_field` would give to fields with these labels, made one after another."""
    taken, names = _taken(connection, object), []
    for label in labels:
        names.append(free(snake(checked_label(label)), taken))
        taken.add(names[-1])
    return names


def _check_kind(
    connection: Connection, object: str, type: str, options: Sequence[str], target: str | None, unique: bool
) -> None:
    if object not in RECORD_OBJECTS:
        raise bad("object", f"{object!r} can't have fields of its own.")
    if type not in TYPES:
        raise bad("type", f"{type!r} isn't a type of a custom field: {', '.join(TYPES)}.")
    if (type in ("select", "multi_select")) != bool(options):
        raise bad("options", "A select needs options, and nothing else has them.")
    if type == "link" and target not in catalog.load(connection).objects:
        raise bad("target", "A link needs the object that it points to.")
    if unique and type not in KEYED_TYPES:
        raise bad("unique", "Only short texts can be unique.")
    count = select(func.count()).where(custom_fields.c.object == object, custom_fields.c.retired_at.is_(None))
    if (connection.scalar(count) or 0) >= MOST_FIELDS:
        raise bad("object", f"An object has at most {MOST_FIELDS} fields of its own.")


def _taken(connection: Connection, object: str) -> set[str]:
    """Keys that are in use: fields, retired ones too, and the names of ways back."""
    known = catalog.load(connection)
    names = {field.name for field in known[object].fields} | {name for name, _, _ in known.inverses(object)}
    retired = connection.execute(select(custom_fields.c.name).where(custom_fields.c.object == object))
    return names | set(retired.scalars()) | _RESERVED


def _options(labels: Sequence[str], known: Sequence[Sequence[str]]) -> list[list[str]]:
    """[[key, label], ...]: a label that was there keeps its key."""
    keys = {text_key(label): key for key, label in known}
    options: dict[str, str] = {}
    seen: set[str | None] = set()
    for given in labels:
        label = checked_label(given, "options")
        if text_key(label) not in seen:
            seen.add(text_key(label))
            key = keys.get(text_key(label)) or free(snake(label), {*options, *keys.values()})
            options[key] = label
    if len(options) > MOST_OPTIONS:
        raise bad("options", f"Use at most {MOST_OPTIONS} options.")
    return [[key, label] for key, label in options.items()]


def _spec(connection: Connection, object: str, custom_id: int) -> FieldSpec:
    return next(field for field in catalog.load(connection)[object].fields if field.custom_id == custom_id)


def _change(connection: Connection, custom_id: int, **values: Any) -> Row[Any]:
    changed = update(custom_fields).where(custom_fields.c.id == custom_id).values(**values).returning(custom_fields)
    row = connection.execute(changed).one_or_none()
    if row is None:
        raise NotFound(f"There is no custom field {custom_id}.")
    catalog.bump(connection)
    return row


def rename(connection: Connection, custom_id: int, label: str) -> FieldSpec:
    """Another label; the key, and with it saved views and programs, stay."""
    row = _change(connection, custom_id, label=checked_label(label))
    return _spec(connection, row.object, custom_id)


def retire(connection: Connection, custom_id: int) -> None:
    """Take the field out of use. What records hold under it is kept."""
    _change(connection, custom_id, retired_at=utc_now())


def unretire(connection: Connection, custom_id: int) -> FieldSpec:
    """Bring the field back, with what records held under it."""
    row = _change(connection, custom_id, retired_at=None)
    return _spec(connection, row.object, custom_id)


def set_options(connection: Connection, custom_id: int, labels: Sequence[str]) -> FieldSpec:
    """Another list of options, in this order. A label that was there keeps its key."""
    known = connection.scalar(select(custom_fields.c.options).where(custom_fields.c.id == custom_id))
    if not known or not labels:
        raise bad("options", "A select needs options, and nothing else has them.")
    row = _change(connection, custom_id, options=_options(labels, known))
    return _spec(connection, row.object, custom_id)


# --- tags and settings -----------------------------------------------------------------------------------------------


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
    """Set workspace, currency, visibility.<object> or another setting; None unsets it. Raises Invalid."""
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
    if key == "currency":
        try:
            return currency(str(value))
        except Refused as problem:
            raise bad(key, str(problem)) from None
    return value
