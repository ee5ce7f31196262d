"""The covering model as one sparse mixed-integer program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import Fault
from geoplan.siting.cover import CoverRows
from geoplan.siting.floors import FloorRows
from geoplan.siting.milp import MilpModel
from geoplan.siting.rules import SiteRow

__all__ = ["Blocks", "add_floors", "add_site_rows", "cover_milp"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


@dataclass(slots=True)
class Blocks:
    """Columns and rows of a mixed-integer program, gathered block by block as arrays.

    Parameters
    ----------
    requirements : list of (Fault, numpy.ndarray)
        Each rule in words with the rows that state it, for the explanation of an infeasible problem.
    """

    costs: list[Float] = field(default_factory=list)
    uppers: list[Float] = field(default_factory=list)
    integers: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    row_of: list[Int] = field(default_factory=list)
    column_of: list[Int] = field(default_factory=list)
    values: list[Float] = field(default_factory=list)
    row_lowers: list[Float] = field(default_factory=list)
    row_uppers: list[Float] = field(default_factory=list)
    requirements: list[tuple[Fault, Int]] = field(default_factory=list)
    n_columns: int = 0
    n_rows: int = 0

    def columns(self, cost: Float, upper: float | Float = 1.0, *, integer: bool = False) -> Int:
        """Add columns from 0 to ``upper``; return their numbers."""
        size = len(cost)
        self.costs.append(np.asarray(cost, dtype=np.float64))
        self.uppers.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), (size,)))
        self.integers.append(np.full(size, integer))
        self.n_columns += size
        return np.arange(self.n_columns - size, self.n_columns)

    def rows(self, lower: float | Float, upper: float | Float, size: int, requirement: Fault | None = None) -> Int:
        """Add empty rows with bounds; return their numbers."""
        self.row_lowers.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), (size,)))
        self.row_uppers.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), (size,)))
        self.n_rows += size
        numbers = np.arange(self.n_rows - size, self.n_rows)
        if requirement is not None:
            self.requirements.append((requirement, numbers))
        return numbers

    def entries(self, row: Int, column: Int, value: float | Float) -> None:
        """Add matrix entries; ``row``, ``column`` and ``value`` broadcast against each other."""
        row, column, values = np.broadcast_arrays(row, column, np.asarray(value, dtype=np.float64))
        self.row_of.append(row)
        self.column_of.append(column)
        self.values.append(values)

    def csr_entries(self, rows: Int, matrix: sparse.csr_array, columns: Int, value: float) -> None:
        """Add ``value`` wherever ``matrix`` stores an entry: its row k is ``rows[k]``, its column j ``columns[j]``."""
        self.entries(np.repeat(rows, np.diff(matrix.indptr)), columns[matrix.indices], value)

    def model(self, *, maximise: bool, offset: float = 0.0) -> MilpModel:
        """Return the program."""
        shape = (self.n_rows, self.n_columns)
        empty = np.zeros(0, dtype=np.int64)
        triplets = (
            np.concatenate([*self.values, np.zeros(0)]),
            (np.concatenate([*self.row_of, empty]), np.concatenate([*self.column_of, empty])),
        )
        return MilpModel(
            cost=np.concatenate([*self.costs, np.zeros(0)]),
            lower=np.zeros(self.n_columns),
            upper=np.concatenate([*self.uppers, np.zeros(0)]),
            integer=np.concatenate([*self.integers, np.zeros(0, dtype=bool)]),
            matrix=sparse.csr_array(sparse.coo_array(triplets, shape=shape)),
            row_lower=np.concatenate([*self.row_lowers, np.zeros(0)]),
            row_upper=np.concatenate([*self.row_uppers, np.zeros(0)]),
            maximise=maximise,
            offset=offset,
        )


def add_site_rows(blocks: Blocks, rows: Sequence[SiteRow], sites: Int) -> None:
    """Add the linear rules over the sites whose columns are ``sites``."""
    for row in rows:
        number = blocks.rows(row.lower, row.upper, 1, row.requirement)
        blocks.entries(number, sites[row.sites], row.coefficients)


def add_floors(blocks: Blocks, floors: Sequence[FloorRows], sites: Int) -> None:
    """Add the coverage floors: one column per point, at most 1 and at most its share of open sites."""
    for floor in floors:
        several = bool((floor.missing > 1).any())
        points = blocks.columns(np.zeros(len(floor.weights)), integer=several)
        cover = blocks.rows(-np.inf, 0.0, len(points))
        blocks.entries(cover, points, floor.missing.astype(np.float64))
        blocks.csr_entries(cover, floor.matrix, sites, -1.0)
        need = blocks.rows(floor.need, np.inf, 1, floor.requirement)
        blocks.entries(need, points, floor.weights)


def cover_milp(rows: CoverRows, site_rules: Sequence[SiteRow], floors: Sequence[FloorRows]) -> tuple[Blocks, Int]:
    """Return the program that maximises the gains, and the numbers of its site columns.

    The gain of the k-th site at a row is a column of its own; since gains fall with k, the columns fill in order.
    """
    blocks = Blocks()
    sites = blocks.columns(np.zeros(rows.n_columns), integer=True)
    gained = blocks.rows(-np.inf, 0.0, rows.n_rows)
    for gain in rows.gains:
        earning = np.flatnonzero(gain > 0)
        column = blocks.columns(gain[earning])
        blocks.entries(gained[earning], column, 1.0)
    blocks.entries(np.repeat(gained, np.diff(rows.row_ptr)), sites[rows.row_cols], -1.0)
    add_site_rows(blocks, site_rules, sites)
    add_floors(blocks, floors, sites)
    return blocks, sites
