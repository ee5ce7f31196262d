"""Random questions with awkward numbers, every model and rule, against brute force and the reference program.

``python -m tests.siting.fuzz --seconds 600 --seed 1`` hunts; ``--case SEED`` shows one case. Brute force reads numbers
as they are written, as fractions. Where a number has more digits than a person writes, rules are read twice, strictly
and with the tolerance that :mod:`geoplan.siting.exact` states, and the answer must lie between the two.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
from scipy.optimize import linprog

from geoplan.siting import MODELS, Floor, SitingPlan, SitingProblem
from geoplan.siting.capacity import solve as capacity_solve
from geoplan.siting.control import Control
from geoplan.siting.counting import in_whole_numbers
from geoplan.siting.covering import cheapest_cover, maximise
from geoplan.siting.exact import ALLOCATION_SLACK, MOST_COUNTED, MOST_DECIMALS
from geoplan.siting.formulate import solve_formulation
from geoplan.siting.median import solve as median_solve
from geoplan.siting.presolve import Found

CAPACITATED = ("cmclp", "cpmedian", "cflp")
SERVING = ("pmedian", "pcenter", "cpmedian", "cflp")
LOOSE = Fraction(2, 10**9)
CLOSE = 1e-6  # what "optimal" promises, relative
EXACT = 1e-10  # where all that is summed up is counted


# Sizes below which a model is left to HiGHS: where they are 0 small cases take the paths of large ones.
THRESHOLDS = (
    (cheapest_cover, "SMALL_PAIRS"),
    (maximise, "SMALL_PAIRS"),
    (capacity_solve, "FEW_PAIRS"),
    (median_solve, "WHOLE_PAIRS"),
    (median_solve, "LEAST_LIST"),
    (median_solve, "LIST_FACTOR"),
)
MIDDLING = 0.15  # share of cases too large for brute force: the reference alone judges them


@dataclass
class Case:
    """One question."""

    seed: int
    problem: dict[str, Any]
    model: str
    asked: dict[str, Any]
    large_paths: bool = False
    enumerable: bool = True

    def build(self) -> SitingProblem:
        return SitingProblem.from_matrix(**self.problem)


@contextmanager
def paths(*, large: bool) -> Iterator[None]:
    """Let small cases take the paths of large ones."""
    kept = [getattr(module, name) for module, name in THRESHOLDS]
    for module, name in THRESHOLDS if large else ():
        setattr(module, name, 1 if name == "LEAST_LIST" else 0)
    try:
        yield
    finally:
        for (module, name), value in zip(THRESHOLDS, kept, strict=True):
            setattr(module, name, value)


def read(number: float) -> Fraction:
    return Fraction(repr(float(number)))


def short(number: float) -> bool:
    return 10**MOST_DECIMALS % read(number).denominator == 0


def numbers(rng: np.random.Generator, size: int, *, positive: bool = False) -> np.ndarray:
    """Return weights or costs of one awkward kind."""
    kind = rng.integers(0, 9)
    if kind == 0:
        values = rng.integers(1, 60, size) / 10
    elif kind == 1:
        values = np.where(rng.random(size) < 0.5, rng.integers(1, 9, size) / 1000, rng.integers(1, 4, size) * 1e6)
    elif kind == 2:
        values = np.full(size, rng.choice([0.1, 0.3, 1.0, 7.0, 1e6, 1e-3]))
    elif kind == 3:
        values = rng.integers(0, 4, size).astype(float)
    elif kind == 4:
        values = rng.random(size) * rng.choice([1e-3, 1.0, 1e4])
    elif kind == 5:
        values = rng.integers(1, 10**6, size) / 10 ** int(rng.integers(0, 7))
    elif kind == 6:
        values = 10.0 ** rng.integers(-3, 7, size)
    elif kind == 7:
        values = np.zeros(size) if not positive else np.ones(size)
    else:
        values = rng.integers(1, 20, size).astype(float)
    if not positive and rng.random() < 0.2:
        values = np.where(rng.random(size) < 0.3, 0.0, values)
    return np.maximum(values, 1e-3) if positive else values


def draw(seed: int, model: str | None = None) -> Case:
    """Return the case of a seed."""
    rng = np.random.default_rng(seed)
    model = model or list(MODELS)[int(rng.integers(len(MODELS)))]
    capacitated = model in CAPACITATED
    enumerable = bool(rng.random() >= MIDDLING)
    n, m = int(rng.integers(1, 5 if capacitated else 8)), int(rng.integers(1, 6 if capacitated else 7))
    if not enumerable:
        n, m = int(rng.integers(15, 40)), int(rng.integers(8, 15))
    cost = rng.integers(0, 10, (n, m)).astype(float)
    kind = rng.integers(0, 4)
    if kind == 1:
        cost /= 10
    elif kind == 2:
        cost = rng.random((n, m)) * 10
    elif kind == 3 and rng.random() < 0.3:
        cost[:] = 0.0
    cost[rng.random((n, m)) < rng.choice([0.0, 0.1, 0.4])] = np.inf
    if m > 1 and rng.random() < 0.3:
        cost[:, rng.integers(m)] = cost[:, rng.integers(m)]  # two sites in one place
    if rng.random() < 0.05:
        cost[rng.integers(n)] = np.inf  # somebody nobody reaches
    demand = numbers(rng, n)
    problem: dict[str, Any] = {"cost": cost, "demand": demand, "site_cost": numbers(rng, m)}
    state = rng.choice(4, m, p=[0.7, 0.12, 0.06, 0.12])
    problem |= {name: state == k for k, name in enumerate(("existing", "required", "forbidden"), start=1)}
    if rng.random() < 0.2:
        labels = rng.integers(0, 2, m)
        least = int(rng.integers(0, 2))
        quotas = {0: (least, None if rng.random() < 0.3 else least + int(rng.integers(0, 3)))}
        problem |= {"site_group": labels, "quotas": quotas}
    if rng.random() < 0.15 and m > 1:
        problem["exclusive"] = [np.sort(rng.choice(m, 2, replace=False))]
    if rng.random() < 0.15:
        problem |= {"site_xy_m": rng.integers(0, 10, (m, 2)).astype(float), "spacing_m": 3.0}
    if rng.random() < 0.35:
        problem["floors"] = [_floor(rng, demand, k) for k in range(int(rng.integers(1, 3)))]
    if capacitated and (model != "cflp" or rng.random() < 0.8):
        scale = max(float(demand.sum()), 1e-3)
        room = rng.choice([0.3, 0.6, 1.0]) * scale * rng.random(m)
        problem["capacity"] = np.round(room, 3) if rng.random() < 0.6 else np.full(m, scale / 2)
    return Case(seed, problem, model, _asked(rng, model, problem), bool(rng.random() < 0.5), enumerable)


def _share(rng: np.random.Generator, weights: np.ndarray) -> float:
    kind = rng.integers(0, 5)
    total = float(weights.sum())
    if kind == 0:
        return 1.0
    if kind == 1:
        return float(rng.choice([0.999999999, 0.9999999, 0.999999, 0.9999]))
    if kind == 2 and total > 0:  # what some of the points make up, computed
        part = float(weights[rng.random(len(weights)) < 0.7].sum()) / total
        return min(1.0, part) or 0.5
    return float(rng.integers(1, 10)) / 10


def _floor(rng: np.random.Generator, demand: np.ndarray, number: int) -> Floor:
    weights = demand if rng.random() < 0.5 else numbers(rng, len(demand))
    return Floor(f"floor {number}", weights, _share(rng, weights), int(rng.choice([1, 1, 1, 2])))


def _asked(rng: np.random.Generator, model: str, problem: dict[str, Any]) -> dict[str, Any]:
    spec = MODELS[model]
    takes = {name for part in (*spec.needs, *spec.takes) for name in part.split("|")}
    asked: dict[str, Any] = {}
    limit = float(rng.choice([0.0, 2.0, 3.0, 5.0, 9.0])) / (
        10 if problem["cost"][np.isfinite(problem["cost"])].max(initial=9) < 1 else 1
    )
    if "radius" in spec.needs or problem.get("floors"):
        asked["radius"] = limit
    new = np.flatnonzero(~problem["existing"])
    by_money = rng.random() < 0.4
    if "p|budget" in spec.needs or (model == "cflp" and rng.random() < 0.4):
        if by_money:
            asked["budget"] = _budget(rng, problem["site_cost"], new)
        else:
            asked["p"] = int(rng.integers(0, len(new) + 1))
    elif "budget" in takes and rng.random() < 0.3:
        asked["budget"] = _budget(rng, problem["site_cost"], new)
    if "share" in spec.needs:
        asked["share"] = _share(rng, problem["demand"])
    return asked | _beside(rng, takes, limit, floors=bool(problem.get("floors")), radius=asked.get("radius"))


def _beside(
    rng: np.random.Generator, takes: set[str], limit: float, *, floors: bool, radius: float | None
) -> dict[str, Any]:
    """Return what a model takes beyond its needs."""
    asked: dict[str, Any] = {}
    if "decay" in takes and rng.random() < 0.25:
        asked |= {"decay": ((limit, 1.0), (limit + 1, 0.6), (limit + 3, 0.1)), "radius": radius if floors else None}
    elif "open_probability" in takes and rng.random() < 0.2:
        asked["open_probability"] = float(rng.choice([0.1, 0.5, 0.9, 1.0]))
    elif "cover_times" in takes and rng.random() < 0.4:
        asked["cover_times"] = int(rng.integers(1, 4))
    if "distance_cap" in takes and rng.random() < 0.4:
        asked["distance_cap"] = float(rng.choice([3.0, 6.0, 9.0]))
    choices: dict[str, Any] = {
        "by_cost": bool(rng.random() < 0.6),
        "backup_weight": float(rng.choice([0.0, 0.3, 0.5, 0.7, 1.0])),
        "single_source": bool(rng.random() < 0.4),
        "weighted": bool(rng.random() < 0.5),
    }
    return asked | {name: value for name, value in choices.items() if name in takes}


def _budget(rng: np.random.Generator, price: np.ndarray, new: np.ndarray) -> float:
    some = new[rng.random(len(new)) < 0.5]
    exact = float(price[some].sum())  # as a program would compute it
    written = float(sum((read(one) for one in price[some]), Fraction(0)))  # as a person would write it
    return float(rng.choice([exact, written, written + 0.05]))


class Truth:
    """Brute force over every set of new sites."""

    def __init__(self, case: Case) -> None:
        self.case = case
        p = case.problem
        self.cost = p["cost"]
        self.n, self.m = self.cost.shape
        self.demand = [read(value) for value in p["demand"]]
        self.price = [read(value) for value in p["site_cost"]]
        self.sets = self._sets()

    def _sets(self) -> list[tuple[list[int], list[int], bool]]:
        """Return open sites, new sites, and whether the rules hold strictly, of every set that keeps them loosely."""
        p = self.case.problem
        fixed = np.flatnonzero(p["existing"]).tolist()
        may = np.flatnonzero(~p["existing"] & ~p["forbidden"]).tolist()
        must = set(np.flatnonzero(p["required"]).tolist())
        found = []
        for size in range(len(may) + 1):
            for new in combinations(may, size):
                if must <= set(new):
                    opened = sorted([*fixed, *new])
                    verdict = self._rules(opened, list(new))
                    if verdict is not None:
                        found.append((opened, list(new), verdict))
        return found

    def _rules(self, opened: list[int], new: list[int]) -> bool | None:
        """Return whether the rules hold strictly, only with tolerance (False), or not at all (None)."""
        p, asked = self.case.problem, self.case.asked
        if not self._counts_kept(opened, new):
            return None
        times = self.reached(opened)
        least = asked.get("cover_times", 1)
        if self.case.model in ("lscp", "bacop1") and (times < least).any():
            return None
        verdicts = [share_kept(floor.weights, times >= floor.times, floor.share) for floor in p.get("floors", ())]
        if asked.get("budget") is not None:
            total = sum((self.price[j] for j in new), Fraction(0))
            verdicts.append(at_most(total, asked["budget"], p["site_cost"]))
        if self.case.model == "pscp":
            verdicts.append(share_kept(p["demand"], times >= least, asked["share"]))
        return None if None in verdicts else all(verdicts)

    def _counts_kept(self, opened: list[int], new: list[int]) -> bool:
        """Return whether number, quotas, exclusive sets and spacing are kept."""
        p, asked = self.case.problem, self.case.asked
        if asked.get("p") is not None and len(new) != asked["p"]:
            return False
        for group, (least, most) in p.get("quotas", {}).items():
            count = sum(1 for j in new if p["site_group"][j] == group)
            if count < least or (most is not None and count > most):
                return False
        for group in p.get("exclusive", ()):
            both = [j for j in group.tolist() if j in opened]
            if len(both) > 1 and any(j in new for j in both):
                return False
        xy, spacing = p.get("site_xy_m"), p.get("spacing_m", 0.0)
        return not spacing or all(np.hypot(*(xy[a] - xy[b])) >= spacing for a, b in combinations(new, 2))

    def reached(self, opened: list[int]) -> np.ndarray:
        radius = self.case.asked.get("radius")
        if radius is None or not opened:
            return np.zeros(self.n, dtype=int)
        return (self.cost[:, opened] <= radius).sum(axis=1)

    def value(self, opened: list[int], new: list[int], *, loose: bool) -> float | None:
        """Return the objective of a set of open sites, or None where it is no plan; ``loose`` widens capacities."""
        model, asked = self.case.model, self.case.asked
        nearest = self.cost[:, opened].min(axis=1) if opened else np.full(self.n, np.inf)
        times = self.reached(opened)
        if model in ("lscp", "pscp"):
            return float(sum((self.price[j] for j in new), Fraction(0))) if asked.get("by_cost") else float(len(new))
        if model in ("pmedian", "pcenter"):
            if not (nearest <= asked.get("distance_cap", np.finfo(float).max)).all():
                return None
            if model == "pcenter":
                weights = self.case.problem["demand"] if asked.get("weighted") else np.ones(self.n)
                return float((nearest * weights).max())
            return float(sum((w * read(c) for w, c in zip(self.demand, nearest, strict=True)), Fraction(0)))
        if model in CAPACITATED:
            return self._allocated(opened, new, loose)
        if model == "mclp":
            if asked.get("decay"):
                steps = [next((s for c, s in asked["decay"] if way <= c), 0.0) for way in nearest]
                return float(sum(w * read(s) for w, s in zip(self.demand, steps, strict=True)))
            if asked.get("open_probability") is not None:
                chance = 1 - (1 - asked["open_probability"]) ** times
                return float((self.case.problem["demand"] * chance).sum())
            return self._weight(times >= asked.get("cover_times", 1))
        if model == "bacop1":
            return self._weight(times >= 2)
        backup = read(asked["backup_weight"])
        first, second = (
            sum((w for w, t in zip(self.demand, times, strict=True) if t >= k), Fraction(0)) for k in (1, 2)
        )
        return float((1 - backup) * first + backup * second)

    def _weight(self, mask: np.ndarray) -> float:
        return float(sum((w for w, inside in zip(self.demand, mask, strict=True) if inside), Fraction(0)))

    def _allocated(self, opened: list[int], new: list[int], loose: bool) -> float | None:
        model, asked, p = self.case.model, self.case.asked, self.case.problem
        covering = model == "cmclp"
        limit = asked["radius"] if covering else asked.get("distance_cap", np.finfo(float).max)
        room = [float(p["capacity"][j]) if "capacity" in p else np.inf for j in opened]
        if loose:
            room = [r * (1 + ALLOCATION_SLACK) + ALLOCATION_SLACK for r in room]
        fixed = float(sum((self.price[j] for j in new), Fraction(0))) if model == "cflp" else 0.0
        way = self.cost[:, opened]
        service = _single if asked.get("single_source") else _split
        served = service(way, p["demand"], room, limit, covering)
        return None if served is None else (-served if covering else served + fixed)

    def best(self) -> tuple[float | None, float | None]:
        """Return the best objective under the rules as tolerance reads them, and as they are written."""
        pick = max if MODELS[self.case.model].maximise else min
        every = [value for o, new, _ in self.sets if (value := self.value(o, new, loose=True)) is not None]
        written = [
            value for o, new, strict in self.sets if strict and (value := self.value(o, new, loose=False)) is not None
        ]
        return pick(every, default=None), pick(written, default=None)


def at_most(total: Fraction, limit: float, parts: np.ndarray) -> bool | None:
    """Return whether a sum keeps a limit strictly, only with tolerance (False), or not at all (None)."""
    if total <= read(limit):
        return True
    slack = Fraction(0) if short(limit) and countable(parts) else LOOSE * max(read(limit), Fraction(0))
    return False if total <= read(limit) + slack else None


def share_kept(weights: np.ndarray, covered: np.ndarray, share: float) -> bool | None:
    """Return whether a share is kept strictly, only with tolerance (False), or not at all (None)."""
    every = [read(value) for value in weights]
    total = sum(every, Fraction(0))
    got = sum((w for w, inside in zip(every, covered, strict=True) if inside), Fraction(0))
    if got >= read(share) * total:
        return True
    if share >= 1.0:
        return None
    slack = Fraction(0) if short(share) and countable(weights) else LOOSE * total
    return False if got >= read(share) * total - slack else None


def countable(values: np.ndarray) -> bool:
    """Return whether numbers are decimals short enough to be counted."""
    decimals = max((len(str(read(v).denominator)) - 1 for v in values), default=0)
    return all(short(v) for v in values) and float(values.sum()) * 10**decimals <= MOST_COUNTED


def _split(way: np.ndarray, load: np.ndarray, room: list[float], limit: float, covering: bool) -> float | None:
    n, k = way.shape
    if not k:
        return 0.0 if covering else None
    usable = np.isfinite(way) & (way <= limit)
    price = np.where(usable, -1.0 if covering else np.where(usable, way, 0), 0) * load[:, None]
    scale = max(float(load.max()), 1e-9)
    serve = np.kron(np.eye(n), np.ones(k))
    use = np.zeros((k, n * k))
    for j in range(k):
        use[j, j::k] = load / scale
    bounds = [(0, 1 if ok else 0) for ok in usable.ravel()]
    most = np.minimum(np.array(room), load.sum() * 2 + 1) / scale
    value = max(float(np.abs(price).max()), 1e-9)
    if covering:
        answer = linprog(price.ravel() / value, A_ub=np.vstack((use, serve)), b_ub=[*most, *np.ones(n)], bounds=bounds)
    else:
        answer = linprog(price.ravel() / value, A_ub=use, b_ub=most, A_eq=serve, b_eq=np.ones(n), bounds=bounds)
    return float(answer.fun) * value if answer.status == 0 else None


def _single(way: np.ndarray, load: np.ndarray, room: list[float], limit: float, covering: bool) -> float | None:
    options = [
        [j for j in range(way.shape[1]) if way[i, j] <= limit and np.isfinite(way[i, j])] + ([-1] if covering else [])
        for i in range(len(way))
    ]
    best = None
    for sites in product(*options):
        use = [Fraction(0)] * len(room)
        value = 0.0
        for i, j in enumerate(sites):
            if j >= 0:
                use[j] += read(load[i])
                value += float(load[i]) * (-1.0 if covering else float(way[i, j]))
        if all(r == np.inf or u <= read(r) for u, r in zip(use, room, strict=True)) and (best is None or value < best):
            best = value
    return best


def faults(case: Case) -> list[str]:
    """Return what is wrong with the answer to a case; empty where all is right."""
    problem = case.build()
    with paths(large=case.large_paths):
        plan = problem.solve(case.model, **case.asked)
    if not case.enumerable:
        return _against_reference(problem, plan, case)
    loose, strict = Truth(case).best()
    found = []
    if plan.status not in ("optimal", "infeasible"):
        found.append(f"status {plan.status}, bound {plan.bound}, objective {plan.objective}")
    found.extend(_against(plan.objective, plan.status == "infeasible", loose, strict, case, "plan"))
    if not plan.certificate.agrees:
        found.append(f"certificate {plan.certificate}")
    if not found:
        reference = _reference(problem, plan)
        found.extend(_against(reference.objective, reference.infeasible, loose, strict, case, "reference"))
    return found


def _reference(problem: SitingProblem, plan: SitingPlan) -> Found:
    whole, question, per_unit = in_whole_numbers(problem, plan.question)
    control = Control(maximise=MODELS[plan.model].maximise)
    return solve_formulation(whole, question, control, 0).divided(per_unit)


def _against_reference(problem: SitingProblem, plan: SitingPlan, case: Case) -> list[str]:
    reference = _reference(problem, plan)
    found = [] if plan.certificate.agrees else [f"certificate {plan.certificate}"]
    if plan.status not in ("optimal", "infeasible"):
        found.append(f"status {plan.status}, bound {plan.bound}, objective {plan.objective}")
    if (plan.objective is None) != (reference.objective is None):
        return [*found, f"plan: {plan.objective}, reference {reference.objective}"]
    if plan.objective is not None and reference.objective is not None:
        slack = 2 * CLOSE * max(1.0, abs(plan.objective))
        if abs(plan.objective - reference.objective) > slack:
            found.append(f"plan: {plan.objective}, reference {reference.objective}")
    return found


def _against(
    objective: float | None, infeasible: bool, loose: float | None, strict: float | None, case: Case, who: str
) -> list[str]:
    if infeasible or objective is None:
        return [] if strict is None and infeasible else [f"{who}: no plan, brute force {strict}"]
    if loose is None:
        return [f"{who}: {objective}, brute force has no plan"]
    slack = (EXACT if counts_exactly(case) else CLOSE) * max(1.0, abs(objective))
    low, high = sorted((loose, loose if strict is None else strict))
    if strict is None:  # any value that tolerance allows
        worse = -np.inf if MODELS[case.model].maximise else np.inf
        low, high = min(low, worse), max(high, worse)
    return [] if low - slack <= objective <= high + slack else [f"{who}: {objective}, brute force {loose} … {strict}"]


def counts_exactly(case: Case) -> bool:
    """Return whether all that the objective sums up is counted in whole numbers, so that a proof means equality."""
    if case.model in ("lscp", "pscp"):
        return not case.asked.get("by_cost") or countable(case.problem["site_cost"])
    plain = not case.asked.get("decay") and case.asked.get("open_probability") in (None, 1.0)
    return case.model in ("mclp", "bacop1") and plain and countable(case.problem["demand"])


def hunt(seconds: float, seed: int, most: int | None = None, *, loud: bool = False) -> tuple[Counter[str], list[int]]:
    """Try cases until the time is over; return how many there were of each model, and the seeds with faults."""
    until = time.monotonic() + seconds
    tried: Counter[str] = Counter()
    wrong = []
    number = seed * 1_000_000_000
    while time.monotonic() < until and (most is None or tried.total() < most):
        case = draw(number)
        tried[case.model] += 1
        try:
            said = faults(case)
        except Exception as error:
            said = [f"{type(error).__name__}: {error}"]
        if said:
            wrong.append(number)
            if loud:
                print(f"--case {number}: {case.model} {case.asked}: {'; '.join(said)}", flush=True)
        number += 1
    return tried, wrong


def show(seed: int) -> None:
    """Print one case."""
    case = draw(seed)
    print(case)
    print(case.build().solve(case.model, **case.asked))
    print(Truth(case).best(), faults(case))


def main() -> int:
    """Hunt, or show one case."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=600.0)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--case", type=int)
    given = words.parse_args()
    if given.case is not None:
        show(given.case)
        return 0
    tried, wrong = hunt(given.seconds, given.seed, loud=True)
    print(f"{tried.total():,} cases ({', '.join(f'{name} {count:,}' for name, count in sorted(tried.items()))})")
    print(f"{len(wrong)} with faults" + (f": {wrong[:20]}" if wrong else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
