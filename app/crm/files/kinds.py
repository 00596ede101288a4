"""What a file is: by its first bytes where that matters for safety, by its name only for what is shown in words.

What a sender says of a file's type is not believed. Only what is safe in a browser is ever shown there: raster images
and PDFs whose bytes begin as such. Everything else is downloaded, as bytes that nothing runs.
"""

import mimetypes
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.shared.characters import seen

NAME_LENGTH = 200
PLAIN = "application/octet-stream"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_TEXTS = {".txt": "text/plain", ".md": "text/markdown", ".csv": "text/csv", ".log": "text/plain"}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Types that browsers may run: known by name, told to nobody.
_RUNNING = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript")


@dataclass(frozen=True, slots=True)
class Kind:
    """A file's media type, and how its text can be taken out ("": not at all)."""

    media_type: str
    reading: str = ""

    @property
    def is_image(self) -> bool:
        return self.media_type in IMAGES

    @property
    def is_shown(self) -> bool:
        """Whether a browser may show it here."""
        return self.is_image or self.media_type == PDF


def kind(name: str, head: bytes) -> Kind:
    """The kind of a file by its name and its first bytes (a few kilobytes of them)."""
    found = _by_bytes(head)
    if found:
        return Kind(found, "pdf" if found == PDF else "")
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".docx" and head.startswith(b"PK\x03\x04"):
        return Kind(DOCX, "docx")
    if suffix in _TEXTS and (b"\x00" not in head or head[:2] in _UTF_16):
        return Kind(_TEXTS[suffix], "text")
    guessed = mimetypes.guess_type(name, strict=True)[0] or PLAIN
    # A name can't make bytes an image or a PDF that aren't one.
    believed = guessed != PDF and not guessed.startswith("image/") and guessed not in _RUNNING
    return Kind(guessed if believed else PLAIN)


def _by_bytes(head: bytes) -> str:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return PDF if head.startswith(b"%PDF-") else ""


def kind_of(media_type: str | None) -> Kind:
    """The kind of a file that is kept: its type was found when it came."""
    return Kind(media_type or PLAIN)


def plain_name(given: str) -> str:
    """A file's name without any path, without what nobody sees, and not longer than names should be."""
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in seen(last) if unicodedata.category(char) not in ("Cc", "Cs")).strip(" .")
    if len(shown) > NAME_LENGTH:
        stem, dot, suffix = shown.rpartition(".")
        suffix = dot + suffix if stem and len(suffix) <= 12 else ""
        shown = shown[: NAME_LENGTH - len(suffix)].rstrip() + suffix
    return shown or "file"
