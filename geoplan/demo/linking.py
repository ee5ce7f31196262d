"""Which parts of a street plan hang together, and the fewest edges that join them again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

__all__ = ["parts", "reconnect"]

Bool = npt.NDArray[np.bool_]
Int = npt.NDArray[np.int32]


def parts(n: int, u: Int, v: Int, keep: Bool) -> Int:
    """Return the connected part of each of ``n`` nodes under the kept edges, numbered from 0, shape (n,)."""
    graph = coo_array((np.ones(int(keep.sum()), np.int8), (u[keep], v[keep])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], np.int32)


def reconnect(part: Int, u: Int, v: Int, spare: npt.NDArray[np.int64], lonely: Bool) -> npt.NDArray[np.int64]:
    """Choose spare edges that join parts, as few as possible, the first in the list before the later (Kruskal 1956).

    Parameters
    ----------
    part : numpy.ndarray of int32
        Part of each node, as from :func:`parts`.
    u, v : numpy.ndarray of int32
        Nodes of all edges.
    spare : numpy.ndarray of int64
        Edges that may be chosen, in order of preference.
    lonely : numpy.ndarray of bool
        Nodes whose edges are never chosen, shape (n,).

    Returns
    -------
    numpy.ndarray of int64
        The chosen edges.
    """
    useful = spare[(part[u[spare]] != part[v[spare]]) & ~lonely[u[spare]] & ~lonely[v[spare]]]
    a, b = np.minimum(part[u[useful]], part[v[useful]]), np.maximum(part[u[useful]], part[v[useful]])
    _, first = np.unique(a.astype(np.int64) * (int(part.max()) + 1) + b, return_index=True)
    first.sort()  # one edge for each pair of parts, the preferred; its place in the list is its weight
    size = int(part.max()) + 1
    tree = minimum_spanning_tree(coo_array((first + 1.0, (a[first], b[first])), shape=(size, size)).tocsr())
    return np.asarray(useful[np.sort(tree.data).astype(np.int64) - 1])
