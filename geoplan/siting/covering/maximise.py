"""The best cover under rules: a good plan first, then a bound, then only what the bound leaves open.

1. Greedy start, interchange and shaking find a plan.
2. The linear relaxation bounds every plan and settles most sites by reduced cost.
3. What is left goes to the tree search, with annealing in between where the tree does not close soon, or to HiGHS
   where rules go beyond one budget.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geoplan.errors import Fault
from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows, settle
from geoplan.siting.cover_milp import cover_milp, floor_columns, solve_kept
from geoplan.siting.covering.annealing import LOOKS, annealed
from geoplan.siting.covering.branch import branch
from geoplan.siting.covering.floored import floored_plan
from geoplan.siting.covering.search import Neighbourhood, climb, neighbourhood, shake
from geoplan.siting.exact import MOST_COUNTED, PROOF_GAP, ROW_SLACK, least_step
from geoplan.siting.floors import FloorRows
from geoplan.siting.relaxation.bound import Relaxation, relaxed, settled_by
from geoplan.siting.rules import SiteRow

__all__ = ["Cover", "Limits", "best_cover"]

Float = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FIRST_ROUNDS = 200  # of shaking before the first bound
MORE_ROUNDS = 1500  # of shaking where the first bound leaves a gap
ROOT_ROUNDS = 3000
# Trees and walks by turns, each longer than the one before: most questions end in the first tree or after a short
# walk, and one that does not has lost little. Rows that each walk looks at; stored pairs x nodes of the tree after it.
TURNS: Final = ((0.0, 2e7), (5e7, 4e7), (LOOKS, math.inf))
WIDE: Final = 5e-3  # relative gap after shaking above which the first trees are left out: they would not end
FEWEST_NODES: Final = 25  # of a tree
TREE_SHARE: Final = 0.4  # of the time left that a tree may take where a walk is to come after it
WALK_SHARE = 0.7  # of the time left that annealing may take
SMALL_PAIRS = 30_000  # stored pairs up to which HiGHS finishes what the tree leaves after SMALL_NODES nodes
SMALL_NODES = 150
WORK_PER_CHUNK = 100_000_000  # stored pairs x iterations between two looks at the clock


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What a cover must keep, over the free columns.

    Parameters
    ----------
    rules : sequence of SiteRow
        Every linear rule, the number of sites and the budget among them.
    floors : sequence of FloorRows
        Coverage floors.
    p : int or None
        Number of columns to open.
    cost : numpy.ndarray of float64
        Cost of each column.
    budget : float or None
        Limit of the summed costs.
    """

    rules: Sequence[SiteRow]
    floors: Sequence[FloorRows]
    p: int | None
    cost: Float
    budget: float | None

    @property
    def single(self) -> bool:
        """Whether the number of sites, or the budget, is the only rule."""
        return len(self.rules) == 1 and not self.floors and (self.p is not None or self.budget is not None)

    def resource(self) -> tuple[Float, float]:
        """Return the scarcest resource: what each column takes of it and how much there is."""
        if self.p is not None:
            return np.ones(len(self.cost)), float(self.p)
        if self.budget is not None:
            return self.cost, self.budget
        return np.zeros(len(self.cost)), 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """The best cover found: open columns, gain, proven bound; or the proof that none exists."""

    opened: Mask | None
    objective: float | None
    bound: float | None
    infeasible: bool = False


