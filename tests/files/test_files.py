"""Attached files: they come in whole or not at all, are kept once, and go out as they came."""

import errno
import hashlib
import json
import time
from typing import Any

import pytest

from app.crm.files import store as stores
from app.crm.files.kinds import NAME_LENGTH, plain_name
from app.shared.contract import ChangeSet, Operation
from app.shared.errors import Invalid
from tests.files.conftest import LIMIT, Desk
from tests.files.samples import pdf, word


def test_a_file_comes_out_as_it_went_in(desk: Desk) -> None:
    company, body = desk.make()("companies", name="Acme"), bytes(range(256)) * 5000
    answer = desk.send("Plan (final).bin", body, company=company, tags="offer, 2026")
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/files/{made['id']}"
    assert made["name"] == "Plan (final).bin"
    assert (made["size"], made["media_type"]) == (len(body), "application/octet-stream")
    assert made["company"]["id"] == company
    assert made["tags"] == ["2026", "offer"]
    assert made["sha256"] == hashlib.sha256(body).hexdigest()
    got = desk.get(f"/api/v1/files/{made['id']}/content")
    assert got.content == body
    assert got.headers["content-disposition"].startswith("attachment; filename")
    assert "Plan" in got.headers["content-disposition"]


def test_a_file_is_downloaded_in_parts_and_not_twice(desk: Desk) -> None:
    id = desk.add("a.txt", b"0123456789")
    part = desk.get(f"/files/{id}/content", Range="bytes=2-4")
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert desk.get(f"/files/{id}/content", Range="bytes=20-").status_code == 416
    whole = desk.get(f"/files/{id}/content")
    again = desk.get(f"/files/{id}/content", **{"If-None-Match": whole.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_same_content_is_kept_once_and_goes_with_its_last_record(desk: Desk) -> None:
    first, second = desk.add("one.txt", b"same"), desk.add("two.txt", b"same")
    digest = hashlib.sha256(b"same").hexdigest()
    assert desk.on_disk() == [digest]
    desk.change("anna", ("trash", "files", first), ("purge", "files", first))
    desk.store.tidy()
    assert desk.on_disk() == [digest]
    desk.change("mia", ("trash", "files", second))
    desk.store.tidy()
    assert desk.get(f"/files/{second}/content").content == b"same"  # from the trash it can come back
    desk.change("anna", ("purge", "files", second))
    desk.store.tidy()
    assert desk.on_disk() == []
    assert desk.contents() == set()


def test_a_purge_removes_the_bytes_by_itself(desk: Desk) -> None:
    id = desk.add("one.txt", b"bytes")
    desk.change("anna", ("trash", "files", id), ("purge", "files", id))
    for _ in range(100):
        if not desk.on_disk():
            return
        time.sleep(0.05)
    pytest.fail("the bytes are still there")


def test_a_form_without_scripts_adds_several_files_and_goes_back(desk: Desk) -> None:
    deal = desk.make()("deals", name="Big")
    files = [("file", ("a.txt", b"one")), ("file", ("b.txt", b"two"))]
    data = {"deal": str(deal), "_next": f"/deals/{deal}"}
    answer = desk.client.post("/files/new", headers=desk.cookie("mia"), files=files, data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/deals/{deal}")
    listed = desk.get(f"/api/v1/files?deal={deal}&sort=name").json()["items"]
    assert [item["name"] for item in listed] == ["a.txt", "b.txt"]
    said = answer.headers["set-cookie"].partition(";")[0]
    cookie = desk.cookie("mia")
    page = desk.client.get(f"/deals/{deal}", headers={**cookie, "Cookie": f"{cookie['Cookie']}; {said}"})
    assert "File created" in page.text
    assert "a.txt" in page.text
    page = desk.client.get(f"/files/new?deal={deal}", headers=desk.cookie("mia"))
    assert 'enctype="multipart/form-data"' in page.text


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:1"])
def test_a_form_leads_nowhere_else(desk: Desk, target: str) -> None:
    answer = desk.client.post(
        "/files/new", headers=desk.cookie("mia"), files={"file": ("a.txt", b"x")}, data={"_next": target}
    )
    assert answer.headers["location"].startswith("/files/")


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_file_that_is_too_large_is_refused_in_words_and_leaves_nothing(desk: Desk) -> None:
    answer = desk.send("huge.bin", b"x" * (LIMIT + 1))
    assert answer.status_code == 413
    assert answer.json()["detail"] == "huge.bin is larger than the 2 MB that a file may have here."
    assert desk.on_disk() == []
    assert desk.send("fits.bin", b"x" * LIMIT).status_code == 201


def test_a_full_disk_is_said_and_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Any, piece: bytes) -> None:
        with stores._on_disk():
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(stores.Incoming, "write", full)
    answer = desk.send("a.txt", b"x")
    assert answer.status_code == 507
    assert "disk is full" in answer.json()["detail"]
    assert desk.on_disk() == []
    assert desk.get("/api/v1/files").json()["total"] == 0


@pytest.mark.parametrize(
    "body",
    [
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf of it',
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nall of it\r\n--b',
        b"",
        b"no form at all",
        b'--b\r\nContent-Disposition: form-data; name="other"; filename="a.txt"\r\n\r\nx\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="company"\r\n\r\n1\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + b"y" * 70_000 + b"\r\n--b--\r\n",
        b"".join(b'--b\r\nContent-Disposition: form-data; name="tags"\r\n\r\n1\r\n' for _ in range(70)) + b"--b--\r\n",
    ],
)
def test_a_broken_form_is_refused_and_leaves_nothing(desk: Desk, body: bytes) -> None:
    headers = desk.headers("mia") | {"Content-Type": "multipart/form-data; boundary=b"}
    answer = desk.client.post("/api/v1/files", content=body, headers=headers)
    assert answer.status_code in (400, 413, 422), answer.text
    assert answer.json()["detail"]
    assert desk.on_disk() == []
    assert desk.contents() == set()


def test_values_are_checked_like_those_of_any_record(desk: Desk) -> None:
    for name, value in (("sha256", "0" * 64), ("size", "1"), ("text", "x"), ("media_type", "text/html"), ("id", "1")):
        answer = desk.send("a.txt", b"x", **{name: value})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == name
    assert desk.send("a.txt", b"x", company="999").status_code == 422
    assert desk.on_disk() == []
    json_sent = desk.client.post("/api/v1/files", json={"name": "a.txt"}, headers=desk.headers("mia"))
    assert json_sent.status_code == 415


def test_there_is_no_file_without_an_upload(desk: Desk) -> None:
    operation = Operation(action="create", object="files", values={"name": "a.txt"})
    for door in (desk.crm.apply, desk.crm.propose):
        with pytest.raises(Invalid, match="made by uploading"):
            door(desk.people["mia"], ChangeSet(operations=(operation,)))
    id = desk.add("a.txt", b"x")
    for name, value in (("sha256", "0" * 64), ("size", 1), ("text", "x"), ("media_type", "text/html")):
        answer = desk.client.patch(f"/api/v1/files/{id}", json={name: value}, headers=desk.headers("mia"))
        assert answer.status_code == 422, name


def test_who_may_not_write_adds_nothing(desk: Desk) -> None:
    assert desk.send("a.txt", b"x", "vera").status_code == 403
    assert desk.client.post("/api/v1/files", files={"file": ("a", b"x")}).status_code == 401
    elsewhere = desk.cookie("mia") | {"Origin": "https://evil.example"}
    assert desk.client.post("/files/new", headers=elsewhere, files={"file": ("a", b"x")}).status_code == 403
    assert desk.on_disk() == []


def test_a_key_makes_a_file_once(desk: Desk) -> None:
    key = {"Idempotency-Key": "k1"}
    first, again = desk.send("a.txt", b"x", headers=key), desk.send("a.txt", b"x", headers=key)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    assert desk.send("a.txt", b"other", headers=key).status_code == 409
    assert desk.get("/api/v1/files").json()["total"] == 1


# --- undo, text -------------------------------------------------------------------------------------------------------


def test_adding_a_file_is_a_change_that_can_be_undone(desk: Desk) -> None:
    company = desk.make()("companies", name="Acme")
    headers = desk.cookie("mia") | {"Accept": "application/json"}
    answer = desk.client.post("/files/new", headers=headers, files={"file": ("a.txt", b"x")}, data={"company": company})
    assert answer.status_code == 201
    [made] = answer.json()["files"]
    desk.crm.undo(desk.people["mia"], answer.json()["change_set"])
    assert desk.get("/api/v1/files").json()["total"] == 0
    assert desk.get(f"/api/v1/files/{made['id']}").json()["trashed_at"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("offer.txt", b"We deliver the zeppelin in May."),
        ("offer.md", "We deliver the zeppelin in *May*.".encode("utf-16")),
        ("offer.csv", b"what,when\nzeppelin,May\n"),
        ("offer.docx", word("We deliver the zeppelin in May.")),
        ("offer.pdf", pdf("We deliver the zeppelin in May.")),
    ],
)
def test_the_text_in_a_file_is_found_and_can_be_quoted(desk: Desk, name: str, body: bytes) -> None:
    id = desk.add(name, body)
    [hit] = desk.crm.search(desk.people["otto"], "zeppelin")
    assert (hit.ref.object, hit.ref.id) == ("files", id)
    [document] = desk.crm.documents([("files", id)])
    assert "zeppelin" in (document.text or "")
    assert "zeppelin" in json.dumps(desk.get("/api/v1/search?q=zeppelin").json())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\mia\\plan.pdf", "plan.pdf"),
        ("/", "file"),
        ("..", "file"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("fdp.\u202egnp.exe", "fdp.gnp.exe"),
        ("x" * 400 + ".pdf", "x" * (NAME_LENGTH - 4) + ".pdf"),
        ("  .hidden ", "hidden"),
        ("Ünï cödé.txt", "Ünï cödé.txt"),
    ],
)
def test_a_name_is_a_name_and_no_path(given: str, kept: str) -> None:
    assert plain_name(given) == kept
