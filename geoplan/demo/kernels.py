"""Numba kernels of the demonstration city: warp, block subdivision, chains of edges, spacing. Arrays in, arrays out."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from __future__ import annotations

import numpy as np
from numba import njit

MAX_SIDES = 14  # a block that has more sides is left undivided; blocks have four or five nearly always


@njit(cache=True)
def _hash(a, b):
    """Mix two 64-bit numbers (the finaliser of splitmix64)."""
    z = (a ^ (b * np.uint64(0x9E3779B97F4A7C15))) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(cache=True)
def _unit(h):
    """Turn a 64-bit number into a float in [0, 1)."""
    return np.float64(h >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def _lattice(key, i, j):
    """Return the noise at a lattice point, in [-1, 1)."""
    h = _hash(key, np.uint64(i + 1048576))
    return 2.0 * _unit(_hash(h, np.uint64(j + 1048576))) - 1.0


@njit(cache=True)
def _noise(key, x, y):
    """Return smooth value noise with lattice spacing 1 (quintic blend, so that streets have no kinks)."""
    i, j = int(np.floor(x)), int(np.floor(y))
    u, v = x - i, y - j
    su = u * u * u * (u * (u * 6.0 - 15.0) + 10.0)
    sv = v * v * v * (v * (v * 6.0 - 15.0) + 10.0)
    a, b = _lattice(key, i, j), _lattice(key, i + 1, j)
    c, d = _lattice(key, i, j + 1), _lattice(key, i + 1, j + 1)
    return (a + (b - a) * su) * (1.0 - sv) + (c + (d - c) * su) * sv


@njit(cache=True)
def warp(xy, key, waves_m, heights_m):
    """Displace points by smooth noise of several wave lengths.

    Parameters
    ----------
    xy : float64 (n, 2)
    key : uint64
    waves_m, heights_m : float64 (k,)
        Lattice spacing and largest displacement of each octave. Heights stay below a fifth of the wave, so that the map
        has no folds and streets that do not cross before do not cross after.
    """
    out = np.empty_like(xy)
    for p in range(xy.shape[0]):
        x, y = xy[p, 0], xy[p, 1]
        dx = dy = 0.0
        for k in range(waves_m.shape[0]):
            kx, ky = _hash(key, np.uint64(2 * k + 1)), _hash(key, np.uint64(2 * k + 2))
            dx += heights_m[k] * _noise(kx, x / waves_m[k], y / waves_m[k])
            dy += heights_m[k] * _noise(ky, x / waves_m[k], y / waves_m[k])
        out[p, 0], out[p, 1] = x + dx, y + dy
    return out


@njit(cache=True)
def _corner(sat, x, y):
    """Return the summed-area table at a position in cells, with linear shares of border cells."""
    n_y, n_x = sat.shape[0] - 1, sat.shape[1] - 1
    fx, fy = min(max(x, 0.0), np.float64(n_x)), min(max(y, 0.0), np.float64(n_y))
    j, i = min(int(fx), n_x - 1), min(int(fy), n_y - 1)
    u, v = fx - j, fy - i
    low = sat[i, j] * (1.0 - u) + sat[i, j + 1] * u
    return low * (1.0 - v) + (sat[i + 1, j] * (1.0 - u) + sat[i + 1, j + 1] * u) * v


@njit(cache=True)
def _expected(sat, x0, y0, cell_m, vx, vy, n, area):
    """Return how many blocks are wanted in a polygon: its bounding box's number, by area."""
    ax, ay, bx, by = 1e30, 1e30, -1e30, -1e30
    for a in range(n):
        ax, ay, bx, by = min(ax, vx[a]), min(ay, vy[a]), max(bx, vx[a]), max(by, vy[a])
    total = 0.0
    for corner in range(4):
        x, y = (bx if corner % 2 == 0 else ax), (by if corner < 2 else ay)
        value = _corner(sat, (x - x0) / cell_m, (y - y0) / cell_m)
        total += value if corner == 0 or corner == 3 else -value
    return total * area / ((bx - ax) * (by - ay))


