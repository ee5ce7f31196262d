"""How often one caller may ask: token buckets in memory, keyed by a salted hash so that no address is kept."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from typing import Final

from starlette.requests import HTTPConnection

__all__ = ["Bucket", "RateLimiter", "caller_key"]

_SALT: Final = secrets.token_bytes(16)  # new in every process: a key means nothing outside it
_MOST_CALLERS: Final = 50_000


def caller_key(connection: HTTPConnection, trust_forwarded_for: bool) -> str:
    """Return a text that is the same for the same caller and tells nobody who that is."""
    address = connection.client.host if connection.client else ""
    if trust_forwarded_for:
        forwarded = connection.headers.getlist("x-forwarded-for")
        address = (
            forwarded[-1].rsplit(",", 1)[-1].strip() if forwarded else ""
        ) or address  # the last: our own proxy's
    return hashlib.blake2b(address.encode(), key=_SALT, digest_size=12).hexdigest()


class Bucket:
    """What one caller has left."""

    __slots__ = ("at", "left")

    def __init__(self, left: float, at: float) -> None:
        self.left = left
        self.at = at


class RateLimiter:
    """Lets ``most`` requests through in ``per_s`` seconds, evenly refilled; 0 lets everything through.

    Parameters
    ----------
    most : int
        Requests in a period, and the largest burst.
    per_s : float
        Length of the period, seconds.
    """

    def __init__(self, most: int, per_s: float) -> None:
        self.most = most
        self.per_s = per_s
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, key: str, now: float | None = None) -> float:
        """Take one request of a caller; returns 0.0 when it may pass, else the seconds until the next may."""
        if self.most <= 0:
            return 0.0
        at = time.monotonic() if now is None else now
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = Bucket(float(self.most), at)
                if len(self._buckets) > _MOST_CALLERS:
                    self._buckets.popitem(last=False)
            else:
                self._buckets.move_to_end(key)
            bucket.left = min(bucket.left + (at - bucket.at) * self.most / self.per_s, float(self.most))
            bucket.at = at
            if bucket.left >= 1.0:
                bucket.left -= 1.0
                return 0.0
            return (1.0 - bucket.left) * self.per_s / self.most
