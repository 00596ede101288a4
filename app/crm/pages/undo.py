"""Undo of a change, from a toast or a timeline, and the way back to where the user was."""

from typing import Any
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request

from app.crm.pages import frame
from app.crm.web import principal, services
from app.shared.contract import Ref
from app.shared.errors import Conflict, Invalid


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


def undo(id: int) -> Response:
    """POST /changes/<id>/undo."""
    target = came_from()
    try:
        undone = services().crm.change_set(principal(), id)
        stored = services().crm.undo(principal(), id)
    except (Conflict, Invalid) as error:
        if wants_fragment():  # what stands in the way, by name; a cookie must not carry free text
            said = frame.Toast(error.detail, None, True)
            return make_response(render_template("_toast.html", toast=said), 409)
        return answer(target, "not-undone", bad=True)
    return answer(target, "undone" if undone.undoes is None else "redone", stored.id)
