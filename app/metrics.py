"""Counters of this process, kept in plain numbers and written as Prometheus text only when asked."""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.core import Metric

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
_AREAS = ("api", "chat", "static")
STARTED = time.time()


def area(path: str) -> str:
    """The part of the program that a path belongs to: api, chat, static, or pages."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in _AREAS else "pages"


class Metrics:
    """What is counted. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._seconds: dict[str, float] = {}
        self.websockets = 0
        self.gauges: dict[str, tuple[str, float]] = {}  # name -> (what it is, value), set by whoever knows

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        name = area(path)
        bucket = next((bound for bound in BUCKETS if seconds <= bound), float("inf"))
        with self._lock:
            self._requests[name, method if method in _METHODS else "other", str(status)] += 1
            self._buckets[name, bucket] += 1
            self._seconds[name] = self._seconds.get(name, 0.0) + seconds

    def collect(self) -> "Iterable[Metric]":
        """For prometheus_client."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily("parley_requests", "Answered requests", labels=["area", "method", "status"])
        times = HistogramMetricFamily("parley_request_seconds", "From request to answered", labels=["area"])
        with self._lock:
            for labels, value in self._requests.items():
                requests.add_metric(labels, value)
            for name, total in self._seconds.items():
                times.add_metric([name], self._cumulated(name), total)
        yield requests
        yield times
        yield GaugeMetricFamily("parley_websockets", "Open WebSockets", self.websockets)
        yield GaugeMetricFamily("parley_start_time_seconds", "When this process started, Unix time", STARTED)
        for name, (what, level) in self.gauges.items():
            yield GaugeMetricFamily(name, what, level)

    def _cumulated(self, name: str) -> list[tuple[str, float]]:
        running, rows = 0, []
        for bound in (*BUCKETS, float("inf")):
            running += self._buckets[name, bound]
            rows.append(("+Inf" if bound == float("inf") else str(bound), float(running)))
        return rows


_METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")


def render(metrics: Metrics) -> bytes:
    """The text of /metrics, with the process's own memory, processor time and files."""
    from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

    registry = CollectorRegistry()
    registry.register(metrics)
    ProcessCollector(registry=registry)
    return generate_latest(registry)
