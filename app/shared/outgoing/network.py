"""How connections are opened: resolve, check every address, connect to one that was checked. For httpcore."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any

import anyio.to_thread
import httpcore
import httpx

from app.shared.outgoing import Allowed, Bounds, NotAllowed
from app.shared.outgoing.addresses import Address, literal

Resolver = Callable[[str, int], list[str]]  # host and port to addresses
_PIECE = 65_536  # bytes written at once, so that a slow reader can't stretch the time


class Refused(httpx.ConnectError):
    """Nothing was sent: the address is not one to send to. The message is a sentence."""


class TooLarge(httpx.ReadError):
    """The answer is larger than its bound."""


class TookTooLong(httpx.ReadTimeout):
    """The whole exchange took longer than its bound, however busy it was."""


def system_resolver(host: str, port: int) -> list[str]:
    """The system's own; raises OSError for a name that it doesn't know."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(item[4][0]) for item in found]


# --- what one exchange may still take --------------------------------------------------------------------------------


class Budget:
    def __init__(self, bounds: Bounds) -> None:
        self._ends = time.monotonic() + bounds.total
        self._total = bounds.total
        self._left = bounds.size

    def seconds(self, asked: float | None) -> float:
        """How long the next step may wait. Raises TookTooLong."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TookTooLong(f"the whole took longer than {self._total:g} seconds")
        return left if asked is None else min(asked, left)

    def took(self, size: int) -> None:
        """Raises TooLarge."""
        self._left -= size
        if self._left < 0:
            raise TooLarge("the answer is too long")


budget: ContextVar[Budget | None] = ContextVar("outgoing_budget", default=None)


@contextlib.contextmanager
def spending(mine: Budget) -> Any:
    """What is read and written within this counts against this budget, whichever connection it goes through."""
    token = budget.set(mine)
    try:
        yield
    finally:
        budget.reset(token)


def _seconds(asked: float | None) -> float | None:
    current = budget.get()
    return asked if current is None else current.seconds(asked)


def _took(data: bytes) -> bytes:
    if current := budget.get():
        current.took(len(data))
    return data


# --- where to --------------------------------------------------------------------------------------------------------


class Guard:
    """Turns a host into the addresses that may be connected to."""

    def __init__(self, allowed: Allowed, resolver: Resolver = system_resolver) -> None:
        self._allowed = allowed
        self._resolver = resolver

    def addresses(self, host: str, port: int) -> list[str]:
        """Raises Refused where one of them is inside, httpcore.ConnectError where there is none. May block."""
        host = host.lower().removesuffix(".").strip("[]")
        written = literal(host)
        try:
            found = [written] if written else [ip_address(item) for item in self._resolver(host, port)]
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} is not known") from error
        except ValueError as error:
            raise Refused(f"{host} leads to something that is no address.") from error
        return self._checked(host, port, list(dict.fromkeys(found)))

    def _checked(self, host: str, port: int, found: list[Address]) -> list[str]:
        if not found:
            raise httpcore.ConnectError(f"the name {host} has no address")
        try:
            self._allowed.check(host, port, found)
        except NotAllowed as error:
            raise Refused(str(error)) from error
        return [str(address) for address in found]

    def within(self, host: str, port: int, seconds: float | None) -> list[str]:
        """The same, but no longer than this: the system's resolver knows no time-out."""
        if literal(host.strip("[]")):
            return self.addresses(host, port)
        outcome: list[Any] = []
        thread = threading.Thread(target=_note, args=(outcome, self.addresses, host, port), daemon=True)
        thread.start()
        thread.join(seconds)
        if not outcome:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time")
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return list(outcome[0])


def _note(outcome: list[Any], call: Callable[..., Any], *args: Any) -> None:
    try:
        outcome.append(call(*args))
    except Exception as error:
        outcome.append(error)


class _Clock:
    """The time to connect, over all addresses and the name."""

    def __init__(self, seconds: float | None) -> None:
        self._ends = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float | None:
        if self._ends is None:
            return None
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ConnectTimeout("no connection in time")
        return left


# --- blocking --------------------------------------------------------------------------------------------------------


class Stream(httpcore.NetworkStream):
    """A connection whose reads and writes count against the budget of the exchange."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return _took(self._inner.read(max_bytes, timeout=_seconds(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], timeout=_seconds(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return Stream(self._inner.start_tls(ssl_context, server_hostname, timeout=_seconds(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        clock = _Clock(_seconds(timeout))
        failure: Exception | None = None
        for address in self._guard.within(host, port, clock.left()):
            try:
                return Stream(self._inner.connect_tcp(address, port, clock.left(), local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
        raise failure or httpcore.ConnectError("no connection")

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        raise Refused("Files are not connected to.")


# --- for the event loop ----------------------------------------------------------------------------------------------


class AsyncStream(httpcore.AsyncNetworkStream):
    """The same as `Stream`."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return _took(await self._inner.read(max_bytes, timeout=_seconds(timeout)))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            await self._inner.write(buffer[start : start + _PIECE], timeout=_seconds(timeout))

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return AsyncStream(await self._inner.start_tls(ssl_context, server_hostname, timeout=_seconds(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        clock = _Clock(_seconds(timeout))
        failure: Exception | None = None
        for address in await self._addresses(host, port, clock.left()):
            try:
                found = await self._inner.connect_tcp(address, port, clock.left(), local_address, socket_options)
                return AsyncStream(found)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
        raise failure or httpcore.ConnectError("no connection")

    async def _addresses(self, host: str, port: int, seconds: float | None) -> list[str]:
        if literal(host.strip("[]")):
            return self._guard.addresses(host, port)
        return await anyio.to_thread.run_sync(self._guard.within, host, port, seconds)

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        raise Refused("Files are not connected to.")
