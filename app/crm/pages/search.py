"""Search over everything: a page, and the palette's suggestions (records, places, and the assistant)."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import render_template, request

from app.crm import fulltext
from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.pages import frame, locale, settings_nav
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.shared.contract import Hit
from app.shared.db import text_key

_ON_PAGE, _IN_PALETTE = 60, 8


@dataclass(frozen=True, slots=True)
class Section:
    """The hits of one object."""

    label: str
    icon: str
    hits: Sequence[Hit]
    url: str


def _hits(reader: Reader, text: str, limit: int) -> Sequence[Hit]:
    return fulltext.search(reader.connection, reader.principal, text, limit=limit, match_all=True) if text else ()


def _sections(hits: Sequence[Hit], text: str) -> list[Section]:
    return [
        Section(_(BUILT_IN[name].label), BUILT_IN[name].icon, mine, f"/{name}?q={quote(text)}")
        for name in RECORD_OBJECTS
        if (mine := [hit for hit in hits if hit.ref.object == name])
    ]


def page() -> str:
    """GET /search?q=."""
    text = request.args.get("q", "").strip()[:200]
    with reading() as reader:
        hits = _hits(reader, text, _ON_PAGE)
    return render_template("search.html", text=text, sections=_sections(hits, text), count=len(hits), most=_ON_PAGE)


def palette() -> str:
    """GET /search/palette?q=: the options of the palette's list."""
    text = request.args.get("q", "").strip()[:200]
    with reading() as reader:
        hits = _hits(reader, text, _IN_PALETTE) if len(text) > 1 else ()
    return render_template("_palette_list.html", text=text, hits=hits, go=_places(text), objects=BUILT_IN)


def _places(text: str) -> list[frame.Place]:
    """Places and actions whose name has the text."""
    user = locale.user()
    known = [*frame.places(), frame.Place(_("Deal board"), "/deals/board", "square-kanban")]
    if user and user.can_write:
        known += [
            frame.Place(_("New %(what)s", what=_(BUILT_IN[name].singular)), f"/{name}/new", "plus")
            for name in RECORD_OBJECTS
        ]
        known.append(frame.Place(_("Import"), "/import", "upload"))
    known += settings_nav.places()
    wanted = text_key(text) or ""
    return [place for place in known if wanted in (text_key(place.label) or "")][: 6 if text else 12]
