"""Readers of instances as tables: points with demand, a matrix of costs with names, pairs with their distance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.bench.instance import Instance
from geoplan.bench.text import Records, is_number, name_of, numbers_of, read_text, records_of, text_fault
from geoplan.siting.problem import SitingProblem

__all__ = ["read_pairs", "read_points", "read_stores"]

Float = npt.NDArray[np.float64]


def read_points(path: str | Path) -> Instance:
    """Read points that are demand and sites alike, in metres (Lorena's São José dos Campos).

    Parameters
    ----------
    path : str or pathlib.Path
        A table with the columns x, y, demand (and id), or bare numbers: per line x, y, demand, or number, x, y,
        demand; a first line with the number of points alone may stand before.

    Returns
    -------
    Instance
        Costs are Euclidean distances, metres.

    Raises
    ------
    InputError
        If a column is missing or holds something that is not a number.
    """
    path = Path(path)
    if any(letter.isalpha() for letter in read_text(path).lstrip().split("\n", 1)[0]):  # a header
        table = records_of(path)
        xy = np.column_stack((table.numbers("x"), table.numbers("y")))
        demand = table.numbers("demand", 0.0)
        ids = table.texts("id") if table.has("id") else [str(at + 1) for at in range(len(xy))]
    else:
        xy, demand, ids = _bare(path)
    cost = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    problem = SitingProblem.from_matrix(cost, demand, site_ids=ids, demand_ids=ids, site_xy_m=xy)
    return Instance(name_of(path), problem)


def _bare(path: Path) -> tuple[Float, Float, list[str]]:
    numbers = numbers_of(path)
    lines = np.flatnonzero(numbers.counts)
    widths = numbers.counts[lines]
    first = 0
    if widths[0] == 1 and len(widths) > 1:
        n = numbers.whole(0, "the number of points", 1)
        if n != len(widths) - 1:
            raise numbers.fault(0, f"{n} points are announced, {len(widths) - 1} lines follow", "check the file")
        first = 1
    width = int(widths[first])
    odd = np.flatnonzero(widths[first:] != width)
    if width not in (3, 4) or len(odd):
        line = int(lines[first + (odd[0] if len(odd) else 0)]) + 1
        raise text_fault(path, "a point is x, y, demand, or number, x, y, demand", "correct the line", line)
    table = numbers.values[first:].reshape(-1, width)
    below = np.flatnonzero(table[:, -1] < 0)
    if len(below):
        raise numbers.fault(first + width * int(below[0]), "a demand is below 0", "give 0 or more")
    names = table[:, 0] if width == 4 else np.arange(1, len(table) + 1)
    return table[:, -3:-1], table[:, -1], [f"{name:g}" for name in names]


def read_stores(matrix: str | Path, demand: str | Path | None = None, weight: str = "POP2000") -> Instance:
    """Read a cost matrix with named rows and columns, and the demand of its rows (San Francisco, from PySAL's spopt).

    Parameters
    ----------
    matrix : str or pathlib.Path
        CSV: the first column names the demand point (a tract), the others are stores; metres. An empty cell is a
        store that cannot be reached.
    demand : str or pathlib.Path, optional
        CSV with columns ``NAME`` and ``weight``.
    weight : str
        Column that weighs the demand points, or a number that each of them weighs; without ``demand`` each weighs 1.

    Returns
    -------
    Instance
        Demand points in the order of the matrix.

    Raises
    ------
    InputError
        If a cost is no number, or a demand point of the matrix has no weight.
    """
    table = records_of(matrix)
    points, stores = table.texts(table.names[0]), list(table.names[1:])
    if not stores:
        raise text_fault(table.path, "the matrix has no columns of costs", "give one for each site", 1)
    cost = np.full((len(points), len(stores)), np.inf)
    for at, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        for k, (cell, store) in enumerate(zip(row[1:], stores, strict=True)):
            if cell and (not is_number(cell) or float(cell) < 0):
                raise text_fault(table.path, f"{cell!r} is not a cost", "give 0 or more, or nothing", line, store)
            cost[at, k] = float(cell) if cell else np.inf
    if is_number(weight):
        weights = np.full(len(points), float(weight))
    else:
        weights = np.ones(len(points)) if demand is None else _weights(points, records_of(demand), weight)
    problem = SitingProblem.from_matrix(cost, weights, site_ids=stores, demand_ids=points)
    return Instance(name_of(Path(matrix)), problem)


def _weights(points: list[str], table: Records, weight: str) -> Float:
    """Return the weights of named points; names that are numbers are equal as numbers."""
    weight_of = {_key(name): value for name, value in zip(table.texts("NAME"), table.numbers(weight, 0.0), strict=True)}
    missing = [point for point in points if _key(point) not in weight_of]
    if missing:
        raise text_fault(table.path, f"demand points {missing[:5]} have no weight", "add their rows")
    return np.array([weight_of[_key(point)] for point in points])


def _key(name: str) -> str | float:
    return float(name) if is_number(name) else name


def read_pairs(path: str | Path) -> Instance:
    """Read pairs of a site and a demand point with their distance and the demand (spopt's network distances).

    Parameters
    ----------
    path : str or pathlib.Path
        CSV with columns ``name`` (site), ``DestinationName`` (demand point), ``distance`` and ``demand`` (1 each
        without it). Of a pair given twice the shorter distance counts; a pair not given cannot be reached.

    Returns
    -------
    Instance
        Demand points and sites in the order of their first row.

    Raises
    ------
    InputError
        If a column is missing or holds something that is not a number.
    """
    table = records_of(path)
    sites, points = table.texts("name"), table.texts("DestinationName")
    distance = table.numbers("distance", 0.0)
    demand = table.numbers("demand", 0.0) if table.has("demand") else np.ones(len(points))
    site_at = {name: at for at, name in enumerate(dict.fromkeys(sites))}
    point_at = {name: at for at, name in enumerate(dict.fromkeys(points))}
    weights = np.zeros(len(point_at))
    dense = np.full((len(point_at), len(site_at)), np.inf)
    for site, point, length, weight in zip(sites, points, distance, demand, strict=True):
        row, column = point_at[point], site_at[site]
        dense[row, column] = min(dense[row, column], length)
        weights[row] = weight
    known = np.isfinite(dense)
    cost = dense if known.all() else sparse.csr_array((dense[known], np.nonzero(known)), shape=dense.shape)
    problem = SitingProblem.from_matrix(cost, weights, site_ids=list(site_at), demand_ids=list(point_at))
    return Instance(name_of(Path(path)), problem)
