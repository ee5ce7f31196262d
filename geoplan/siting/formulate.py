"""Every model with every rule as one mixed-integer program: the reference that all else is held against.

Nothing is merged, settled or reduced here: a column for every site, a row for every demand point. The fast paths of
the models are accelerators of these programs; the tests solve both. The mathematics stands in ``docs/siting.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.control import Control
from geoplan.siting.cover import reach
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows, solve_kept
from geoplan.siting.exact import counted
from geoplan.siting.floors import FloorRows, floor_row
from geoplan.siting.milp import MilpModel
from geoplan.siting.presolve import Found, Settled
from geoplan.siting.question import MODELS
from geoplan.siting.rules import EVERYONE, Floor, SiteRow
from geoplan.siting.site_rows import site_rows

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["Formulation", "formulate", "solve_formulation", "whole_objective"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

NO_PAIRS: Final = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Formulation:
    """A question as a program in data.

    Parameters
    ----------
    model : MilpModel
        Matrix, bounds, integrality and direction. The first columns are the sites, in the problem's order.
    n_sites : int
        Number of sites.
    rules : tuple of SiteRow
        The linear rules over the sites that are among its rows.
    floors : tuple of FloorRows
        The coverage floors that are among its rows.
    point, site, share : numpy.ndarray of int64
        Demand point, site and column of each pair that may serve; empty where nobody is allocated.
    row_blocks, column_blocks : tuple of (str, int)
        What each stretch of rows, and of columns, states, and how many they are.
    """

    model: MilpModel
    n_sites: int
    rules: tuple[SiteRow, ...]
    floors: tuple[FloorRows, ...]
    point: Int
    site: Int
    share: Int
    row_blocks: tuple[tuple[str, int], ...]
    column_blocks: tuple[tuple[str, int], ...]

    @property
    def row_names(self) -> tuple[str, ...]:
        """Name of every row, e.g. ``served[7]``."""
        return tuple(f"{name}[{k}]" for name, size in self.row_blocks for k in range(size))

    @property
    def column_names(self) -> tuple[str, ...]:
        """Name of every column, e.g. ``open[3]``."""
        return tuple(f"{name}[{k}]" for name, size in self.column_blocks for k in range(size))


def formulate(problem: ProblemData, question: Question) -> Formulation:
    """Return the reference program of a question.

    Parameters
    ----------
    problem : ProblemData
        The problem.
    question : Question
        Model and parameters, checked.

    Returns
    -------
    Formulation
        The program, whose optimum is the question's.
    """
    blocks = Blocks()
    new = ~problem.existing
    fixed_cost = np.where(new, _opening_cost(problem, question), 0.0)
    sites = blocks.columns(fixed_cost, integer=True, name="open")
    rules = site_rows(problem, question)
    add_site_rows(blocks, rules, sites)
    floors = _floors(problem, question)
    add_floors(blocks, floors, sites)
    pairs = WRITERS[question.model](blocks, sites, problem, question)
    model = blocks.model(maximise=MODELS[question.model].maximise)
    model.lower[sites[problem.existing | problem.required]] = 1.0
    model.upper[sites[problem.forbidden]] = 0.0
    return Formulation(model, len(sites), rules, floors, *pairs, tuple(blocks.row_blocks), tuple(blocks.column_blocks))


def solve_formulation(problem: ProblemData, question: Question, control: Control, seed: int) -> Found:
    """Solve a question by its reference program alone.

    Parameters
    ----------
    problem, question, control, seed
        As every solver takes them.

    Returns
    -------
    Found
        The best new sites, the bound, and who serves whom where that is decided.
    """
    program = formulate(problem, question)
    sites = np.arange(program.n_sites)
    answer = solve_kept(program.model, sites, program.rules, program.floors, control, seed=seed)
    if answer.x is None:
        return Found(None, None, answer.bound, infeasible=answer.status == "infeasible")
    opened = answer.x[sites] > 0.5
    allocation = None
    if question.model in ("cmclp", "cpmedian", "cflp"):
        shares = answer.x[program.share]
        shares = np.round(shares) if question.single_source else np.where(shares > 1e-9, np.minimum(shares, 1.0), 0.0)
        kept = (shares > 0) & opened[program.site]
        triplets = (shares[kept], (program.point[kept], program.site[kept]))
        allocation = sparse.csr_array(triplets, shape=problem.shape)
    return Found(np.flatnonzero(opened & ~problem.existing), answer.objective, answer.bound, allocation=allocation)


def whole_objective(problem: ProblemData, question: Question) -> bool:
    """Return whether every plan's objective is a whole number, so that a bound on it may be rounded.

    Parameters
    ----------
    problem, question
        The question, counted in whole numbers where it can be.
    """
    if question.model in ("lscp", "pscp"):
        return not question.by_cost or _whole(problem.site_cost)
    plain = not question.decay and question.open_probability in (None, 1.0)
    return question.model in ("mclp", "bacop1") and plain and _whole(problem.demand)


def _whole(values: Float) -> bool:
    count = counted(values)
    return count.exact and count.per_unit == 1


def _opening_cost(problem: ProblemData, question: Question) -> Float:
    if question.model in ("lscp", "pscp"):
        return problem.site_cost if question.by_cost else np.ones(problem.shape[1])
    return problem.site_cost if question.model == "cflp" else np.zeros(problem.shape[1])


def _floors(problem: ProblemData, question: Question) -> tuple[FloorRows, ...]:
    """Return the problem's floors, and what a set covering asks, over all sites."""
    if question.radius is None:
        return ()
    floors = problem.floors
    if question.model == "pscp":
        assert question.share is not None
        floors = (*floors, Floor(EVERYONE, problem.demand, question.share, question.cover_times))
    if question.model in ("lscp", "bacop1"):
        floors = (*floors, Floor(EVERYONE, np.ones(problem.shape[0]), 1.0, question.cover_times))
    if not floors:
        return ()
    n_sites = problem.shape[1]
    nothing = Settled(np.zeros(n_sites, dtype=bool), np.arange(n_sites), (), None, None, problem.site_cost)
    matrix = reach(problem.cost, question.radius)
    return tuple(row for floor in floors if (row := floor_row(floor, matrix, nothing)) is not None)


