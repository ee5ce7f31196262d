"""Readers of OR-Library instances in their own formats: p-median graphs, set covering, capacitated location."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import floyd_warshall, shortest_path

from geoplan.bench.instance import Instance
from geoplan.bench.text import Numbers, name_of, numbers_of
from geoplan.siting.problem import SitingProblem

__all__ = ["CAPACITY", "read_cap", "read_pmed", "read_scp", "scp_form"]

Int = npt.NDArray[np.int64]

DENSE_NODES: Final = 400  # graphs up to this size are closed by matrix, larger ones node by node
CAPACITY: Final = "capacity"  # the word that stands for a number in the large cap files
CHECK: Final = "correct the file or fetch it again"


def read_pmed(path: str | Path) -> Instance:
    """Read an OR-Library p-median file: ``n m p``, then ``i j cost`` per edge, undirected and numbered from 1.

    Of edges given twice the last one counts; costs are shortest paths between all nodes; every node is a demand point
    of weight 1 and a site.

    Parameters
    ----------
    path : str or pathlib.Path
        The file, plain or gzipped.

    Returns
    -------
    Instance
        Costs of shape (n, n) with zeros on the diagonal, infinite between parts that are not connected.

    Raises
    ------
    InputError
        If the numbers do not make up such a file.
    """
    path = Path(path)
    numbers = numbers_of(path)
    n = numbers.whole(0, "the number of nodes", 1)
    m = numbers.whole(1, "the number of edges")
    p = numbers.whole(2, "the number of medians", 1, n)
    if len(numbers) != 3 + 3 * m:
        problem = f"{m} edges need {3 * m} numbers, {len(numbers) - 3} follow the head"
        raise numbers.fault(len(numbers), problem, CHECK)
    edges = numbers.values[3:].reshape(m, 3)
    wrong = np.flatnonzero(((edges[:, :2] < 1) | (edges[:, :2] > n) | (edges[:, :2] % 1 != 0)).any(axis=1))
    if len(wrong):
        edge = edges[wrong[0]]
        raise numbers.fault(3 + 3 * int(wrong[0]), f"edge {edge[0]:g} {edge[1]:g} leaves the nodes 1..{n}", CHECK)
    wrong = np.flatnonzero(edges[:, 2] < 0)
    if len(wrong):
        raise numbers.fault(5 + 3 * int(wrong[0]), f"an edge costs {edges[wrong[0], 2]:g}", "give 0 or more")
    ends = np.sort(edges[:, :2].astype(np.int64) - 1, axis=1)
    key = ends[:, 0] * n + ends[:, 1]
    # np.unique keeps the first of equals, so the edges are read backwards.
    _, at = np.unique(key[::-1], return_index=True)
    kept = len(key) - 1 - at
    graph = sparse.csr_array((edges[kept, 2], (ends[kept, 0], ends[kept, 1])), shape=(n, n))
    if n <= DENSE_NODES:
        cost = floyd_warshall(graph, directed=False)
    else:
        cost = shortest_path(graph, method="D", directed=False)
    return Instance(name_of(path), SitingProblem.from_matrix(cost, np.ones(n)), p)


def read_scp(path: str | Path) -> Instance:
    """Read an OR-Library set covering file, by rows or (the rail problems) by columns.

    By rows: ``rows cols``, the columns' costs, then per row a count and the columns that cover it. By columns: ``rows
    cols``, then per column its cost, a count and the rows it covers. All are numbered from 1.

    Parameters
    ----------
    path : str or pathlib.Path
        The file, plain or gzipped.

    Returns
    -------
    Instance
        Cost 1 where a column covers a row, so that radius 1 covers; the columns' costs are the sites' costs.

    Raises
    ------
    InputError
        If the numbers make up neither form.
    """
    path = Path(path)
    numbers = numbers_of(path)
    n_rows = numbers.whole(0, "the number of rows", 1)
    n_columns = numbers.whole(1, "the number of columns", 1)
    if scp_form(numbers) == "columns":
        starts, _ = _walk(numbers, 2, n_columns, 1)
        price = numbers.values[starts[:-1]]
        members, counts = _members(numbers, starts + 1, n_rows, "column", "row")
        cost = sparse.csr_array(sparse.csc_array(_ones(members, counts), shape=(n_rows, n_columns)))
    else:
        price = numbers.values[2 : 2 + n_columns]
        starts, last = _walk(numbers, 2 + n_columns, n_rows, 0)
        if len(starts) <= n_rows:
            row = len(starts)
            raise numbers.fault(last, f"row {row} of {n_rows} is cut short or has a broken count", CHECK)
        if last != len(numbers):
            raise numbers.fault(last, f"{len(numbers) - last} numbers are left over after row {n_rows}", CHECK)
        members, counts = _members(numbers, starts, n_columns, "row", "column")
        cost = sparse.csr_array(_ones(members, counts), shape=(n_rows, n_columns))
    below = np.flatnonzero(price < 0)
    if len(below):
        raise numbers.fault(2, f"column {below[0] + 1} costs {price[below[0]]:g}", "give 0 or more")
    return Instance(name_of(path), SitingProblem.from_matrix(cost, np.ones(n_rows), site_cost=price))


def scp_form(numbers: Numbers) -> Literal["rows", "columns", ""]:
    """Return the form of set covering that the counts of a file make up to its very end; empty if neither."""
    if len(numbers) < 3 or (numbers.values[:2] < 1).any() or (numbers.values[:2] % 1 != 0).any():
        return ""
    n_rows, n_columns = int(numbers.values[0]), int(numbers.values[1])
    for form, at, count, lead in (("rows", 2 + n_columns, n_rows, 0), ("columns", 2, n_columns, 1)):
        starts, last = _walk(numbers, at, count, lead)
        if len(starts) == count + 1 and last == len(numbers):
            return "rows" if form == "rows" else "columns"
    return ""


def _walk(numbers: Numbers, at: int, n: int, lead: int) -> tuple[Int, int]:
    """Return where ``n`` records begin (and the last ends), and where the walk came to.

    A record is ``lead`` numbers, a count, and as many members; the walk ends early at a record that is cut short.
    """
    values, end = numbers.values, len(numbers)
    at = min(at, end)
    starts = [at]
    for _ in range(n):
        count = values[at + lead] if at + lead < end else -1.0
        if count % 1 or not 0 <= count <= end - at - lead - 1:
            break
        at += lead + 1 + int(count)
        starts.append(at)
    return np.array(starts, dtype=np.int64), at


def _members(numbers: Numbers, counts_at: Int, most: int, record: str, member: str) -> tuple[Int, Int]:
    """Return the members of all records, from 0, and how many each has; ``counts_at`` has one entry more than records.

    The last entry only ends the last record.
    """
    counts = numbers.values[counts_at[:-1]].astype(np.int64)
    at = np.repeat(counts_at[:-1] + 1 - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) + np.arange(counts.sum())
    found = numbers.values[at]
    wrong = np.flatnonzero((found < 1) | (found > most) | (found % 1 != 0))
    if len(wrong):
        number = int(np.searchsorted(np.cumsum(counts), wrong[0], side="right")) + 1
        problem = f"{record} {number} names {member} {found[wrong[0]]:g}, there are 1..{most}"
        raise numbers.fault(int(at[wrong[0]]), problem, CHECK)
    return found.astype(np.int64) - 1, counts


def _ones(members: Int, counts: Int) -> tuple[npt.NDArray[np.float64], Int, Int]:
    return np.ones(len(members)), members, np.concatenate(([0], np.cumsum(counts)))


def read_cap(path: str | Path, capacity: float | None = None) -> Instance:
    """Read an OR-Library capacitated location file.

    ``sites clients``; per site capacity and fixed cost; per client its demand, then the cost of serving ALL of it from
    each site. The large files write the word ``capacity`` where a number is to be filled in.

    Parameters
    ----------
    path : str or pathlib.Path
        The file, plain or gzipped.
    capacity : float, optional
        Number for the word ``capacity``.

    Returns
    -------
    Instance
        Costs are per unit of demand, as everywhere in this package.

    Raises
    ------
    InputError
        If the numbers do not make up such a file, or the file leaves the capacity open and none is given.
    """
    path = Path(path)
    numbers = numbers_of(path, {CAPACITY: -1.0 if capacity is None else capacity})
    n_sites = numbers.whole(0, "the number of sites", 1)
    n_clients = numbers.whole(1, "the number of clients", 1)
    wanted = 2 + 2 * n_sites + n_clients * (1 + n_sites)
    if len(numbers) != wanted:
        said = f"{n_sites} sites and {n_clients} clients make {wanted} numbers, {len(numbers)} are there"
        raise numbers.fault(len(numbers), said, CHECK)
    sites = numbers.values[2 : 2 + 2 * n_sites].reshape(n_sites, 2)
    if capacity is None and (sites[:, 0] < 0).any():
        todo = "give --capacity NUMBER, one of those the results are published for"
        raise numbers.fault(2 + 2 * int(np.argmin(sites[:, 0])), "the file leaves the capacity open", todo)
    clients = numbers.values[2 + 2 * n_sites :].reshape(n_clients, 1 + n_sites)
    demand = clients[:, 0]
    none = np.flatnonzero(demand <= 0)
    if len(none):
        at = 2 + 2 * n_sites + int(none[0]) * (1 + n_sites)
        raise numbers.fault(at, f"client {none[0] + 1} has the demand {demand[none[0]]:g}", "give more than 0")
    below = np.flatnonzero(numbers.values < 0)
    if len(below):
        raise numbers.fault(int(below[0]), f"{numbers.values[below[0]]:g} is below 0", "correct the number")
    cost = clients[:, 1:] / demand[:, None]
    problem = SitingProblem.from_matrix(cost, demand, site_cost=sites[:, 1], capacity=sites[:, 0])
    return Instance(name_of(path), problem)
