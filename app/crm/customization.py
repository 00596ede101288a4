"""What admins shape without a restart: custom fields, stages, tags and settings. Each change bumps the catalog.

Every function works in the caller's write transaction. `build_indexes` is apart: run it after the commit, outside of
any request.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from sqlalchemy import Connection, Row, func, insert, select, update

from app.crm import catalog
from app.crm.changes.formats import Refused, currency
from app.crm.changes.formats import text as checked_text
from app.crm.changes.write import ensure_tags as ids_of_tags
from app.crm.customindexes import build_indexes
from app.crm.objects import RECORD_OBJECTS
from app.crm.schema import KEYED_TYPES, custom_fields, pipelines, settings, stages
from app.shared.contract import FieldSpec, FieldType, Option
from app.shared.db import text_key
from app.shared.errors import FieldError, Invalid, NotFound
from app.shared.types import utc_now

__all__ = [
    "build_indexes", "create_field", "create_pipeline", "create_stage", "ensure_tags", "rename", "retire",
    "retire_stage", "set_options", "set_setting", "setting", "unretire",
]  # fmt: skip

LABEL_LENGTH, MOST_FIELDS, MOST_OPTIONS = 80, 200, 500
TYPES = tuple(name for name in get_args(FieldType) if name not in ("stage", "tags"))
# Words that mean something else in URLs, JSON and records.
_RESERVED = frozenset(
    "id object label url version trashed_at created_by q sort limit cursor fields group_by measure trashed where and or"
    " not custom me view page total items next_cursor".split()
)
_VISIBILITY = ("everyone", "team", "owner")
_PROBABILITY = {"won": 100, "lost": 0}


def _bad(field: str, message: str) -> Invalid:
    return Invalid(message, [FieldError(field, message)])


def _label(value: str, field: str = "label") -> str:
    try:
        label = checked_text(value)
    except Refused as problem:
        raise _bad(field, str(problem)) from None
    if not 0 < len(label) <= LABEL_LENGTH:
        raise _bad(field, f"Expected a name of 1 to {LABEL_LENGTH} characters.")
    return label


def snake(label: str) -> str:
    """A label as a key: "Account ID (old)" is account_id_old."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50].rstrip("_")
    return name if name and name[0].isalpha() else f"field_{name}".rstrip("_")


def _free(name: str, taken: Iterable[str]) -> str:
    known = set(taken)
    return next(one for one in (name, *(f"{name}_{number}" for number in range(2, 10_000))) if one not in known)


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
    label = _label(label)
    _check_kind(connection, object, type, options, target, unique)
    taken = _taken(connection, object)
    if name is not None and (name in taken or snake(name) != name):
        raise _bad("name", f"{name!r} can't be the key of a new field here.")
    row = {
        "object": object,
        "name": name or _free(snake(label), taken),
        "label": label,
        "type": type,
        "target": target if type == "link" else None,
        "options": _options(options, ()) or None,
        "required": required,
        "unique": unique,
        "integer": integer,
        "position": _next(connection, custom_fields, custom_fields.c.object == object),
        "created_at": utc_now(),
    }
    made = connection.execute(insert(custom_fields).values(**row).returning(custom_fields.c.id)).scalar_one()
    catalog.bump(connection)
    return _spec(connection, object, made)


def _check_kind(
    connection: Connection, object: str, type: str, options: Sequence[str], target: str | None, unique: bool
) -> None:
    if object not in RECORD_OBJECTS:
        raise _bad("object", f"{object!r} can't have fields of its own.")
    if type not in TYPES:
        raise _bad("type", f"{type!r} isn't a type of a custom field: {', '.join(TYPES)}.")
    if (type in ("select", "multi_select")) != bool(options):
        raise _bad("options", "A select needs options, and nothing else has them.")
    if type == "link" and target not in catalog.load(connection).objects:
        raise _bad("target", "A link needs the object that it points to.")
    if unique and type not in KEYED_TYPES:
        raise _bad("unique", "Only short texts can be unique.")
    count = select(func.count()).where(custom_fields.c.object == object, custom_fields.c.retired_at.is_(None))
    if (connection.scalar(count) or 0) >= MOST_FIELDS:
        raise _bad("object", f"An object has at most {MOST_FIELDS} fields of its own.")


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
        label = _label(given, "options")
        if text_key(label) not in seen:
            seen.add(text_key(label))
            key = keys.get(text_key(label)) or _free(snake(label), {*options, *keys.values()})
            options[key] = label
    if len(options) > MOST_OPTIONS:
        raise _bad("options", f"Use at most {MOST_OPTIONS} options.")
    return [[key, label] for key, label in options.items()]


def _next(connection: Connection, table: Any, condition: Any) -> int:
    return int(connection.scalar(select(func.coalesce(func.max(table.c.position), 0)).where(condition)) or 0) + 1


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
    row = _change(connection, custom_id, label=_label(label))
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
        raise _bad("options", "A select needs options, and nothing else has them.")
    row = _change(connection, custom_id, options=_options(labels, known))
    return _spec(connection, row.object, custom_id)


