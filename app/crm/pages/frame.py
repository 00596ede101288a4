"""What every page is given: who asks, where to go, the theme, the icons, the words, and the last step's toasts."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, request

from app.crm.notifications import inbox
from app.crm.objects import BUILT_IN
from app.crm.pages import furniture, keys, locale, queries, show, words
from app.crm.pages.icons import BRAND_MARK, icon
from app.crm.pages.packing import pack
from app.crm.pages.words import gettext as _
from app.crm.pages.words import ngettext
from app.crm.web import is_secure
from app.shared.contract import Principal, Ref

TOAST_COOKIE = "parley_toast"
THEME_COOKIE = "parley_theme"
SIDEBAR_COOKIE = "parley_sidebar"
_LONGEST_COUNT = 9  # digits
THEMES = (("light", "sun"), ("dark", "moon"), ("system", "monitor"))


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of a navigation."""

    label: str
    url: str
    icon: str
    current: bool = False
    phone: bool = False  # one of the four that a phone's bar shows


@dataclass(frozen=True, slots=True)
class Toast:
    """One message at the foot of the next page, with the change set that its Undo takes back."""

    text: str
    undo: int | None = None
    bad: bool = False
    link: Ref | None = None  # what it leads to
    redo: bool = False  # the set is an undo: to take it back is to do the change again
    is_view: bool = False  # what Undo takes back is the deletion of a view, no change set

    @property
    def undo_url(self) -> str:
        return f"/views/{self.undo}/restore" if self.is_view else f"/changes/{self.undo}/undo"


def places() -> list[Place]:
    """The main navigation, in the order of a day's use."""
    order = (
        ("tasks", True), ("companies", True), ("people", False), ("deals", True), ("notes", False),
        ("activities", False), ("files", False),
    )  # fmt: skip
    here = request.path
    entries = [Place(_("Home"), "/", "house", here == "/", True)]
    for name, phone in order:
        url = f"/{name}"
        current = here == url or here.startswith(f"{url}/")
        first = "/tasks/day" if name == "tasks" else url
        entries.append(Place(_(BUILT_IN[name].label), first, BUILT_IN[name].icon, current, phone))
    return entries


@dataclass(frozen=True, slots=True)
class Facts:
    """What the frame reads: two small statements a page."""

    workspace: str = "Parley"
    unread: int = 0  # notifications, for the bell


def facts() -> Facts:
    """Read once and kept for the request."""
    if "pages_facts" not in g:
        g.pages_facts = _read_facts()
    found: Facts = g.pages_facts
    return found


def _read_facts() -> Facts:
    from sqlalchemy.exc import SQLAlchemyError

    from app.crm import customization
    from app.crm.web import services

    user = locale.user()
    try:
        with services().database.read() as connection:
            name = str(customization.setting(connection, "workspace") or "Parley")
            return Facts(name, inbox.unread(connection, user) if user else 0)
    except SQLAlchemyError:  # the page that says so must not fail for the same reason
        return Facts()


def workspace() -> str:
    return facts().workspace


def unread() -> int:
    """How many notifications are new."""
    return facts().unread


def theme() -> str:
    found = request.cookies.get(THEME_COOKIE, "")
    return found if found in {key for key, _icon in THEMES} else "system"


def has_assistant() -> bool:
    """False where this process serves the CRM alone: then pages have no panel and no button for it."""
    from flask import current_app

    return bool(current_app.config.get("PARLEY_ASSISTANT", True))


class Words:
    """Values that templates show, computed only where they do: strangers' pages ask for little."""

    def __str__(self) -> str:
        return workspace()

    def __html__(self) -> str:
        from markupsafe import escape

        return str(escape(workspace()))


def context() -> dict[str, Any]:
    user: Principal | None = locale.user()
    return {
        "me": user,
        "workspace": Words(),
        "places": places(),
        "unread": unread,
        "favourites": furniture.favourites,
        "key_groups": keys.groups,
        "theme": theme(),
        "themes": [(key, _theme_label(key), symbol) for key, symbol in THEMES],
        "sidebar": request.cookies.get(SIDEBAR_COOKIE, "") if _valid_sidebar() else "",
        "language": locale.language(),
        "assistant": has_assistant() and user is not None,
        "toasts": toasts(),
        "has_jobs": _has_jobs(user),
        "brand_mark": BRAND_MARK,
    }


def _has_jobs(user: Principal | None) -> bool:
    from app.crm.pages import jobs

    return jobs.busy(user)


def _valid_sidebar() -> bool:
    return request.cookies.get(SIDEBAR_COOKIE) in ("small", "large")


def _theme_label(key: str) -> str:
    return {"light": _("Light"), "dark": _("Dark"), "system": _("As the system")}[key]


# --- toasts ----------------------------------------------------------------------------------------------------------


def toast(response: Response, what: str, undo: int | None = None, *, bad: bool = False) -> Response:
    """Tell the next page to say `what` (a key of `_toast_text`) and to offer Undo for a change set."""
    body = json.dumps({"what": what, "undo": undo, "bad": bad})
    response.set_cookie(TOAST_COOKIE, body, max_age=60, httponly=True, samesite="Lax", path="/", secure=is_secure())
    return response


