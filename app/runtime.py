"""What a running server leaves for others to find: its lock, its runtime file, and the port that it keeps.

The lock tells whether somebody serves this instance; it can't be left behind, since the system drops it with the
process. The runtime file tells where, once the server is ready. A file without a held lock is stale.
"""

import fcntl
import http.client
import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Half = Literal["crm", "chatbot"]
HALVES: tuple[Half, ...] = ("crm", "chatbot")


@dataclass(frozen=True, slots=True)
class Runtime:
    """A server as its runtime file describes it."""

    pid: int
    url: str
    port: int
    started: str  # ISO 8601, UTC
    version: str
    nonce: str  # given at /healthz too: who answers there is the one who wrote this


class NotUsable(Exception):
    """This can't be served now; the message is a sentence that says why."""


class Taken(Exception):
    """Another process serves this instance, or the half of it that was asked for."""


def file(instance: Path, half: Half | None) -> Path:
    return instance / (f"runtime.{half}.json" if half else "runtime.json")


def write_atomically(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)


def announce(instance: Path, half: Half | None, runtime: Runtime) -> None:
    """Write the runtime file; whoever reads it sees all of it or none."""
    write_atomically(file(instance, half), json.dumps(asdict(runtime), indent=2) + "\n")


def withdraw(instance: Path, half: Half | None, nonce: str) -> None:
    """Remove the runtime file where it is still this server's own."""
    found = read(instance, half)
    if found and found.nonce == nonce:
        file(instance, half).unlink(missing_ok=True)


def read(instance: Path, half: Half | None) -> Runtime | None:
    """What the runtime file says, which may be stale; None where there is none or it can't be read."""
    try:
        return Runtime(**json.loads(file(instance, half).read_text()))
    except (OSError, ValueError, TypeError):
        return None


# --- the lock --------------------------------------------------------------------------------------------------------


def _lock_path(instance: Path, half: Half) -> Path:
    return instance / f"{half}.lock"


def _halves(half: Half | None) -> tuple[Half, ...]:
    return (half,) if half else HALVES


def _take(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def held(instance: Path, half: Half | None) -> Iterator[None]:
    """Hold this instance, or one half of it, while serving. Raises Taken at once where another process does."""
    descriptors: list[int] = []
    try:
        for name in _halves(half):
            descriptor = _take(_lock_path(instance, name))
            if descriptor is None:
                raise Taken
            descriptors.append(descriptor)
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def holder(instance: Path, half: Half) -> int | None:
    """The process that holds this half of the instance; None where nobody does. 0: somebody, not known who."""
    path = _lock_path(instance, half)
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _pid(path)
    finally:
        os.close(descriptor)
    return None


def _pid(path: Path) -> int:
    try:
        return int(path.read_text() or 0)
    except (OSError, ValueError):
        return 0


def running(instance: Path, half: Half | None = None) -> Runtime | None:
    """The server that serves this instance now: the whole one, or this half of it. None where none is ready."""
    found = read(instance, half)
    pids = [holder(instance, name) for name in _halves(half)]
    return found if found and all(pid in (found.pid, 0) for pid in pids) else None


def servers(instance: Path) -> list[tuple[Half | None, Runtime]]:
    """Every server of this instance that is ready: the whole one, or one or both halves."""
    whole: list[Half | None] = [None, *HALVES]
    return [(half, found) for half in whole if (found := running(instance, half))]


def for_half(instance: Path, half: Half) -> Runtime | None:
    """The server that answers for this half: the whole one, else the half's own."""
    return running(instance) or running(instance, half)


def answers(runtime: Runtime, timeout: float = 2.0) -> bool:
    """Whether this very server answers at its address, by the nonce at /healthz."""
    parts = urlsplit(runtime.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    with closing(connection), suppress(OSError, http.client.HTTPException, ValueError):
        connection.request("GET", "/healthz")
        return bool(json.loads(connection.getresponse().read()).get("nonce") == runtime.nonce)
    return False


def forget_stale(instance: Path) -> None:
    """Remove the runtime files of servers that are gone without having done so (killed, or the power went)."""
    for half in (None, *HALVES):
        if file(instance, half).exists() and running(instance, half) is None:
            file(instance, half).unlink(missing_ok=True)


# --- the port that an instance keeps ---------------------------------------------------------------------------------


def _port_path(instance: Path, half: Half | None) -> Path:
    return instance / (f"port.{half}" if half else "port")


def kept_port(instance: Path, half: Half | None) -> int | None:
    with suppress(OSError, ValueError):
        return int(_port_path(instance, half).read_text())
    return None


def keep_port(instance: Path, half: Half | None, port: int) -> None:
    if kept_port(instance, half) != port:
        write_atomically(_port_path(instance, half), f"{port}\n")


# --- the other half --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Peer:
    """The other half, where the halves run apart."""

    name: Half
    url: str | None  # None: it is away

    @property
    def is_away(self) -> bool:
        return self.url is None

    @property
    def sentence(self) -> str:
        title = "The assistant" if self.name == "chatbot" else "The CRM"
        if self.is_away:
            return f"{title} is not running. Start it with: ./run.sh serve --only {self.name}"
        return f"{title} runs at {self.url}."


def peer(instance: Path, only: Half | None) -> Peer | None:
    """The half that this process doesn't serve; None where it serves both. Reads two small files, no network."""
    if only is None:
        return None
    name: Half = "chatbot" if only == "crm" else "crm"
    found = running(instance, name)
    return Peer(name, found.url if found else None)
