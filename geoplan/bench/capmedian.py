"""Readers of capacitated p-median files: OR-Library pmedcap collections, and Lorena's SJC points with capacities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from geoplan.bench.instance import Instance
from geoplan.bench.text import Numbers, name_of, numbers_of
from geoplan.bench.tsplib import Rounding, rounded
from geoplan.siting.problem import SitingProblem

__all__ = ["is_one_problem", "read_capacity_points", "read_pmedcap"]

Float = npt.NDArray[np.float64]


def read_pmedcap(path: str | Path, number: int | None = None, rounding: Rounding = "down") -> Instance:
    """Read one problem of an OR-Library collection of capacitated p-median problems (Osman, Christofides 1994).

    The number of problems; then each: its number and best known value, ``customers p capacity``, and per customer
    its number, x, y and demand. A file of one problem alone begins with that problem.

    Parameters
    ----------
    path : str or pathlib.Path
        The file, plain or gzipped.
    number : int, optional
        Which problem, from 1; not needed where there is one.
    rounding : {"down", "nearest", "exact"}
        The published values round Euclidean distances down.

    Returns
    -------
    Instance
        Every customer is a site, too. Costs are distances over demand, so that demand times cost is the distance:
        published values do not weigh by demand.

    Raises
    ------
    InputError
        If the numbers do not make up such a file, or it has no such problem.
    """
    path = Path(path)
    numbers = numbers_of(path)
    alone = is_one_problem(numbers)
    count = 1 if alone else numbers.whole(0, "the number of problems", 1)
    number = 1 if number is None and count == 1 else number
    if number is None or not 1 <= number <= count:
        said = f"the file has problems 1 to {count}" + ("" if number is None else f", not {number}")
        raise numbers.fault(0, said, "give one of these with --number")
    at = 0 if alone else 1
    for k in range(1, count + 1):
        if not alone:
            numbers.whole(at, f"the number of problem {k}", k, k)
        n = numbers.whole(at + 2, f"the number of customers of problem {k}", 1)
        p = numbers.whole(at + 3, f"the number of medians of problem {k}", 1, n)
        start, at = at + 5, at + 5 + 4 * n
        if at > len(numbers):
            raise numbers.fault(at, f"problem {k} is cut short: {n} customers need {4 * n} numbers", "fetch it again")
        if k == number:
            table = numbers.values[start:at].reshape(n, 4)
            capacity = np.full(n, numbers.values[start - 1])
            problem = _problem(numbers, start, table[:, 1:3], table[:, 3], capacity, rounding)
            name = name_of(path) if alone else f"{name_of(path)}-{number}"
            return Instance(name, problem, p, float(numbers.values[start - 4]))
    raise AssertionError("a problem between 1 and count is returned above")


def read_capacity_points(path: str | Path, rounding: Rounding = "exact") -> Instance:
    """Read points with capacities: ``n p``, then per point x, y, capacity, demand (Lorena, Senne 2004).

    Parameters
    ----------
    path : str or pathlib.Path
        The file, plain or gzipped.
    rounding : {"exact", "down", "nearest"}
        The published values use Euclidean distances as they are.

    Returns
    -------
    Instance
        Every point is a demand point and a site; costs are distances over demand, as published values do not weigh.

    Raises
    ------
    InputError
        If the numbers do not make up such a file.
    """
    path = Path(path)
    numbers = numbers_of(path)
    n = numbers.whole(0, "the number of points", 1)
    p = numbers.whole(1, "the number of medians", 1, n)
    if len(numbers) != 2 + 4 * n:
        said = f"{n} points need {4 * n} numbers (x, y, capacity, demand), {len(numbers) - 2} follow the head"
        raise numbers.fault(len(numbers), said, "check the file")
    table = numbers.values[2:].reshape(n, 4)
    problem = _problem(numbers, 2, table[:, :2], table[:, 3], table[:, 2], rounding)
    return Instance(name_of(path), problem, p)


def is_one_problem(numbers: Numbers) -> bool:
    """Tell whether a file is one problem of such a collection alone: ``problem best``, ``customers p capacity``, …."""
    values = numbers.values
    if len(values) < 5 or (values[[0, 2, 3]] % 1 != 0).any():
        return False
    return bool(len(values) == 5 + 4 * values[2] and 1 <= values[3] <= values[2])


def _problem(
    numbers: Numbers, start: int, xy: Float, demand: Float, capacity: Float, rounding: Rounding
) -> SitingProblem:
    wrong = np.flatnonzero((demand < 0) | (capacity < 0))
    if len(wrong):
        raise numbers.fault(start + 4 * int(wrong[0]), "a demand or capacity is below 0", "correct the number")
    none = np.flatnonzero(demand == 0)
    if len(none):
        raise numbers.fault(start + 4 * int(none[0]), "a demand is 0", "give every point a demand above 0")
    length = rounded(np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1]), rounding)
    # The published values sum up distances, one for each point: its demand fills capacity alone.
    return SitingProblem.from_matrix(length / demand[:, None], demand, capacity=capacity, site_xy_m=xy)
