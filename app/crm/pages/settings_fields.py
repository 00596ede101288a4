"""Settings: custom fields. The list of an object's, a new one, one with its options, and how one is retired."""

from collections.abc import Sequence
from typing import Any, cast

from flask import Response, render_template, request
from sqlalchemy import Connection, Row

from app.crm import customfields, customindexing, customization, customvalues
from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.pages import shaping
from app.crm.pages.reader import reading
from app.crm.pages.shaping import NOTHING, Refused
from app.crm.schema import KEYED_TYPES
from app.crm.web import principal, services
from app.shared.contract import FieldType

TYPE_GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Text", (("text", "Text"), ("long_text", "Long text"), ("url", "Web address"), ("email", "E-mail"),
              ("phone", "Phone"), ("key", "Key of another system"))),
    ("Numbers and dates", (("number", "Number"), ("money", "Money"), ("date", "Date"),
                           ("datetime", "Date and time"))),
    ("Choice", (("select", "Choice"), ("multi_select", "Several choices"), ("boolean", "Yes or no"))),
    ("Link", (("link", "Link to a record"),)),
)  # fmt: skip
TYPES = {key: label for _group, types in TYPE_GROUPS for key, label in types}
_TARGETS = (*RECORD_OBJECTS, "users")


def _object() -> str:
    chosen = request.values.get("object", "deals")
    return chosen if chosen in RECORD_OBJECTS else "deals"


def _home(object: str) -> str:
    return f"/settings/fields?object={object}"


# --- the list --------------------------------------------------------------------------------------------------------


def _show_list(refused: Refused = NOTHING) -> str:
    chosen = _object()
    with reading() as reader:
        rows = customfields.stored_fields(reader.connection, chosen)
    return render_template(
        "settings/fields.html",
        spec=BUILT_IN[chosen], types=TYPES, refused=refused, objects=[BUILT_IN[name] for name in RECORD_OBJECTS],
        living=[row for row in rows if row.retired_at is None], retired=[row for row in rows if row.retired_at],
    )  # fmt: skip


def listing() -> str:
    """GET /settings/fields?object=."""
    shaping.admin()
    return _show_list()


def change_list() -> Response:
    """POST /settings/fields: move or rename a field, or bring one back."""
    shaping.admin()
    id, actor = shaping.number("field") or 0, principal()

    def move(connection: Connection) -> None:
        living = [row.id for row in customfields.stored_fields(connection, _object()) if row.retired_at is None]
        place = shaping.place(shaping.sent("to"), living.index(id) + 1 if id in living else 1)
        customization.place_field(connection, id, place, actor=actor)

    def rename(connection: Connection) -> None:
        customization.rename(connection, id, request.form.get("label", ""), actor=actor)

    def restore(connection: Connection) -> None:
        customization.unretire(connection, id, actor=actor)

    steps = {"move": move, "rename": rename, "restore": restore}
    answer = shaping.choose(steps, _home(_object()), _show_list, form=f"field-{id}")
    return _indexed(answer) if request.form.get("action") == "restore" else answer


def _indexed(answer: Response) -> Response:
    """Build the indexes of what has come or gone, behind the answer."""
    if answer.status_code < 400:
        customindexing.begin(services().database)
    return answer


# --- a new one -------------------------------------------------------------------------------------------------------


def _show_new(refused: Refused = NOTHING) -> str:
    return render_template(
        "settings/field_new.html",
        spec=BUILT_IN[_object()], groups=TYPE_GROUPS, targets=[BUILT_IN[name] for name in _TARGETS], refused=refused,
        form=request.form, objects=[BUILT_IN[name] for name in RECORD_OBJECTS],
    )  # fmt: skip


def new() -> str:
    """GET /settings/fields/new?object=."""
    shaping.admin()
    return _show_new()


