"""Settings: the assistant and its models. A frame that its script fills: what it shows is asked of `/chat`."""

from flask import render_template

from app.crm.pages import shaping
from app.crm.pages.words import gettext as _
from app.crm.web import services


def show() -> str:
    """GET /settings/assistant."""
    shaping.admin()
    away = services().assistant().sentence or _("This server serves the records alone.")
    return render_template("settings/assistant.html", away=away)