Pairs = tuple[Int, Int, Int]
Writer = Callable[[Blocks, Int, "ProblemData", "Question"], Pairs]


def _no_more(blocks: Blocks, sites: Int, problem: ProblemData, question: Question) -> Pairs:
    """Add nothing: what a set covering asks is a floor."""
    del blocks, sites, problem, question
    return NO_PAIRS, NO_PAIRS, NO_PAIRS


def _covered(
    blocks: Blocks, sites: Int, matrix: sparse.csr_array, gain: Float, times: int = 1, already: float = 0.0
) -> Int:
    """Add a column per point that counts once ``times`` open sites reach it beyond ``already``."""
    points = blocks.columns(gain, integer=times > 1, name="covered")
    rows = blocks.rows(-np.inf, -already, len(points), name="covered if reached")
    blocks.entries(rows, points, float(times))
    blocks.csr_entries(rows, matrix, sites, -1.0)
    return points


def _mclp(blocks: Blocks, sites: Int, problem: ProblemData, question: Question) -> Pairs:
    """Maximal covering: plain, several times, gradual or expected."""
    if question.decay:
        shares = np.array([share for _, share in question.decay])
        for (limit, _), fall in zip(question.decay, shares - np.append(shares[1:], 0.0), strict=True):
            _covered(blocks, sites, reach(problem.cost, limit), problem.demand * fall)
        return NO_PAIRS, NO_PAIRS, NO_PAIRS
    assert question.radius is not None
    matrix = reach(problem.cost, question.radius)
    if question.open_probability is None:
        _covered(blocks, sites, matrix, problem.demand, question.cover_times)
        return NO_PAIRS, NO_PAIRS, NO_PAIRS
    rows = blocks.rows(-np.inf, 0.0, problem.shape[0], name="levels if reached")
    blocks.csr_entries(rows, matrix, sites, -1.0)
    for level in range(int(np.diff(matrix.indptr).max(initial=0))):
        chance = question.open_probability * (1.0 - question.open_probability) ** level
        blocks.entries(rows, blocks.columns(problem.demand * chance, name=f"level {level + 1}"), 1.0)
    return NO_PAIRS, NO_PAIRS, NO_PAIRS


