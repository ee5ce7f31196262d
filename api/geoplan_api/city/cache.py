"""A cache bounded in bytes, least recently used out first; safe between threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

__all__ = ["ByteCache"]


class ByteCache:
    """Keeps byte strings by key within a budget.

    Parameters
    ----------
    budget_bytes : int
        Most bytes kept; a value above a quarter of it is not kept at all.
    """

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable) -> bytes | None:
        """Return the kept value, or nothing."""
        with self._lock:
            value = self._kept.get(key)
            if value is not None:
                self._kept.move_to_end(key)
            return value

    def put(self, key: Hashable, value: bytes) -> None:
        """Keep a value, letting the least recently used ones go."""
        if len(value) > self.budget_bytes // 4:
            return
        with self._lock:
            self._size -= len(self._kept.pop(key, b""))
            self._kept[key] = value
            self._size += len(value)
            while self._size > self.budget_bytes:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone)

    def get_or_make(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return the kept value, or make and keep it; callers who ask at the same time wait for the first."""
        value = self.get(key)
        if value is not None:
            return value
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            value = self.get(key)
            if value is None:
                value = make()
                self.put(key, value)
        with self._lock:
            self._making.pop(key, None)
        return value

    def clear(self) -> None:
        """Let everything go."""
        with self._lock:
            self._kept.clear()
            self._size = 0

    @property
    def size_bytes(self) -> int:
        """Bytes kept now."""
        return self._size
