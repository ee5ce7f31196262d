"""The covering model as one sparse mixed-integer program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.errors import Fault
from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows
from geoplan.siting.exact import MOST_COUNTED
from geoplan.siting.floors import FloorRows
from geoplan.siting.milp import MilpAnswer, MilpModel, solve_milp
from geoplan.siting.rules import SiteRow

__all__ = ["Blocks", "add_floors", "add_site_rows", "cover_milp", "floor_columns", "solve_kept"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LARGE: Final = 1e6  # coefficients above which a row is scaled down
RADIX: Final = 1e5  # of the digits of sums whose parts lie farther apart than this


@dataclass(slots=True)
class Blocks:
    """Columns and rows of a mixed-integer program, gathered block by block as arrays.

    Parameters
    ----------
    requirements : list of (Fault, numpy.ndarray)
        Each rule in words with the rows that state it, for the explanation of an infeasible problem.
    row_blocks, column_blocks : list of (str, int)
        Name and size of each block of rows, and of columns.
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
    row_blocks: list[tuple[str, int]] = field(default_factory=list)
    column_blocks: list[tuple[str, int]] = field(default_factory=list)
    n_columns: int = 0
    n_rows: int = 0

    def columns(self, cost: Float, upper: float | Float = 1.0, *, integer: bool = False, name: str = "") -> Int:
        """Add columns from 0 to ``upper``; return their numbers."""
        size = len(cost)
        self.costs.append(np.asarray(cost, dtype=np.float64))
        self.uppers.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), (size,)))
        self.integers.append(np.full(size, integer))
        self.n_columns += size
        self.column_blocks.append((name, size))
        return np.arange(self.n_columns - size, self.n_columns)

    def rows(
        self, lower: float | Float, upper: float | Float, size: int, requirement: Fault | None = None, *, name: str = ""
    ) -> Int:
        """Add empty rows with bounds; return their numbers."""
        self.row_lowers.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), (size,)))
        self.row_uppers.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), (size,)))
        self.n_rows += size
        self.row_blocks.append((requirement.problem if requirement is not None else name, size))
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
        for lower, upper in ((row.lower, row.upper),) if row.lower == row.upper else _sides(row.lower, row.upper):
            _add_sum(blocks, sites[row.sites], row.coefficients, lower, upper, row.requirement)


def add_floors(blocks: Blocks, floors: Sequence[FloorRows], sites: Int) -> None:
    """Add the coverage floors: a row for each point that must be covered, and a column for each that may be left out.

    A point heavier than what may be left out is no matter of weights: sums with it lie beyond what HiGHS tells apart.
    """
    for floor in floors:
        hard = floor.hard
        must = blocks.rows(floor.missing[hard].astype(np.float64), np.inf, int(hard.sum()), floor.requirement)
        blocks.csr_entries(must, sparse.csr_array(floor.matrix[hard]), sites, 1.0)
        soft = ~hard
        missing = floor.missing[soft]
        points = blocks.columns(np.zeros(int(soft.sum())), integer=bool((missing > 1).any()), name="counts for a floor")
        cover = blocks.rows(-np.inf, 0.0, len(points), name="counts if reached")
        blocks.entries(cover, points, missing.astype(np.float64))
        blocks.csr_entries(cover, sparse.csr_array(floor.matrix[soft]), sites, -1.0)
        weights = floor.weights[soft]
        need = float(weights.sum()) - floor.spare
        if hard.any() and need <= 0:
            continue
        _add_sum(blocks, points, weights, need, np.inf, floor.requirement)


def floor_columns(floor: FloorRows, opened: Mask) -> Float:
    """Return the columns that :func:`add_floors` makes of a floor, for a set of open free sites."""
    return floor.covered(opened)[~floor.hard].astype(np.float64)