def create() -> Response:
    """POST /settings/fields/new."""
    shaping.admin()
    kind, object = shaping.sent("type") or "text", request.form.get("object", "")
    lines = [line.strip() for line in request.form.get("options", "").splitlines() if line.strip()]

    def step(connection: Connection) -> None:
        # The door checks the type and the object: what it doesn't know it refuses in words.
        customization.create_field(
            connection, object, request.form.get("label", ""), cast(FieldType, kind),
            options=lines if kind in customfields.CHOICES else (), help=request.form.get("help", ""),
            target=shaping.sent("target") or None if kind == "link" else None, required=shaping.ticked("required"),
            unique=shaping.ticked("unique"), integer=shaping.ticked("integer"), actor=principal(),
        )  # fmt: skip

    return _indexed(shaping.take(step, _home(_object()), _show_new))


# --- one of them -----------------------------------------------------------------------------------------------------


def _show_one(id: int, refused: Refused = NOTHING) -> str:
    with reading() as reader:
        row = customfields.row_of(reader.connection, id)
        counts = _option_counts(reader.connection, row)
    options = list(row.options or ())
    return render_template(
        "settings/field.html",
        row=row, spec=BUILT_IN[row.object], types=TYPES, refused=refused, form=request.form,
        offered=[item for item in options if len(item) == 2], retired=[item for item in options if len(item) > 2],
        counts=counts, can_be_unique=row.type in KEYED_TYPES, can_be_required=row.type != "boolean",
        target=BUILT_IN[row.target] if row.target else None,
    )  # fmt: skip


def _option_counts(connection: Connection, row: Row[Any]) -> dict[str, int]:
    """How many records hold each option: of a choice, in one statement each."""
    options: Sequence[Sequence[Any]] = row.options or ()
    return {key: customvalues.holders_of_option(connection, row, key) for key, *_rest in options[:50]}


def show(id: int) -> str:
    """GET /settings/fields/<id>."""
    shaping.admin()
    return _show_one(id)


def save(id: int) -> Response:
    """POST /settings/fields/<id>: name, help text and rules."""
    shaping.admin()

    def step(connection: Connection) -> None:
        customization.change_field(
            connection, id, label=request.form.get("label", ""), help=request.form.get("help", ""),
            required=shaping.ticked("required"), unique=shaping.ticked("unique"), actor=principal(),
        )  # fmt: skip

    return shaping.take(step, f"/settings/fields/{id}", lambda refused: _show_one(id, refused))


def change_options(id: int) -> Response:
    """POST /settings/fields/<id>/options: add, rename, move, retire or bring back an option."""
    shaping.admin()
    key, label, actor = request.form.get("key", ""), request.form.get("label", ""), principal()

    def add(connection: Connection) -> None:
        customization.add_option(connection, id, label, actor=actor)

    def rename(connection: Connection) -> None:
        customization.rename_option(connection, id, key, label, actor=actor)

    def move(connection: Connection) -> None:
        offered = [item[0] for item in customfields.row_of(connection, id).options or () if len(item) == 2]
        place = shaping.place(shaping.sent("to"), offered.index(key) + 1 if key in offered else 1)
        customization.place_option(connection, id, key, place, actor=actor)

    def retire(connection: Connection) -> None:
        customization.retire_option(connection, id, key, actor=actor)

    def restore(connection: Connection) -> None:
        customization.restore_option(connection, id, key, actor=actor)

    steps = {"add": add, "rename": rename, "move": move, "retire": retire, "restore": restore}
    form = "new-option" if request.form.get("action") == "add" else f"option-{key}"
    return shaping.choose(
        steps, f"/settings/fields/{id}#options", lambda refused: _show_one(id, refused), form=form
    )  # fmt: skip


def _show_retire(id: int, refused: Refused = NOTHING) -> str:
    with reading() as reader:
        row = customfields.row_of(reader.connection, id)
        count = customvalues.holders(reader.connection, row)
    return render_template(
        "settings/field_retire.html", row=row, spec=BUILT_IN[row.object], count=count, refused=refused
    )


def ask_to_retire(id: int) -> str:
    """GET /settings/fields/<id>/retire: what it would mean."""
    shaping.admin()
    return _show_retire(id)


def retire(id: int) -> Response:
    """POST /settings/fields/<id>/retire."""
    shaping.admin()
    with reading() as reader:
        object = customfields.row_of(reader.connection, id).object

    def step(connection: Connection) -> None:
        customization.retire(connection, id, actor=principal())

    return _indexed(shaping.take(step, _home(object), lambda refused: _show_retire(id, refused)))
