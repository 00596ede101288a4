"""Undo of a change, from a toast or a timeline, and the way back to where the user was."""

from typing import Any
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from app.crm.bulk import runs
from app.crm.pages import frame
from app.crm.web import principal, services
from app.shared.contract import Ref, StoredChangeSet
from app.shared.errors import Conflict, Invalid
from app.shared.jobs import ACTIVE

PATIENCE = 2.0  # seconds that a request waits for the end of a long undo before its page shows the progress


def local(target: str | None, otherwise: str = "/") -> str:
    """A path of this site, or `otherwise`: nobody is sent elsewhere by a parameter."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return otherwise
    parts = urlsplit(target)
    return target if not parts.netloc and not parts.scheme else otherwise


def came_from(otherwise: str = "/") -> str:
    """The page that sent this form, without its host."""
    parts = urlsplit(request.referrer or "")
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return local(path, otherwise) if parts.netloc == request.host else otherwise


def wants_fragment() -> bool:
    """Whether a script asked, which puts a piece of HTML into the page."""
    return bool(request.headers.get("X-Fragment"))


def answer(
    target: str, what: str, undo: int | None = None, *, bad: bool = False, template: str = "_toast.html",
    link: Ref | None = None, **more: Any,
) -> Response:  # fmt: skip
    """After a change: a toast, and the page to go on with; for scripts the toast alone, or what `template` adds.

    `link`: the record that the toast leads to, where the page stays.
    """
    if wants_fragment():
        made = frame.made_toast(what, undo, bad=bad, link=link)
        return make_response(render_template(template, toast=made, **more), 409 if bad else 200)
    return frame.toast(make_response(redirect(target, 303)), what, undo, bad=bad)


def undo(id: int) -> Response | Answer:
    """POST /changes/<id>/undo."""
    target = came_from()
    try:
        undone = services().crm.change_set(principal(), id)
        if undone.count >= runs.LARGE:
            return _long(undone, target)
        stored = services().crm.undo(principal(), id)
    except (Conflict, Invalid) as error:
        return _refused(target, error.detail)
    return answer(target, said("undo" if undone.undoes is None else "redo"), stored.id)


def said(action: str) -> str:
    """What the toast says after it."""
    return {"undo": "undone", "redo": "redone"}[action]


def _refused(target: str, reason: str) -> Response:
    if wants_fragment():  # what stands in the way, by name; a cookie must not carry free text
        return make_response(render_template("_toast.html", toast=frame.Toast(reason, None, True)), 409)
    return answer(target, "not-undone", bad=True)


def _long(undone: StoredChangeSet, target: str) -> Response | Answer:
    """Many records are undone beside the request: where it takes longer, a page of its own shows how far it is."""
    id = runs.start_undo(services().database, principal(), undone, PATIENCE)
    run = runs.read(services().database, principal(), id)
    if run["state"] == "done":
        return answer(target, said(run["action"]), run["report"]["change_set"])
    if run["state"] not in ACTIVE:
        return _refused(target, run["report"]["error"])
    return redirect(f"/bulk/{id}", 303)