def _bacop1(blocks: Blocks, sites: Int, problem: ProblemData, question: Question) -> Pairs:
    """Second coverage where everyone is covered once, which a floor asks."""
    assert question.radius is not None
    _covered(blocks, sites, reach(problem.cost, question.radius), problem.demand, already=1.0)
    return NO_PAIRS, NO_PAIRS, NO_PAIRS


def _bacop2(blocks: Blocks, sites: Int, problem: ProblemData, question: Question) -> Pairs:
    """First and second coverage weighed."""
    assert question.radius is not None
    matrix, backup = reach(problem.cost, question.radius), question.backup_weight
    once = blocks.columns((1.0 - backup) * problem.demand, name="once")
    twice = blocks.columns(backup * problem.demand, integer=True, name="twice")
    order = blocks.rows(-np.inf, 0.0, len(once), name="twice if once")
    blocks.entries(order, twice, 1.0)
    blocks.entries(order, once, -1.0)
    reached = blocks.rows(-np.inf, 0.0, len(once), name="covered if reached")
    blocks.entries(reached, once, 1.0)
    blocks.entries(reached, twice, 1.0)
    blocks.csr_entries(reached, matrix, sites, -1.0)
    return NO_PAIRS, NO_PAIRS, NO_PAIRS


def _shares(blocks: Blocks, sites: Int, problem: ProblemData, question: Question) -> tuple[Pairs, Float]:
    """Add a column per pair that may serve, its rows, and the capacities; return the pairs and their costs."""
    covering, center = question.model == "cmclp", question.model == "pcenter"
    limit = question.radius if covering else question.distance_cap
    point, site, cost = _pairs(problem, np.inf if limit is None else limit)
    load = problem.demand[point]
    worth = load if covering else np.zeros(len(point)) if center else load * cost
    capacitated = question.model in ("cmclp", "cpmedian", "cflp")
    share = blocks.columns(worth, integer=capacitated and question.single_source, name="served")
    served = blocks.rows(-np.inf if covering else 1.0, 1.0, problem.shape[0], name="served")
    blocks.entries(served[point], share, 1.0)
    open_only = blocks.rows(-np.inf, 0.0, len(share), name="served if open")
    blocks.entries(open_only, share, 1.0)
    blocks.entries(open_only, sites[site], -1.0)
    if capacitated and problem.capacity is not None:
        room = blocks.rows(-np.inf, 0.0, problem.shape[1], name="capacity")
        blocks.entries(room[site], share, load)
        blocks.entries(room, sites, -problem.capacity)
    return (point, site, share), cost


def _served(blocks: Blocks, sites: Int, problem: ProblemData, question: Question) -> Pairs:
    """Everyone (or as many as possible) served, within capacities where the model has them."""
    return _shares(blocks, sites, problem, question)[0]


def _pcenter(blocks: Blocks, sites: Int, problem: ProblemData, question: Question) -> Pairs:
    """Everyone served, and the largest cost as a column of its own."""
    (point, site, share), cost = _shares(blocks, sites, problem, question)
    cost = cost * problem.demand[point] if question.weighted else cost
    largest = blocks.columns(np.ones(1), upper=float(cost.max(initial=0.0)), name="largest cost")
    rows = blocks.rows(-np.inf, 0.0, problem.shape[0], name="at most the largest")
    blocks.entries(rows[point], share, cost)
    blocks.entries(rows, np.broadcast_to(largest, len(rows)), -1.0)
    return point, site, share


def _pairs(problem: ProblemData, limit: float) -> tuple[Int, Int, Float]:
    """Return demand point, site and cost of every pair that is reachable within a limit."""
    if isinstance(problem.cost, np.ndarray):
        point, site = np.nonzero(np.isfinite(problem.cost) & (problem.cost <= limit))
        return point.astype(np.int64), site.astype(np.int64), problem.cost[point, site].astype(np.float64)
    point = np.repeat(np.arange(problem.shape[0]), np.diff(problem.cost.indptr))
    kept = problem.cost.data <= limit
    return point[kept], problem.cost.indices[kept].astype(np.int64), problem.cost.data[kept].astype(np.float64)


WRITERS: Final[dict[str, Writer]] = {
    "mclp": _mclp,
    "lscp": _no_more,
    "pscp": _no_more,
    "bacop1": _bacop1,
    "bacop2": _bacop2,
    "pmedian": _served,
    "pcenter": _pcenter,
    "cmclp": _served,
    "cpmedian": _served,
    "cflp": _served,
}