# --- pipelines and stages --------------------------------------------------------------------------------------------


def create_pipeline(connection: Connection, name: str, labels: Sequence[tuple[str, str]]) -> int:
    """A pipeline with its stages as (label, kind), in order. Raises Invalid."""
    name = _label(name, "name")
    if connection.scalar(select(pipelines.c.id).where(pipelines.c.name_key == text_key(name))):
        raise _bad("name", f"There is a pipeline {name} already.")
    if "open" not in [kind for _, kind in labels]:
        raise _bad("stages", "A pipeline needs an open stage.")
    row = {"name": name, "name_key": text_key(name), "position": _next(connection, pipelines, pipelines.c.id > 0)}
    made = connection.execute(insert(pipelines).values(**row).returning(pipelines.c.id)).scalar_one()
    for label, kind in labels:
        create_stage(connection, label, pipeline=made, kind=kind)
    return int(made)


def create_stage(
    connection: Connection,
    label: str,
    *,
    pipeline: int | str | None = None,
    kind: str = "open",
    probability: int | None = None,
) -> Option:
    """A new stage, after the last one of its kind or, where it is open, before the won and lost ones. Raises Invalid.

    `pipeline`: its id or name; the first one where none is given. `probability` in percent: 100 for won, 0 for lost.
    """
    label, name = _label(label), _pipeline(connection, pipeline)
    if kind not in ("open", "won", "lost"):
        raise _bad("kind", "A stage is open, won or lost.")
    if probability is not None and not 0 <= probability <= 100:
        raise _bad("probability", "Expected a percentage from 0 to 100.")
    mine = list(connection.execute(select(stages).where(stages.c.pipeline_id == name.id).order_by(stages.c.position)))
    if any(text_key(stage.label) == text_key(label) and not stage.retired for stage in mine):
        raise _bad("label", f"{name.name} has a stage {label} already.")
    key = _free(snake(label), [stage.key for stage in mine])
    position = _make_room(connection, mine, kind)
    probability = _PROBABILITY.get(kind) if probability is None else probability
    row = {"pipeline_id": name.id, "key": key, "label": label, "kind": kind, "probability": probability}
    connection.execute(insert(stages).values(**row, position=position))
    catalog.bump(connection)
    return Option(key, label, kind, probability, name.name)


def _pipeline(connection: Connection, wanted: int | str | None) -> Row[Any]:
    statement = select(pipelines).order_by(pipelines.c.position, pipelines.c.id).limit(1)
    if isinstance(wanted, int):
        statement = statement.where(pipelines.c.id == wanted)
    elif wanted is not None:
        statement = statement.where(pipelines.c.name_key == text_key(wanted))
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise _bad("pipeline", f"There is no pipeline {wanted!r}.")
    return row


def _make_room(connection: Connection, mine: Sequence[Row[Any]], kind: str) -> int:
    alike = [stage.position for stage in mine if stage.kind == kind]
    opens = [stage.position for stage in mine if stage.kind == "open"]
    last = max(alike or (opens if kind == "open" else [stage.position for stage in mine]) or [0])
    later = [stage.id for stage in mine if stage.position > last]
    if later:
        connection.execute(update(stages).where(stages.c.id.in_(later)).values(position=stages.c.position + 1))
    return int(last) + 1


def retire_stage(connection: Connection, pipeline: int | str | None, key: str) -> None:
    """Take a stage out of use; deals that stand there stay. A pipeline keeps an open stage."""
    home = _pipeline(connection, pipeline)
    mine = select(stages).where(stages.c.pipeline_id == home.id, stages.c.retired.is_(False))
    living = {stage.key: stage.kind for stage in connection.execute(mine)}
    if key not in living:
        raise NotFound(f"{home.name} has no stage {key!r}.")
    if [kind for other, kind in living.items() if other != key].count("open") == 0:
        raise _bad("stage", "A pipeline needs an open stage.")
    wanted = (stages.c.pipeline_id == home.id) & (stages.c.key == key)
    connection.execute(update(stages).where(wanted).values(retired=True))
    catalog.bump(connection)


# --- tags and settings -----------------------------------------------------------------------------------------------


def ensure_tags(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The ids of these tags by name; what is missing is made."""
    wanted = [_label(name, "tags") for name in names]
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
        raise _bad(key, "The catalog's version is kept by the program.")
    if value is None:
        return None
    if key == "workspace":
        return _label(str(value), key)
    if key.startswith(catalog.VISIBILITY) and value not in _VISIBILITY:
        raise _bad(key, f"Expected one of {', '.join(_VISIBILITY)}.")
    if key == "currency":
        try:
            return currency(str(value))
        except Refused as problem:
            raise _bad(key, str(problem)) from None
    return value
