"""Everything that Parley sends out over HTTP goes through here; a lint forbids every other client.

A name is resolved here, and the very address that was checked is the one that is connected to, so a name that changes
its mind between the two (DNS rebinding) gains nothing. Addresses of the machine itself, of private networks and of
everything else that is not the open internet are refused, but for what `Allowed` names: the address of a server that
the operator set up (`Allowed.only`), or PARLEY_OUTGOING_ALLOW (`Allowed.read`). No proxies or credentials are taken
from the environment, no redirects are followed, no compressed answers are read, and sizes and times are bounded.

`clients` (which brings httpx) is imported by whoever opens a connection; what is here is light.
"""

from dataclasses import dataclass

from app.shared.outgoing.addresses import Allowed, NotAllowed
from app.shared.outgoing.urls import BadUrl, Target, target

__all__ = ["Allowed", "BadUrl", "Bounds", "NotAllowed", "Target", "target"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one exchange may take: seconds, and bytes of the answer."""

    connect: float = 5.0  # seconds, name and TLS included
    read: float = 10.0  # seconds between two pieces of the answer
    total: float = 30.0  # seconds from the request to the answer's last byte
    size: int = 1_000_000  # bytes, head included
    line: int | None = None  # bytes of one line, where the answer is a stream of lines
