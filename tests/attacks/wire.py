"""Requests as bytes over a raw socket, as no client library would send them."""

import re
import socket
import time
from dataclasses import dataclass

from tests.processes import Server

WAIT = 5.0  # seconds


@dataclass
class Reply:
    """All bytes that came until the server closed or fell silent, and the status of each response in them."""

    raw: bytes

    @property
    def statuses(self) -> list[int]:
        return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.raw)]


def send(server: Server, data: bytes, silence: float = 0.25) -> Reply:
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT) as connection:
        connection.sendall(data)
        received, deadline = b"", time.monotonic() + WAIT
        connection.settimeout(silence)
        while time.monotonic() < deadline:
            try:
                piece = connection.recv(65536)
            except (TimeoutError, ConnectionResetError):
                if received:
                    break
                continue
            if not piece:
                break
            received += piece
    return Reply(received)


def request(
    server: Server, *lines: str, method: str = "GET", path: str = "/api/v1/me", host: str | None = "", body: bytes = b""
) -> bytes:
    """A request signed in by the token; `host` None sends none."""
    named = [] if host is None else [f"Host: {host or f'127.0.0.1:{server.port}'}"]
    head = [f"{method} {path} HTTP/1.1", *named, f"Authorization: Bearer {server.token}", *lines]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body
