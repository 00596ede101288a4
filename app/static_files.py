"""Static files, from the ASGI side: gzipped once, and kept for ever by browsers where their address has the hash."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.types import Receive, Scope, Send

from app.problems import Headers, MethodNotAllowed, send_problem
from app.shared import assets
from app.shared.errors import NotFound

FOR_EVER = b"public, max-age=31536000, immutable"
ASK_AGAIN = b"no-cache"
_TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".mjs": b"text/javascript; charset=utf-8",
    ".json": b"application/json",
    ".webmanifest": b"application/manifest+json",
    ".svg": b"image/svg+xml",
    ".txt": b"text/plain; charset=utf-8",
    ".png": b"image/png",
    ".ico": b"image/x-icon",
    ".woff2": b"font/woff2",
}
_PACKED = (".png", ".ico", ".woff2")


@dataclass(frozen=True, slots=True)
class File:
    kind: bytes
    etag: bytes
    plain: bytes
    gzipped: bytes | None  # None: not smaller


class StaticFiles:
    """Serves `app/static` below the path that it is mounted at: `/<hash>/css/app.css`, or `/css/app.css`."""

    def __init__(self, folder: Path = assets.FOLDER) -> None:
        self.folder = folder
        self._load = lru_cache(maxsize=256)(_load)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1000})
        if scope["method"] not in ("GET", "HEAD"):
            return await send_problem(
                scope, send, MethodNotAllowed("Static files can only be read."), [(b"allow", b"GET, HEAD")]
            )
        version, path = self._split(scope["path"].removeprefix(scope.get("root_path", "")))
        file = self._find(path)
        if file is None:
            return await send_problem(scope, send, NotFound("There is no such file."))
        keep = version == assets.version() != assets.LIVE
        return await _answer(scope, send, file, FOR_EVER if keep else ASK_AGAIN)

    def _split(self, path: str) -> tuple[str, str]:
        first, _, rest = path.lstrip("/").partition("/")
        is_version = first == assets.LIVE or (len(first) == 12 and not (self.folder / first).exists())
        return (first, rest) if is_version else ("", path.lstrip("/"))

    def _find(self, path: str) -> File | None:
        parts = path.split("/")
        if not all(parts) or any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
            return None
        target = self.folder / path
        if target.suffix not in _TYPES or not target.is_file():
            return None
        status = target.stat()
        return self._load(target, status.st_mtime_ns, status.st_size)


def _load(path: Path, _changed: int, _size: int) -> File:
    content = path.read_bytes()
    packed = None if path.suffix in _PACKED or len(content) < 512 else gzip.compress(content, 9, mtime=0)
    etag = f'"{hashlib.blake2b(content, digest_size=9).hexdigest()}"'.encode()
    return File(_TYPES[path.suffix], etag, content, packed)


async def _answer(scope: Scope, send: Send, file: File, keep: bytes) -> None:
    asked = dict(scope["headers"])
    headers: Headers = [(b"etag", file.etag), (b"cache-control", keep), (b"vary", b"accept-encoding")]
    if file.etag in asked.get(b"if-none-match", b""):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        return await send({"type": "http.response.body", "body": b""})
    body = file.plain
    if file.gzipped and b"gzip" in asked.get(b"accept-encoding", b""):
        body = file.gzipped
        headers.append((b"content-encoding", b"gzip"))
    headers += [(b"content-type", file.kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    return await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
