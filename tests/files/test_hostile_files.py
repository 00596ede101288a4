"""Files that attack: whoever opens, lists or searches them, and the server that reads them."""

import time

import pytest

from app.crm.files import kinds, reader
from tests.files.conftest import Desk
from tests.files.samples import PAGE, PNG, SVG, bomb, pdf


def test_a_download_is_bytes_that_nothing_runs(desk: Desk) -> None:
    for name, body in (("page.html", PAGE), ("pic.svg", SVG), ("pic.png", PAGE), ("x.js", b"alert(1)"), ("a", PAGE)):
        id = desk.add(name, body)
        got = desk.get(f"/files/{id}/content")
        assert got.headers["content-disposition"].startswith("attachment"), name
        assert got.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in got.headers["content-security-policy"]
        assert got.headers["x-frame-options"] == "DENY"
        kind = got.headers["content-type"]
        assert not any(word in kind for word in ("html", "svg", "xml", "script", "image")), (name, kind)
        assert desk.get(f"/files/{id}/preview").status_code == 404, name


def test_what_is_shown_is_an_image_or_a_pdf_by_its_bytes(desk: Desk) -> None:
    image, document = desk.add("photo.html", PNG), desk.add("offer.png", pdf("Hello"))
    got = desk.get(f"/files/{image}/preview")
    assert (got.status_code, got.headers["content-type"], got.content) == (200, "image/png", PNG)
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert got.headers["x-frame-options"] == "DENY"
    assert got.headers["content-disposition"].startswith("inline")
    got = desk.get(f"/files/{document}/preview")
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["x-frame-options"] == "SAMEORIGIN"
    assert "script-src" not in got.headers["content-security-policy"]
    assert got.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_file_that_is_two_things_is_shown_as_the_harmless_one(desk: Desk) -> None:
    for name, head, kind in (("a.html", b"GIF89a/*", "image/gif"), ("b.html", b"\xff\xd8\xff\xe0/*", "image/jpeg")):
        id = desk.add(name, head + b"*/=1;alert(1)//<script>alert(1)</script>" + PAGE)
        got = desk.get(f"/files/{id}/preview")
        assert got.headers["content-type"] == kind
        assert got.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in got.headers["content-security-policy"]


def test_bytes_that_were_changed_on_the_disk_are_not_shown_by_what_the_record_says(desk: Desk) -> None:
    id = desk.add("photo.png", PNG)
    path = desk.store.path(desk.get(f"/api/v1/files/{id}").json()["sha256"])
    path.write_bytes(PAGE)
    assert desk.get(f"/files/{id}/preview").status_code == 404
    path.unlink()
    assert desk.get(f"/files/{id}/content").status_code == 404
    assert desk.get(f"/files/{id}").status_code == 200


@pytest.mark.parametrize("name", ["../../crm.db", "..\\..\\secret", "%2e%2e%2fcrm.db", "a/b/c.txt", '"; x="y.txt'])
def test_no_name_is_a_path(desk: Desk, name: str) -> None:
    before = sorted(path.name for path in desk.folder.iterdir())
    id = desk.add(name, b"harmless")
    assert sorted(path.name for path in desk.folder.iterdir() if path.name != "files") == [
        name for name in before if name != "files"
    ]
    got = desk.get(f"/files/{id}/content")
    assert got.content == b"harmless"
    assert "\n" not in got.headers["content-disposition"]
    assert "/" not in desk.get(f"/api/v1/files/{id}").json()["name"]


def test_a_bomb_takes_nothing_down_and_is_kept_without_a_text(desk: Desk) -> None:
    start = time.monotonic()
    id = desk.add("bomb.docx", bomb(1000))
    assert time.monotonic() - start < 60
    found = desk.get(f"/api/v1/files/{id}").json()
    assert found["text"] is None
    assert found["media_type"] == kinds.DOCX
    assert desk.client.get("/healthz").status_code == 200


def test_of_a_book_of_ten_thousand_pages_the_first_are_read(desk: Desk) -> None:
    id = desk.add("book.pdf", pdf("Chapter", pages=10_000))
    text = desk.get(f"/api/v1/files/{id}").json()["text"]
    assert text is None or text.count("Chapter") == reader.PAGES


@pytest.mark.parametrize(
    "body",
    [b"%PDF-1.7\n" + b"1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\n" * 50, b"%PDF-", b"%PDF-1.4\n\xff\xff\x00" * 999],
)
def test_a_broken_document_is_kept_as_it_is(desk: Desk, body: bytes) -> None:
    id = desk.add("x.pdf", body)
    assert desk.get(f"/api/v1/files/{id}").json()["text"] is None
    assert desk.get(f"/files/{id}/content").content == body


def test_the_reader_of_a_file_can_write_nothing() -> None:
    import subprocess
    import sys

    program = "from app.crm.files.reader import bound; bound();open('x','w').write('y'*10)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd="/tmp")
    assert done.returncode != 0


def test_words_of_a_file_are_plain_text() -> None:
    assert reader.plain("a\x00b\x1b[31m\ud800 c\r\nd\x0c") == "ab[31m c\nd"
    assert len(reader.taken(iter(["x" * 50_000] * 100))) == reader.LONGEST
