"""Cross coverage: most demand that at least ``cover_times`` open sites reach."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows, from_reach, merge, reach, select_columns
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows
from geoplan.siting.covering.cross.kernels import anneal_levels, count_open
from geoplan.siting.covering.search import Neighbourhood, climb, neighbourhood
from geoplan.siting.floors import floor_rows
from geoplan.siting.milp import solve_milp
from geoplan.siting.relaxation.bound import relaxed
from geoplan.siting.settled import Found, Settled, opened_by, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["solve_cross"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PARTS: Final = 20  # looks at the clock
MOVES: Final = 2_000_000
MOVES_PER_SITE: Final = 4_000
LOOKS: Final = 2e9  # rows looked at by each walk, in all
LEANS: Final = (0.9, 0.0)  # how far each walk begins by following the even gains
HOT: Final = 0.05  # temperatures as shares of what a site reaches on average
COLD: Final = 0.003
FAR: Final = 0.02  # chance of an exchange with any site at all


def solve_cross(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Maximise the demand that at least ``cover_times`` open sites reach.

    The gain of the last site needed exceeds that of the ones before it, so this is no covering by falling gains. Were
    the gain of a point spread evenly over the sites it misses, it would be one: that gives a first plan, the direction
    for two walks of simulated annealing, and a bound. HiGHS then takes ``missing * covered <= sum of open sites``.
    """
    del warm
    assert question.radius is not None
    settled = settle_sites(problem, question)
    matrix = reach(problem.cost, question.radius)
    already = matrix @ settled.opened.astype(np.int64)
    missing = np.maximum(question.cover_times - already, 0)
    inner = select_columns(matrix, np.ones(problem.shape[0], dtype=bool), settled.free)
    able = (missing > 0) & (np.diff(inner.indptr) >= missing) & (problem.demand > 0)
    base = float(problem.demand[missing == 0].sum())
    # one level of gains for each number of sites missed: merged points miss the same and are reached by the same
    weights = np.where(missing[able] == 1 + np.arange(question.cover_times)[:, None], problem.demand[able], 0.0)
    rows, _ = merge(from_reach(inner[able], weights))
    even, true = _gains(rows, even=True), _gains(rows, even=False)
    floors = floor_rows(problem, settled, question.radius)
    start, bound = _start(even, true, settled, control, seed) if rows.n_rows else (None, np.inf)
    if start is not None:
        control.report(best=base + true.value(start), bound=base + bound)

    blocks = Blocks()
    sites = blocks.columns(np.zeros(len(settled.free)), integer=True)
    columns = []
    for missed, weight in enumerate(rows.gains, start=1):
        some = np.flatnonzero(weight)
        points = blocks.columns(weight[some], integer=True)
        cover = blocks.rows(-np.inf, 0.0, len(points))
        blocks.entries(cover, points, float(missed))
        blocks.csr_entries(cover, rows.matrix[some], sites, -1.0)
        columns.append((missed, rows.matrix[some]))
    add_site_rows(blocks, settled.rows, sites)
    add_floors(blocks, floors, sites)
    model = blocks.model(maximise=True, offset=base)
    first = None
    if start is not None and not floors:
        covered = [(points @ start.astype(np.int64)) >= missed for missed, points in columns]
        first = np.concatenate((start, *covered)).astype(np.float64)
    answer = solve_milp(model, control, first, seed=seed)
    if answer.x is None:
        return Found(None, None, answer.bound, infeasible=answer.status == "infeasible")
    known = base + bound if answer.bound is None else min(answer.bound, base + bound)
    chosen = np.flatnonzero(answer.x[sites] > 0.5)
    return Found(opened_by(settled, problem, chosen), answer.objective, known)


def _gains(rows: CoverRows, *, even: bool) -> CoverRows:
    """Return the rows with what each further open site earns: all with the last one missed, or the same with each."""
    gains = np.zeros_like(rows.gains)
    for missed, weight in enumerate(rows.gains, start=1):
        if even:
            gains[:missed] += weight / missed
        else:
            gains[missed - 1] += weight
    return CoverRows(rows.row_ptr, rows.row_cols, np.ascontiguousarray(gains), rows.n_columns)


def _start(
    even: CoverRows, true: CoverRows, settled: Settled, control: Control, seed: int
) -> tuple[Mask | None, float]:
    """Return a good plan, where local search meets one, and a bound."""
    cost = np.ones(even.n_columns)
    place = neighbourhood(even, settled.rows, cost)
    plan = climb(place, np.zeros(even.n_columns, dtype=bool))
    bound = np.inf
    if settled.p is not None:
        bound = relaxed(even, cost, float(settled.p), rounds=1000, tolerance=0.01).bound
    if plan is None or plan.all() or not plan.any():
        return plan, bound
    return _walked(place, even, true, plan, control, seed), bound


def _walked(place: Neighbourhood, even: CoverRows, true: CoverRows, plan: Mask, control: Control, seed: int) -> Mask:
    """Return the best plan of as many sites that annealing meets."""
    layout = place.layout
    rule_ptr, rule_ids, rule_values, _, upper = place.rules
    most = min(MOVES, MOVES_PER_SITE * true.n_columns, LOOKS * true.n_columns / len(true.row_cols))
    moves = max(1, int(most / PARTS))
    reached = np.repeat(even.gains.sum(axis=0), np.diff(even.row_ptr)).sum() / even.n_columns
    heats = reached * np.geomspace(HOT, COLD, PARTS + 1)

    def walk(number: int) -> tuple[float, Mask]:
        chosen, is_open, best = np.flatnonzero(plan), plan.copy(), plan.copy()
        count, use = np.zeros(true.n_rows, dtype=np.int32), np.zeros(len(upper))
        held = np.repeat(plan, np.diff(rule_ptr))
        np.add.at(use, rule_ids[held], rule_values[held])
        value = count_open(layout[2], layout[3], true.gains, chosen, count)
        level = np.array([value, value])
        state = np.array([2 * (len(LEANS) * seed + number) + 1], dtype=np.uint64)
        for part in range(PARTS):
            if control.stop():
                break
            lean = LEANS[number] * (1.0 - part / PARTS)
            anneal_levels(
                *layout, true.gains, even.gains, *place.rules, heats[part], heats[part + 1], lean, moves, FAR, chosen,
                is_open, count, use, level, best, state,
            )  # fmt: skip
        return float(level[1]), best

    with ThreadPoolExecutor(len(LEANS)) as pool:
        walks = list(pool.map(walk, range(len(LEANS))))
    return max(walks, key=lambda one: one[0])[1]
