"""Search over everything, as a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import render_template, request

from app.crm import fulltext
from app.crm.objects import BUILT_IN, RECORD_OBJECTS
from app.crm.pages.reader import Reader, reading
from app.crm.pages.words import gettext as _
from app.shared.contract import Hit

_ON_PAGE = 60


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
