"""Addresses of the web as people type them, read strictly: one spelling each, so that no two readers differ."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

LONGEST = 2_000  # characters
_PLAIN = re.compile(r"[!-~]+")  # printable ASCII without the space
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")  # what old readers of addresses take for a part of one
_PORTS = {"http": 80, "https": 443}


class BadUrl(Exception):
    """The address can't be used; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads."""

    scheme: str
    host: str  # lower case, without brackets and without a last dot
    port: int


def target(url: str) -> Target:
    """Read a URL. Raises BadUrl for whatever isn't plainly http or https with a host, in its usual spelling."""
    if len(url) > LONGEST:
        raise BadUrl(f"The address is longer than {LONGEST:,} characters.")
    if not _PLAIN.fullmatch(url) or "\\" in url:
        raise BadUrl("The address holds a space or another character that must be written as %xx, or a name as xn--.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadUrl("The address can't be read: is its port a number, and are its brackets closed?") from None
    if parts.scheme not in _PORTS:
        raise BadUrl("The address must begin with https:// or http://.")
    if "@" in parts.netloc:
        raise BadUrl("The address must not hold a user or a password.")
    if port == 0:
        raise BadUrl("The address can't be read: there is no port 0.")
    return Target(parts.scheme, _host(parts.netloc, parts.hostname or ""), port or _PORTS[parts.scheme])


def _host(netloc: str, host: str) -> str:
    if netloc.startswith("["):
        return _ipv6(host)
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise BadUrl("The address has no host that can be read.")
    host = host.removesuffix(".")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _ipv4(host)
    return host


def _ipv4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except ValueError:
        raise BadUrl(f"{host} is no address in its usual spelling, as 198.51.100.7.") from None


def _ipv6(host: str) -> str:
    try:
        found = ip_address(host)
    except ValueError:
        raise BadUrl(f"[{host}] is no IPv6 address.") from None
    if not isinstance(found, IPv6Address) or found.scope_id:
        raise BadUrl("The address must not name a network interface.")
    return str(found)