@njit(cache=True)
def _area(vx, vy, n):
    """Return the area of a polygon with n vertices in counter-clockwise order."""
    twice = 0.0
    for a in range(n):
        b = a + 1 if a + 1 < n else 0
        twice += vx[a] * vy[b] - vx[b] * vy[a]
    return 0.5 * twice


@njit(cache=True)
def _inside(vx, vy, n, x, y, margin_m):
    """Tell whether a point lies inside a convex polygon and at least a margin from its sides."""
    for a in range(n):
        b = a + 1 if a + 1 < n else 0
        ex, ey = vx[b] - vx[a], vy[b] - vy[a]
        length = np.sqrt(ex * ex + ey * ey)
        if length > 0.0 and ex * (y - vy[a]) - ey * (x - vx[a]) < margin_m * length:
            return False
    return True


@njit(cache=True)
def _cut_line(vx, vy, n, size, wells, draw, line):
    """Fill ``line`` with a point and the unit normal of the cut through a block.

    The cut crosses the longest side at nearly a right angle, near the middle or through the most central well.
    """
    longest, dx, dy = -1.0, 1.0, 0.0
    cx = cy = 0.0
    for a in range(n):
        b = a + 1 if a + 1 < n else 0
        ex, ey = vx[b] - vx[a], vy[b] - vy[a]
        length = np.sqrt(ex * ex + ey * ey)
        if length > longest:
            longest, dx, dy = length, ex / length, ey / length
        cx += vx[a] / n
        cy += vy[a] / n
    low, high = 1e30, -1e30
    for a in range(n):
        along = (vx[a] - cx) * dx + (vy[a] - cy) * dy
        low, high = min(low, along), max(high, along)
    shift = (low + high) * 0.5 + (high - low) * 0.42 * (draw[2] - 0.5)
    line[0], line[1] = cx + dx * shift, cy + dy * shift
    if size > 450.0:
        best = size * size * 4.0
        for w in range(wells.shape[0]):
            far = (wells[w, 0] - cx) * (wells[w, 0] - cx) + (wells[w, 1] - cy) * (wells[w, 1] - cy)
            if far < best and _inside(vx, vy, n, wells[w, 0], wells[w, 1], 60.0):
                best, line[0], line[1] = far, wells[w, 0], wells[w, 1]
    tilt = (draw[3] + draw[4] - 1.0) * (0.78 if draw[5] < 0.12 else 0.3)
    nx, ny = dx + tilt * dy, dy - tilt * dx
    norm = np.sqrt(nx * nx + ny * ny)
    line[2], line[3] = nx / norm, ny / norm


