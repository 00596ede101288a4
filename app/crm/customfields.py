"""Custom fields, as admins shape them. Each change bumps the catalog and writes a line of the audit log."""

from collections.abc import Sequence
from typing import Any, get_args

from sqlalchemy import Connection, Row, func, insert, select, update

from app.crm import catalog
from app.crm.customnames import bad, checked_label, free, log, next_position, only_admins, placed, renumber, snake
from app.crm.customvalues import check_no_twins
from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.schema import KEYED_TYPES, custom_fields
from app.shared.contract import SYSTEM, FieldSpec, FieldType, Principal
from app.shared.db import text_key
from app.shared.errors import NotFound
from app.shared.types import utc_now

MOST_FIELDS, MOST_OPTIONS, HELP_LENGTH = 200, 500, 300
TYPES = tuple(name for name in get_args(FieldType) if name not in ("stage", "tags"))
CHOICES = ("select", "multi_select")
# Words that mean something else in URLs, JSON and records.
_RESERVED = frozenset(
    "id object label url version trashed_at created_by q sort limit cursor fields group_by measure trashed where and or"
    " not custom me view page total items next_cursor having currency raw bom trail column pipeline stage_key"
    " by group group_order open totals lane size without".split()
)


def _check_unused(connection: Connection, object: str, label: str, of: str | None = None) -> None:
    """Two fields of one name can't be told apart in lists, imports and questions. `of`: whose label it may be."""
    spec = catalog.load(connection)[object]
    if any(text_key(field.label) == text_key(label) and field.name != of for field in spec.fields):
        raise bad("label", f"{spec.label} have a field called {label} already. Give this one another name.")


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
    help: str = "",
    actor: Principal = SYSTEM,
) -> FieldSpec:
    """A new field of an object, the last one. Its key follows from the label where no `name` is given. Raises Invalid.

    `options` are the labels of a select, `target` is the object that a link points to.
    """
    only_admins(actor)
    label = checked_label(label)
    _check_kind(connection, object, type, options, target)
    _check_flags(type, required, unique)
    _check_unused(connection, object, label)
    taken = _taken(connection, object)
    if name is not None and (name in taken or snake(name) != name):
        raise bad("name", f"{name!r} can't be the key of a new field here.")
    row = {
        "object": object,
        "name": name or free(snake(label), taken),
        "label": label,
        "type": type,
        "target": target if type == "link" else None,
        "options": option_rows(options, ()) or None,
        "required": required,
        "unique": unique,
        "integer": integer and type == "number",
        "help": checked_help(help),
        "position": next_position(connection, custom_fields, custom_fields.c.object == object),
        "created_at": utc_now(),
    }
    made = connection.execute(insert(custom_fields).values(**row).returning(custom_fields.c.id)).scalar_one()
    catalog.bump(connection)
    log(connection, actor, "field.created", object=object, field=row["name"], label=label, type=type)
    return spec_of(connection, made)


def names_of_new(connection: Connection, object: str, labels: Sequence[str]) -> list[str]:
    """The keys that `create_field` would give to fields with these labels, made one after another."""
    taken, names = _taken(connection, object), []
    for label in labels:
        names.append(free(snake(checked_label(label)), taken))
        taken.add(names[-1])
    return names


def checked_help(help: str) -> str:
    text = " ".join(help.split())
    if len(text) > HELP_LENGTH:
        raise bad("help", f"Use at most {HELP_LENGTH} characters.")
    return text


def _check_kind(connection: Connection, object: str, type: str, options: Sequence[str], target: str | None) -> None:
    if object not in RECORD_OBJECTS:
        raise bad("object", f"{object!r} can't have fields of its own. These can: {', '.join(RECORD_OBJECTS)}.")
    if type not in TYPES:
        raise bad("type", f"{type!r} isn't a type of a custom field: {', '.join(TYPES)}.")
    if (type in CHOICES) != bool(options):
        raise bad("options", "A choice needs its options, one at least; nothing else has any.")
    if type == "link" and target not in catalog.load(connection).objects:
        raise bad("target", "A link needs the object that it points to.")
    if type != "link" and target:
        raise bad("target", "Only a link points to another object.")
    count = select(func.count()).where(custom_fields.c.object == object, custom_fields.c.retired_at.is_(None))
    if (connection.scalar(count) or 0) >= MOST_FIELDS:
        raise bad("object", f"An object has at most {MOST_FIELDS} fields of its own.")


def _check_flags(type: str, required: bool, unique: bool) -> None:
    if unique and type not in KEYED_TYPES:
        raise bad("unique", "Only short texts can be unique: text, e-mail, phone, web address, key.")
    if required and type == "boolean":
        raise bad("required", "Yes or no always has an answer: it can't be required.")


def _taken(connection: Connection, object: str) -> set[str]:
    """Keys that are in use: fields, retired ones too, and the names of ways back."""
    known = catalog.load(connection)
    names = {field.name for field in known[object].fields} | {name for name, _, _ in known.inverses(object)}
    retired = {field.name for field in known[object].retired}
    ways = {field.inverse for spec in known.objects.values() for field in spec.retired if field.target == object}
    return names | retired | {way for way in ways if way} | _RESERVED


