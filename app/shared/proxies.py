"""Whom a request comes from where a proxy stands before the server.

Forwarded headers are believed from configured proxies alone: X-Forwarded-For gives the client's address, -Proto its
scheme, -Host the name that it asked for. From anybody else they are taken away, so that nothing behind this layer can
read them by mistake. `parley.forwarded` in the scope tells that there were some.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Any

from app.shared.live import Receive, Send
from app.shared.origin import Scope, host_name

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FOR, PROTO, HOST = "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"
# Whatever proxies send to say whom they speak for; none of it goes further than here.
_HEADERS = frozenset(
    {FOR, PROTO, HOST, "forwarded", "x-real-ip", "x-client-ip", "x-forwarded", "x-forwarded-port",
     "x-forwarded-prefix", "x-forwarded-scheme", "x-forwarded-server", "x-forwarded-ssl", "x-scheme",
     "true-client-ip", "cf-connecting-ip", "x-original-host", "x-original-url", "x-rewrite-url"}
)  # fmt: skip
MOST_HOPS = 20  # a chain that claims more is cut on its far side


class ForwardedHeaders:
    """The outermost ASGI layer. `trusted`: the networks of the proxies, as of PARLEY_TRUSTED_PROXIES."""

    def __init__(self, app: Any, trusted: Sequence[str] = ()) -> None:
        self.app = app
        self._trusted: list[Network] = [ipaddress.ip_network(item) for item in trusted]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            self._read(scope)
        await self.app(scope, receive, send)

    def _read(self, scope: Scope) -> None:
        forwarded = [(name, value) for name, value in scope["headers"] if _name(name) in _HEADERS]
        scope["parley.forwarded"] = bool(forwarded)
        if not forwarded:
            return
        scope["headers"] = [(name, value) for name, value in scope["headers"] if _name(name) not in _HEADERS]
        client = scope.get("client")
        if client and self._is_trusted(parsed(client[0])):
            self._believe(scope, forwarded)

    def _believe(self, scope: Scope, forwarded: Sequence[tuple[bytes, bytes]]) -> None:
        scope["client"] = (self._client(scope["client"][0], _values(forwarded, FOR)), 0)
        schemes, hosts = _values(forwarded, PROTO), _values(forwarded, HOST)
        if schemes and schemes[-1].lower() in ("http", "https"):
            scope["scheme"] = _scheme(scope["type"], schemes[-1].lower())
        if hosts and host_name(hosts[-1].lower()):
            rest = [(name, value) for name, value in scope["headers"] if _name(name) != "host"]
            scope["headers"] = [*rest, (b"host", hosts[-1].lower().encode("latin-1"))]

    def _client(self, peer: str, chain: Sequence[str]) -> str:
        """The rightmost address that isn't a proxy of ours; what stands left of something unreadable says nothing."""
        last = peer
        for item in reversed(chain[-MOST_HOPS:]):
            found = parsed(item)
            if found is None:
                return last
            last = str(found)
            if not self._is_trusted(found):
                return last
        return last

    def _is_trusted(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


def parsed(text: str) -> Address | None:
    """An address as proxies write it: with a port or in brackets too; IPv4 in IPv6 as IPv4. None for anything else."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _name(raw: bytes) -> str:
    return raw.decode("latin-1").lower().replace("_", "-")


def _values(headers: Iterable[tuple[bytes, bytes]], name: str) -> list[str]:
    """The items of a list header in the order of the hops, however many headers hold them."""
    wanted = [value.decode("latin-1") for raw, value in headers if raw.decode("latin-1").lower() == name]
    return [item.strip() for value in wanted for item in value.split(",") if item.strip()]


def _scheme(kind: str, scheme: str) -> str:
    return scheme if kind == "http" else {"http": "ws", "https": "wss"}[scheme]
