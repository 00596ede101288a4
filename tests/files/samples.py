"""Files as people and attackers make them, built here byte by byte."""

import io
import zipfile

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006"
    "0005 57bfabd40000000049454e44ae426082".replace(" ", "")
)
PAGE = b"<!doctype html><script>fetch('/api/v1/me')</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def pdf(text: str = "", pages: int = 1) -> bytes:
    """A PDF of this many pages with this text on each."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    font = DictionaryObject()
    for key, value in (("/Type", "/Font"), ("/Subtype", "/Type1"), ("/BaseFont", "/Helvetica")):
        font[NameObject(key)] = NameObject(value)
    resources = DictionaryObject({NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})})
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F1 12 Tf 20 50 Td ({text}) Tj ET".encode())
    content = writer._add_object(stream)
    for _ in range(pages):
        page = writer.add_blank_page(300, 100)
        page[NameObject("/Resources")] = resources
        page[NameObject("/Contents")] = content
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word(text: str) -> bytes:
    """A Word document with this paragraph."""
    from docx import Document

    document, out = Document(), io.BytesIO()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def bomb(megabytes: int = 2000) -> bytes:
    """A Word document of some kilobytes whose text unpacks to this many megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word("x"))) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad:
        for item in good.infolist():
            if item.filename != "word/document.xml":
                bad.writestr(item, good.read(item))
        with bad.open("word/document.xml", "w", force_zip64=True) as part:
            part.write(good.read("word/document.xml").partition(b"<w:body>")[0] + b"<w:body><w:p><w:r><w:t>")
            for _ in range(megabytes):
                part.write(b"A" * 1024**2)
    return out.getvalue()
