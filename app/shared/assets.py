"""The addresses of static files. One hash over all of them stands in each address, so each can be kept for ever.

The hash is the whole tree's, since modules import each other by relative addresses: whatever a page loads is of one
make. While developing it is the word `live`, and nothing is kept.
"""

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "static"
LIVE = "live"


class _Mode:
    live = False


def configure(*, live: bool) -> None:
    """`live`: addresses without a hash, for development."""
    _Mode.live = live


@cache
def _hash(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=6)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def version() -> str:
    """The part of each address that changes with the content: 12 hex digits."""
    return LIVE if _Mode.live else _hash(FOLDER)


def static_url(path: str) -> str:
    """The address of a file of `app/static`: `static_url("css/app.css")`."""
    return f"/static/{version()}/{path}"
