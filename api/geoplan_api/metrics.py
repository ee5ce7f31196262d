"""Prometheus metrics of one application; each application has its own registry, so tests do not share counters.

Where several processes serve together (``geoplan serve --workers``), each writes its counts to files that
``PROMETHEUS_MULTIPROC_DIR`` names, and whichever is asked sums them up.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_LATEST

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = CONTENT_TYPE_LATEST
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counters and times by route template and status; no label holds anything a caller sent."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    requests: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    in_work: Gauge = field(init=False)
    stations: Gauge = field(init=False)
    jobs: Counter = field(init=False)
    _known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        def put(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        put("requests", Counter("geoplan_requests", "Answers", ["method", "route", "status"], registry=self.registry))
        put(
            "seconds",
            Histogram(
                "geoplan_request_seconds", "Time to answer", ["route"], registry=self.registry, buckets=_BUCKETS_S
            ),
        )
        put(
            "in_work",
            Gauge("geoplan_requests_in_work", "Requests in work", registry=self.registry, multiprocess_mode="livesum"),
        )
        put(
            "stations",
            Gauge("geoplan_stations", "Stations served", registry=self.registry, multiprocess_mode="livemax"),
        )
        put("jobs", Counter("geoplan_jobs", "Finished jobs", ["kind", "status"], registry=self.registry))

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; the labels' own look-up takes a lock and is remembered instead."""
        key = (method, route, status)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (
                self.requests.labels(method, route, str(status)),
                self.seconds.labels(route),
            )
        known[0].inc()
        known[1].observe(seconds)

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text form."""
        registry = self.registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return bytes(generate_latest(registry))
