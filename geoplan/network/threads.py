"""Threads that share out work whose pieces do not depend on each other."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np

__all__ = ["spread", "workers"]

_T = TypeVar("_T")


def workers(threads: int | None = None) -> int:
    """Return the number of threads to use: as asked, else the processor cores that this process may use."""
    if threads is not None:
        return max(1, int(threads))
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else (os.cpu_count() or 1)


def spread(task: Callable[[slice], _T], n: int, threads: int, least: int = 32) -> list[_T]:
    """Run ``task`` over consecutive slices of 0..n-1 on a pool of threads; results in order of the slices.

    Parameters
    ----------
    task : callable
        Takes a slice; releases the interpreter lock while it works.
    n : int
        How much there is.
    threads : int
        Threads.
    least : int
        Smallest slice worth a thread's while.

    Returns
    -------
    list
        One result for each slice; one at least.
    """
    parts = max(1, min(threads * 4 if threads > 1 else 1, n // least))
    if parts == 1:  # most often one point of one caller, who waits for it
        return [task(slice(0, n))]
    cuts = np.linspace(0, n, parts + 1).astype(int)
    slices = [slice(int(a), int(b)) for a, b in pairwise(cuts)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(task, slices))
