"""Settings that the pages keep themselves: the workspace, pipelines, fields, and the theme of this browser."""

from datetime import date

from flask import Response, make_response, redirect, render_template, request
from sqlalchemy import Connection

from app.crm import customization
from app.crm.accounts import events
from app.crm.pages import frame, guide, locale, undo
from app.crm.pages.reader import reading
from app.crm.pages.words import gettext as _
from app.crm.web import is_secure, principal, services
from app.shared.errors import Forbidden, Invalid

FIELD_TYPES = (
    ("text", "Text"), ("long_text", "Long text"), ("number", "Number"), ("money", "Money"), ("date", "Date"),
    ("boolean", "Yes or no"), ("select", "Choice"), ("multi_select", "Several choices"), ("url", "Web address"),
    ("email", "E-mail"), ("phone", "Phone"),
)  # fmt: skip
KINDS = (("open", "Open"), ("won", "Won"), ("lost", "Lost"))
_YEAR = 365 * 24 * 3600


def index() -> str:
    """GET /settings: every place, and what it is for."""
    return render_template("settings/index.html")


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
        begun = guide.state(reader, filled=True)
        return render_template(
            "settings/workspace.html", name=name, currency=reader.catalog.currency, months=_months(),
            fiscal_start=reader.catalog.fiscal_start, problems={}, guide=begun,
        )  # fmt: skip


def _set(connection: Connection, key: str, value: str) -> None:
    """Keep a setting, and note in the audit log what it was before."""
    before = customization.setting(connection, key)
    customization.set_setting(connection, key, value)
    if customization.setting(connection, key) != before:
        detail = {"setting": key, "from": before, "to": value}
        events.record(connection, "setting.changed", actor=principal(), detail=detail)


def _months() -> list[tuple[int, str]]:
    """The months of a year by number, called as here."""
    return [(number, locale.month(date(2000, number, 1), year=False)) for number in range(1, 13)]


def save_workspace() -> Response:
    """POST /settings/workspace."""
    _admin()
    name, currency = request.form.get("name", "").strip(), request.form.get("currency", "").strip().upper()
    now = services().crm.catalog().fiscal_start
    fiscal_start = request.form.get("fiscal_start", str(now))
    problems = {} if name and len(name) <= 60 else {"name": _("Give the workspace a name of up to 60 characters.")}
    try:
        if not problems:
            with services().database.write() as connection:
                for key, value in (("workspace", name), ("currency", currency)):
                    _set(connection, key, value)
                if fiscal_start != str(now):
                    _set(connection, "fiscal_start", fiscal_start)
            return _saved("/settings/workspace")
    except Invalid as error:
        problems = {one.field: one.message for one in error.errors}
    with reading() as reader:
        begun = guide.state(reader, filled=True)
    page = render_template(
        "settings/workspace.html", name=name, currency=currency, months=_months(), fiscal_start=fiscal_start,
        problems=problems, guide=begun,
    )  # fmt: skip
    return make_response(page, 422)
