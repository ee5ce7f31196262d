"""The p-center: the largest cost to the nearest open site as small as possible, by search over the distinct costs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.control import Control
from geoplan.siting.cover import CoverRows, from_reach, merge, reach
from geoplan.siting.cover_milp import Blocks, add_floors, add_site_rows, solve_kept
from geoplan.siting.covering.maximise import Limits, best_cover
from geoplan.siting.covering.search import climb, neighbourhood, shake
from geoplan.siting.floors import floor_rows
from geoplan.siting.presolve import Found, opened_by, settle_sites
from geoplan.siting.relaxation.bound import relaxed

if TYPE_CHECKING:
    from geoplan.siting.floors import FloorRows
    from geoplan.siting.presolve import Settled
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["solve_pcenter"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

FEW: Final = 12  # demand points that enter the program at a time
QUICK_ROUNDS: Final = 60  # of shaking at each threshold
RELAX_ROUNDS: Final = 400
SHORT: Final = 1e-3  # of a demand point, by which a relaxation must fall short of everyone
MOST_PAIRS: Final = 5_000_000  # stored pairs up to which the covering of everyone is laid out
LEAST_SLICE_S: Final = 0.5


def solve_pcenter(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Solve the vertex p-center (Hakimi 1964) with a proof.

    A threshold is feasible where p sites cover every demand point within it (Minieka 1970). Each threshold asks for a
    cover of a few demand points only; points that the answer leaves out join until none is left out, or until the few
    alone prove that there is no cover (Chen and Handler 1987). Halving the distinct costs finds the least threshold.

    Parameters
    ----------
    problem, question, control, seed, warm
        As every solver takes them; a warm start is not needed.

    Returns
    -------
    Found
        The best new sites and the proven bound.
    """
    del warm
    settled = settle_sites(problem, question)
    costs = _Reach(problem, question, settled)
    cover = _Cover(settled, floor_rows(problem, settled, question.radius), costs, control, seed)
    chosen = cover.within(np.inf)
    if chosen is None:
        return Found(None, None, None, infeasible=cover.refuted)
    value = costs.value(chosen)
    control.report(best=value)
    thresholds = costs.thresholds
    low, high = 0, int(np.searchsorted(thresholds, value))
    unsure: list[int] = []  # thresholds that the time of one question did not decide
    while low < high and not control.stop():
        control.report(bound=float(thresholds[low]))
        at = _untried(low, high, unsure)
        better = cover.tried(float(thresholds[at]), chosen, high - low)
        if better is not None:
            chosen, value = better, costs.value(better)
            high = int(np.searchsorted(thresholds, value))
            control.report(best=value)
        elif cover.refuted:
            low = at + 1
        else:
            unsure.append(at)
    bound = value if low >= high else float(thresholds[low])
    return Found(opened_by(settled, problem, np.flatnonzero(chosen)), value, bound)


def _untried(low: int, high: int, unsure: list[int]) -> int:
    """Return the threshold to ask about next: the middle of the widest stretch that is neither decided nor unsure."""
    if all(at in unsure for at in range(low, high)):
        unsure.clear()  # ask again, with more of the time that is left
    marks = [low - 1, *sorted(at for at in unsure if low <= at < high), high]
    widest = max(range(len(marks) - 1), key=lambda k: marks[k + 1] - marks[k])
    return (marks[widest] + marks[widest + 1]) // 2


