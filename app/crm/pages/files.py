"""The pages of files: where one is added, and what its own page shows of it."""

from dataclasses import dataclass

from flask import render_template, request

from app.crm.files.kinds import IMAGES, PDF
from app.crm.objects.file import FILE
from app.crm.pages import locale, undo
from app.crm.pages.reader import reading
from app.crm.pages.words import gettext as _
from app.crm.web import principal, services
from app.shared.contract import FieldSpec, Record
from app.shared.errors import Forbidden, NotFound

THUMBNAIL = 512 * 1024  # bytes: images up to this size are shown small as they are; larger ones by their icon
LINKS = tuple(field for field in FILE.fields if field.type == "link" and field.target != "users")


@dataclass(frozen=True, slots=True)
class Shown:
    """What can be seen of a file: its addresses, its size in words, and how a browser shows it."""

    url: str
    preview: str  # "": none
    is_image: bool
    size: str
    text: str  # the beginning of the text in it

    @property
    def download(self) -> str:
        return f"{self.url}/content"


def shown(record: Record) -> Shown:
    media_type = record.values.get("media_type")
    is_image = media_type in IMAGES
    preview = f"{record.url}/preview" if is_image or media_type == PDF else ""
    text = str(record.values.get("text") or "")
    return Shown(record.url, preview, is_image, locale.size(record.values.get("size") or 0), text[:4000])


def thumbnail(record: Record) -> str:
    """The address of a small picture of a file; "" where its icon has to do."""
    small = (record.values.get("size") or 0) <= THUMBNAIL
    return f"{record.url}/preview" if small and record.values.get("media_type") in IMAGES else ""


def new() -> str:
    """GET /files/new: choose files for the record that the address names (`?deal=5`)."""
    if not principal().can_write:
        raise Forbidden(_("You can look at records, but not change them."))
    with reading() as reader:
        found = [(field, reader.record(field.target or "", id).ref) for field, id in _named()]
    target = undo.local(request.args.get("next"), found[0][1].url if found else "")
    limit = services().settings.upload_limit
    return render_template("file_new.html", spec=FILE, ends=found, next=target, limit=limit, size=locale.size(limit))


def _named() -> list[tuple[FieldSpec, int]]:
    found = []
    for field in LINKS:
        given = request.args.get(field.name, "")
        if given and not given.isdecimal():
            raise NotFound(_("There is no such record, or you can't see it."))
        if given:
            found.append((field, int(given)))
    return found
