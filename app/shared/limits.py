"""How much and how often: sizes of request bodies, and rates for strangers. In memory, bounded."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from app.shared.errors import ParleyError, TooMany

MEGABYTE = 1024 * 1024
BODY_LIMIT = MEGABYTE
# Routes that take a file. They stand on the ASGI side, where a body is streamed to disk, not held by a thread.
UPLOADS: dict[tuple[str, str], int] = {
    ("POST", "/api/v1/imports"): 256 * MEGABYTE,
    ("POST", "/api/v1/files"): 4096 * MEGABYTE,  # each file is bounded by PARLEY_UPLOAD_LIMIT
    ("POST", "/files/new"): 4096 * MEGABYTE,
}


def body_limit(method: str, path: str) -> int:
    """The largest body that this route takes, in bytes."""
    return UPLOADS.get((method, path), BODY_LIMIT)


class TooLarge(ParleyError):
    status = 413
    title = "Too large"


class Limited(TooMany):
    """Too many requests; `retry_after` is in whole seconds."""

    def __init__(self, wait: float) -> None:
        self.retry_after = max(1, int(wait + 0.999))
        super().__init__(f"Too many attempts. Try again in {_words(self.retry_after)}.")


def _words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    return f"{round(seconds / 60)} minutes"


class Limiter:
    """A token bucket for each key. Of more than `capacity` keys the least recently used are forgotten."""

    def __init__(
        self, burst: int, per_second: float, capacity: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.burst = burst
        self.per_second = per_second
        self.capacity = capacity
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key -> (left, at)
        self._lock = threading.Lock()

    def _left(self, key: str, now: float) -> float:
        left, at = self._buckets.get(key, (float(self.burst), now))
        return min(float(self.burst), left + (now - at) * self.per_second)

    def _set(self, key: str, left: float, now: float) -> None:
        self._buckets[key] = (left, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > self.capacity:
            self._buckets.popitem(last=False)

    def wait(self, key: str) -> float:
        """Seconds until the key has an attempt left; 0 where it has one now. Takes none."""
        with self._lock:
            return max(0.0, (1 - self._left(key, self._clock())) / self.per_second)

    def take(self, key: str) -> None:
        """Take one attempt. Raises Limited where none is left."""
        with self._lock:
            now = self._clock()
            left = self._left(key, now)
            if left < 1:
                raise Limited((1 - left) / self.per_second)
            self._set(key, left - 1, now)

    def forget(self, key: str) -> None:
        with self._lock:
            self._buckets.pop(key, None)


def address_key(address: str) -> str:
    """By what an address is counted: an IPv6 one by its /64, since one machine has all of that."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address) or found.ipv4_mapped:
        return str(getattr(found, "ipv4_mapped", None) or found)
    return str(ipaddress.ip_network((found, 64), strict=False).network_address)
