"""The p-median solved: search, bound, decide, prove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from geoplan.siting.assignment import nearest_open
from geoplan.siting.median.branch import branch
from geoplan.siting.median.dual.benders import relax
from geoplan.siting.median.dual.lagrange import Lagrangean
from geoplan.siting.median.model import MedianModel, median_model
from geoplan.siting.median.residual import finish, finish_s
from geoplan.siting.median.search import LocalSearch
from geoplan.siting.presolve import Found, opened_by, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.control import Control
    from geoplan.siting.presolve import Settled
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["solve_pmedian"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

FINER: Final = 1e-7  # plans that are better by less than this share are not worth looking for
LEAST_LIST: Final = 100
LIST_FACTOR: Final = 20  # near lists hold this many times the sites that fall on one open site
STEPS: Final = 60  # Lagrangean steps between two looks at the clock
MOST_STEPS: Final = 1500
FEW_NODES: Final = 150  # of branch and bound, to see whether it ends soon
MANY_NODES: Final = 20_000
ALL_NODES: Final = 10**9  # as many as the time allows
FEW_SITES: Final = 150  # undecided sites up to which branch and bound beats a program for HiGHS
WHOLE_PAIRS: Final = 8_000_000  # problems up to this size keep whole lists
SHAKES: Final = 12  # rounds of shaking after each look
ROUNDING: Final = 1e-4  # allowance for rounding errors where bounds on whole numbers are rounded up


def solve_pmedian(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Solve the p-median (Hakimi 1964) with a proof.

    Greedy, interchange and shaking give a plan; Lagrangean multipliers a bound; sites that no better plan can use (or
    do without) are decided by reduced costs; Benders cuts and at last HiGHS settle what is left. Near lists are cut
    where the problem is large and grow until the plan found is proven over whole lists.

    Parameters
    ----------
    problem, question, control, seed, warm
        As every solver takes them.

    Returns
    -------
    Found
        The best new sites and the proven bound.
    """
    settled = settle_sites(problem, question)
    n_open = int(settled.opened.sum()) + (settled.p or _affordable(settled))
    length = LEAST_LIST + LIST_FACTOR * (1 + len(settled.free) // max(n_open, 1))
    if problem.shape[0] * len(settled.free) <= WHOLE_PAIRS:
        length = len(settled.free)
    best = Incumbent(problem, question, settled, control)
    while True:
        model = median_model(problem, question, settled, min(length, max(len(settled.free), 1)))
        work = _Work(model, best, control, seed)
        work.run(None if warm is None else np.isin(settled.free, warm))
        if work.over(model.near.complete) or control.stop():
            return best.found(work.bound)
        length *= 4


def _affordable(settled: Settled) -> int:
    if settled.budget is None or not len(settled.free):
        return 0
    price = float(np.median(settled.price[settled.free]))
    return int(min(len(settled.free), max(settled.budget, 0.0) / price)) if price > 0 else len(settled.free)


class _Work:
    """One attempt at the proof over near lists of one length.

    Parameters
    ----------
    model : MedianModel
        The model.
    best : Incumbent
        The best plan so far.
    control : Control
        Deadline, cancellation, progress.
    seed : int
        Seed of the shaking and of HiGHS.
    """

    def __init__(self, model: MedianModel, best: Incumbent, control: Control, seed: int) -> None:
        self.model, self.whole_model, self.best, self.control, self.seed = model, model, best, control, seed
        self.whole = model.near.whole
        self.search = LocalSearch(model, seed)
        self.bound = -np.inf
        self.rest = np.inf  # what the plans cost at least that decisions have put aside
        self.exhausted = False

    def run(self, warm: Mask | None) -> None:
        """Search, bound and decide until the proof or the control ends it."""
        for start in [None] if warm is None else [warm, None]:
            self.best.offer(self.search.built(start), self.whole_model)
        self._shake(SHAKES)
        lagrangean = self._lagrangean()
        if self._done():
            return
        if self._branched(lagrangean, FEW_NODES):
            return
        self._benders(lagrangean)
        if self._done():
            return
        lagrangean.switch(self.model)
        if self._branched(lagrangean, MANY_NODES if self.model.undecided.sum() <= FEW_SITES else FEW_NODES):
            return
        value = lagrangean.value()
        reach = lagrangean.multipliers + max(self.cutoff - value, 0.0)
        if finish_s(self.model, reach) > self.control.remaining_s and self._plain:
            self._branched(lagrangean, ALL_NODES)
            return
        gap = 0.999 if self.whole else FINER * max(abs(self.bound), 1e-9)
        end = finish(self.model, reach, self.control, self.seed, gap)
        if np.isfinite(self.cutoff):
            self.rest = min(self.rest, self.best.value if self.whole else self.cutoff)
        self.best.offer(end.chosen, self.whole_model)
        self._raise(min(end.bound, self.rest))
        self.exhausted = not self.control.stop()

    def over(self, complete: bool) -> bool:
        """Return whether longer lists can add nothing."""
        return self._proven() or self.bound == np.inf or (complete and self.exhausted)

    @property
    def cutoff(self) -> float:
        """Most that a plan worth finding may cost over these lists; infinite without a plan."""
        if not np.isfinite(self.best.value):
            return float(np.inf)
        if self.whole:
            return float(np.ceil(self.best.value - 1e-6) - 1 + ROUNDING)
        return float(self.best.value * (1 - FINER))

    @property
    def _plain(self) -> bool:
        """Whether there is a plan, and the number of sites or the budget is the only rule."""
        return np.isfinite(self.best.value) and len(self.model.rows) == 1 and not self.model.floors

    def _proven(self) -> bool:
        return bool(np.isfinite(self.best.value)) and (self.bound > self.cutoff or self.best.value == 0.0)

    def _done(self) -> bool:
        return self._proven() or self.bound == np.inf or self.control.stop()

    def _raise(self, bound: float) -> None:
        if self.whole and np.isfinite(bound):
            bound = float(np.ceil(bound - ROUNDING))
        bound = min(bound, self.rest)
        if bound > self.bound:
            self.bound = bound
            self.control.report(bound=min(bound, self.best.value))

    def _decide(self, closed: Mask, opened: Mask) -> bool:
        """Put aside what no better plan does; return whether anything was decided."""
        undecided = self.model.undecided
        closed, opened = closed & undecided, opened & undecided
        if not (closed.any() or opened.any()):
            return False
        self.rest = min(self.rest, self.best.value if self.whole else self.cutoff)
        self.model = self.model.decided(closed, opened)
        return True

    def _shake(self, rounds: int) -> None:
        if self.best.chosen is not None:
            self.best.offer(self.search.shaken(self.best.chosen, rounds, 3), self.whole_model)

    def _branched(self, lagrangean: Lagrangean, nodes: int) -> bool:
        """Try branch and bound where the rules are plain; return whether the work is done."""
        if not self._plain:
            return False
        left = branch(
            self.model,
            lagrangean.multipliers,
            self.control,
            lambda: self.cutoff,
            lambda chosen: self.best.offer(chosen, self.whole_model),
            nodes,
        )
        self.rest = min(self.rest, self.best.value if self.whole else self.cutoff)
        self._raise(left)
        self.exhausted = left == np.inf
        return self.exhausted or self._done()

    def _lagrangean(self) -> Lagrangean:
        near = self.model.near
        first = near.far.copy()
        listed = np.flatnonzero(np.diff(near.ptr))
        first[listed] = near.cost[near.ptr[listed]]
        lagrangean = Lagrangean(self.model, first)
        for _ in range(MOST_STEPS // STEPS):
            if self._done() or lagrangean.settled:
                break
            aim = self.best.value if np.isfinite(self.best.value) else 1.05 * max(lagrangean.bound, first.sum()) + 1.0
            lagrangean.improve(aim, STEPS)
            self._raise(lagrangean.bound)
            if self._proven():
                break
            if self._decide(*lagrangean.decisions(self.cutoff)):
                lagrangean.switch(self.model)
            self.best.offer(self._picked(lagrangean.mean), self.whole_model)
            self._shake(SHAKES)
        return lagrangean

    def _benders(self, lagrangean: Lagrangean) -> None:
        lagrangean.switch(self.model)
        relaxed = relax(self.model, lagrangean.multipliers, self.control, self.cutoff)
        if relaxed is None:
            return
        self._raise(relaxed.bound)
        if self._done():
            return
        self.best.offer(self._picked(relaxed.shares), self.whole_model)
        near_cutoff = relaxed.bound + np.abs(relaxed.reduced) > self.cutoff
        lagrangean.multipliers = np.minimum(relaxed.multipliers, self.model.near.far)
        closed, opened = lagrangean.decisions(self.cutoff)
        closed |= near_cutoff & (relaxed.reduced > 0) & (relaxed.shares < 0.5)
        opened |= near_cutoff & (relaxed.reduced < 0) & (relaxed.shares > 0.5)
        self._decide(closed, opened)

    def _picked(self, weights: Float) -> Mask | None:
        """Return a plan around the sites that weigh most; with other rules than a number, grown from those at 1."""
        start = self.model.opened.copy()
        if self.model.p is not None and len(self.model.rows) == 1:
            start[:] = False
            start[np.argsort(-weights, kind="stable")[: self.model.p]] = True
        else:
            start |= weights > 0.999
        return self.search.built(start)


class Incumbent:
    """The best plan so far, valued on the problem as it was given.

    Parameters
    ----------
    problem, question, settled
        The problem, and what is left to decide of it.
    control : Control
        Hears of every better plan.
    """

    def __init__(self, problem: ProblemData, question: Question, settled: Settled, control: Control) -> None:
        self.problem, self.question, self.settled, self.control = problem, question, settled, control
        self.chosen: Mask | None = None
        self.value = np.inf

    def offer(self, chosen: Mask | None, model: MedianModel) -> None:
        """Take a set of open free sites if it keeps the rules and costs less."""
        if chosen is None or not model.keeps(chosen):
            return
        value = self.true_value(chosen)
        if value < self.value:
            self.chosen, self.value = chosen.copy(), value
            self.control.report(best=value)

    def true_value(self, chosen: Mask) -> float:
        """Return the objective from the problem's costs; infinite where a demand point is not served."""
        opened = np.sort(np.concatenate((np.flatnonzero(self.settled.opened), self.settled.free[chosen])))
        cost = nearest_open(self.problem, opened)[1]
        cap = np.finfo(np.float64).max if self.question.distance_cap is None else self.question.distance_cap
        if not (cost <= cap).all():
            return float(np.inf)
        return float(self.problem.demand @ cost)

    def found(self, bound: float) -> Found:
        """Return the answer."""
        known = bound if np.isfinite(bound) else None
        if self.chosen is None:
            return Found(None, None, known, infeasible=bound == np.inf)
        new = opened_by(self.settled, self.problem, np.flatnonzero(self.chosen))
        least = max(bound, 0.0)  # no way costs less than nothing
        return Found(new, self.value, min(least, self.value))