@njit(cache=True)
def subdivide(seed, corners, sat, x0, y0, cell_m, per_leaf, wells, max_cuts):
    """Cut a convex block again and again until every block holds about one unit of the density raster.

    Each cut is one street. It runs across the block's longest side, not quite at right angles, through a *well* (town
    centre or metro station) if the block holds one, and ends on two earlier cuts: so the result is a planar graph whose
    hierarchy is the order of cutting.

    Parameters
    ----------
    seed : uint64
    corners : float64 (4, 2)
        The first block, counter-clockwise.
    sat : float64 (n_y + 1, n_x + 1)
        Summed-area table of the expected number of blocks in each raster cell.
    per_leaf : float
        Expected number at which a block is left whole, on average.
    wells : float64 (k, 2)
    max_cuts : int

    Returns
    -------
    ends : float64 (m, 4)
        x, y of both ends of each cut; the first four rows are the border.
    parent : int32 (m, 2)
        The earlier cut on which each end lies; -1 for the border.
    at : float64 (m, 2)
        Where on the parent, as a fraction of its length.
    size_m : float64 (m,)
        Square root of the area of the block that was cut.
    load : float64 (m,)
        Expected number of blocks per square metre there.
    estate : int32 (m,)
        The first cut of the gated superblock in which the cut lies, -1 outside.
    """
    ends = np.empty((max_cuts + 4, 4))
    parent = np.full((max_cuts + 4, 2), -1, np.int32)
    at = np.zeros((max_cuts + 4, 2))
    size_m = np.zeros(max_cuts + 4)
    load = np.zeros(max_cuts + 4)
    estate = np.full(max_cuts + 4, -1, np.int32)
    # the stack of blocks: vertices, the cut that each side lies on, number of vertices, random number, estate
    deep = 4096
    sx, sy = np.empty((deep, MAX_SIDES + 2)), np.empty((deep, MAX_SIDES + 2))
    ss = np.empty((deep, MAX_SIDES + 2), np.int32)
    sn = np.empty(deep, np.int64)
    sh = np.empty(deep, np.uint64)
    sg = np.empty(deep, np.int32)
    for a in range(4):
        b = (a + 1) % 4
        ends[a, 0], ends[a, 1], ends[a, 2], ends[a, 3] = corners[a, 0], corners[a, 1], corners[b, 0], corners[b, 1]
        sx[0, a], sy[0, a], ss[0, a] = corners[a, 0], corners[a, 1], a
    sn[0], sh[0], sg[0] = 4, np.uint64(seed), -1
    top, m = 1, 4
    vx, vy = np.empty(MAX_SIDES + 2), np.empty(MAX_SIDES + 2)
    vs = np.empty(MAX_SIDES + 2, np.int32)
    draw, line, side = np.empty(8), np.empty(4), np.empty(MAX_SIDES + 2)
    while top > 0 and m < max_cuts + 4:
        top -= 1
        n, h, gate = sn[top], sh[top], sg[top]
        for a in range(n):
            vx[a], vy[a], vs[a] = sx[top, a], sy[top, a], ss[top, a]
        for k in range(8):
            draw[k] = _unit(_hash(h, np.uint64(k)))
        area = _area(vx, vy, n)
        if n >= MAX_SIDES or area < 400.0 or top + 2 > deep:
            continue
        expected = _expected(sat, x0, y0, cell_m, vx, vy, n, area)
        if expected < per_leaf * (0.45 + 0.55 * (draw[0] + draw[1])):
            continue
        size = np.sqrt(area)
        _cut_line(vx, vy, n, size, wells, draw, line)
        least, most = 1e30, -1e30
        for a in range(n):
            side[a] = (vx[a] - line[0]) * line[2] + (vy[a] - line[1]) * line[3]
            least, most = min(least, side[a]), max(most, side[a])
        if least > -1.0 or most < 1.0:
            continue
        # walk round: each vertex goes to its side; where the sign changes, both halves get the cut point
        n1 = n2 = cuts = 0
        b1, b2 = top, top + 1
        for a in range(n):
            b = a + 1 if a + 1 < n else 0
            ahead = side[a] >= 0.0
            if ahead:
                sx[b1, n1], sy[b1, n1], ss[b1, n1] = vx[a], vy[a], vs[a]
                n1 += 1
            else:
                sx[b2, n2], sy[b2, n2], ss[b2, n2] = vx[a], vy[a], vs[a]
                n2 += 1
            if ahead != (side[b] >= 0.0):
                f = side[a] / (side[a] - side[b])
                px, py = vx[a] + f * (vx[b] - vx[a]), vy[a] + f * (vy[b] - vy[a])
                s = vs[a]
                lx, ly = ends[s, 2] - ends[s, 0], ends[s, 3] - ends[s, 1]
                t = ((px - ends[s, 0]) * lx + (py - ends[s, 1]) * ly) / (lx * lx + ly * ly)
                e = min(cuts, 1)
                ends[m, 2 * e], ends[m, 2 * e + 1] = px, py
                parent[m, e], at[m, e] = s, min(max(t, 0.0), 1.0)
                cuts += 1
                # the half that is left goes on along the cut, the half that is entered along the old side
                sx[b1, n1], sy[b1, n1], ss[b1, n1] = px, py, (m if ahead else s)
                n1 += 1
                sx[b2, n2], sy[b2, n2], ss[b2, n2] = px, py, (s if ahead else m)
                n2 += 1
        if cuts != 2:
            continue
        size_m[m], load[m] = size, expected / area
        if gate < 0 and 170.0 < size < 430.0 and expected > 2.2 * per_leaf and draw[7] < 0.5:
            gate = m
        estate[m] = gate
        m += 1
        sn[b1], sn[b2] = n1, n2
        sg[b1] = sg[b2] = gate
        sh[b1], sh[b2] = _hash(h, np.uint64(11)), _hash(h, np.uint64(12))
        top += 2
    return ends[:m], parent[:m], at[:m], size_m[:m], load[:m], estate[:m]


