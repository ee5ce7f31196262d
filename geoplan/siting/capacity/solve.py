"""Capacitated models solved: Lagrangean bound, sites decided by reduced costs, HiGHS for what is left."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.siting.capacity.kernels import ascend
from geoplan.siting.capacity.model import NOBODY, AllocationModel, allocation_model
from geoplan.siting.control import Control
from geoplan.siting.milp import solve_milp
from geoplan.siting.presolve import Found, opened_by, settle_sites

if TYPE_CHECKING:
    from geoplan.siting.problem_data import ProblemData
    from geoplan.siting.question import Question

__all__ = ["solve_capacitated"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

FEW_PAIRS: Final = 4_000  # programs up to this size go to HiGHS straight away
AGAIN_STEP: Final = 0.05  # length of the steps that go on from good multipliers, once a better plan is known
STEPS: Final = 50
LOOKS: Final = 16
LEAD_SHARE: Final = 0.25  # of the time left, for demand split and again for serving each point from one site
LEAD_GAP: Final = 1e-4
NEAR_MARGIN: Final = 0.1  # pairs that cost so much more than their point pays belong to a first relaxation
MOST_MARGIN: Final = 1e3  # beyond which the points left are those that pay nothing: the whole program takes over
WINDOW: Final = 24  # sites chosen anew at a time
WINDOW_S: Final = 3.0
WINDOW_GAP: Final = 2e-4
VAIN: Final = 16  # windows without a better plan after which no more are tried
IMPROVE_SHARE: Final = 0.3  # of the time left
EXCHANGE_SHARE: Final = 0.2  # of the time left
MOST_MOVES: Final = 300  # exchanges of single sites looked at from one plan
NEAR_SHARE: Final = 0.95  # of the time left, so that the plan found can be priced
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
    budget = np.inf if settled.budget is None else settled.budget
    price = settled.price[model.sites].astype(np.float64)
    run = _Run(model, settled.p, budget, price, control, seed, sign, base)
    if model.single and len(model.point) > FEW_PAIRS:
        run.lead()
    run.narrow()
    run.improve()
    run.narrow()
    if not model.single:
        run.approach()
    run.finish()
    value = None if run.chosen is None else sign * (run.value + base)
    bound = sign * (run.bound + base) if np.isfinite(run.bound) else None
    if run.chosen is None or run.pairs is None or run.shares is None:
        return Found(None, None, bound, infeasible=run.bound == np.inf)
    allocation = model.allocation(problem.shape, run.chosen, run.pairs, run.shares)
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
        self.multipliers: Float | None = None
        self.worth = np.zeros(len(model.sites))
        self.unfinished = False
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
        split.improve()
        split.narrow()
        split.approach()
        split.finish()
        self._raise(split.bound)
        if split.chosen is None or self.control.stop():
            return
        program, pairs = self.model.program(~split.chosen, split.chosen)
        quiet, options = self._quiet(LEAD_SHARE), {"mip_rel_gap": LEAD_GAP}
        answer = self.model.solved(program, quiet, seed=self.seed, options=options)
        if answer.x is not None and answer.objective is not None:
            self._take(split.chosen.copy(), pairs, self.model.shares(answer.x, pairs), answer.objective)

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
        again = self.multipliers is not None
        multipliers = np.minimum(np.where(np.isfinite(least), least, 0.0), top)
        if self.multipliers is not None:
            multipliers = self.multipliers
        need = model.load.sum() if model.must and np.isfinite(model.capacity).all() else 0.0
        y, rho = np.empty(len(model.sites)), np.empty(len(model.sites))
        step = AGAIN_STEP if again else 1.0
        for _ in range(LOOKS):
            if self.control.stop() or step < 1e-3 or self.bound > self.cutoff or (self.closed | self.opened).all():
                break
            aim = self.value if np.isfinite(self.value) else max(0.95 * self.bound, 1.05 * self.bound, least.sum() + 1)
            bound, step = ascend(
                model.ptr, model.point, model.cost, model.load, model.fixed, free, model.capacity,
                -1 if self.p is None else self.p, self.price, self.budget, need, multipliers, top, aim, step, STEPS, y,
                rho,
            )  # fmt: skip
            self.multipliers, self.worth = multipliers, rho.copy()
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
        self._price_exactly(chosen)

    def _price_exactly(self, chosen: Mask) -> None:
        """Serve demand from these sites as cheaply as can be, once."""
        if chosen.tobytes() in self.priced or not self.model.keeps(chosen):
            return
        self.priced.add(chosen.tobytes())
        program, pairs = self.model.program(~chosen, chosen)
        answer = solve_milp(program, self._quiet(), relax=True)
        if answer.x is not None and answer.objective is not None:
            self._take(chosen.copy(), pairs, self.model.shares(answer.x, pairs), answer.objective)

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

    def improve(self) -> None:
        """Let HiGHS choose anew among sites that serve the same demand, the others as they are; again and again."""
        model = self.model
        if self.multipliers is None or model.single:
            return
        near = model.near(self.multipliers * (1.0 + NEAR_MARGIN)) if model.must else model
        own = near.site_of < model.n_free
        serves = sparse.csc_array(
            (np.ones(own.sum()), (near.point[own], near.site_of[own])), shape=(len(model.load), model.n_free)
        )
        self._exchange(near, self._quiet(EXCHANGE_SHARE))
        rng = np.random.default_rng(self.seed)
        clock = self._quiet(IMPROVE_SHARE)
        vain = 0
        while vain < VAIN and self.bound <= self.cutoff and not clock.stop():
            undecided = np.flatnonzero(~(self.closed | self.opened))
            if self.chosen is None or not len(undecided):
                return
            window = np.zeros(model.n_free, dtype=bool)
            # one neighbourhood, or two that may exchange sites
            for centre in rng.choice(undecided, 1 + vain % 2):
                shared = serves[:, undecided].T @ serves[:, centre].toarray()
                window[undecided[np.argsort(-shared, kind="stable")[: WINDOW // (1 + vain % 2)]]] = True
            closed, opened = self.closed | (~self.chosen & ~window), self.opened | (self.chosen & ~window)
            program, pairs = near.program(closed, opened)
            answer = near.solved(
                program, clock, self._start(near, pairs), seed=self.seed, time_limit_s=WINDOW_S,
                options={"mip_rel_gap": WINDOW_GAP},
            )  # fmt: skip
            before = self.value
            if answer.x is not None:
                self._price_exactly(answer.x[: model.n_free] > 0.5)
            vain = 0 if self.value < before else vain + 1

    def _exchange(self, near: AllocationModel, clock: Control) -> None:
        """Open, close and exchange single sites, those first that the multipliers hold the most promising."""
        while self.chosen is not None:
            before = self.value
            for moved in self._moves():
                if clock.stop() or self.bound > self.cutoff:
                    return
                program, _ = near.program(~moved, moved)
                answer = solve_milp(program, clock, relax=True)
                if answer.objective is not None and answer.objective < self.cutoff:
                    self._price_exactly(moved)
                if self.value < before:
                    break
            else:
                return

    def _moves(self) -> list[Mask]:
        """Return the plans that differ from the best by one site, or by two exchanged, and were not priced yet."""
        assert self.chosen is not None
        worth = self.worth[: self.model.n_free]
        free = ~(self.closed | self.opened)
        out = [*np.flatnonzero(self.chosen & free).tolist(), None]
        into = [*np.flatnonzero(~self.chosen & free).tolist(), None]
        moves = [
            ((0.0 if b is None else worth[b]) - (0.0 if a is None else worth[a]), a, b)
            for a in out
            for b in into
            if self.p is None or (a is not None and b is not None)
        ]
        plans = []
        for _, a, b in sorted(moves, key=lambda move: float(move[0]))[:MOST_MOVES]:
            plan = self.chosen.copy()
            plan[[site for site in (a,) if site is not None]] = False
            plan[[site for site in (b,) if site is not None]] = True
            if plan.tobytes() not in self.priced:
                plans.append(plan)
        return plans

    def approach(self) -> None:
        """Give HiGHS the pairs that about pay at the multipliers, and more of them until that proves the plan.

        The relaxation is far smaller than the program, bounds it, and its sites, priced in truth, are a plan.
        """
        model, margin = self.model, NEAR_MARGIN
        while model.must and self.multipliers is not None and margin < MOST_MARGIN:
            near = model.near(self.multipliers * (1.0 + margin))
            if 2 * len(near.point) > len(model.point) or self.control.stop() or self.bound > self.cutoff:
                return
            program, pairs = near.program(self.closed, self.opened)
            quiet = self._quiet(NEAR_SHARE)
            options = {"mip_rel_gap": FINER}
            answer = near.solved(program, quiet, self._start(near, pairs), seed=self.seed, options=options)
            if answer.status == "infeasible":
                self._raise(np.inf)
                return
            if answer.bound is not None:
                self._raise(answer.bound)
            if answer.x is not None:
                self._price_exactly(answer.x[: model.n_free] > 0.5)
            if answer.status != "optimal":
                self.unfinished = True
                return
            margin *= 4.0

    def finish(self) -> None:
        """Give what is undecided to HiGHS."""
        if self.unfinished or self.control.stop() or self.bound > self.cutoff:
            return  # where time did not suffice for the relaxation, it will not for the whole
        program, pairs = self.model.program(self.closed, self.opened)
        linear = not program.integer.any()
        start: Float | None = None
        if self.model.single and self.chosen is not None and self.shares is not None and self.pairs is not None:
            served = np.zeros(len(self.model.point))
            served[self.pairs] = np.round(self.shares)
            start = self.model.columns(self.chosen, served[pairs])
        quiet = self._quiet()
        options = {"mip_rel_gap": FINER}
        answer = self.model.solved(program, quiet, start, seed=self.seed, relax=linear, options=options)
        if answer.status == "infeasible":
            self._raise(np.inf)
        elif answer.bound is not None:
            self._raise(answer.bound)
        if answer.x is not None and answer.objective is not None:
            chosen = answer.x[: self.model.n_free] > 0.5
            self._take(chosen, pairs, self.model.shares(answer.x, pairs), answer.objective)

    def _start(self, near: AllocationModel, pairs: Int) -> Float | None:
        """Return the best plan as columns of a relaxation's program: what goes to far sites is nobody's there."""
        if self.chosen is None or self.shares is None or self.pairs is None:
            return None
        width = len(self.model.load)
        served = self.model.site_of[self.pairs] * width + self.model.point[self.pairs]
        share = np.zeros(len(near.sites) * width)
        share[served] = self.shares
        columns = near.site_of[pairs] * width + near.point[pairs]
        taken = share[columns]
        own = near.sites[near.site_of[pairs]] != NOBODY
        left = 1.0 - np.bincount(near.point[pairs[own]], weights=taken[own], minlength=width)
        taken[~own] = np.clip(left[near.point[pairs[~own]]], 0.0, 1.0)
        return near.columns(self.chosen, taken)

    def _quiet(self, share: float = 1.0) -> Control:
        """Return a control with a share of the time left that reports nothing: HiGHS counts in other signs."""
        left_s = self.control.remaining_s * share
        return Control(left_s if np.isfinite(left_s) else None, cancel=self.control.stop, maximise=False)
