"""Static files: their addresses change with their content, and then they are kept for ever."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from app.shared import assets


def test_an_address_with_the_hash_is_kept_for_ever(stranger: Any) -> None:
    answer = stranger.get(assets.static_url("css/plain.css"))
    assert answer.status_code == 200
    assert re.fullmatch(r"/static/[0-9a-f]{12}/css/plain\.css", assets.static_url("css/plain.css"))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("prefix", ["/static/", "/static/0123456789ab/"])
def test_any_other_address_is_asked_for_again(stranger: Any, prefix: str) -> None:
    answer = stranger.get(f"{prefix}css/plain.css")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    again = stranger.get(f"{prefix}css/plain.css", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_text_is_gzipped_for_whom_that_suits(stranger: Any) -> None:
    packed = stranger.get("/static/css/base.css", headers={"Accept-Encoding": "gzip"})
    plain = stranger.get("/static/css/base.css", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content  # the client unpacks
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert packed.headers["vary"] == "accept-encoding"
    assert len(gzip.compress(plain.content)) < len(plain.content)


@pytest.mark.parametrize(
    "path",
    [
        "/static/nothing.css",
        "/static/css",
        "/static/",
        "/static/vendor/.stamp",
        "/static/%2e%2e/host.py",
        "/static/css/%2e%2e/%2e%2e/host.py",
        "/static//etc/passwd",
        "/static/css%5c..%5cx.css",
        "/static/css/plain.css%00.js",
    ],
)
def test_nothing_else_is_served(stranger: Any, path: str) -> None:
    assert stranger.get(path).status_code in (400, 404)


def test_static_files_can_only_be_read(stranger: Any) -> None:
    answer = stranger.post("/static/css/plain.css", headers={"Origin": "http://127.0.0.1:5050"})
    assert answer.status_code == 405
    assert stranger.head("/static/css/plain.css").content == b""


def test_the_address_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("one")
    before = assets._hash.__wrapped__(tmp_path)
    (tmp_path / "a.css").write_text("two")
    assert assets._hash.__wrapped__(tmp_path) != before


def test_while_developing_nothing_is_kept(stranger: Any) -> None:
    assets.configure(live=True)
    try:
        answer = stranger.get(assets.static_url("css/plain.css"))
    finally:
        assets.configure(live=False)
    assert answer.headers["cache-control"] == "no-cache"