def best_cover(
    rows: CoverRows,
    limits: Limits,
    control: Control,
    seed: int,
    start: Mask | None = None,
    aim: float = -np.inf,
) -> Cover:
    """Return the best cover with its bound.

    Parameters
    ----------
    rows : CoverRows
        The problem over the free columns.
    limits : Limits
        What a plan must keep.
    control : Control
        Clock.
    seed : int
        Seed of the local search.
    start : numpy.ndarray of bool, optional
        Columns of an earlier plan; what the rules forbid of it is dropped.
    aim : float
        A plan that gains less is of no use: once that is proven the search ends, with a bound below ``aim``.

    Returns
    -------
    Cover
        The plan found when the proof, or the time, was complete.
    """
    cost, budget = limits.resource()
    place = neighbourhood(rows, limits.rules, np.where(cost > 0, cost, 1.0) if limits.p is None else cost)
    step = _step(rows)
    state = np.array([seed * 2 + 1], dtype=np.uint64)
    if limits.floors:
        opened = floored_plan(rows, limits.rules, limits.floors, place.price, control, seed)
    else:
        opened = _first_plan(place, start, state, control)
    objective = -np.inf if opened is None else rows.value(opened)
    control.report(best=objective)
    root = _root(rows, cost, budget, _worth(objective, step, aim), control)
    control.report(bound=root.bound)
    bound = root.bound
    if bound < _worth(objective, step, aim):
        return Cover(opened, None if opened is None else objective, bound if objective < aim else objective)
    if opened is not None and not limits.floors:
        for _ in range(MORE_ROUNDS // 50):
            if control.stop():
                break
            shake(place, opened, state, 50)
        objective = rows.value(opened)
        control.report(best=objective)
        if bound < _worth(objective, step, aim):
            return Cover(opened, objective, bound if objective < aim else objective)
    undecided = np.full(rows.n_columns, -1, dtype=np.int8)
    fixed = settled_by(root, cost, _worth(objective, step, aim), undecided) if opened is not None else undecided
    if control.stop():
        return Cover(opened, None if opened is None else objective, bound)
    if limits.single:
        large = len(rows.row_cols) > SMALL_PAIRS
        anneals = large and limits.p is not None and len(rows.gains) == 1 and opened is not None
        wide = bound - objective > WIDE * objective
        for looks, work in (TURNS[-1:] if wide else TURNS) if anneals else ((0.0, math.inf),):
            if looks:
                assert opened is not None
                seconds = WALK_SHARE * control.remaining_s
                walked = climb(place, annealed(rows, opened, seed, control.stop, looks=looks, seconds=seconds))
                assert walked is not None
                opened, objective = walked, rows.value(walked)
                control.report(best=objective)
                fixed = settled_by(root, cost, _worth(objective, step, aim), undecided)
            most = None if work == math.inf else max(FEWEST_NODES, int(work / len(rows.row_cols)))
            until = time.perf_counter() + (1.0 if most is None else TREE_SHARE) * control.remaining_s
            opened, objective, found = _search(
                place, rows, cost, budget, fixed, opened, objective, step, control, aim, most, until
            )
            bound = max(objective, min(bound, found))
            if bound < _worth(objective, step, aim) or control.stop():
                break
        if bound < _worth(objective, step, aim) or large or control.stop():
            return Cover(opened, objective, bound)
    return _program(rows, limits, fixed, opened, objective, bound, control, seed)


def _step(rows: CoverRows) -> float:
    """Least difference of two gains that counts: just under 1 for whole gains, else a tenth of the proof's slack."""
    total = abs(rows.base) + float(rows.gains.sum())
    return least_step(total) if rows.whole and total <= MOST_COUNTED else max(0.1 * PROOF_GAP * total, 1e-12)


def _worth(objective: float, step: float, aim: float) -> float:
    """Return the least gain worth looking for: the aim, and once that is reached what counts as better."""
    return aim if objective < aim else objective + step


def _first_plan(
    place: Neighbourhood, start: Mask | None, state: npt.NDArray[np.uint64], control: Control
) -> Mask | None:
    empty = np.zeros(place.rows.n_columns, dtype=bool)
    plans = [climb(place, empty)]
    if start is not None and _within(place, start):
        plans.append(climb(place, start))
    found = [plan for plan in plans if plan is not None]
    if not found:
        return None
    best = max(found, key=place.rows.value)
    for _ in range(FIRST_ROUNDS // 20):
        if control.stop():
            break
        shake(place, best, state, 20)
    return best


def _within(place: Neighbourhood, opened: Mask) -> bool:
    """Whether a set keeps every upper limit."""
    rule_ptr, rule_ids, rule_values, _, upper = place.rules
    held = np.repeat(opened, np.diff(rule_ptr))
    use = np.bincount(rule_ids[held], weights=rule_values[held], minlength=len(upper))
    return bool((use <= upper + ROW_SLACK).all())


def _root(rows: CoverRows, cost: Float, budget: float, target: float, control: Control) -> Relaxation:
    """Relax the whole problem, looking at the clock now and then."""
    chunk = int(np.clip(WORK_PER_CHUNK // max(1, len(rows.row_cols)), 60, ROOT_ROUNDS))
    best: Relaxation | None = None
    last: Relaxation | None = None
    for _ in range(0, ROOT_ROUNDS, chunk):
        start: dict[str, Any] = {}
        if last is not None:
            start = {"price": last.price, "shares": last.shares, "weight": last.weight}
        last = relaxed(rows, cost, budget, cutoff=target, rounds=chunk, tolerance=0.02, **start)
        if best is None or last.bound < best.bound:
            best = last
            control.report(bound=best.bound)
        near = best.bound - last.value <= 0.02 * (best.bound - target)
        if best.bound < target or near or control.stop():
            break
    assert best is not None
    return best


def _search(
    place: Neighbourhood,
    rows: CoverRows,
    cost: Float,
    budget: float,
    fixed: npt.NDArray[np.int8],
    opened: Mask | None,
    objective: float,
    step: float,
    control: Control,
    aim: float,
    most_nodes: int | None,
    until: float,
) -> tuple[Mask | None, float, float]:
    """Finish a problem with one budget by tree search over the columns that are not settled."""
    free = fixed < 0
    inner, _ = settle(rows, fixed == 1, free)
    left = budget - float(cost[fixed == 1].sum())
    rule = SiteRow(Fault("the budget"), np.arange(inner.n_columns), cost[free], -np.inf, left)
    small = neighbourhood(inner, [rule], np.where(cost[free] > 0, cost[free], 1.0))

    def report(best: float, bound: float) -> None:
        control.report(best, bound)

    most = SMALL_NODES if len(rows.row_cols) <= SMALL_PAIRS else most_nodes
    target = _worth(objective, step, aim) - step  # what the tree may leave unfound

    def stop() -> bool:
        return control.stop() or time.perf_counter() > until

    result = branch(small, cost[free], left, target, step=step, stop=stop, report=report, most_nodes=most)
    if result.opened is not None:
        whole = fixed == 1
        whole[np.flatnonzero(free)[result.opened]] = True
        # Sites settled as closed may be needed to make up the number: they earn nothing, but p is exact.
        filled = climb(place, whole)
        assert filled is not None
        opened, objective = filled, rows.value(filled)
    return opened, objective, max(objective, result.bound)


def _program(
    rows: CoverRows,
    limits: Limits,
    fixed: npt.NDArray[np.int8],
    opened: Mask | None,
    objective: float,
    bound: float,
    control: Control,
    seed: int,
) -> Cover:
    """Finish a problem with several rules by HiGHS; settled columns keep their place, at fixed bounds."""
    blocks, sites = cover_milp(rows, limits.rules, limits.floors)
    model = blocks.model(maximise=True, offset=rows.base)
    model.upper[sites[fixed == 0]] = 0.0
    model.lower[sites[fixed == 1]] = 1.0
    start = None if opened is None else _columns(rows, limits.floors, opened)
    answer = solve_kept(model, sites, limits.rules, limits.floors, control, start, seed=seed)
    if answer.x is not None:
        chosen = answer.x[sites] > 0.5
        if rows.value(chosen) >= objective or opened is None:
            opened, objective = chosen, rows.value(chosen)
    if opened is None:
        known = bound if answer.bound is None else min(bound, answer.bound)
        return Cover(None, None, known, answer.status == "infeasible")
    if answer.status in ("optimal", "infeasible"):
        # What reduced cost settled holds nothing better than the plan known then; HiGHS settled the rest.
        proven = objective if answer.bound is None else max(objective, answer.bound)
        return Cover(opened, objective, proven)
    return Cover(opened, objective, min(bound, max(objective, bound if answer.bound is None else answer.bound)))


def _columns(rows: CoverRows, floors: Sequence[FloorRows], opened: Mask) -> Float:
    """Return the program's columns for a set of sites: the sites, the gains level by level, the floors' points."""
    row = np.repeat(np.arange(rows.n_rows), np.diff(rows.row_ptr))
    count = np.bincount(row[opened[rows.row_cols]], minlength=rows.n_rows)
    earned = [(count > k)[gain > 0] for k, gain in enumerate(rows.gains)]
    return np.concatenate((opened, *earned, *(floor_columns(floor, opened) for floor in floors))).astype(np.float64)
