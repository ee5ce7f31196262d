"""Numba kernels of the demonstration city: smooth warp, block subdivision, chains of edges. Arrays in, arrays out."""

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
def add_peaks(field, x0, y0, cell_m, px, py, weight, radius_m):
    """Add to a raster, in place, peaks of the form w (r² / (r² + d²))², cut off at 8 r.

    ``field[i, j]`` is the cell with its centre at ``x0 + (j + ½) cell_m``, ``y0 + (i + ½) cell_m``.
    """
    n_y, n_x = field.shape
    for p in range(px.shape[0]):
        r2 = radius_m[p] * radius_m[p]
        reach = int(8.0 * radius_m[p] / cell_m) + 1
        jc, ic = int(np.floor((px[p] - x0) / cell_m)), int(np.floor((py[p] - y0) / cell_m))
        for i in range(max(0, ic - reach), min(n_y, ic + reach + 1)):
            dy = y0 + (i + 0.5) * cell_m - py[p]
            for j in range(max(0, jc - reach), min(n_x, jc + reach + 1)):
                dx = x0 + (j + 0.5) * cell_m - px[p]
                q = r2 / (r2 + dx * dx + dy * dy)
                field[i, j] += weight[p] * q * q


@njit(cache=True)
def _box_sum(sat, x0, y0, cell_m, ax, ay, bx, by):
    """Return the sum of the raster in a box from its summed-area table, with linear shares of border cells."""
    n_y, n_x = sat.shape[0] - 1, sat.shape[1] - 1
    total = 0.0
    for corner in range(4):
        px = bx if corner % 2 == 0 else ax
        py = by if corner < 2 else ay
        fx = min(max((px - x0) / cell_m, 0.0), np.float64(n_x))
        fy = min(max((py - y0) / cell_m, 0.0), np.float64(n_y))
        j, i = min(int(fx), n_x - 1), min(int(fy), n_y - 1)
        u, v = fx - j, fy - i
        value = (sat[i, j] * (1 - u) + sat[i, j + 1] * u) * (1 - v)
        value += (sat[i + 1, j] * (1 - u) + sat[i + 1, j + 1] * u) * v
        total += value if corner == 0 or corner == 3 else -value
    return total


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
    block : uint64 (m,)
        The block's own random number.
    estate : int32 (m,)
        The first cut of the gated superblock in which the cut lies, -1 outside.
    """
    ends = np.empty((max_cuts + 4, 4))
    parent = np.full((max_cuts + 4, 2), -1, np.int32)
    at = np.zeros((max_cuts + 4, 2))
    size_m = np.zeros(max_cuts + 4)
    load = np.zeros(max_cuts + 4)
    block = np.zeros(max_cuts + 4, np.uint64)
    estate = np.full(max_cuts + 4, -1, np.int32)
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
    sn[0], sh[0], sg[0] = 4, _hash(np.uint64(seed), np.uint64(77)), -1
    top, m = 1, 4
    side = np.empty(MAX_SIDES + 2)
    while top > 0 and m < max_cuts + 4:
        top -= 1
        n, h, gate = sn[top], sh[top], sg[top]
        vx, vy, vs = sx[top, :n].copy(), sy[top, :n].copy(), ss[top, :n].copy()
        area = _area(vx, vy, n)
        if n >= MAX_SIDES or area < 400.0:
            continue
        ax, ay, bx, by = vx.min(), vy.min(), vx.max(), vy.max()
        expected = _box_sum(sat, x0, y0, cell_m, ax, ay, bx, by) * area / ((bx - ax) * (by - ay))
        if expected < per_leaf * (0.45 + 0.55 * (_unit(_hash(h, np.uint64(1))) + _unit(_hash(h, np.uint64(13))))):
            continue
        # direction: along the longest side
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
        size = np.sqrt(area)
        lo, hi = 1e30, -1e30
        for a in range(n):
            along = (vx[a] - cx) * dx + (vy[a] - cy) * dy
            lo, hi = min(lo, along), max(hi, along)
        shift = (lo + hi) * 0.5 + (hi - lo) * 0.42 * (_unit(_hash(h, np.uint64(2))) - 0.5)
        ox, oy = cx + dx * shift, cy + dy * shift
        if size > 450.0:
            best = 1e30
            for w in range(wells.shape[0]):
                wx, wy = wells[w, 0], wells[w, 1]
                far = (wx - cx) * (wx - cx) + (wy - cy) * (wy - cy)
                if wx > ax and wx < bx and wy > ay and wy < by and far < best and _inside(vx, vy, n, wx, wy, 60.0):
                    best, ox, oy = far, wx, wy
        tilt = (_unit(_hash(h, np.uint64(3))) + _unit(_hash(h, np.uint64(4))) - 1.0) * 0.3
        if _unit(_hash(h, np.uint64(5))) < 0.12:
            tilt *= 2.6
        nx, ny = dx + tilt * dy, dy - tilt * dx  # normal of the cut
        norm = np.sqrt(nx * nx + ny * ny)
        nx, ny = nx / norm, ny / norm
        for a in range(n):
            side[a] = (vx[a] - ox) * nx + (vy[a] - oy) * ny
        if side[:n].min() > -1.0 or side[:n].max() < 1.0 or top + 2 > deep:
            continue
        # walk round: each vertex goes to its side; where the sign changes, both get the cut point
        h1, h2 = _hash(h, np.uint64(11)), _hash(h, np.uint64(12))
        n1 = n2 = 0
        cuts = 0
        b1, b2 = top, top + 1
        for a in range(n):
            b = a + 1 if a + 1 < n else 0
            if side[a] >= 0.0:
                sx[b1, n1], sy[b1, n1], ss[b1, n1] = vx[a], vy[a], vs[a]
                n1 += 1
            else:
                sx[b2, n2], sy[b2, n2], ss[b2, n2] = vx[a], vy[a], vs[a]
                n2 += 1
            if (side[a] >= 0.0) != (side[b] >= 0.0):
                f = side[a] / (side[a] - side[b])
                px, py = vx[a] + f * (vx[b] - vx[a]), vy[a] + f * (vy[b] - vy[a])
                s = vs[a]
                lx, ly = ends[s, 2] - ends[s, 0], ends[s, 3] - ends[s, 1]
                t = ((px - ends[s, 0]) * lx + (py - ends[s, 1]) * ly) / (lx * lx + ly * ly)
                e = cuts if cuts < 2 else 1
                ends[m, 2 * e], ends[m, 2 * e + 1] = px, py
                parent[m, e], at[m, e] = s, min(max(t, 0.0), 1.0)
                cuts += 1
                # leaving side a: the cut itself is the next side of a's half; entering: the rest of side a
                sx[b1, n1], sy[b1, n1], ss[b1, n1] = px, py, (m if side[a] >= 0.0 else s)
                n1 += 1
                sx[b2, n2], sy[b2, n2], ss[b2, n2] = px, py, (m if side[a] < 0.0 else s)
                n2 += 1
        if cuts != 2:
            continue
        size_m[m], load[m], block[m] = size, expected / area, h
        if gate < 0 and 170.0 < size < 430.0 and expected > 2.2 * per_leaf and _unit(_hash(h, np.uint64(6))) < 0.5:
            gate = m
        estate[m] = gate
        sg[b1] = sg[b2] = gate
        m += 1
        sn[b1], sn[b2] = n1, n2
        sh[b1], sh[b2] = h1, h2
        top += 2
    return ends[:m], parent[:m], at[:m], size_m[:m], load[:m], block[:m], estate[:m]


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
        px, py = np.empty(2), np.empty(2)
        for k in range(2):
            if s >= 4 and tail[s, k] >= 0:
                px[k], py[k] = xy[tail[s, k], 0], xy[tail[s, k], 1]
            else:
                px[k], py[k] = ends[s, 2 * k], ends[s, 2 * k + 1]
        length = np.sqrt((px[1] - px[0]) ** 2 + (py[1] - py[0]) ** 2)
        lo = hi = 0.0
        if s >= 4 and not keep[s, 0]:
            lo = min(pull_m[s, 0] / max(length, 1e-9), 0.45)
        if s >= 4 and not keep[s, 1]:
            hi = min(pull_m[s, 1] / max(length, 1e-9), 0.45)
        for k in range(2):
            if tail[s, k] < 0:
                f = lo if k == 0 else 1.0 - hi
                xy[n, 0], xy[n, 1] = px[0] + f * (px[1] - px[0]), py[0] + f * (py[1] - py[0])
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
                xy[n, 0], xy[n, 1] = px[0] + f * (px[1] - px[0]), py[0] + f * (py[1] - py[0])
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
def components(n, u, v, keep):
    """Label the connected components of an undirected graph by union-find; only edges with ``keep`` count."""
    root = np.arange(n).astype(np.int32)
    for e in range(u.shape[0]):
        if keep[e]:
            _union(root, u[e], v[e])
    for p in range(n):
        root[p] = _find(root, p)
    return root


@njit(cache=True)
def _find(root, p):
    while root[p] != p:
        root[p] = root[root[p]]
        p = root[p]
    return p


@njit(cache=True)
def _union(root, p, q):
    a, b = _find(root, p), _find(root, q)
    if a == b:
        return False
    if a < b:
        root[b] = a
    else:
        root[a] = b
    return True


@njit(cache=True)
def reconnect(n, u, v, keep, spare, lonely):
    """Put back, in place, spare edges that join components, except those of nodes marked lonely.

    ``spare`` lists edges in the order of preference.
    """
    root = components(n, u, v, keep)
    for k in range(spare.shape[0]):
        e = spare[k]
        if not keep[e] and not lonely[u[e]] and not lonely[v[e]] and _union(root, u[e], v[e]):
            keep[e] = True


@njit(cache=True)
def spread(weight, n, offset):
    """Draw ``n`` positions in proportion to weights by systematic sampling; returns counts per position.

    Parameters
    ----------
    weight : float64 (k,)
    n : int
    offset : float
        In [0, 1).
    """
    counts = np.zeros(weight.shape[0], np.int64)
    total = 0.0
    for k in range(weight.shape[0]):
        total += weight[k]
    if total <= 0.0 or n == 0:
        return counts
    step = total / n
    mark, run, drawn = offset * step, 0.0, 0
    for k in range(weight.shape[0]):
        run += weight[k]
        while drawn < n and mark < run:
            counts[k] += 1
            drawn += 1
            mark = (drawn + offset) * step
    if drawn < n:  # the last mark can fall beyond the sum by rounding
        counts[weight.shape[0] - 1] += n - drawn
    return counts


@njit(cache=True)
def spaced(x, y, order, radius_m, n_most, cell_m):
    """Pick, in the given order, at most ``n_most`` points that keep their own distance from all picked before.

    Returns the picked positions in the order of picking.
    """
    x0, y0 = x.min(), y.min()
    n_x = int((x.max() - x0) / cell_m) + 1
    n_y = int((y.max() - y0) / cell_m) + 1
    head = np.full(n_x * n_y, -1, np.int32)
    link = np.full(x.shape[0], -1, np.int32)
    picked = np.empty(min(n_most, x.shape[0]), np.int64)
    m = 0
    for q in range(order.shape[0]):
        if m >= picked.shape[0]:
            break
        p = order[q]
        j, i = int((x[p] - x0) / cell_m), int((y[p] - y0) / cell_m)
        reach = int(radius_m[p] / cell_m) + 1
        clear = True
        for a in range(max(0, i - reach), min(n_y, i + reach + 1)):
            for b in range(max(0, j - reach), min(n_x, j + reach + 1)):
                r = head[a * n_x + b]
                while r >= 0 and clear:
                    dx, dy = x[r] - x[p], y[r] - y[p]
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
