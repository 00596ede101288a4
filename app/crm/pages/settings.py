"""Settings that the pages keep themselves: the workspace, pipelines, fields, and the theme of this browser."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from flask import Response, make_response, redirect, render_template, request
from sqlalchemy import Connection, select

from app.crm import customization
from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.pages import frame, indexing, undo
from app.crm.pages.reader import reading
from app.crm.pages.words import gettext as _
from app.crm.schema import custom_fields, stages
from app.crm.schema import pipelines as pipeline_table
from app.crm.web import is_secure, principal, services
from app.shared.contract import FieldType
from app.shared.errors import Forbidden, Invalid

FIELD_TYPES = (
    ("text", "Text"), ("long_text", "Long text"), ("number", "Number"), ("money", "Money"), ("date", "Date"),
    ("boolean", "Yes or no"), ("select", "Choice"), ("multi_select", "Several choices"), ("url", "Web address"),
    ("email", "E-mail"), ("phone", "Phone"),
)  # fmt: skip
KINDS = (("open", "Open"), ("won", "Won"), ("lost", "Lost"))
_YEAR = 365 * 24 * 3600


def index() -> Response:
    """GET /settings: on to the first page that this user may open."""
    places = frame.settings_places()
    return make_response(redirect(places[0].url if places else "/"))


def theme() -> Response:
    """POST /settings/theme: light, dark or as the system; kept by this browser."""
    wanted = request.form.get("theme", "")
    response = make_response(redirect(undo.came_from("/"), 303))
    if wanted in {key for key, _icon in frame.THEMES}:
        response.set_cookie(frame.THEME_COOKIE, wanted, max_age=_YEAR, samesite="Lax", path="/", secure=is_secure())
    return response


def _admin() -> None:
    if not principal().is_admin:
        raise Forbidden(_("Only an admin can change these settings."))


def _saved(target: str) -> Response:
    return undo.answer(target, "saved")


# --- workspace -------------------------------------------------------------------------------------------------------


def workspace() -> str:
    """GET /settings/workspace."""
    _admin()
    with reading() as reader:
        name = customization.setting(reader.connection, "workspace") or "Parley"
        return render_template(
            "settings/workspace.html", name=name, currency=reader.catalog.currency, problems={}, status=200
        )


def save_workspace() -> Response:
    """POST /settings/workspace."""
    _admin()
    name, currency = request.form.get("name", "").strip(), request.form.get("currency", "").strip().upper()
    problems = {} if name and len(name) <= 60 else {"name": _("Give the workspace a name of up to 60 characters.")}
    try:
        if not problems:
            with services().database.write() as connection:
                customization.set_setting(connection, "workspace", name)
                customization.set_setting(connection, "currency", currency)
            return _saved("/settings/workspace")
    except Invalid as error:
        problems = {"currency": error.detail}
    page = render_template("settings/workspace.html", name=name, currency=currency, problems=problems)
    return make_response(page, 422)


# --- pipelines -------------------------------------------------------------------------------------------------------


def _pipelines(connection: Connection) -> list[dict[str, Any]]:
    found = connection.execute(
        select(pipeline_table).order_by(pipeline_table.c.position, pipeline_table.c.id)
    ).mappings()
    rows = connection.execute(select(stages).order_by(stages.c.position, stages.c.id)).mappings().all()
    return [{**row, "stages": [stage for stage in rows if stage["pipeline_id"] == row["id"]]} for row in found]


def _show_pipelines(problem: str = "") -> str:
    with reading() as reader:
        found = _pipelines(reader.connection)
    return render_template("settings/pipelines.html", pipelines=found, kinds=KINDS, problem=problem)


def pipelines() -> str:
    """GET /settings/pipelines."""
    _admin()
    return _show_pipelines()


def _number(name: str) -> int | None:
    text = request.form.get(name, "").strip()
    return int(text) if text.isdecimal() else None


def _add_stage(connection: Connection) -> None:
    form = request.form
    customization.create_stage(
        connection,
        form.get("label", ""),
        kind=form.get("kind", "open"),
        probability=_number("probability"),
        pipeline=_number("pipeline"),
    )


def _retire_stage(connection: Connection) -> None:
    customization.retire_stage(connection, _number("pipeline"), request.form.get("stage", ""))


def change_pipelines() -> Response:
    """POST /settings/pipelines: add or retire a stage."""
    _admin()
    actions = {"add": _add_stage, "retire": _retire_stage}
    return _change(actions, "/settings/pipelines", _show_pipelines)


def _change(actions: Mapping[str, Callable[[Connection], None]], target: str, page: Callable[[str], str]) -> Response:
    action = actions.get(request.form.get("action", ""))
    if action is None:
        return make_response(redirect(target, 303))
    try:
        with services().database.write() as connection:
            action(connection)
    except Invalid as error:
        return make_response(page(error.detail), 422)
    return _saved(target)


# --- fields ----------------------------------------------------------------------------------------------------------


def _show_fields(problem: str = "") -> str:
    chosen = request.values.get("object", "deals")
    chosen = chosen if chosen in RECORD_OBJECTS else "deals"
    with reading() as reader:
        statement = select(custom_fields).where(custom_fields.c.object == chosen).order_by(custom_fields.c.position)
        rows = reader.connection.execute(statement).mappings().all()
        spec = reader.catalog[chosen]
    return render_template(
        "settings/fields.html",
        spec=spec, fields=rows, types=[(key, _(label)) for key, label in FIELD_TYPES], problem=problem,
        objects=[BUILT_IN[name] for name in RECORD_OBJECTS],
    )  # fmt: skip


def fields() -> str:
    """GET /settings/fields?object=."""
    _admin()
    return _show_fields()


def _add_field(connection: Connection) -> None:
    form = request.form
    kind = form.get("type", "text")
    lines = form.get("options", "").splitlines() if kind in ("select", "multi_select") else []
    options = [line.strip() for line in lines if line.strip()]
    # The door checks the type: what it doesn't know it refuses in words.
    customization.create_field(
        connection, form.get("object", ""), form.get("label", ""), cast(FieldType, kind), options=options
    )


def _rename_field(connection: Connection) -> None:
    customization.rename(connection, _number("field") or 0, request.form.get("label", ""))


def _retire_field(connection: Connection) -> None:
    customization.retire(connection, _number("field") or 0)


def change_fields() -> Response:
    """POST /settings/fields: add, rename or retire a field."""
    _admin()
    actions = {"add": _add_field, "rename": _rename_field, "retire": _retire_field}
    answer = _change(actions, f"/settings/fields?object={request.form.get('object', 'deals')}", _show_fields)
    if answer.status_code < 400 and request.form.get("action") in ("add", "retire"):
        indexing.begin(services().database)
    return answer
