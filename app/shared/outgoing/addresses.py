"""Which addresses are the open internet, and which others the operator allows."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from app.shared.outgoing.urls import Target, target

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Written out rather than asked of `ipaddress`, whose answers differ between versions of Python. The registries are
# IANA's of special-purpose addresses (RFC 6890 and its successors).
_INSIDE_4 = {
    "0.0.0.0/8": "this machine",
    "10.0.0.0/8": "a private network",
    "100.64.0.0/10": "a carrier's inner network",
    "127.0.0.0/8": "this machine",
    "168.63.129.16/32": "a cloud's own services",
    "169.254.0.0/16": "the local link, where clouds keep their secrets",
    "172.16.0.0/12": "a private network",
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "reserved for documentation",
    "192.88.99.0/24": "a relay of 6to4",
    "192.168.0.0/16": "a private network",
    "198.18.0.0/15": "reserved for benchmarks",
    "198.51.100.0/24": "reserved for documentation",
    "203.0.113.0/24": "reserved for documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
# Of IPv6 only 2000::/3 is in use; these are exceptions within it and, for a better word, some outside.
_INSIDE_6 = {
    "::/128": "this machine",
    "::1/128": "this machine",
    "::/96": "an IPv4 address in disguise",
    "::ffff:0:0/96": "an IPv4 address in disguise",
    "::ffff:0:0:0/96": "an IPv4 address in disguise",
    "64:ff9b::/96": "an IPv4 address in disguise",
    "64:ff9b:1::/48": "an IPv4 address in disguise",
    "2001::/32": "an IPv4 address in disguise",
    "2001::/23": "reserved",
    "2001:db8::/32": "reserved for documentation",
    "2002::/16": "an IPv4 address in disguise",
    "3fff::/20": "reserved for documentation",
    "fc00::/7": "a private network",
    "fe80::/10": "the local link",
    "fec0::/10": "a private network",
    "ff00::/8": "multicast",
}
_TABLE = [(ip_network(text), why) for text, why in (_INSIDE_4 | _INSIDE_6).items()]
_IN_USE_6 = ip_network("2000::/3")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")


class NotAllowed(Exception):
    """Nothing is sent there; the message is a sentence that says why."""


def inside(address: Address) -> str | None:
    """Why an address is not the open internet; None where it is."""
    for network, why in _TABLE:
        if address.version == network.version and address in network:
            return why
    if isinstance(address, IPv6Address) and (address.scope_id or address not in _IN_USE_6):
        return "reserved"
    return None


@dataclass(frozen=True, slots=True)
class Allowed:
    """Where connections may go that the rule would refuse: hosts, and networks, each with a port or any (None)."""

    hosts: tuple[tuple[str, int | None], ...] = ()
    networks: tuple[tuple[Network, int | None], ...] = ()
    exclusive: bool = False  # nothing else at all, the open internet included

    @classmethod
    def only(cls, url: str) -> "Allowed":
        """For the client of a server that the operator set up: that host and port, and nothing else."""
        there = target(url)
        return cls(hosts=((there.host, there.port),), exclusive=True)

    @classmethod
    def read(cls, entries: tuple[str, ...]) -> "Allowed":
        """From texts: `host`, `host:port`, `10.1.0.0/16`, `[fd00::/8]:8080`. Raises ValueError, with the entry."""
        hosts, networks = [], []
        for entry in entries:
            found, port = _entry(entry.strip().lower())
            if isinstance(found, str):
                hosts.append((found, port))
            else:
                networks.append((found, port))
        return cls(tuple(hosts), tuple(networks))

    def check(self, host: str, port: int, addresses: list[Address]) -> None:
        """Raises NotAllowed unless every address of the host may be connected to: one inside makes a name suspect."""
        if any(name == host and known in (port, None) for name, known in self.hosts):
            return
        if self.exclusive:
            raise NotAllowed(f"{host}:{port} is not the server that this client is for.")
        for address in addresses:
            why = inside(address)
            if why and not self._within(address, port):
                named = f"{host} is" if str(address) == host else f"{host} leads to {address}, which is"
                raise NotAllowed(f"{named} not on the open internet ({why}). PARLEY_OUTGOING_ALLOW can allow it.")

    def _within(self, address: Address, port: int) -> bool:
        return any(
            address.version == network.version and address in network and known in (port, None)
            for network, known in self.networks
        )


def _entry(text: str) -> tuple[str | Network, int | None]:
    """One entry: a host's name, or a network (of one address where it is an address)."""
    host, port = text, ""
    if text.startswith("["):
        host, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise ValueError(text)
        port = rest[1:]
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    number = _port(port, text) if port or text.endswith(":") else None
    return _network(host, text), number


def _port(port: str, text: str) -> int:
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(text)
    return int(port)


def _network(host: str, text: str) -> str | Network:
    try:
        return ip_network(host)
    except ValueError:
        looks_like_one = "/" in host or ":" in host or host.replace(".", "").isdigit()
        if looks_like_one or not _HOST.fullmatch(host):
            raise ValueError(text) from None
        return host


def literal(host: str) -> Address | None:
    """The address that a host is written as, in its usual spelling; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


__all__ = ["Address", "Allowed", "NotAllowed", "Target", "inside", "literal"]
