"""Brute force: every set of new sites, every objective written from its definition."""

from __future__ import annotations

from itertools import combinations

import numpy as np


def random_instance(rng, *, n=None, m=None, sparse_share=0.3, integer=True):
    """Return a small random cost matrix (infinite where unreachable), weights, existing and forbidden masks."""
    n = int(rng.integers(3, 14)) if n is None else n
    m = int(rng.integers(3, 9)) if m is None else m
    cost = rng.integers(0, 11, (n, m)).astype(float) if integer else rng.random((n, m)) * 10
    cost[rng.random((n, m)) < sparse_share] = np.inf
    demand = rng.integers(0, 9, n).astype(float) if integer else rng.random(n) * 9
    existing = rng.random(m) < 0.2
    forbidden = (rng.random(m) < 0.15) & ~existing
    return cost, demand, existing, forbidden


def choices(existing, forbidden, p=None, required=None):
    """Yield every allowed set of open sites (existing included) as a list, with exactly ``p`` new ones where given."""
    candidates = np.flatnonzero(~existing & ~forbidden)
    fixed = np.flatnonzero(existing).tolist()
    must = set() if required is None else set(np.flatnonzero(required & ~existing).tolist())
    for size in range(len(candidates) + 1) if p is None else [p]:
        for chosen in combinations(candidates.tolist(), size):
            if must <= set(chosen):
                yield fixed + list(chosen), list(chosen)


def counts(cost, opened, radius):
    """Return how many open sites cover each point."""
    return (cost[:, opened] <= radius).sum(axis=1) if opened else np.zeros(len(cost), dtype=int)


def nearest(cost, opened):
    """Return the least cost to an open site."""
    return cost[:, opened].min(axis=1) if opened else np.full(len(cost), np.inf)


def best(values, maximise):
    """Return the best of the values, or None where there is none."""
    values = list(values)
    if not values:
        return None
    return max(values) if maximise else min(values)
