"""Joining edges at nodes that merely continue a street, with their whole shape."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geoplan.network.graph.kernels import follow_chains
from geoplan.network.graph.ordering import gathered, pointers

__all__ = ["Edges", "join_chains"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int32]
Long = npt.NDArray[np.int64]
Flag = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges of a profile, before they are laid out in memory.

    Parameters
    ----------
    u, v : numpy.ndarray of int32
        Ends, shape (m,).
    forward_s, backward_s : numpy.ndarray of float64
        Seconds from u to v and from v to u, inf where not allowed.
    length_m : numpy.ndarray of float64
        Metres.
    snaps : numpy.ndarray of bool
        Whether places connect along the edge.
    source : numpy.ndarray of int64
        Row that an edge comes from, the first of them where several are joined.
    shape_ptr : numpy.ndarray of int64
        First shape point of each edge, shape (m + 1,).
    shape_xy : numpy.ndarray of float64
        Shape points from u to v, shape (k, 2).
    shape_at : numpy.ndarray of float64
        Fraction of the edge's length at each point, shape (k,).
    """

    u: Int
    v: Int
    forward_s: Float
    backward_s: Float
    length_m: Float
    snaps: Flag
    source: Long
    shape_ptr: Long
    shape_xy: Float
    shape_at: Float

    def take(self, rows: npt.NDArray[np.integer]) -> Edges:
        """Return the edges at ``rows``, in that order, with their shapes."""
        sizes = np.diff(self.shape_ptr)[rows]
        points = gathered(self.shape_ptr[rows], sizes)
        return Edges(
            self.u[rows], self.v[rows], self.forward_s[rows], self.backward_s[rows], self.length_m[rows],
            self.snaps[rows], self.source[rows], pointers(sizes), np.ascontiguousarray(self.shape_xy[points]),
            self.shape_at[points],
        )  # fmt: skip

    def between(self, u: Int, v: Int) -> Edges:
        """Return the edges with their ends numbered anew."""
        return replace(self, u=u, v=v)


def _pace_alike(a_s: Float, a_m: Float, b_s: Float, b_m: Float) -> Flag:
    """Tell where two edges take as long a metre; two closed directions are alike."""
    a, b = a_s / a_m, b_s / b_m
    open_ = np.isfinite(a) & np.isfinite(b)
    alike: Flag = a == b
    alike[open_] = np.abs(a[open_] - b[open_]) <= 1e-9 * (a[open_] + b[open_])
    return alike


def _joins(edges: Edges, wait_s: Float) -> tuple[Flag, Long]:
    """Find the nodes that merely continue one street: two different edges, one pace each way, no wait."""
    n, m = len(wait_s), len(edges.u)
    node = np.concatenate([edges.u, edges.v])
    end = np.concatenate([2 * np.arange(m), 2 * np.arange(m) + 1])
    degree = np.bincount(node, minlength=n)
    first = pointers(degree)[:-1]
    by_node = end[np.argsort(node, kind="stable")]
    ends = np.full((n, 2), -1, np.int64)
    two = np.flatnonzero((degree == 2) & (wait_s == 0.0))
    ends[two, 0], ends[two, 1] = by_node[first[two]], by_node[first[two] + 1]
    a, b = ends[two, 0] // 2, ends[two, 1] // 2
    good = (a != b) & (edges.snaps[a] == edges.snaps[b]) & (edges.length_m[a] > 0) & (edges.length_m[b] > 0)
    two, a, b = two[good], a[good], b[good]
    a_is_v, b_is_v = ends[two, 0] % 2 == 1, ends[two, 1] % 2 == 1
    into_a = np.where(a_is_v, edges.forward_s[a], edges.backward_s[a])
    from_a = np.where(a_is_v, edges.backward_s[a], edges.forward_s[a])
    into_b = np.where(b_is_v, edges.forward_s[b], edges.backward_s[b])
    from_b = np.where(b_is_v, edges.backward_s[b], edges.forward_s[b])
    a_m, b_m = edges.length_m[a], edges.length_m[b]
    join = np.zeros(n, np.bool_)
    join[two] = _pace_alike(into_a, a_m, from_b, b_m) & _pace_alike(into_b, b_m, from_a, a_m)
    return join, ends


def join_chains(edges: Edges, wait_s: Float) -> Edges:
    """Join edges at nodes where two of them merely continue one street.

    Edges are joined only where both directions keep their pace, so that a position along the joined edge still has
    its exact time.

    Parameters
    ----------
    edges : Edges
        The edges.
    wait_s : numpy.ndarray of float64
        Wait at each node; a node with a wait is never joined over, shape (n,).

    Returns
    -------
    Edges
        Joined edges; nodes joined over are used by none of them.
    """
    join, ends = _joins(edges, wait_s)
    m = len(edges.u)
    chain, start = np.empty(m, np.int64), np.empty(m + 1, np.int64)
    count = follow_chains(edges.u, edges.v, join, ends, chain, start)
    start = start[: count + 1]
    edge, flipped = chain // 2, chain % 2 == 1
    owner = np.repeat(np.arange(count), np.diff(start))
    begins = np.zeros(m, np.bool_)
    begins[start[:-1]] = True
    last = start[1:] - 1

    along = np.where(flipped, edges.backward_s[edge], edges.forward_s[edge])
    against = np.where(flipped, edges.forward_s[edge], edges.backward_s[edge])
    length = edges.length_m[edge]

    def summed(weights: Float) -> Float:
        return np.asarray(np.bincount(owner, weights=weights, minlength=count), np.float64)

    total = summed(length)
    done = np.cumsum(length) - length
    done -= done[start[:-1]][owner]

    # Points of each edge in the direction of travel; the first of an edge that continues a chain is already there.
    sizes = np.diff(edges.shape_ptr)[edge]
    point = gathered(np.zeros(m, np.int64), sizes)
    piece = np.repeat(np.arange(m), sizes)
    mirrored = flipped[piece]
    where = edges.shape_ptr[edge][piece] + np.where(mirrored, sizes[piece] - 1 - point, point)
    at = np.where(mirrored, 1.0 - edges.shape_at[where], edges.shape_at[where])
    whole = total[owner[piece]]
    with np.errstate(invalid="ignore", divide="ignore"):
        at = np.where(whole > 0, (done[piece] + at * length[piece]) / whole, at)
    keep = (point > 0) | begins[piece]
    final = np.zeros(len(at), np.bool_)
    final[pointers(sizes)[1:][last] - 1] = True
    at[final] = 1.0  # sums of lengths may miss the end by a bit
    shape_ptr = pointers(np.bincount(owner[piece][keep], minlength=count))
    return Edges(
        np.where(flipped, edges.v[edge], edges.u[edge])[start[:-1]],
        np.where(flipped, edges.u[edge], edges.v[edge])[last],
        summed(along),
        summed(against),
        total,
        edges.snaps[edge][start[:-1]],
        edges.source[edge][start[:-1]],
        shape_ptr,
        np.ascontiguousarray(edges.shape_xy[where][keep]),
        at[keep],
    )
