"""httpx clients that go through the guard. Imported lazily: it brings httpx."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpcore
import httpx

from app.shared.outgoing import Allowed, Bounds, urls
from app.shared.outgoing.network import (
    AsyncBackend,
    Backend,
    Budget,
    Guard,
    Refused,
    Resolver,
    TookTooLong,
    TooLarge,
    spending,
    system_resolver,
)

Client = httpx.Client
AsyncClient = httpx.AsyncClient
Response = httpx.Response
Failure = httpx.TransportError  # every way in which an exchange can fail
Timeout = httpx.TimeoutException
CannotConnect = (httpx.ConnectError, httpx.ConnectTimeout)
Unreadable = (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError)  # what can't even be sent

__all__ = [
    "AsyncClient", "CannotConnect", "Client", "Failure", "Refused", "Response", "Timeout", "TooLarge",
    "TookTooLong", "Unreadable", "async_client", "async_options", "client", "options",
]  # fmt: skip
_CONNECTIONS = {"max_connections": 20, "max_keepalive_connections": 10, "keepalive_expiry": 5.0}
_NO_REUSE = _CONNECTIONS | {"max_keepalive_connections": 0}


def client(
    allowed: Allowed, bounds: Bounds | None = None, *, resolver: Resolver = system_resolver, **more: Any
) -> httpx.Client:
    """A blocking client. `more` goes to httpx (base_url, headers). Raises `Failure` of httpx, `Refused` among them."""
    return httpx.Client(**options(allowed, bounds, resolver=resolver), **more)


def async_client(allowed: Allowed, bounds: Bounds | None = None, **more: Any) -> httpx.AsyncClient:
    """The same for the event loop."""
    return httpx.AsyncClient(**async_options(allowed, bounds), **more)


def options(
    allowed: Allowed,
    bounds: Bounds | None = None,
    *,
    resolver: Resolver = system_resolver,
    reuse: bool = True,
) -> dict[str, Any]:
    """What makes any blocking httpx client (one inside another library too) go through the guard."""
    bounds = bounds or Bounds()
    return {"transport": Transport(Guard(allowed, resolver), bounds, reuse=reuse), **_common(bounds)}


def async_options(
    allowed: Allowed, bounds: Bounds | None = None, *, resolver: Resolver = system_resolver
) -> dict[str, Any]:
    """The same for an asynchronous client."""
    bounds = bounds or Bounds()
    return {"transport": AsyncTransport(Guard(allowed, resolver), bounds), **_common(bounds)}


def _common(bounds: Bounds) -> dict[str, Any]:
    timeout = httpx.Timeout(bounds.read, connect=bounds.connect, pool=bounds.connect)
    return {"timeout": timeout, "follow_redirects": False, "trust_env": False}


# --- what both transports share --------------------------------------------------------------------------------------


def _prepare(request: httpx.Request) -> None:
    """Refuse what must not leave, and ask for an answer that isn't compressed: a bomb could hide in one."""
    if request.url.userinfo:
        raise Refused("The address must not hold a user or a password.", request=request)
    try:
        urls.target(str(request.url))
    except urls.BadUrl as error:
        raise Refused(str(error), request=request) from error
    request.headers["Accept-Encoding"] = "identity"


def _check(response: httpx.Response) -> None:
    """Nothing is unpacked: a few packed kilobytes can hold gigabytes."""
    packed = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in ("", "identity"):
        raise TooLarge("the answer is compressed, which was not asked for")


class _Lines:
    """Counts the bytes since the last end of a line."""

    def __init__(self, longest: int | None) -> None:
        self._longest = longest
        self._length = 0

    def add(self, piece: bytes) -> bytes:
        if self._longest is not None:
            end = piece.rfind(b"\n")
            self._length = self._length + len(piece) if end < 0 else len(piece) - end - 1
            if self._length > self._longest:
                raise TooLarge("a line of the answer is too long")
        return piece


class _Body(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, budget: Budget, lines: _Lines) -> None:
        self._inner, self._budget, self._lines = inner, budget, lines

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._inner)
        while True:
            with spending(self._budget):
                piece = next(pieces, None)
            if piece is None:
                return
            yield self._lines.add(piece)

    def close(self) -> None:
        self._inner.close()


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, budget: Budget, lines: _Lines) -> None:
        self._inner, self._budget, self._lines = inner, budget, lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = aiter(self._inner)
        while True:
            with spending(self._budget):
                piece = await anext(pieces, None)
            if piece is None:
                return
            yield self._lines.add(piece)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Transport(httpx.HTTPTransport):
    """httpx's own over a pool whose connections the guard opens. (The base's __init__ would make a pool without it.)"""

    def __init__(self, guard: Guard, bounds: Bounds, *, reuse: bool = True) -> None:
        limits = _CONNECTIONS if reuse else _NO_REUSE
        self._pool = httpcore.ConnectionPool(network_backend=Backend(guard), **limits)  # type: ignore[arg-type]  # plain numbers
        self._bounds = bounds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        _prepare(request)
        budget = Budget(self._bounds)
        with spending(budget):
            response = super().handle_request(request)
        try:
            _check(response)
        except BaseException:
            response.close()
            raise
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Body(response.stream, budget, _Lines(self._bounds.line))
        return response


class AsyncTransport(httpx.AsyncHTTPTransport):
    """The same for the event loop."""

    def __init__(self, guard: Guard, bounds: Bounds) -> None:
        self._pool = httpcore.AsyncConnectionPool(network_backend=AsyncBackend(guard), **_CONNECTIONS)  # type: ignore[arg-type]  # plain numbers
        self._bounds = bounds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        _prepare(request)
        budget = Budget(self._bounds)
        with spending(budget):
            response = await super().handle_async_request(request)
        try:
            _check(response)
        except BaseException:
            await response.aclose()
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _AsyncBody(response.stream, budget, _Lines(self._bounds.line))
        return response
