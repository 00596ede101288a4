"""The assistant's page: a frame that its scripts fill. Questions go to `/chat`, never through here."""

from flask import render_template

from app.crm.pages.words import gettext as _
from app.crm.web import services


def show(conversation: int | None = None) -> str:
    """The page with one conversation opened, or a new one. Whose it is, `/chat` decides."""
    place = services().assistant()
    away = place.sentence or _("This server serves the records alone.")
    return render_template("assistant.html", conversation=conversation, away=away)