class _Reach:
    """Weighted costs of the free sites, with the best a site open anyway offers."""

    def __init__(self, problem: ProblemData, question: Question, settled: Settled) -> None:
        limit = np.finfo(np.float64).max if question.distance_cap is None else question.distance_cap
        weight = problem.demand if question.weighted else np.ones(problem.shape[0])
        opened = np.flatnonzero(settled.opened)
        self.n_sites = len(settled.free)
        if isinstance(problem.cost, np.ndarray):
            raw = problem.cost.astype(np.float64)
            usable = raw <= limit
            weighted = np.where(usable, np.where(usable, raw, 0.0) * weight[:, None], np.inf)
            self.base = weighted[:, opened].min(axis=1, initial=np.inf)
            self.cost: Float | sparse.csr_array = weighted[:, settled.free]
            values = self.cost[np.isfinite(self.cost)]
        else:
            row = np.repeat(np.arange(problem.shape[0]), np.diff(problem.cost.indptr))
            keep = problem.cost.data <= limit
            row, column = row[keep], problem.cost.indices[keep]
            data = problem.cost.data[keep].astype(np.float64) * weight[row]
            kind = np.full(problem.shape[1], -2, dtype=np.int64)
            kind[opened] = -1
            kind[settled.free] = np.arange(self.n_sites)
            at = kind[column]
            self.base = np.full(problem.shape[0], np.inf)
            np.minimum.at(self.base, row[at == -1], data[at == -1])
            free = at >= 0
            self.cost = sparse.csr_array((data[free], (row[free], at[free])), shape=(problem.shape[0], self.n_sites))
            values = self.cost.data
        least = self._least(np.ones(self.n_sites, dtype=bool))
        floor = float(least.max())
        finite = self.base[np.isfinite(self.base)]
        every = np.unique(np.concatenate((values, finite, [floor])))
        self.thresholds = every[every >= floor]

    def _least(self, chosen: Mask) -> Float:
        columns = np.flatnonzero(chosen)
        if isinstance(self.cost, np.ndarray):
            return np.asarray(np.minimum(self.base, self.cost[:, columns].min(axis=1, initial=np.inf)))
        least: Float = self.base.copy()
        row = np.repeat(np.arange(len(self.base)), np.diff(self.cost.indptr))
        keep = chosen[self.cost.indices]
        np.minimum.at(least, row[keep], self.cost.data[keep])
        return least

    def value(self, chosen: Mask) -> float:
        """Return the largest cost of a demand point when the chosen sites open."""
        return float(self._least(chosen).max())

    def left_out(self, chosen: Mask, threshold: float) -> tuple[Int, Float]:
        """Return the demand points that the chosen sites do not serve within a threshold, and their costs."""
        least = self._least(chosen)
        far = np.flatnonzero(~(least <= threshold) | np.isinf(least))
        return far, least[far]

    def settles(self, point: int, threshold: float) -> bool:
        """Return whether a site that is open anyway serves a demand point within a threshold."""
        return bool(self.base[point] <= threshold and np.isfinite(self.base[point]))

    def relief(self, chosen: Mask) -> int:
        """Return a closed site near the worst served demand point."""
        worst = int(np.argmax(self._least(chosen)))
        near = self.sites_near(worst, np.inf)
        near = near[~chosen[near]]
        if not len(near):
            return int(np.argmin(chosen))
        if isinstance(self.cost, np.ndarray):
            return int(near[np.argmin(self.cost[worst, near])])
        part = slice(self.cost.indptr[worst], self.cost.indptr[worst + 1])
        cost_of = dict(zip(self.cost.indices[part].tolist(), self.cost.data[part].tolist(), strict=True))
        return int(min(near.tolist(), key=lambda site: (cost_of[site], site)))

    def rows_within(self, threshold: float) -> CoverRows:
        """Return who is reached within a threshold, one unit for each demand point that no open site serves anyway."""
        matrix = reach(self.cost, threshold)
        left = ~(self.base <= threshold) | np.isinf(self.base)
        matrix = sparse.csr_array(matrix[left])
        return from_reach(matrix, np.ones((1, matrix.shape[0])))

    def sites_near(self, point: int, threshold: float) -> Int:
        """Return the free sites that serve a demand point within a threshold."""
        if isinstance(self.cost, np.ndarray):
            row = self.cost[point]
            return np.flatnonzero((row <= threshold) & np.isfinite(row))
        part = slice(self.cost.indptr[point], self.cost.indptr[point + 1])
        return np.sort(self.cost.indices[part][self.cost.data[part] <= threshold]).astype(np.int64)


