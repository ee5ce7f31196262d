"""Capacitated models solved: Lagrangean bound, sites decided by reduced costs, HiGHS for what is left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from geoplan.siting.capacity.kernels import ascend
from geoplan.siting.capacity.model import AllocationModel, allocation_model
from geoplan.siting.control import Control
from geoplan.siting.milp import solve_milp
from geoplan.siting.settled import Found, opened_by, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["solve_capacitated"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

FEW_PAIRS: Final = 4_000  # programs up to this size go to HiGHS straight away
STEPS: Final = 50
LOOKS: Final = 16
LEAD_SHARE: Final = 0.25  # of the time left, for demand split and again for serving each point from one site
LEAD_GAP: Final = 1e-4
FINER: Final = 1e-7  # plans that are better by less than this share are not worth looking for


def solve_capacitated(problem: ProblemData, question: Question, control: Control, seed: int, warm: Int | None) -> Found:
    """Solve a capacitated covering, p-median or fixed-charge model with a proof.

    Parameters
    ----------
    problem, question, control, seed, warm
        As every solver takes them; a warm start is not needed.

    Returns
    -------
    Found
        The best new sites, who serves whom, and the proven bound.
    """
    del warm
    settled = settle_sites(problem, question)
    model = allocation_model(problem, question, settled)
    sign = -1.0 if question.model == "cmclp" else 1.0
    forced = problem.required & ~problem.existing
    base = float(problem.site_cost[forced].sum()) if question.model == "cflp" else 0.0
    budget = np.inf if question.budget is None else question.budget - float(problem.site_cost[forced].sum())
    price = problem.site_cost[model.sites].astype(np.float64)
    run = _Run(model, settled.p, budget, price, control, seed, sign, base)
    if model.single and len(model.point) > FEW_PAIRS:
        run.lead()
    run.narrow()
    run.finish()
    value = None if run.chosen is None else sign * (run.value + base)
    bound = sign * (run.bound + base) if np.isfinite(run.bound) else None
    if run.chosen is None or run.pairs is None or run.shares is None:
        return Found(None, None, bound, infeasible=run.bound == np.inf)
    allocation = model.allocation(problem.shape, run.pairs, run.shares)
    return Found(opened_by(settled, problem, np.flatnonzero(run.chosen)), value, bound, allocation=allocation)


class _Run:
    """One solve: the best plan and the bound so far, and which sites are decided."""

    def __init__(
        self,
        model: AllocationModel,
        p: int | None,
        budget: float,
        price: Float,
        control: Control,
        seed: int,
        sign: float,
        base: float,
    ) -> None:
        self.model, self.control, self.seed, self.sign, self.base = model, control, seed, sign, base
        self.p, self.budget, self.price = p, budget, price
        self.closed, self.opened = np.zeros(model.n_free, dtype=bool), np.zeros(model.n_free, dtype=bool)
        self.chosen: Mask | None = None
        self.pairs: Int | None = None
        self.shares: Float | None = None
        self.value, self.bound = np.inf, -np.inf
        self.priced: set[bytes] = set()
        self.rest = np.inf  # what the plans cost at least that decisions have put aside

    @property
    def cutoff(self) -> float:
        return self.value - FINER * abs(self.value) if np.isfinite(self.value) else np.inf

    def lead(self) -> None:
        """Bound by demand that may be split, and serve each point from one of the sites which that would open."""
        split = _Run(
            replace(self.model, single=False), self.p, self.budget, self.price, self._quiet(LEAD_SHARE), self.seed,
            1.0, 0.0,
        )  # fmt: skip
        split.narrow()
        split.finish()
        self._raise(split.bound)
        if split.chosen is None or self.control.stop():
            return
        program, pairs = self.model.program(~split.chosen, split.chosen)
        answer = solve_milp(program, self._quiet(LEAD_SHARE), seed=self.seed, options={"mip_rel_gap": LEAD_GAP})
        if answer.x is not None and answer.objective is not None:
            size = self.model.n_free
            self._take(split.chosen.copy(), pairs, answer.x[size:], answer.objective)

    def narrow(self) -> None:
        """Bound by Lagrangean steps, price plans found on the way, decide sites; only where that can pay."""
        model = self.model
        plain = len(model.rows) <= 1 and not model.floors and not model.single
        if not plain or len(model.point) <= FEW_PAIRS or not model.n_free:
            return
        free = np.arange(len(model.sites)) < model.n_free
        least = np.full(len(model.load), np.inf)
        np.minimum.at(least, model.point, model.cost)
        top = np.inf if model.must else 0.0
        multipliers = np.minimum(np.where(np.isfinite(least), least, 0.0), top)
        need = model.load.sum() if model.must and np.isfinite(model.capacity).all() else 0.0
        y, rho = np.empty(len(model.sites)), np.empty(len(model.sites))
        step = 1.0
        for _ in range(LOOKS):
            if self.control.stop() or step < 1e-3 or self.bound > self.cutoff or (self.closed | self.opened).all():
                break
            aim = self.value if np.isfinite(self.value) else max(0.95 * self.bound, 1.05 * self.bound, least.sum() + 1)
            bound, step = ascend(
                model.ptr, model.point, model.cost, model.load, model.fixed, free, model.capacity,
                -1 if self.p is None else self.p, self.price, self.budget, need, multipliers, top, aim, step, STEPS, y,
                rho,
            )  # fmt: skip
            self._raise(float(bound))
            self._price(y[: model.n_free] > 0.5, y[: model.n_free])
            self._decide(float(bound), rho[: model.n_free], y[: model.n_free])

    def _raise(self, bound: float) -> None:
        bound = min(bound, self.rest)
        if bound > self.bound:
            self.bound = bound
            self.control.report(bound=self.sign * (bound + self.base))

    def _take(self, chosen: Mask, pairs: Int, shares: Float, value: float) -> None:
        if value < self.value:
            self.chosen, self.pairs, self.shares, self.value = chosen, pairs, shares, value
            self.control.report(best=self.sign * (value + self.base))

    def _price(self, chosen: Mask, weights: Float) -> None:
        """Price a relaxed choice of sites as a plan: sites in part are rounded up while capacity lacks."""
        if self.p is None and self.budget == np.inf:
            chosen = weights > 0.0
        elif self.p is None and self.price[: len(chosen)][chosen].sum() > self.budget:
            chosen = weights > 1 - 1e-9
        if chosen.tobytes() in self.priced:
            return
        self.priced.add(chosen.tobytes())
        program, pairs = self.model.program(~chosen, chosen)
        answer = solve_milp(program, self._quiet(), relax=True)
        if answer.x is not None and answer.objective is not None:
            self._take(chosen.copy(), pairs, answer.x[len(chosen) :], answer.objective)

    def _decide(self, bound: float, rho: Float, y: Float) -> None:
        """Close and open sites by their reduced costs at the last multipliers."""
        if not np.isfinite(self.cutoff):
            return
        part = np.flatnonzero((y > 0) & (y < 1))
        if self.p is not None:
            inside, outside = rho[y > 0.5], rho[y <= 0.5]
            if not len(inside) or not len(outside):
                return
            into, out = rho - inside.max(), outside.min() - rho
        else:
            # The site chosen in part tells what one more unit of the shared rule is worth; without one it is free.
            unit = self.price[: len(y)] if self.budget < np.inf else self.model.capacity[: len(y)]
            rate = rho[part[0]] / unit[part[0]] if len(part) else 0.0
            into = rho - rate * (unit if len(part) else 0.0)
            out = -into
        closed = (y < 1e-12) & (bound + into > self.cutoff)
        opened = (y > 1 - 1e-12) & (bound + out > self.cutoff)
        if closed.any() or opened.any():
            self.rest = min(self.rest, self.cutoff)
            self.closed |= closed
            self.opened |= opened

    def finish(self) -> None:
        """Give what is undecided to HiGHS."""
        if self.control.stop() or self.bound > self.cutoff:
            return
        program, pairs = self.model.program(self.closed, self.opened)
        linear = not program.integer.any()
        start: Float | None = None
        if self.model.single and self.chosen is not None and self.shares is not None and self.pairs is not None:
            served = np.zeros(len(self.model.point))
            served[self.pairs] = np.round(self.shares)
            start = np.concatenate((self.chosen, served[pairs])).astype(np.float64)
        quiet = self._quiet()
        answer = solve_milp(program, quiet, start, seed=self.seed, relax=linear, options={"mip_rel_gap": FINER})
        if answer.status == "infeasible":
            self._raise(np.inf)
        elif answer.bound is not None:
            self._raise(answer.bound)
        if answer.x is not None and answer.objective is not None:
            size = self.model.n_free
            self._take(answer.x[:size] > 0.5, pairs, answer.x[size:], answer.objective)

    def _quiet(self, share: float = 1.0) -> Control:
        """Return a control with a share of the time left that reports nothing: HiGHS counts in other signs."""
        left_s = self.control.remaining_s * share
        return Control(left_s if np.isfinite(left_s) else None, cancel=self.control.stop, maximise=False)
