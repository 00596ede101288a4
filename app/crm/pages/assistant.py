"""The assistant's page: a frame that its scripts fill. Questions go to `/chat`, never through here."""

import shlex

from flask import render_template, request

from app.crm.pages.words import gettext as _
from app.crm.web import nonce, services


def show(conversation: int | None = None) -> str:
    """The page with one conversation opened, or a new one. Whose it is, `/chat` decides."""
    place = services().assistant()
    away = place.sentence or _("This server serves the records alone.")
    question = request.args.get("q", "").strip()[:500] or _("how many deals are open?")
    command = f"./run.sh ask {shlex.quote(question)}"  # for who can run no scripts
    return render_template("assistant.html", conversation=conversation, away=away, command=command, nonce=nonce())
