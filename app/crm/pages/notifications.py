"""The bell: a panel and a page of notifications by day, marking them, and which kinds one wants."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, make_response, render_template, request

from app.crm.notifications import inbox, people
from app.crm.notifications.inbox import Notification
from app.crm.notifications.kinds import BY_KEY, KINDS
from app.crm.objects import BUILT_IN
from app.crm.pages import locale, timeline, undo
from app.crm.pages.reader import reading
from app.crm.pages.words import gettext as _
from app.crm.pages.words import ngettext
from app.crm.web import principal, services
from app.shared.contract import Catalog
from app.shared.errors import FieldError, Invalid, NotFound

PANEL, PAGE = 30, 50
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Line:
    """One notification in words: what it is about, what happened, and where it leads ("": nowhere)."""

    item: Notification
    title: str
    text: str
    url: str
    icon: str


# --- words ------------------------------------------------------------------------------------------------------------


def line(catalog: Catalog, item: Notification) -> Line:
    made = _OTHERS[item.row.kind](item) if item.row.kind in _OTHERS else _of_record(catalog, item)
    kind = BY_KEY.get(item.row.kind)
    return Line(item, *made, kind.icon if kind else "bell")


def _of_record(catalog: Catalog, item: Notification) -> tuple[str, str, str]:
    row, who = item.row, item.row.actor
    if count := row.detail.get("count"):
        spec = BUILT_IN[row.object]
        title = f"{locale.number(count)} {_(spec.label).lower()}"
        return title, _many(row.kind, who), f"/{row.object}?sort=-updated_at"
    shown = item.about or item.record
    if shown is None:
        return _("A record"), "", ""
    if row.kind == "changed":
        return shown.label, _changed(catalog, item), shown.url
    texts = {
        "assigned": _("%(who)s put you on the team", who=who)
        if row.detail.get("team")
        else _("%(who)s assigned it to you", who=who),
        "mentioned": _("%(who)s mentioned you", who=who),
        "unlocked": _("It is next: %(who)s finished the step before", who=who),
        "reminder": _("You wanted to be reminded"),
    }
    return shown.label, texts.get(row.kind, ""), shown.url


def _many(kind: str, who: str) -> str:
    texts = {
        "assigned": _("%(who)s assigned them to you", who=who),
        "mentioned": _("%(who)s mentioned you in them", who=who),
    }
    return texts.get(kind, _("%(who)s changed them", who=who))


def _changed(catalog: Catalog, item: Notification) -> str:
    row, who = item.row, item.row.actor
    if item.about is not None or "about" in row.detail:
        return _("%(who)s added a %(what)s", who=who, what=_(BUILT_IN[row.object].singular))
    if row.detail.get("action") == "trash":
        return _("%(who)s moved it to the trash", who=who)
    if row.detail.get("action") == "restore":
        return _("%(who)s restored it", who=who)
    if "done" in row.detail:
        return _("%(who)s completed this task", who=who) if row.detail["done"] else _("%(who)s reopened it", who=who)
    return _("%(who)s changed %(fields)s", who=who, fields=_fields(catalog, item))


def _fields(catalog: Catalog, item: Notification) -> str:
    """The changed fields by their names; a stage with where it stands now."""
    names = []
    for name in item.row.detail.get("fields", ()):
        field = catalog[item.row.object].field(name)
        if field is not None:
            stage = item.row.detail.get("stage") if name == "stage" else None
            word = _(field.label).lower()
            names.append(_("%(field)s to %(value)s", field=word, value=stage) if stage else word)
    if len(names) > 3:
        return ngettext("%(num)d field", "%(num)d fields", len(names))
    return ", ".join(names) or _("it")


def _due(item: Notification) -> tuple[str, str, str]:
    today, overdue = int(item.row.detail.get("today", 0)), int(item.row.detail.get("overdue", 0))
    due = ngettext("%(num)d task is due today", "%(num)d tasks are due today", today) if today else ""
    late = ngettext("%(num)d task is overdue", "%(num)d tasks are overdue", overdue) if overdue else ""
    return due or late, late if due else "", "/tasks/day"


def _import(item: Notification) -> tuple[str, str, str]:
    failed = item.row.detail.get("state") == "failed"
    text = _("Your import has failed. Nothing was imported") if failed else _("Your import has finished")
    return str(item.row.detail.get("file", "")), text, f"/import/{int(item.row.detail.get('import', 0))}"


def _proposal(item: Notification) -> tuple[str, str, str]:
    who = item.row.actor
    texts = {
        "applied": _("%(who)s applied what you proposed", who=who),
        "rejected": _("%(who)s rejected what you proposed", who=who),
        "expired": _("What you proposed has expired"),
    }
    return str(item.row.detail.get("title") or _("A change")), texts.get(str(item.row.detail.get("what")), ""), ""


_OTHERS = {"due": _due, "import": _import, "proposal": _proposal}


# --- pages ------------------------------------------------------------------------------------------------------------


def _own_id() -> int:
    found = principal().user_id
    if found is None:
        raise NotFound(_("This credential belongs to no user."))
    return found


def show() -> str:
    """GET /notifications: the page; for the bell's script the panel's list."""
    before = request.args.get("before", "")
    new = request.args.get("new") == "true"
    limit = PANEL if undo.wants_fragment() else PAGE
    with reading() as reader:
        items = inbox.listing(
            reader.connection, reader.principal, limit=limit + 1, new=new,
            before=min(int(before), _LARGEST) if before.isascii() and before.isdigit() else None,
        )  # fmt: skip
        lines = [line(reader.catalog, item) for item in items[:limit]]
        following = items[limit - 1].row.id if len(items) > limit else None
    name = "_notifications.html" if undo.wants_fragment() else "notifications.html"
    return render_template(name, days=by_day(lines), next=following, new=new, first=not before)


def by_day(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    days: list[tuple[str, list[Line]]] = []
    for item in lines:
        name = timeline.day_name(item.item.at.astimezone(locale.zone()).date())
        if not days or days[-1][0] != name:
            days.append((name, []))
        days[-1][1].append(item)
    return days


def count() -> str:
    """GET /notifications/count: the bell's number, for open pages."""
    with services().database.read() as connection:
        return str(inbox.unread(connection, principal()))


def mark() -> Response:
    """POST /notifications/read: these (`id`), or all of them; `read=false`: as new again."""
    ids = [int(text) for text in request.form.getlist("id") if text.isascii() and text.isdigit() and len(text) < 19]
    read = request.form.get("read") != "false"
    if not ids and request.form.get("all") != "true":
        raise Invalid(_("Nothing was chosen."), [FieldError("id", _("Say which notifications, or all of them."))])
    with services().database.write() as connection:
        inbox.mark(connection, _own_id(), ids or None, read=read)
    if undo.wants_fragment():
        return make_response(count())
    target = undo.local(request.form.get("next"), undo.came_from("/notifications"))
    return undo.answer(target, "marked" if read else "marked-new")


def settings() -> str:
    """GET /settings/notifications."""
    with reading() as reader:
        off = people.turned_off(reader.connection, _own_id())
    return render_template("settings/notifications.html", kinds=KINDS, off=off)


def save_settings() -> Response:
    """POST /settings/notifications: the ticked kinds are told, the others not."""
    ticked = set(request.form.getlist("kind"))
    if strange := ticked - BY_KEY.keys():
        raise Invalid(_("There is no such kind."), [FieldError("kind", f"Unknown: {', '.join(sorted(strange))[:80]}")])
    with services().database.write() as connection:
        people.turn_off(connection, _own_id(), BY_KEY.keys() - ticked)
    return undo.answer("/settings/notifications", "saved")