@njit(cache=True)
def join(ends, at, order_ptr, order, keep, pull_m, snap_m):
    """Turn cuts into nodes and edges: each cut becomes a chain of nodes where later cuts end on it.

    Parameters
    ----------
    ends : float64 (m, 4)
        Ends of the cuts as drawn; the first four rows are the border and give no edges.
    at : as from :func:`subdivide`
    order_ptr, order : int64
        For each cut, the cut ends that lie on it, as ``2 * cut + end``, ascending by ``at``.
    keep : bool (m, 2)
        False where an end is a dead end: it stops ``pull_m`` short of its parent.
    pull_m : float64 (m, 2)
    snap_m : float64 (m,)
        An end of this cut that lies closer than this to the node before it on its parent becomes one crossing with it.

    Returns
    -------
    node_xy : float64 (k, 2)
    edge_u, edge_v, edge_cut : int32 (e,)
        In chain order, cut by cut.
    """
    m = ends.shape[0]
    xy = np.empty((3 * m + 8, 2))
    tail = np.full((m, 2), -1, np.int64)  # node at each end of a cut
    eu, ev = np.empty(4 * m + 8, np.int32), np.empty(4 * m + 8, np.int32)
    ec = np.empty(4 * m + 8, np.int32)
    n = e = 0
    for s in range(m):
        # both ends: on the parent (its node exists already, parents come first) or of their own
        ax, ay, bx, by = ends[s, 0], ends[s, 1], ends[s, 2], ends[s, 3]
        if tail[s, 0] >= 0:
            ax, ay = xy[tail[s, 0], 0], xy[tail[s, 0], 1]
        if tail[s, 1] >= 0:
            bx, by = xy[tail[s, 1], 0], xy[tail[s, 1], 1]
        length = np.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay))
        lo = hi = 0.0
        if s >= 4 and not keep[s, 0]:
            lo = min(pull_m[s, 0] / max(length, 1e-9), 0.45)
        if s >= 4 and not keep[s, 1]:
            hi = min(pull_m[s, 1] / max(length, 1e-9), 0.45)
        for k in range(2):
            if tail[s, k] < 0:
                f = lo if k == 0 else 1.0 - hi
                xy[n, 0], xy[n, 1] = ax + f * (bx - ax), ay + f * (by - ay)
                tail[s, k] = n
                n += 1
        f0, f1 = lo, 1.0 - hi
        last, last_f = tail[s, 0], f0
        for q in range(order_ptr[s], order_ptr[s + 1]):
            child, end = order[q] // 2, order[q] % 2
            f = at[child, end]
            gap = snap_m[child] / max(length, 1e-9)
            if last == tail[s, 1] or f - last_f < gap:
                node = last
            elif f1 - f < gap:
                node = tail[s, 1]
            else:
                xy[n, 0], xy[n, 1] = ax + f * (bx - ax), ay + f * (by - ay)
                node = n
                n += 1
            tail[child, end] = node
            if node != last:
                if s >= 4:
                    eu[e], ev[e], ec[e] = last, node, s
                    e += 1
                last, last_f = node, (f1 if node == tail[s, 1] else f)
        if s >= 4 and last != tail[s, 1]:
            eu[e], ev[e], ec[e] = last, tail[s, 1], s
            e += 1
    return xy[:n], eu[:e], ev[:e], ec[:e]