class _Cover:
    """Covers of ever more demand points within a threshold; the points asked for are kept from one to the next."""

    def __init__(
        self, settled: Settled, floors: tuple[FloorRows, ...], costs: _Reach, control: Control, seed: int
    ) -> None:
        self.settled, self.floors, self.costs, self.control, self.seed = settled, floors, costs, control, seed
        self.points: list[int] = []
        self.refuted = False

    def tried(self, threshold: float, plan: Mask, choices: int) -> Mask | None:
        """Ask whether a threshold can be kept: quickly, then by a program, then by search; None where it was not met.

        Parameters
        ----------
        threshold : float
            The largest cost allowed.
        plan : numpy.ndarray of bool
            The best plan known.
        choices : int
            Thresholds left: the fewer, the more of the time this one may take.
        """
        slice_s = self.control.remaining_s
        if math.isfinite(slice_s) and choices > 1:
            slice_s = max(LEAST_SLICE_S, slice_s / (1.5 + math.log2(choices + 1)))
        if not self.settled.p or self.floors:
            return self.within(threshold, slice_s)
        rows = self.costs.rows_within(threshold)
        self.refuted = bool((np.diff(rows.row_ptr) == 0).any())
        if self.refuted or len(rows.row_cols) > MOST_PAIRS:
            return None if self.refuted else self.within(threshold, slice_s)
        rows, _ = merge(rows)
        found = self._quick(rows, plan)
        if found is not None or self.refuted:
            return found
        found = self.within(threshold, 0.5 * slice_s)
        if found is not None or self.refuted:
            return found
        return self._searched(rows, 0.5 * slice_s)

    def _quick(self, rows: CoverRows, plan: Mask) -> Mask | None:
        """Look for a cover nearby, and for a relaxation that falls short of everyone."""
        assert self.settled.p is not None
        cost, everyone = np.ones(rows.n_columns), float(rows.gains.sum())
        place = neighbourhood(rows, self.settled.rows, cost)
        state = np.array([2 * self.seed + 1], dtype=np.uint64)
        found = climb(place, plan)
        for _ in range(QUICK_ROUNDS // 10):
            if found is None or rows.value(found) >= everyone - 0.5 or self.control.stop():
                break
            shake(place, found, state, 10)
        if found is not None and rows.value(found) >= everyone - 0.5:
            return found
        relaxation = relaxed(rows, cost, float(self.settled.p), cutoff=everyone - SHORT, rounds=RELAX_ROUNDS)
        self.refuted = relaxation.bound < everyone - SHORT
        return None

    def _searched(self, rows: CoverRows, limit_s: float) -> Mask | None:
        """Ask the maximal covering of as many sites whether it covers everyone."""
        everyone = float(rows.gains.sum())
        cost = np.ones(rows.n_columns)
        limits = Limits(self.settled.rows, (), self.settled.p, cost, None)
        inner = Control(
            limit_s if math.isfinite(limit_s) else None,
            cancel=lambda: self.control.stop() or (inner.best is not None and inner.best >= everyone - 0.5),
        )
        inner.compilations = self.control.compilations
        answer = best_cover(rows, limits, inner, self.seed, aim=everyone - 0.5)
        if answer.opened is not None and answer.objective is not None and answer.objective >= everyone - 0.5:
            return answer.opened
        self.refuted = answer.infeasible or (answer.bound is not None and answer.bound < everyone - 0.5)
        return None

    def within(self, threshold: float, limit_s: float = math.inf) -> Mask | None:
        """Return sites that serve every demand point within a threshold, or None; ``refuted`` says if none exist."""
        self.refuted = False
        limit_s = min(limit_s, self.control.remaining_s)
        # A control of its own: what HiGHS reports here is not the objective of the question.
        quiet = Control(limit_s if math.isfinite(limit_s) else None, cancel=self.control.stop, maximise=False)
        while not quiet.stop():
            chosen = self._solve(threshold, quiet)
            if chosen is None:
                return None
            far, cost = self.costs.left_out(chosen, threshold)
            if not len(far):
                return chosen
            self._take(far, cost)
        return None

    @property
    def _plain(self) -> bool:
        """Whether the number of sites is the only linear rule."""
        return self.settled.p is not None and len(self.settled.rows) == 1

    def _take(self, far: Int, cost: Float) -> None:
        """Ask for the farthest of the points left out, and some spread over the others."""
        order = np.lexsort((far, -cost))
        spread = np.unique(np.linspace(0, len(far) - 1, min(FEW, len(far))).astype(np.int64))
        self.points.extend(int(point) for point in far[order[spread]])

    def _solve(self, threshold: float, quiet: Control) -> Mask | None:
        blocks = Blocks()
        sites = blocks.columns(np.zeros(self.costs.n_sites), integer=True)
        asked = [point for point in self.points if not self.costs.settles(point, threshold)]
        near = [self.costs.sites_near(point, threshold) for point in asked]
        if any(not len(columns) for columns in near):
            self.refuted = True
            return None
        rows = blocks.rows(1.0, np.inf, len(near))
        if near:
            blocks.entries(np.repeat(rows, [len(columns) for columns in near]), sites[np.concatenate(near)], 1.0)
        rules = self.settled.rows
        if self._plain:
            # Fewer sites than asked may do: HiGHS can then drop every site that another one outdoes.
            rules = tuple(replace(rule, lower=-np.inf) for rule in rules)
        add_site_rows(blocks, rules, sites)
        add_floors(blocks, self.floors, sites)
        answer = solve_kept(blocks.model(maximise=False), sites, rules, self.floors, quiet, seed=self.seed)
        if answer.x is None:
            self.refuted = answer.status == "infeasible"
            return None
        chosen = answer.x[: len(sites)] > 0.5
        return self._filled(chosen) if self._plain else chosen

    def _filled(self, chosen: Mask) -> Mask:
        """Return exactly as many sites as asked: those to spare go next to the worst served points."""
        assert self.settled.p is not None
        while chosen.sum() < self.settled.p:
            chosen[self.costs.relief(chosen)] = True
        return chosen