def _toast_text(what: str) -> str | None:
    """The words of a toast. The cookie only names them, so that nobody can make a page say something else."""
    verb, _sep, name = what.partition(":")
    label = _(BUILT_IN[name].label_one) if name in BUILT_IN else ""
    texts = {
        "created": _("%(what)s created", what=label),
        "updated": _("%(what)s saved", what=label),
        "unchanged": _("Nothing was changed"),
        "pinned": _("Note pinned"),
        "unpinned": _("Note unpinned"),
        "moved": _("%(what)s moved", what=label),
        "done": _("Task completed"),
        "tasks-done": _many("%(num)d task completed", "%(num)d tasks completed", name),
        "tasks-open": _many("%(num)d task reopened", "%(num)d tasks reopened", name),
        "tasks-moved": _many("%(num)d task moved to another day", "%(num)d tasks moved to another day", name),
        "tasks-remind": _many("Reminder set for %(num)d task", "Reminder set for %(num)d tasks", name),
        "tasks-forget": _many("Reminder taken off %(num)d task", "Reminder taken off %(num)d tasks", name),
        "reopened": _("Task reopened"),
        "trashed": _("%(what)s moved to the trash", what=label),
        "followed": _("You follow this now"),
        "unfollowed": _("You don't follow this any more"),
        "marked": _("Marked as read"),
        "marked-new": _("Marked as new"),
        "restored": _("%(what)s restored", what=label),
        "linked": _("%(what)s added", what=label),
        "linked-already": _("That is there already"),
        "linked-here": _("%(what)s linked", what=label),
        "moved-here": _("%(what)s moved here", what=label),
        "unlinked-here": _("%(what)s unlinked", what=label),
        "unlinked": _("%(what)s removed", what=label),
        "undone": _("Change undone"),
        "redone": _("Change done again"),
        "not-undone": _("That can't be undone any more: the record has changed since"),
        "saved": _("Saved"),
        "view-saved": _("View saved"),
        "view-shared": _("View shared with everybody"),
        "view-unshared": _("The view is yours alone now"),
        "view-deleted": _("View deleted"),
        "view-restored": _("View restored"),
        "demo": _("The demo data is here"),
        "demo-removed": _("Demo data moved to the trash"),
        "not-empty": _("There are records already, perhaps in the trash: the demo needs an empty workspace"),
        "imported": _("Import finished"),
        "handed-over": _("Deactivated, and their records handed over"),
    }
    return texts.get(verb) or _many_text(verb, name)


def _many_text(verb: str, number: str) -> str | None:
    """The words after a change of many records: `bulk-update:120`."""
    if not number.isdecimal() or len(number) > _LONGEST_COUNT:
        return None
    num, count = int(number), locale.number(int(number))
    texts = {
        "bulk-update": ngettext("%(count)s record changed", "%(count)s records changed", num, count=count),
        "bulk-trash": ngettext(
            "%(count)s record moved to the trash", "%(count)s records moved to the trash", num, count=count
        ),
        "bulk-restore": ngettext("%(count)s record restored", "%(count)s records restored", num, count=count),
    }
    return texts.get(verb)


def _many(one: str, many: str, count: str) -> str:
    """Words for a number of tasks, which came with the key."""
    return words.ngettext(one, many, int(count) if count.isascii() and count.isdigit() else 1)


def made_toast(what: str, undo: int | None = None, *, bad: bool = False, link: Ref | None = None) -> Toast:
    return Toast(_toast_text(what) or "", undo, bad, link, what == "undone", what == "view-deleted")


def toasts() -> list[Toast]:
    raw = request.cookies.get(TOAST_COOKIE)
    if not raw:
        return []
    g.pages_toast_shown = True
    try:
        body = json.loads(raw)
        undo = body.get("undo")
        what = str(body.get("what", ""))
        text = _toast_text(what)
    except (ValueError, AttributeError):
        return []
    step = undo if isinstance(undo, int) else None
    return [made_toast(what, step, bad=bool(body.get("bad")))] if text else []


def forget_toast(response: Response) -> Response:
    """A toast is shown once: its cookie goes with the page that showed it."""
    if g.get("pages_toast_shown") and not any(
        header.startswith(f"{TOAST_COOKIE}=") for header in response.headers.getlist("Set-Cookie")
    ):
        response.delete_cookie(TOAST_COOKIE, path="/")
    return response


def _settings_sections() -> Any:
    """The settings' navigation, made where a page shows it."""
    from app.crm.pages import settings_nav

    return settings_nav.sections()


def install(app: Flask) -> None:
    """Give every template of the app, other blueprints' too, the frame's words and macros."""
    environment = app.jinja_env
    environment.globals.update(
        _=words.gettext,
        ngettext=words.ngettext,
        icon=icon,
        avatar=show.avatar,
        show=show,
        locale=locale,
        queries=queries,
        settings_sections=_settings_sections,
    )
    environment.trim_blocks = environment.lstrip_blocks = True
    if "static_url" not in environment.globals:
        environment.globals["static_url"] = lambda path: f"/static/{path}"
    app.after_request(pack)
    app.after_request(forget_toast)
