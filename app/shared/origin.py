"""Where a request comes from: its head, the host that it names, and the site that sent it.

The Host header is checked against the names that this server answers to (a page of another site can point its own name
at 127.0.0.1), and what changes anything must come from one of our own pages.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
WILDCARDS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, never bound
_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_.-]{1,253})(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Incoming:
    """The head of a request, as the identity layer reads it."""

    kind: str  # http or websocket
    method: str  # a WebSocket's is GET
    path: str
    query: str
    scheme: str  # http or https, for a WebSocket too
    headers: Mapping[str, str]  # lower-case names; repeated cookies joined by "; ", other repeats by ", "
    address: str  # the client's; "" where it has none
    forwarded: bool = False  # it came through a proxy, trusted or not

    @property
    def host(self) -> str:
        return self.headers.get("host", "").lower()

    @property
    def hostname(self) -> str:
        return host_name(self.host)

    @property
    def is_safe(self) -> bool:
        return self.method in SAFE_METHODS

    @property
    def is_local(self) -> bool:
        """It comes from this machine itself, not through a proxy on it."""
        return is_loopback(self.address) and not self.forwarded and self.hostname in LOOPBACK_NAMES


def read(scope: Scope) -> Incoming:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joint = "; " if name == "cookie" else ", "
        headers[name] = headers[name] + joint + value if name in headers else value
    client = scope.get("client")
    scheme: str = scope.get("scheme", "http")
    return Incoming(
        kind=scope["type"],
        method=scope.get("method", "GET"),
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        scheme={"ws": "http", "wss": "https"}.get(scheme, scheme),
        headers=headers,
        address=client[0] if client else "",
        forwarded=bool(scope.get("parley.forwarded")) or any(name.startswith("x-forwarded") for name in headers),
    )


def host_name(host: str) -> str:
    """The name of a Host header without its port; "" where it is malformed."""
    match = _HOST.fullmatch(host)
    return match[1] if match else ""


def is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _is_literal(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def cookies(header: str) -> dict[str, str]:
    """The cookies of a Cookie header; of a repeated name the first, which is the most specific one."""
    found: dict[str, str] = {}
    for part in header.split(";"):
        name, separator, value = part.strip().partition("=")
        if separator:
            found.setdefault(name, value.strip('"'))
    return found


class Origins:
    """The names and the origins that are ours."""

    def __init__(self, host: str, configured: Iterable[str]) -> None:
        """`host`: the address that is listened on; `configured`: further origins, as https://crm.example.com."""
        self.configured = frozenset(item.lower() for item in configured)
        self._any_literal = host in WILDCARDS
        bound = f"[{host}]" if ":" in host else host.lower()
        named = {host_name(urlsplit(item).netloc) for item in self.configured}
        self._names = LOOPBACK_NAMES | named | (set() if self._any_literal else {bound})

    def knows(self, incoming: Incoming) -> bool:
        """Whether the Host header is one of ours. An address can't be pointed elsewhere, a name can."""
        name = incoming.hostname
        return name in self._names or (self._any_literal and _is_literal(name))

    def is_secure(self, incoming: Incoming) -> bool:
        """Whether the browser speaks TLS: to us, or to the proxy that a configured https origin stands for."""
        return incoming.scheme == "https" or f"https://{incoming.host}" in self.configured

    def own(self, incoming: Incoming) -> frozenset[str]:
        return self.configured | {f"{incoming.scheme}://{incoming.host}"}

    def same_site(self, incoming: Incoming) -> bool:
        """Whether one of our own pages sent it: by Fetch Metadata, else by the exact Origin, else no."""
        if incoming.headers.get("sec-fetch-site") == "same-origin":
            return True
        return incoming.headers.get("origin", "").lower() in self.own(incoming)

    def may_connect(self, incoming: Incoming, peers: Iterable[str]) -> bool:
        """Whether a WebSocket's Origin is exactly ours, or the other half's where the halves run apart."""
        origin = incoming.headers.get("origin", "").lower()
        return origin in self.own(incoming) or origin in set(with_loopback_names(peers))


def with_loopback_names(origins: Iterable[str]) -> list[str]:
    """The origins; one on the loopback under each of its names."""
    found: list[str] = []
    for origin in origins:
        parts = urlsplit(origin.lower())
        name = host_name(parts.netloc)
        port = parts.netloc[len(name) :]
        names = sorted(LOOPBACK_NAMES) if name in LOOPBACK_NAMES else [name]
        found += [f"{parts.scheme}://{item}{port}" for item in names]
    return found


def local_path(target: str | None) -> str:
    """A path to go on to after signing in: a path on this server, or "/" where it is anything else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return "/"
    parts = urlsplit(target)
    plain = target.isprintable() and "\\" not in target and not parts.scheme and not parts.netloc
    return target if plain else "/"
