"""Ctrl-C in a long search: the first one ends it with the best plan so far, the second one ends the command."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["asked_to_stop"]


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl-C into a wish that a search can be asked about.

    Yields
    ------
    callable
        Whether Ctrl-C was pressed. A second Ctrl-C raises :class:`KeyboardInterrupt` as ever. Outside the main thread,
        where no signal arrives, it is never true.
    """
    wish = threading.Event()

    def take(_number: int, _frame: Any) -> None:
        if wish.is_set():
            raise KeyboardInterrupt
        wish.set()

    if threading.current_thread() is not threading.main_thread():
        yield wish.is_set
        return
    before = signal.signal(signal.SIGINT, take)
    try:
        yield wish.is_set
    finally:
        signal.signal(signal.SIGINT, before)
