"""The palette's list: what the page in view offers, records, places and actions, and the assistant as the last row."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flask import render_template, request

from app.crm import fulltext, savedviews
from app.crm.notifications import follow
from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.pages import frame, locale, pickers, queries, settings_nav
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.crm.web import services
from app.shared.contract import Hit, Record, Ref
from app.shared.db import text_key
from app.shared.errors import NotFound

_HITS, _RECENT, _PLACES = 8, 6, 7
_BEGINS = 5  # points of a label that begins with what was typed


@dataclass(frozen=True, slots=True)
class Row:
    """One row: it leads somewhere (`url`), sends a form (`post` with `data`), or does something on the page (`act`)."""

    label: str
    icon: str
    url: str = ""
    post: str = ""
    data: dict[str, str] = field(default_factory=dict)
    act: str = ""
    words: str = ""  # what it is found by, too
    keys: str = ""
    what: str = ""

    @property
    def sent(self) -> str:
        return json.dumps(self.data)


def show() -> str:
    """GET /search/palette?q=&object=&record=."""
    text = request.args.get("q", "").strip()[:200]
    with reading() as reader:
        here = _in_view(reader)
        page = _matching(list(_on_record(reader, here)), text) if here else []
        recent = [] if text else _recent(reader, here)
        hits = _records(reader, text) if len(text) > 1 else []
        views = _views(reader) if text else []
        places = _matching([*_actions(), *_places(), *views], text)[: _PLACES if text else 10]
    is_order = bool(page) and bool(text) and score(text_key(text) or "", page[0].label) == _BEGINS
    return render_template(
        "_palette_list.html",
        text=text, here=here, page=page, recent=recent, hits=hits, places=places, is_order=is_order,
    )  # fmt: skip


# --- records ----------------------------------------------------------------------------------------------------------


def _recent(reader: Reader, here: Record | None) -> list[Row]:
    """What was looked at last, but for the record in view."""
    seen = services().recent.records(reader.connection, reader.principal, _RECENT + 1)
    refs = [record.ref for record in seen if here is None or record.ref != here.ref]
    return [_row(ref) for ref in refs[:_RECENT]]


def _row(ref: Ref, context: str = "") -> Row:
    spec = BUILT_IN[ref.object]
    return Row(ref.label, spec.icon, ref.url, what=" · ".join(filter(None, (_(spec.label_one), context))))


def _records(reader: Reader, text: str) -> list[Row]:
    """Full-text hits with the words around what was found, names that begin so first."""
    hits = fulltext.search(reader.connection, reader.principal, text, limit=_HITS, match_all=True)
    found = [(hit.ref, _context(hit)) for hit in hits]
    if len(found) < _HITS:
        known = {ref for ref, _words in found}
        named = (Ref("companies", id, name) for id, name in pickers.matches(reader, "companies", text, 3))
        found += [(ref, "") for ref in named if ref not in known]
    return [_row(ref, words) for ref, words in found[:_HITS]]


def _context(hit: Hit) -> str:
    """Some words of the hit, where they say more than its name."""
    plain = hit.snippet.replace("\x02", "").replace("\x03", "").strip()
    return "" if not plain or hit.ref.label.startswith(plain[:12]) else plain[:60]


# --- what the page in view offers -------------------------------------------------------------------------------------


def _in_view(reader: Reader) -> Record | None:
    object, id = request.args.get("object", ""), request.args.get("record", "")
    if object not in RECORD_OBJECTS or not (id.isascii() and id.isdigit() and len(id) < 19):
        return None
    try:
        record = reader.record(object, int(id))
    except NotFound:
        return None
    return record if record.trashed_at is None else None


def _on_record(reader: Reader, record: Record) -> Iterator[Row]:
    user, url = reader.principal, record.url
    if user.can_write:
        if record.object == "tasks":
            done = bool(record.values.get("done"))
            label = _("Reopen the task") if done else _("Complete the task")
            yield Row(
                label, "check", post=f"{url}/done", data={"done": "false" if done else "true"}, words="done finish"
            )
        yield Row(_("Edit"), "pencil", f"{url}/edit", words="change", keys="E")
        owner = record.values.get("owner")
        if user.user_id is not None and (owner is None or owner.id != user.user_id):
            yield Row(_("Assign to me"), "user", post=f"/assign{url}", words="owner take")
        yield from _stages(reader, record)
    yield Row(_("Copy link"), "link", act="copy", words="address url share")
    if user.user_id is not None:
        mine = (
            user.user_id in follow.followers(reader.connection, [(record.object, record.id)])[record.object, record.id]
        )
        label = _("Unfollow") if mine else _("Follow")
        yield Row(
            label, "bell", post=f"/follow{url}", data={"follow": "false" if mine else "true"}, words="notify watch"
        )
    if user.can_write:
        yield Row(_("Move to trash"), "trash-2", post=f"{url}/trash", words="delete remove")


def _stages(reader: Reader, record: Record) -> Iterator[Row]:
    """A deal's other stages, in its pipeline."""
    field_ = reader.catalog["deals"].field("stage") if record.object == "deals" else None
    if field_ is None:
        return
    now = field_.option(str(record.values.get("stage")))
    for option in field_.options:
        if now is None or (option.key != now.key and option.pipeline == now.pipeline):
            label = _("Move to %(stage)s", stage=option.label)
            moved = {"by": "stage", "to": option.key}
            if option.kind == "open":
                yield Row(label, "move-right", post=f"{record.url}/move", data=moved, words="stage")
            else:  # a loss asks why, a win when
                address = queries.address(f"{record.url}/move", [*moved.items(), ("next", record.url)])
                yield Row(label, "move-right", address, words="stage")


