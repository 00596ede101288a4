"""The program that takes the text out of one file and prints it: python -m app.crm.files.reader KIND PATH.

It bounds itself first: processor time, memory, no file that it could write. Only then is the file looked at.
"""

import re
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress

LONGEST = 100_000  # characters; the bound of a long text
PAGES = 500
MEMORY = 768 * 1024**2  # bytes of address space
CPU = 15  # seconds
UNPACKED = 100 * 1024**2  # bytes of a Word document
_BLANKS = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r"\n{3,}")


def bound() -> None:
    """Give up whatever this process could do too much of."""
    with suppress(ImportError):
        import resource

        for name, value in (("RLIMIT_AS", MEMORY), ("RLIMIT_CPU", CPU), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
            with suppress(ValueError, OSError):  # macOS knows no bound on the address space
                resource.setrlimit(getattr(resource, name), (value, value))


def _pdf(path: str) -> Iterator[str]:
    from pypdf import PdfReader

    reader = PdfReader(path, strict=False)
    for number, page in enumerate(reader.pages):
        if number >= PAGES:
            return
        with suppress(Exception):  # one page that can't be read leaves the others
            yield page.extract_text()


def _docx(path: str) -> Iterator[str]:
    with zipfile.ZipFile(path) as packed:
        if sum(item.file_size for item in packed.infolist()) > UNPACKED:
            raise ValueError("it unpacks to more than any document has")
    from docx import Document

    document = Document(path)
    yield from (paragraph.text for paragraph in document.paragraphs)
    for table in document.tables:
        for row in table.rows:
            yield " | ".join(cell.text for cell in row.cells)


def _text(path: str) -> Iterator[str]:
    with open(path, "rb") as file:
        raw = file.read(4 * LONGEST)
    for encoding in ("utf-8-sig", "utf-16") if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        with suppress(UnicodeDecodeError):
            yield raw.decode(encoding)
            return
    yield raw.decode("cp1252", "replace")


READERS: dict[str, Callable[[str], Iterator[str]]] = {"pdf": _pdf, "docx": _docx, "text": _text}


def taken(pieces: Iterator[str]) -> str:
    """As much of the pieces as is kept, in plain characters."""
    found, length = [], 0
    for piece in pieces:
        found.append(piece)
        length += len(piece) + 1
        if length > 2 * LONGEST:
            break
    return plain("\n".join(found))


def plain(text: str) -> str:
    """Without control characters and lone surrogates, and without the blanks that pages are laid out with."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    kept = "".join(char for char in lines if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))
    return _LINES.sub("\n\n", "\n".join(_BLANKS.sub(" ", line).strip() for line in kept.split("\n"))).strip()[:LONGEST]


def main(reading: str, path: str) -> int:
    bound()
    try:
        text = taken(READERS[reading](path))
    except Exception as error:  # whatever a file can do to its reader
        sys.stderr.write(type(error).__name__)
        return 3
    sys.stdout.buffer.write(text.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
