"""Saved views on the pages: the switcher in a list's head, and the forms behind it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, make_response, request
from sqlalchemy import Connection

from app.crm import savedviews
from app.crm.objects import BUILT_IN
from app.crm.pages import furniture, state, undo
from app.crm.pages.state import Shown
from app.crm.pages.words import gettext as _
from app.crm.savedviews import Layout, View
from app.crm.web import principal, services
from app.shared.contract import Principal
from app.shared.errors import BadRequest, Invalid, NotFound

Step = Callable[[Connection, Principal, View], object]


@dataclass(frozen=True, slots=True)
class Switcher:
    """The view of a list: its name, whether something else is shown by now, and the others."""

    name: str
    view: View | None
    is_edited: bool
    can_change: bool
    all_url: str
    reset_url: str  # the view as it was saved
    mine: list[View]
    shared: list[View]
    state: str  # what a view saved now would keep
    layout: Layout


def switcher(query: Shown, layout: Layout = "table", board: state.Pairs | None = None) -> Switcher:
    """What stands in the head of the list that this query shows; `board`: which board it is."""
    view, who = furniture.view(query.view), principal()
    known = furniture.of_object(query.object)
    every = f"/{query.object}?view={state.ALL}"
    own = list(board or [])
    turned = view is not None and (view.layout != layout or (layout == "board" and view.board != own))
    return Switcher(
        name=view.name if view else _("All %(what)s", what=_(BUILT_IN[query.object].label).lower()),
        view=view,
        is_edited=query.is_edited or turned,
        can_change=view is not None and view.can_change(who),
        all_url=every,
        reset_url=view.url if view else every,
        mine=[one for one in known if one.is_mine(who)],
        shared=[one for one in known if not one.is_mine(who)],
        state="&".join(part for part in (urlencode(own), query.kept) if part),
        layout=layout,
    )


def _sent(name: str) -> str:
    return request.form.get(name, "").strip()


def _kept(object: str) -> str:
    """The state that a form sends, written as a view keeps it. Raises Invalid or BadRequest where it can't be read."""
    sent = parse_qsl(_sent("state"))
    board = urlencode([pair for pair in sent if pair[0] in state.BOARD])
    kept = state.read(object, [pair for pair in sent if pair[0] not in state.BOARD]).kept
    return "&".join(part for part in (board, kept) if part)


def create() -> Response:
    """POST /views: the list that is shown, under a name."""
    who, object = principal(), _sent("object")
    if object not in BUILT_IN:
        raise NotFound("There is no such list.")
    with services().database.write() as connection:
        sizes = _widths_now(connection, who, object)
        id = savedviews.create(connection, who, object, _sent("name"), _kept(object), _sent("layout") or "table", sizes)
        view = savedviews.find(connection, who, id)
        if _sent("shared") == "true":
            savedviews.share(connection, who, view, True)
    return undo.answer(view.url, "view-saved")


def _widths_now(connection: Connection, who: Principal, object: str) -> savedviews.Widths:
    """The widths that this person has before them: of the view that is open, or of the list without one."""
    own = savedviews.widths(connection, who, object)
    return own.get(_sent("view"), own.get("", {}))


def change(id: int) -> Response:
    """POST /views/<id>: what the button says."""
    who = principal()
    step, what = _STEPS.get(_sent("do"), (None, ""))
    if step is None:
        raise BadRequest("A view can't be changed like that.")
    with services().database.write() as connection:
        view = savedviews.find(connection, who, id)
        made = step(connection, who, view)
        target = savedviews.find(connection, who, made) if isinstance(made, int) else view
    stays = _sent("do") in ("favour", "unfavour", "up", "down")
    return undo.answer(undo.came_from(target.url) if stays else target.url, what)


def _save(connection: Connection, who: Principal, view: View) -> None:
    sizes = savedviews.widths(connection, who, view.object).get(str(view.id))
    savedviews.save(connection, who, view, _kept(view.object), _sent("layout") or view.layout, sizes)


def _duplicate(connection: Connection, who: Principal, view: View) -> int:
    name = _("Copy of %(name)s", name=view.name)[: savedviews.LONGEST_NAME]
    return savedviews.create(connection, who, view.object, name, view.state, view.layout, view.widths)


def _usual(wanted: bool) -> Step:
    return lambda connection, who, view: savedviews.settle(
        connection, who, view.object, default_view_id=view.id if wanted else None
    )


def _told(step: Callable[..., None], *more: Any) -> Step:
    """A step of the store that is told something more."""
    return lambda connection, who, view: step(connection, who, view, *more)


_STEPS: dict[str, tuple[Step, str]] = {
    "save": (_save, "view-saved"),
    "rename": (lambda connection, who, view: savedviews.rename(connection, who, view, _sent("name")), "view-saved"),
    "duplicate": (_duplicate, "view-saved"),
    "share": (_told(savedviews.share, True), "view-shared"),
    "unshare": (_told(savedviews.share, False), "view-unshared"),
    "default": (_usual(True), "saved"),
    "no-default": (_usual(False), "saved"),
    "favour": (_told(savedviews.favour, True), "saved"),
    "unfavour": (_told(savedviews.favour, False), "saved"),
    "up": (_told(savedviews.move, -1), "saved"),
    "down": (_told(savedviews.move, 1), "saved"),
}


def delete(id: int) -> Response:
    """POST /views/<id>/delete: at once, with Undo."""
    who = principal()
    with services().database.write() as connection:
        view = savedviews.find(connection, who, id)
        savedviews.remove(connection, who, view)
    return undo.answer(f"/{view.object}?view={state.ALL}", "view-deleted", id)


def restore(id: int) -> Response:
    """POST /views/<id>/restore."""
    with services().database.write() as connection:
        view = savedviews.restore(connection, principal(), id)
    return undo.answer(view.url, "view-restored")


def resize(object: str) -> Response:
    """POST /list-settings/<object>/widths: the widths of columns in a view, as this person has drawn them."""
    sizes, view = _sizes(_sent("widths")), _sent("view")
    with services().database.write() as connection:
        if view.isdecimal():
            savedviews.find(connection, principal(), int(view))
        savedviews.resize(connection, principal(), object, view if view.isdecimal() else "", sizes)
    return make_response("", 204)


def _sizes(text: str) -> dict[str, int]:
    try:
        found: Any = json.loads(text or "{}")
        return {str(column)[:200]: int(size) for column, size in found.items()}
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        raise Invalid("widths: expected a JSON object of columns and pixels.") from None