# --- everywhere -------------------------------------------------------------------------------------------------------


def _actions() -> Iterator[Row]:
    user = locale.user()
    if user and user.can_write:
        for name in RECORD_OBJECTS:
            spec = BUILT_IN[name]
            label = _("New %(what)s …", what=_(spec.singular))
            keys = "C" if name == request.args.get("object") else ""
            yield Row(label, "plus", f"/{name}/new", act=f"create:{name}", words="create add", keys=keys)
        yield Row(_("Import"), "upload", "/import", words="csv file upload")
    for key, symbol in frame.THEMES:
        label = {"light": _("Light theme"), "dark": _("Dark theme"), "system": _("Theme as the system")}[key]
        if frame.theme() != key:
            yield Row(label, symbol, act=f"theme:{key}", words="toggle theme mode appearance")
    yield Row(_("Keyboard shortcuts"), "keyboard", act="keys", words="help keys", keys="?")
    if user and user.is_admin:
        yield Row(_("Invite somebody"), "user-plus", "/settings/users", words="add user colleague")


def _places() -> Iterator[Row]:
    pages = [*frame.places(), frame.Place(_("Deal board"), "/deals/board", "square-kanban")]
    pages.append(frame.Place(_("Notifications"), "/notifications", "bell"))
    yield from (Row(place.label, place.icon, place.url) for place in pages)
    for place in settings_nav.places():
        yield Row(place.label, place.icon, place.url, words="settings", what=_("Settings"))


def _views(reader: Reader) -> list[Row]:
    """Saved views: this person's and the shared ones."""
    found = savedviews.every(reader.connection, reader.principal)
    icons = {"table": "table-2", "board": "square-kanban"}
    return [
        Row(view.name, icons.get(view.layout, "table-2"), view.url, words=f"view list {view.object}",
            what=" · ".join((_("View"), _(BUILT_IN[view.object].label))))
        for view in found
    ]  # fmt: skip


# --- matching ---------------------------------------------------------------------------------------------------------


def _matching(rows: Sequence[Row], text: str) -> list[Row]:
    """The rows that fit what was typed, the best first; all of them where nothing was."""
    wanted = text_key(text) or ""
    if not wanted:
        return list(rows)
    scored = [(score(wanted, row.label, row.words), place, row) for place, row in enumerate(rows)]
    return [row for points, _place, row in sorted(scored, key=lambda item: (-item[0], item[1])) if points > 0]


def score(wanted: str, label: str, words: str = "") -> int:
    """How well a label fits: its beginning, the beginnings of its words, a part of it, or its letters in order."""
    name = text_key(label) or ""
    if name.startswith(wanted):
        return _BEGINS
    if all(any(part.startswith(word) for part in f"{name} {words}".split()) for word in wanted.split()):
        return 4
    if wanted in name:
        return 3
    letters = iter(name)
    within = len(wanted) > 2 and all(letter in letters for letter in wanted.replace(" ", ""))
    return 1 if within and name[:1] == wanted[:1] else 0
