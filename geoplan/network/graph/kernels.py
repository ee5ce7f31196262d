"""The compiled loop that walks along chains of edges. Arrays in, arrays out; callers check the input."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["follow_chains"]

Ints = npt.NDArray[Any]
Flags = npt.NDArray[np.bool_]


@njit(cache=True, nogil=True)
def follow_chains(u: Ints, v: Ints, join: Flags, ends: Ints, chain: Ints, start: Ints) -> int:
    """Walk from edge to edge over nodes that merely continue a street.

    ``join`` (n,): such nodes; ``ends`` (n, 2): their two edge ends, 2 * edge + 1 where the node is the edge's v.
    Fills ``chain`` (m,) with 2 * edge + 1 where an edge is passed from v to u, and ``start`` (m + 1,) with the first
    place of each chain; returns the number of chains.
    """
    m = len(u)
    used = np.zeros(m, np.bool_)
    n_chains, size = 0, 0
    start[0] = 0
    for turn in range(2):  # first chains with proper ends, then what is left: rings of nothing but joins
        for e in range(m):
            for side in range(2):
                first = u[e] if side == 0 else v[e]
                if used[e] or (turn == 0 and join[first]):
                    continue
                edge, flip = e, side
                while True:
                    used[edge] = True
                    chain[size] = 2 * edge + flip
                    size += 1
                    node = u[edge] if flip == 1 else v[edge]
                    if not join[node]:
                        break
                    end = ends[node, 0] if ends[node, 0] // 2 != edge else ends[node, 1]
                    if used[end // 2]:
                        break
                    edge, flip = end // 2, end % 2
                n_chains += 1
                start[n_chains] = size
    return n_chains
