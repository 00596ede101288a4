"""Who sees which records, for admins: a rule for each object, with its effect in numbers."""

from typing import Any

from flask import request

from app.crm import customization
from app.crm.accounts import administration, effect, forms
from app.crm.accounts.entrance import Answer
from app.crm.accounts.people import admin
from app.crm.accounts.profile import saved
from app.crm.objects import BUILT_IN
from app.crm.web import services
from app.shared.errors import FieldError, Invalid


def _context() -> dict[str, Any]:
    with services().database.read() as connection:
        found = effect.effects(connection)
        rules = {name: customization.setting(connection, f"visibility.{name}", "everyone") for name in effect.OBJECTS}
    return {"effects": [{"spec": BUILT_IN[item.object], "effect": item} for item in found], "stored": rules}


def show() -> Answer:
    """GET /settings/visibility."""
    admin()
    context = _context()
    return forms.page("visibility", context["stored"], **context)


def save() -> Answer:
    """POST /settings/visibility: one rule for each object that is named."""
    me = admin()
    chosen = {name: request.form[name] for name in effect.OBJECTS if name in request.form}
    try:
        if bad := [name for name, rule in chosen.items() if rule not in effect.RULES]:
            raise Invalid("There is no such choice.", [FieldError(name, "Choose one of the three.") for name in bad])
        with services().database.write() as connection:
            for name, rule in chosen.items():
                administration.set_visibility(connection, me, name, rule)
    except Invalid as error:
        context = _context()
        return forms.refused("visibility", error, context["stored"] | chosen, **context)
    return saved("/settings/visibility")