def solve_kept(
    model: MilpModel,
    sites: Int,
    rules: Sequence[SiteRow],
    floors: Sequence[FloorRows],
    control: Control,
    start: Float | None = None,
    **options: Any,
) -> MilpAnswer:
    """Solve a program whose plans are checked against rules and floors as they were given.

    HiGHS takes a column for whole, and a row for met, up to a millionth: with weights a million times apart a plan may
    pass that lacks a point. Such a set of sites is cut off, and the rest solved again.

    Parameters
    ----------
    model : MilpModel
        The program.
    sites : numpy.ndarray of int64
        Its columns of the free sites.
    rules, floors
        What the free sites must keep.
    control, start, **options
        As :func:`~geoplan.siting.milp.solve_milp` takes them.

    Returns
    -------
    MilpAnswer
        An answer whose plan keeps rules and floors.
    """
    while True:
        answer = solve_milp(model, control, start, **options)
        if answer.x is None:
            return answer
        chosen = answer.x[sites] > 0.5
        if all(row.kept(chosen) for row in rules):
            if all(floor.kept(chosen) for floor in floors):
                return answer
            # Fewer sites cover no more: a plan has one of the others.
            model = model.with_row(sites[~chosen], np.ones(int((~chosen).sum())), 1.0)
        else:
            values = np.where(chosen, -1.0, 1.0)
            model = model.with_row(sites, values, 1.0 - float(chosen.sum()))
        if answer.status != "optimal":
            return MilpAnswer("no_solution_found", None, None, answer.bound)
        start = None


def _sides(lower: float, upper: float) -> list[tuple[float, float]]:
    """Return the sides of a row that say something, each with the other one open."""
    sides = [(lower, np.inf)] if np.isfinite(lower) else []
    return [*sides, (-np.inf, upper)] if np.isfinite(upper) or not sides else sides


def _add_sum(blocks: Blocks, columns: Int, values: Float, lower: float, upper: float, requirement: Fault) -> None:
    """Add one row over columns that are 0 or 1 in every plan; where values lie far apart, as two rows of digits.

    HiGHS loses plans where one coefficient is a million times another. With values ``h * RADIX + l`` and a limit
    ``H * RADIX + L`` the sum keeps its upper limit if there is a whole carry with ``sum(l) <= L + RADIX * carry`` and
    ``sum(h) + carry <= H``; a lower limit turns both around.
    """
    size = np.abs(values[values != 0])
    most, least = float(size.max(initial=0.0)), float(size.min(initial=np.inf))
    if most <= RADIX * least or lower == upper or (values < 0).any():
        scale = LARGE / most if most > LARGE else 1.0
        blocks.entries(blocks.rows(lower * scale, upper * scale, 1, requirement), columns, values * scale)
        return
    limit = lower if np.isfinite(lower) else upper
    if (values != np.round(values)).any():
        # Counted in parts so fine that rounding them towards the limit loses no plan and lets next to none through.
        part = most / MOST_COUNTED
        values = np.ceil(values / part) if np.isfinite(lower) else np.floor(values / part)
        limit = np.floor(limit / part) if np.isfinite(lower) else np.ceil(limit / part)
    high, low = np.floor(values / RADIX), values % RADIX
    limit_high, limit_low = float(np.floor(limit / RADIX)), float(limit % RADIX)
    most_carried = float(np.ceil(low.sum() / RADIX)) + 1.0
    carry = blocks.columns(np.zeros(1), upper=most_carried, integer=True, name="carry")
    if np.isfinite(lower):  # the carry may be one less than nothing: it is counted from there
        bounds = np.array([[limit_high + 1.0, np.inf], [limit_low - RADIX, np.inf]])
    else:
        bounds = np.array([[-np.inf, limit_high], [-np.inf, limit_low]])
    rows = blocks.rows(bounds[:, 0], bounds[:, 1], 2, requirement)
    blocks.entries(rows[0], columns, high)
    blocks.entries(rows[1], columns, low)
    blocks.entries(rows, np.repeat(carry, 2), np.array([1.0, -RADIX]))


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
