"""Settings: webhooks, what was sent by them, and how the other readers of the journal stand."""

from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request

from app.crm.hooks import webhooks
from app.crm.objects import BUILT_IN, WRITTEN_OBJECTS
from app.crm.pages import shaping, undo
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.errors import Conflict, Invalid
from app.shared.outgoing import target

HOME = "/settings/webhooks"
SHOWN = 50  # deliveries of a page
ACTION_LABELS = {
    "create": "Created", "update": "Changed", "trash": "Put into the trash", "restore": "Restored",
    "purge": "Deleted for good",
}  # fmt: skip
_FRESH = webhooks.Wanted("https://")


def listing() -> str:
    """GET /settings/webhooks."""
    shaping.admin()
    return _list()


def _list(wanted: webhooks.Wanted = _FRESH, refused: Invalid | Conflict | None = None) -> str:
    with services().database.read() as connection:
        rows = webhooks.listing(connection)
    return render_template(
        "settings/webhooks.html", hooks=[_shown(row) for row in rows], running=_hooks(), **_form(wanted, refused)
    )


def _form(wanted: webhooks.Wanted, refused: Invalid | Conflict | None = None) -> dict[str, Any]:
    """What the form's template needs."""
    problems = [(item.field, item.message) for item in refused.errors] if refused else []
    return {
        "wanted": wanted,
        "problems": problems or ([("", refused.detail)] if refused else []),
        "errors": dict(problems),
        "objects": [(name, _(BUILT_IN[name].label)) for name in WRITTEN_OBJECTS],
        "actions": [(name, _(label)) for name, label in ACTION_LABELS.items()],
    }


def _shown(row: Any) -> dict[str, Any]:
    objects = [_(BUILT_IN[name].label) for name in row.objects if name in BUILT_IN]
    actions = [_(ACTION_LABELS[name]) for name in row.actions if name in ACTION_LABELS]
    return {"row": row, "host": target(row.url).host, "objects": objects, "actions": actions}


def _hooks() -> Any:
    """The hooks as this process runs them; None in a process that doesn't."""
    return current_app.extensions.get("parley.hooks")


def wake() -> None:
    """Something is to be sent now."""
    if hooks := _hooks():
        hooks.notify()


def _sent() -> webhooks.Wanted:
    form = request.form
    return webhooks.Wanted(
        url=shaping.sent("url"),
        description=shaping.sent("description"),
        objects=tuple(form.getlist("objects")),
        actions=tuple(form.getlist("actions")),
        active=shaping.ticked("active"),
    )


def create() -> Response:
    """POST /settings/webhooks: made, and its secret shown this once."""
    shaping.admin()
    wanted = _sent()
    try:
        with services().database.write() as connection:
            row, secret = webhooks.create(connection, services().settings, principal(), wanted)
    except (Invalid, Conflict) as error:
        return make_response(_list(wanted, error), error.status)
    return make_response(_one(row.id, secret=secret), 201)


# --- one of them -----------------------------------------------------------------------------------------------------


def show(id: int) -> str:
    """GET /settings/webhooks/<id>."""
    shaping.admin()
    return _one(id)


def _one(
    id: int, wanted: webhooks.Wanted | None = None, refused: Invalid | Conflict | None = None, secret: str = ""
) -> str:
    before = request.args.get("before", "")
    last = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
    with services().database.read() as connection:
        row = webhooks.get(connection, id)
        sent = webhooks.sent(connection, id, SHOWN + 1, last)
    stored = webhooks.Wanted(row.url, row.description, tuple(row.objects), tuple(row.actions), row.active)
    return render_template(
        "settings/webhook.html", hook=_shown(row), deliveries=sent[:SHOWN], secret=secret,
        older=sent[SHOWN - 1].id if len(sent) > SHOWN else None, **_form(wanted or stored, refused),
    )  # fmt: skip


def save(id: int) -> Response:
    """POST /settings/webhooks/<id>."""
    shaping.admin()
    wanted = _sent()
    try:
        with services().database.write() as connection:
            webhooks.change(connection, services().settings, principal(), id, wanted)
    except (Invalid, Conflict) as error:
        return make_response(_one(id, wanted, error), error.status)
    return undo.answer(f"{HOME}/{id}", "saved")


def renew(id: int) -> Response:
    """POST /settings/webhooks/<id>/secret: a new secret, shown this once."""
    shaping.admin()
    with services().database.write() as connection:
        secret = webhooks.renew(connection, services().settings, principal(), id)
    return make_response(_one(id, secret=secret), 201)


def remove(id: int) -> Response:
    """POST /settings/webhooks/<id>/delete."""
    shaping.admin()
    with services().database.write() as connection:
        webhooks.remove(connection, principal(), id)
    return undo.answer(HOME, "saved")


def test(id: int) -> Response:
    """POST /settings/webhooks/<id>/test."""
    shaping.admin()
    with services().database.write() as connection:
        webhooks.test(connection, id)
    wake()
    return make_response(redirect(f"{HOME}/{id}#deliveries", 303))


def again(id: int, delivery: int) -> Response:
    """POST /settings/webhooks/<id>/deliveries/<delivery>/again."""
    shaping.admin()
    try:
        with services().database.write() as connection:
            webhooks.again(connection, id, delivery)
    except Conflict as error:
        return make_response(_one(id, refused=error), error.status)
    wake()
    return make_response(redirect(f"{HOME}/{id}#deliveries", 303))
