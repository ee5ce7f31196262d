"""Readers of published location instances in their own formats: pmed, SJC points, SCP, cap, San Francisco stores."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import floyd_warshall, shortest_path

from geoplan.errors import Fault, InputError
from geoplan.siting.problem import SitingProblem

__all__ = ["Instance", "read_cap", "read_pmed", "read_points", "read_scp", "read_stores"]

Float = npt.NDArray[np.float64]

DENSE_NODES: Final = 400  # graphs up to this size are closed by matrix, larger ones node by node


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One published instance.

    Parameters
    ----------
    name : str
        File name without its endings.
    problem : SitingProblem
        The instance as a siting problem.
    p : int or None
        Number of sites the file asks for, where its format has one.
    """

    name: str
    problem: SitingProblem
    p: int | None = None


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
    numbers = _numbers(path)
    if len(numbers) < 3:
        raise _fault(path, "the head n m p is missing", "give a pmed file")
    n, m, p = (int(value) for value in numbers[:3])
    if len(numbers) != 3 + 3 * m:
        raise _fault(path, f"{m} edges need {3 * m} numbers, {len(numbers) - 3} follow the head", "check the file")
    edges = numbers[3:].reshape(m, 3)
    ends = edges[:, :2].astype(np.int64) - 1
    if ends.size and (ends.min() < 0 or ends.max() >= n):
        raise _fault(path, f"an edge names a node outside 1..{n}", "check the file")
    ends.sort(axis=1)
    key = ends[:, 0] * n + ends[:, 1]
    # np.unique keeps the first of equals, so the edges are read backwards.
    _, at = np.unique(key[::-1], return_index=True)
    kept = len(key) - 1 - at
    graph = sparse.csr_array((edges[kept, 2], (ends[kept, 0], ends[kept, 1])), shape=(n, n))
    if n <= DENSE_NODES:
        cost = floyd_warshall(graph, directed=False)
    else:
        cost = shortest_path(graph, method="D", directed=False)
    return Instance(_name(path), SitingProblem.from_matrix(cost, np.ones(n)), p)