def option_rows(labels: Sequence[str], known: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """[[key, label], ...]: a label that was there keeps its key."""
    keys = {text_key(label): key for key, label, *_ in known}
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


# --- one field -------------------------------------------------------------------------------------------------------


def row_of(connection: Connection, custom_id: int) -> Row[Any]:
    """The stored field, in use or retired. Raises NotFound."""
    row = connection.execute(select(custom_fields).where(custom_fields.c.id == custom_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no custom field {custom_id}.")
    return row


def spec_of(connection: Connection, custom_id: int) -> FieldSpec:
    return catalog.custom_field(row_of(connection, custom_id))


def stored_fields(connection: Connection, object: str | None = None) -> Sequence[Row[Any]]:
    """The fields in their order, retired ones too; of one object, or of all."""
    statement = select(custom_fields).order_by(custom_fields.c.object, custom_fields.c.position, custom_fields.c.id)
    return connection.execute(statement.where(custom_fields.c.object == object) if object else statement).all()


def write(connection: Connection, actor: Principal, row: Row[Any], kind: str, **values: Any) -> FieldSpec:
    """Change a stored field and say so: the catalog's version, and what was before and is now in the audit log."""
    changed = {name: value for name, value in values.items() if row._mapping[name] != value}
    if changed:
        connection.execute(update(custom_fields).where(custom_fields.c.id == row.id).values(**changed))
        catalog.bump(connection)
        shown = {name: value for name, value in changed.items() if name != "retired_at"}
        was = {name: row._mapping[name] for name in shown}
        log(connection, actor, kind, object=row.object, field=row.name, label=row.label, was=was, now=shown)
    return spec_of(connection, row.id)


def change_field(
    connection: Connection,
    custom_id: int,
    *,
    label: str | None = None,
    help: str | None = None,
    required: bool | None = None,
    unique: bool | None = None,
    actor: Principal = SYSTEM,
) -> FieldSpec:
    """Another label, help text or rule; the key, and with it saved views and programs, stay. None: as it is.

    Records that lack a value stay as they are when a field becomes required: it is asked for when they are next
    edited there. A field whose values several records share can't become unique. Raises Invalid, naming some.
    """
    only_admins(actor)
    row = row_of(connection, custom_id)
    if label is not None:
        _check_unused(connection, row.object, label, of=row.name)
    values: dict[str, Any] = {} if label is None else {"label": checked_label(label)}
    values |= {} if help is None else {"help": checked_help(help)}
    values |= {} if required is None else {"required": required}
    values |= {} if unique is None else {"unique": unique}
    _check_flags(row.type, values.get("required", row.required), values.get("unique", row.unique))
    if unique and not row.unique:
        check_no_twins(connection, row)
    return write(connection, actor, row, "field.changed", **values)


def rename(connection: Connection, custom_id: int, label: str, *, actor: Principal = SYSTEM) -> FieldSpec:
    """Another label; the key, and with it saved views and programs, stay."""
    return change_field(connection, custom_id, label=label, actor=actor)


def place_field(connection: Connection, custom_id: int, place: int, *, actor: Principal = SYSTEM) -> FieldSpec:
    """Move the field to a place among its object's own fields that are in use, counted from 1."""
    only_admins(actor)
    row = row_of(connection, custom_id)
    living = [item.id for item in stored_fields(connection, row.object) if item.retired_at is None]
    if row.retired_at is not None:
        raise bad("position", f"{row.label} is retired: bring it back first.")
    order = placed(living, custom_id, place)
    if order != living:
        renumber(connection, custom_fields, order)
        catalog.bump(connection)
        log(connection, actor, "field.changed", object=row.object, field=row.name, label=row.label,
            was={"position": living.index(custom_id) + 1}, now={"position": order.index(custom_id) + 1})  # fmt: skip
    return spec_of(connection, custom_id)


def retire(connection: Connection, custom_id: int, *, actor: Principal = SYSTEM) -> None:
    """Take the field out of use. What records hold under it is kept."""
    only_admins(actor)
    row = row_of(connection, custom_id)
    if row.retired_at is None:
        write(connection, actor, row, "field.retired", retired_at=utc_now())


def unretire(connection: Connection, custom_id: int, *, actor: Principal = SYSTEM) -> FieldSpec:
    """Bring the field back, as the last one, with what records held under it. Raises Invalid for twins of a unique."""
    only_admins(actor)
    row = row_of(connection, custom_id)
    if row.retired_at is None:
        return catalog.custom_field(row)
    if row.unique:
        check_no_twins(connection, row)
    count = [item for item in stored_fields(connection, row.object) if item.retired_at is None]
    if len(count) >= MOST_FIELDS:
        raise bad("object", f"{BUILT_IN[row.object].label} have {MOST_FIELDS} fields of their own: retire one first.")
    position = next_position(connection, custom_fields, custom_fields.c.object == row.object)
    return write(connection, actor, row, "field.restored", retired_at=None, position=position)
