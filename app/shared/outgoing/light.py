"""Two small questions to servers that the operator set up, without the weight of a client: for probes and health."""

import asyncio
import contextlib
import json
import re
import ssl
from typing import Any

from app.shared.outgoing.urls import BadUrl, target

LARGEST = 65_536  # bytes of an answer


async def knock(url: str, seconds: float) -> None:
    """Connect and hang up. Raises OSError (TimeoutError among them) where nobody listens."""
    there = _there(url)
    async with asyncio.timeout(seconds):
        _, writer = await asyncio.open_connection(there.host, there.port)
    writer.close()


async def ask(url: str, path: str, seconds: float) -> dict[str, Any] | None:
    """The JSON object that a server gives; {} where it is none, None where it doesn't answer in time.

    `seconds`: to connect, and again to answer.
    """
    try:
        there = _there(url)
        secure = ssl.create_default_context() if there.scheme == "https" else None
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(there.host, there.port, ssl=secure)
        with contextlib.closing(writer):
            writer.write(_head(url, path))
            async with asyncio.timeout(seconds):
                answer = await _answer(reader)
    except (OSError, ssl.SSLError):
        return None
    return _json(answer)


def _there(url: str) -> Any:
    try:
        return target(url)
    except BadUrl as error:
        raise OSError(str(error)) from error


def _head(url: str, path: str) -> bytes:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    head = f"GET {parts.path}{path} HTTP/1.0\r\nHost: {parts.netloc}\r\nAccept: application/json\r\n"
    return f"{head}Connection: close\r\n\r\n".encode()


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Everything up to the bound: to the announced length, else to the end of the connection."""
    found = b""
    while len(found) < LARGEST and not _is_whole(found) and (piece := await reader.read(LARGEST - len(found))):
        found += piece
    return found


def _is_whole(found: bytes) -> bool:
    head, end, body = found.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d{1,9}) *(\r|$)", head)
    return bool(end and length and len(body) >= int(length[1]))


def _json(answer: bytes) -> dict[str, Any] | None:
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        return None
    with contextlib.suppress(ValueError):
        found = json.loads(body)
        if isinstance(found, dict):
            return found
    return {}
