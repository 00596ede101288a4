"""Ports are found by binding and listening, never by probing: what is bound here is handed on to the server."""

import errno
import os
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.runtime import NotUsable

WHOLE = range(5050, 5061)
CHATBOT = range(8020, 8071)
BACKLOG = 2048
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class NoPort(NotUsable):
    """No port could be had; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Bound:
    port: int
    sockets: list[socket.socket]

    def close(self) -> None:
        for item in self.sockets:
            item.close()


def _listen(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    """One listening socket. With SO_REUSEADDR two processes can bind the same port; only one can listen."""
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
        made.listen(BACKLOG)
        made.setblocking(False)
    except OSError:
        made.close()
        raise
    return made


def claim(host: str, port: int) -> Bound:
    """Bind and listen on this port (0: any free one). On the loopback, 127.0.0.1 and ::1 alike.

    Raises OSError where it is taken on either; a machine without IPv6 goes without ::1.
    """
    if host not in LOOPBACK:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        first = _listen(family, host, port)
        return Bound(first.getsockname()[1], [first])
    first = _listen(socket.AF_INET, "127.0.0.1", port)
    port = first.getsockname()[1]
    try:
        return Bound(port, [first, _listen(socket.AF_INET6, "::1", port)])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            first.close()
            raise
        return Bound(port, [first])


def claim_one(host: str, port: int) -> Bound:
    """Exactly this port, or NoPort."""
    try:
        return claim(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise NoPort(f"Port {port} on {host} can't be used: {error.strerror}.") from None
        holder = who_holds([port]).get(port)
        raise NoPort(f"Port {port} is taken{f' by {holder}' if holder else ''}. Choose another one.") from None


def claim_free(host: str, ports: Sequence[int], *, first: int | None = None, last: Iterable[int] = ()) -> Bound:
    """A free port of these: `first` before the others, those of `last` only where nothing else is left."""
    avoided = set(last)
    order = sorted(ports, key=lambda port: (port != first, port in avoided, port))
    for port in order:
        with suppress(OSError):
            return claim(host, port)
    raise NoPort(_all_taken(ports))


def _all_taken(ports: Sequence[int]) -> str:
    holders = who_holds(ports)
    known = "; ".join(f"{port} by {holder}" for port, holder in sorted(holders.items()))
    tail = f" ({known})" if known else ""
    return f"Every port from {ports[0]} to {ports[-1]} is taken{tail}. Stop one of them, or name another: --port N."


# --- who holds a port ------------------------------------------------------------------------------------------------


def who_holds(ports: Iterable[int]) -> dict[int, str]:
    """Port -> the process that listens there, in words, where this system and our rights let us know (Linux)."""
    inodes = _listening_inodes(set(ports))
    holders: dict[int, str] = {}
    for pid, inode in _socket_owners(set(inodes)) if inodes else ():
        holders.setdefault(inodes[inode], _describe(pid))
    return holders


def _listening_inodes(ports: set[int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                port = int(fields[1].rsplit(":", 1)[1], 16)
                if fields[3] == "0A" and port in ports:  # 0A: listening
                    found[fields[9]] = port
    return found


def _socket_owners(inodes: set[str]) -> Iterable[tuple[int, str]]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another user's process, or one that has just ended
            for descriptor in (process / "fd").iterdir():
                with suppress(OSError):
                    target = os.readlink(descriptor)
                    if target.startswith("socket:[") and target[8:-1] in inodes:
                        yield int(process.name), target[8:-1]


def _describe(pid: int) -> str:
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        if "-m" in words and words[words.index("-m") + 1 : words.index("-m") + 3] == ["app", "serve"]:
            return f"Parley in {os.readlink(f'/proc/{pid}/cwd')} (pid {pid})"
        return f"{Path(words[0]).name} (pid {pid})"
    return f"pid {pid}"