def read_points(path: str | Path) -> Instance:
    """Read points that are demand and sites alike: CSV columns id, x, y, demand in metres (São José dos Campos).

    Parameters
    ----------
    path : str or pathlib.Path
        The file.

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
    rows = _records(path, ("id", "x", "y", "demand"))
    xy = np.column_stack((_column(path, rows, "x"), _column(path, rows, "y")))
    cost = np.hypot(xy[:, None, 0] - xy[None, :, 0], xy[:, None, 1] - xy[None, :, 1])
    ids = [row["id"] for row in rows]
    problem = SitingProblem.from_matrix(cost, _column(path, rows, "demand"), site_ids=ids, demand_ids=ids, site_xy_m=xy)
    return Instance(_name(path), problem)


def read_scp(path: str | Path) -> Instance:
    """Read an OR-Library set covering file: ``rows cols``, column costs, then per row a count and 1-based columns.

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
        If the numbers do not make up such a file.
    """
    path = Path(path)
    numbers = _numbers(path)
    if len(numbers) < 2:
        raise _fault(path, "the head rows cols is missing", "give an SCP file")
    n_rows, n_columns = int(numbers[0]), int(numbers[1])
    price, at = numbers[2 : 2 + n_columns], 2 + n_columns
    members = []
    for row in range(n_rows):
        count = int(numbers[at]) if at < len(numbers) else -1
        columns = numbers[at + 1 : at + 1 + count].astype(np.int64) - 1
        if count < 0 or len(columns) != count or (count and not 0 <= columns.min() <= columns.max() < n_columns):
            raise _fault(path, f"row {row + 1} is cut short or names an unknown column", "check the file")
        members.append(columns)
        at += 1 + count
    if at != len(numbers):
        raise _fault(path, f"{len(numbers) - at} numbers are left over", "check the file")
    indices = np.concatenate([*members, np.zeros(0, np.int64)])
    ptr = np.concatenate(([0], np.cumsum([len(columns) for columns in members])))
    cost = sparse.csr_array((np.ones(len(indices)), indices, ptr), shape=(n_rows, n_columns))
    return Instance(_name(path), SitingProblem.from_matrix(cost, np.ones(n_rows), site_cost=price))


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
    numbers = _numbers(path, capacity)
    n_sites, n_clients = (int(value) for value in numbers[:2]) if len(numbers) >= 2 else (0, 0)
    wanted = 2 + 2 * n_sites + n_clients * (1 + n_sites)
    if len(numbers) != wanted or not n_sites:
        raise _fault(path, f"{wanted} numbers are expected, {len(numbers)} are there", "give a cap file")
    sites = numbers[2 : 2 + 2 * n_sites].reshape(n_sites, 2)
    clients = numbers[2 + 2 * n_sites :].reshape(n_clients, 1 + n_sites)
    demand = clients[:, 0]
    if not (demand > 0).all():
        raise _fault(path, "a client has no demand", "check the file")
    cost = clients[:, 1:] / demand[:, None]
    problem = SitingProblem.from_matrix(cost, demand, site_cost=sites[:, 1], capacity=sites[:, 0])
    return Instance(_name(path), problem)


def read_stores(matrix: str | Path, demand: str | Path, weight: str = "POP2000") -> Instance:
    """Read a cost matrix with named rows and columns, and the demand of its rows (San Francisco, from PySAL's spopt).

    Parameters
    ----------
    matrix : str or pathlib.Path
        CSV: the first column names the demand point (a tract), the others are stores; metres.
    demand : str or pathlib.Path
        CSV with columns ``NAME`` and ``weight``.
    weight : str
        Column that weighs the demand points.

    Returns
    -------
    Instance
        Demand points in the order of the matrix.

    Raises
    ------
    InputError
        If a demand point of the matrix has no weight.
    """
    matrix, demand = Path(matrix), Path(demand)
    rows = _records(matrix, ())
    stores = list(rows[0])[1:]
    label = next(iter(rows[0]))
    points = [row[label] for row in rows]
    weighed = _records(demand, ("NAME", weight))
    weight_of = {
        float(name) if _is_number(name := row["NAME"]) else name: value
        for row, value in zip(weighed, _column(demand, weighed, weight), strict=True)
    }
    keys = [float(point) if _is_number(point) else point for point in points]
    missing = [point for key, point in zip(keys, points, strict=True) if key not in weight_of]
    if missing:
        raise _fault(demand, f"demand points {missing[:5]} have no weight", "add their rows")
    cost = np.column_stack([_column(matrix, rows, store) for store in stores])
    weights = [weight_of[key] for key in keys]
    return Instance(_name(matrix), SitingProblem.from_matrix(cost, weights, site_ids=stores, demand_ids=points))


def _fault(path: Path, problem: str, todo: str, row: int | None = None) -> InputError:
    return InputError([Fault(problem, todo, file=path.name, row=row)])


def _name(path: Path) -> str:
    return path.name.split(".")[0]


def _text(path: Path) -> str:
    if not path.is_file():
        raise _fault(path, "the file is not there", "check the path")
    raw = path.read_bytes()
    try:
        return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (UnicodeDecodeError, OSError, EOFError) as error:
        raise _fault(path, "the file is not readable text", "give the file as published") from error


def _numbers(path: Path, capacity: float | None = None) -> Float:
    words = _text(path).split()
    if "capacity" in words and capacity is None:
        raise _fault(path, "the file leaves the capacity open", "give capacity=…, e.g. 8000")
    filled = [str(capacity) if word == "capacity" else word for word in words]
    wrong = next((word for word in filled if not _is_number(word)), None)
    if wrong is not None:
        raise _fault(path, f"{wrong!r} is not a number", "check the file")
    return np.array(filled, dtype=np.float64)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _records(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    rows = list(csv.DictReader(_text(path).splitlines()))
    if not rows:
        raise _fault(path, "the file has no rows", "give a CSV with a header and rows")
    missing = [name for name in columns if name not in rows[0]]
    if missing:
        raise _fault(path, f"columns {missing} are missing", f"give {', '.join(columns)}")
    return rows


def _column(path: Path, rows: list[dict[str, str]], name: str) -> Float:
    values = []
    for number, row in enumerate(rows, start=2):
        if not _is_number(row[name] or ""):
            raise _fault(path, f"{name} is {row[name]!r}, not a number", "give a number", row=number)
        values.append(float(row[name]))
    return np.array(values)
