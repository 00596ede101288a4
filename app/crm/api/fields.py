"""Custom fields over REST."""

from typing import Any

from flask import Response, jsonify
from pydantic import Field
from sqlalchemy import Connection, Row

from app.crm import customfields, customindexing, customization, web
from app.crm.api import bodies, params, shaping
from app.crm.api.idempotency import idempotent
from app.crm.api.shaping import MOST_PLACES
from app.crm.objects import RECORD_OBJECTS
from app.shared.contract import FieldType, Model
from app.shared.errors import FieldError, Invalid


class NewField(Model):
    object: str
    label: str
    type: FieldType = "text"
    name: str | None = None
    options: tuple[str, ...] = ()
    target: str | None = None
    required: bool = False
    unique: bool = False
    integer: bool = False
    help: str = ""


class OptionChange(Model):
    """One option: by its key, or a new one by its label alone. Options that aren't named stay as they are."""

    key: str | None = None
    label: str | None = None
    position: int | None = Field(default=None, ge=1, le=MOST_PLACES)
    retired: bool | None = None


class FieldChange(Model):
    label: str | None = None
    help: str | None = None
    required: bool | None = None
    unique: bool | None = None
    position: int | None = Field(default=None, ge=1, le=MOST_PLACES)
    retired: bool | None = None
    options: tuple[OptionChange, ...] = ()


def _field(row: Row[Any]) -> dict[str, Any]:
    options = [{"key": key, "label": label, "retired": bool(out)} for key, label, *out in row.options or ()]
    return {
        "id": row.id,
        "object": row.object,
        "name": row.name,
        "label": row.label,
        "type": row.type,
        "target": row.target,
        "options": options,
        "required": row.required,
        "unique": row.unique,
        "integer": row.integer,
        "help": row.help,
        "position": row.position,
        "retired": row.retired_at is not None,
    }


def listing() -> Response:
    """GET /fields?object=: custom fields in their order, retired ones too."""
    object = params.only("object").get("object")
    if object is not None and object not in RECORD_OBJECTS:
        message = f"There is no object {object!r}. Known: {', '.join(RECORD_OBJECTS)}."
        raise Invalid(message, [FieldError("object", message)])
    return shaping.listed(
        [_field(row) for row in shaping.read(lambda connection: customfields.stored_fields(connection, object))]
    )


def show(id: int) -> Response:
    params.only()
    return jsonify(_field(shaping.read(lambda connection: customfields.row_of(connection, id))))


@idempotent
def create() -> Response:
    params.only()
    wanted, actor = bodies.model(NewField, bodies.json_object()), web.principal()

    def step(connection: Connection) -> Row[Any]:
        given = dict(wanted)
        made = customization.create_field(connection, given.pop("object"), given.pop("label"), **given, actor=actor)
        return customfields.row_of(connection, made.custom_id or 0)

    row = shaping.write(step)
    customindexing.begin(web.services().database)
    return shaping.created(_field(row), "fields")


def change(id: int) -> Response:
    params.only()
    wanted, actor = bodies.model(FieldChange, bodies.json_object()), web.principal()

    def step(connection: Connection) -> Row[Any]:
        if wanted.retired is False:
            customization.unretire(connection, id, actor=actor)
        rules = wanted.model_dump(include={"label", "help", "required", "unique"})
        customization.change_field(connection, id, **rules, actor=actor)
        for option in wanted.options:
            _change_option(connection, id, option)
        if wanted.position is not None:
            customization.place_field(connection, id, wanted.position, actor=actor)
        if wanted.retired:
            customization.retire(connection, id, actor=actor)
        return customfields.row_of(connection, id)

    row = shaping.write(step)
    if wanted.retired is not None:
        customindexing.begin(web.services().database)
    return jsonify(_field(row))


def _change_option(connection: Connection, id: int, option: OptionChange) -> None:
    actor, key = web.principal(), option.key
    if key is None:
        spec = customization.add_option(connection, id, option.label or "", actor=actor)
        key = spec.options[-1].key
    elif option.label is not None:
        customization.rename_option(connection, id, key, option.label, actor=actor)
    if option.retired is False:
        customization.restore_option(connection, id, key, actor=actor)
    if option.position is not None:
        customization.place_option(connection, id, key, option.position, actor=actor)
    if option.retired:
        customization.retire_option(connection, id, key, actor=actor)