@njit(cache=True)
def spaced(xy, order, radius_m, n_most, cell_m):
    """Pick, in the given order, at most ``n_most`` points that keep their own distance from all picked before.

    Parameters
    ----------
    xy : float64 (n, 2)
    order : int64 (m,)
    radius_m : float64 (n,)
        Least distance of each point from those picked before it.
    n_most : int
    cell_m : float
        Cell of the search grid.

    Returns
    -------
    int64
        Picked positions in the order of picking.
    """
    x0, y0, x1, y1 = 1e30, 1e30, -1e30, -1e30
    for p in range(xy.shape[0]):
        x0, y0, x1, y1 = min(x0, xy[p, 0]), min(y0, xy[p, 1]), max(x1, xy[p, 0]), max(y1, xy[p, 1])
    n_x, n_y = int((x1 - x0) / cell_m) + 1, int((y1 - y0) / cell_m) + 1
    head = np.full(n_x * n_y, -1, np.int32)
    link = np.full(xy.shape[0], -1, np.int32)
    picked = np.empty(min(n_most, xy.shape[0]), np.int64)
    m = 0
    for q in range(order.shape[0]):
        if m >= picked.shape[0]:
            break
        p = order[q]
        j, i = int((xy[p, 0] - x0) / cell_m), int((xy[p, 1] - y0) / cell_m)
        reach = int(radius_m[p] / cell_m) + 1
        clear = True
        for a in range(max(0, i - reach), min(n_y, i + reach + 1)):
            for b in range(max(0, j - reach), min(n_x, j + reach + 1)):
                r = head[a * n_x + b]
                while r >= 0 and clear:
                    dx, dy = xy[r, 0] - xy[p, 0], xy[r, 1] - xy[p, 1]
                    if dx * dx + dy * dy < radius_m[p] * radius_m[p]:
                        clear = False
                    r = link[r]
            if not clear:
                break
        if clear:
            link[p] = head[i * n_x + j]
            head[i * n_x + j] = p
            picked[m] = p
            m += 1
    return picked[:m]


@njit(cache=True)
def push_off(points, start, end, half_m, x0, y0, cell_m, n_x, pointer, held):
    """Move points, in place, that lie closer than ``half_m`` to straight pieces straight out to that distance.

    Of several pieces the one in which the point lies deepest counts.

    Parameters
    ----------
    points : float64 (n, 2)
    start, end : float64 (k, 2)
    half_m : float64 (k,)
    x0, y0, cell_m : float
        South-west corner and cell of a grid.
    n_x : int
        Columns of the grid.
    pointer : int64 (n_x * n_y + 1,)
    held : int64
        ``held[pointer[c]:pointer[c + 1]]`` are the pieces that may reach into cell c.
    """
    n_y = (pointer.shape[0] - 1) // n_x
    for p in range(points.shape[0]):
        x, y = points[p, 0], points[p, 1]
        j, i = int((x - x0) / cell_m), int((y - y0) / cell_m)
        if x < x0 or y < y0 or j >= n_x or i >= n_y:
            continue
        deepest = 0.0
        for q in range(pointer[i * n_x + j], pointer[i * n_x + j + 1]):
            k = held[q]
            dx, dy = end[k, 0] - start[k, 0], end[k, 1] - start[k, 1]
            length2 = max(dx * dx + dy * dy, 1e-9)
            t = min(max(((x - start[k, 0]) * dx + (y - start[k, 1]) * dy) / length2, 0.0), 1.0)
            fx, fy = start[k, 0] + t * dx, start[k, 1] + t * dy
            away = np.sqrt((x - fx) * (x - fx) + (y - fy) * (y - fy))
            if half_m[k] - away > deepest:
                deepest = half_m[k] - away
                if away > 0.01:
                    points[p, 0], points[p, 1] = fx + half_m[k] * (x - fx) / away, fy + half_m[k] * (y - fy) / away
                else:  # on the middle line: to the right
                    length = np.sqrt(length2)
                    points[p, 0], points[p, 1] = fx + half_m[k] * dy / length, fy - half_m[k] * dx / length
