"""What must hold for every model: more sites never hurt, units and orders change nothing, a stop is told honestly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from geoplan.network.times import TravelTimes
from geoplan.siting import MODELS, Progress, SitingProblem

SEEDS = st.integers(0, 100_000)
RADIUS = 5.0

# Every model, with the parameters that lead to code of its own. "p" is filled in where the model counts sites.
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "mclp": ("mclp", {"p": 2, "radius": RADIUS}),
    "mclp budget": ("mclp", {"budget": 7.0, "radius": RADIUS}),
    "mclp decay": ("mclp", {"p": 2, "decay": ((2.0, 1.0), (5.0, 0.6), (8.0, 0.2))}),
    "mclp twice": ("mclp", {"p": 3, "radius": RADIUS, "cover_times": 2}),
    "mclp expected": ("mclp", {"p": 2, "radius": RADIUS, "open_probability": 0.8}),
    "lscp": ("lscp", {"radius": RADIUS}),
    "lscp by cost": ("lscp", {"radius": RADIUS, "by_cost": True}),
    "lscp twice": ("lscp", {"radius": RADIUS, "cover_times": 2}),
    "pscp": ("pscp", {"radius": RADIUS, "share": 0.7}),
    "pscp by cost": ("pscp", {"radius": RADIUS, "share": 0.7, "by_cost": True}),
    "pmedian": ("pmedian", {"p": 2}),
    "pmedian capped": ("pmedian", {"p": 3, "distance_cap": 8.0}),
    "pmedian budget": ("pmedian", {"budget": 7.0}),
    "pcenter": ("pcenter", {"p": 2}),
    "pcenter weighted": ("pcenter", {"p": 2, "weighted": True}),
    "bacop1": ("bacop1", {"p": 4, "radius": RADIUS}),
    "bacop2": ("bacop2", {"p": 3, "radius": RADIUS, "backup_weight": 0.4}),
    "cmclp": ("cmclp", {"p": 2, "radius": RADIUS}),
    "cmclp single": ("cmclp", {"p": 2, "radius": RADIUS, "single_source": True}),
    "cpmedian": ("cpmedian", {"p": 3}),
    "cpmedian single": ("cpmedian", {"p": 3, "single_source": True}),
    "cflp": ("cflp", {}),
    "cflp single": ("cflp", {"single_source": True}),
}
EVERY = pytest.mark.parametrize("name", ASKED)
FEW = settings(max_examples=2)


def city(seed, n=9, m=6):
    """Return the arguments of a small random problem; about half of its pairs within the radius."""
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 11, (n, m)).astype(float)
    cost[rng.random((n, m)) < 0.15] = np.inf
    return {
        "cost": cost,
        "demand": rng.integers(1, 9, n).astype(float),
        "existing": rng.random(m) < 0.15,
        "site_cost": rng.integers(1, 6, m).astype(float),
        "capacity": rng.integers(12, 40, m).astype(float),
    }


def build(parts):
    return SitingProblem.from_matrix(**parts)


def solve(parts, name, **control):
    model, parameters = ASKED[name]
    return build(parts).solve(model, **parameters, **control)


def sign(name):
    return 1.0 if MODELS[ASKED[name][0]].maximise else -1.0


def same(one, other, factor=1.0):
    """Both have a proven answer, the second ``factor`` times the first; or neither has one."""
    assert one.status == other.status
    assert one.status in ("optimal", "infeasible")
    if one.found:
        assert other.objective == pytest.approx(factor * one.objective, rel=1e-6, abs=1e-9)
        assert other.certificate.agrees
        assert not other.certificate.violations


@EVERY
@FEW
@given(seed=SEEDS)
def test_one_more_site_is_never_worse(name, seed):
    parts = city(seed)
    model, parameters = ASKED[name]
    fewer = solve(parts, name)
    key = "p" if "p" in parameters else "budget" if "budget" in parameters else None
    if not fewer.found or key is None or int((~parts["existing"]).sum()) <= parameters["p" if key == "p" else key]:
        return
    more = build(parts).solve(model, **(parameters | {key: parameters[key] + 1}))
    assert more.status == "optimal"
    assert sign(name) * more.objective >= sign(name) * fewer.objective - 1e-6


@EVERY
@FEW
@given(seed=SEEDS)
def test_a_further_candidate_is_never_worse(name, seed):
    parts = city(seed)
    without = parts | {"forbidden": [0]} if not parts["existing"][0] else parts
    narrow, wide = solve(without, name), solve(parts, name)
    if narrow.found:
        assert wide.status == "optimal"
        assert sign(name) * wide.objective >= sign(name) * narrow.objective - 1e-6


@EVERY
@FEW
@given(seed=SEEDS)
def test_forbidding_a_chosen_site_never_helps(name, seed):
    parts = city(seed)
    plan = solve(parts, name)
    if not plan.found or not len(plan.new_positions):
        return
    vetoed = solve(parts | {"forbidden": plan.new_positions[:1]}, name, warm=plan)
    assert plan.new_positions[0] not in vetoed.open_positions
    if vetoed.found:
        assert vetoed.status == "optimal"
        assert sign(name) * vetoed.objective <= sign(name) * plan.objective + 1e-6


@EVERY
@FEW
@given(seed=SEEDS, factor=st.sampled_from([0.01, 0.5, 3.0, 1000.0]))
def test_the_unit_of_weights_does_not_matter(name, seed, factor):
    parts = city(seed)
    model, parameters = ASKED[name]
    scaled = parts | {"demand": parts["demand"] * factor, "capacity": parts["capacity"] * factor}
    if model == "cflp":
        scaled["site_cost"] = parts["site_cost"] * factor
    weightless = model in ("lscp", "pscp") or (model == "pcenter" and not parameters.get("weighted"))
    same(solve(parts, name), solve(scaled, name), 1.0 if weightless else factor)


@EVERY
@FEW
@given(seed=SEEDS, factor=st.sampled_from([0.25, 7.0]))
def test_the_unit_of_costs_does_not_matter(name, seed, factor):
    parts = city(seed)
    model, parameters = ASKED[name]
    asked = {key: value * factor if key in ("radius", "distance_cap") else value for key, value in parameters.items()}
    if "decay" in asked:
        asked["decay"] = tuple((cost * factor, share) for cost, share in asked["decay"])
    scaled = parts | {"cost": parts["cost"] * factor}
    if model == "cflp":
        scaled["site_cost"] = parts["site_cost"] * factor
    counted = MODELS[model].maximise or model in ("lscp", "pscp")
    same(solve(parts, name), build(scaled).solve(model, **asked), 1.0 if counted else factor)


@EVERY
@FEW
@given(seed=SEEDS)
def test_the_order_of_rows_and_columns_does_not_matter(name, seed):
    parts = city(seed)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(parts["demand"])), rng.permutation(len(parts["existing"]))
    mixed = {key: parts[key][columns] for key in ("existing", "site_cost", "capacity")}
    mixed |= {"cost": parts["cost"][np.ix_(rows, columns)], "demand": parts["demand"][rows]}
    same(solve(parts, name), solve(mixed, name))


@EVERY
@FEW
@given(seed=SEEDS)
def test_dense_sparse_and_travel_times_are_one(name, seed):
    parts = city(seed)
    known = np.isfinite(parts["cost"])
    held = sparse.csr_array((parts["cost"][known], np.nonzero(known)), shape=known.shape)
    dense = solve(parts, name)
    same(dense, solve(parts | {"cost": held}, name))
    by_site = sparse.csr_array((parts["cost"].T[known.T], np.nonzero(known.T)), shape=known.T.shape)
    times = TravelTimes(
        np.arange(known.shape[1]), np.arange(known.shape[0]), by_site.indptr.astype(np.int64),
        by_site.indices.astype(np.int32), by_site.data.astype(np.float32), 20.0, "walk",
        np.zeros(0, np.int64), np.zeros(0, np.int64),
    )  # fmt: skip
    rest = {key: parts[key] for key in ("existing", "site_cost", "capacity")}
    model, parameters = ASKED[name]
    same(dense, SitingProblem.from_travel_times(times, parts["demand"], **rest).solve(model, **parameters))


@EVERY
@FEW
@given(seed=SEEDS)
def test_a_demand_point_may_be_written_as_two(name, seed):
    """Half of the weight each at the same place; not where a point counts as a whole."""
    parameters = ASKED[name][1]
    if parameters.get("single_source") or parameters.get("weighted"):
        return
    parts = city(seed)
    halves = np.concatenate((parts["demand"][:1] / 2, parts["demand"][:1] / 2, parts["demand"][1:]))
    split = parts | {"cost": np.vstack((parts["cost"][:1], parts["cost"])), "demand": halves}
    same(solve(parts, name), solve(split, name))


@EVERY
@FEW
@given(seed=SEEDS)
def test_a_point_without_weight_changes_only_what_must_reach_it(name, seed):
    if ASKED[name][0] in ("lscp", "pcenter", "bacop1", "pmedian", "cpmedian", "cflp"):
        return  # there everybody must be served, however few they are
    parts = city(seed)
    none = parts | {
        "cost": np.vstack((parts["cost"], np.full((1, len(parts["existing"])), 1.0))),
        "demand": np.concatenate((parts["demand"], [0.0])),
    }
    same(solve(parts, name), solve(none, name))


@EVERY
@FEW
@given(seed=SEEDS)
def test_what_is_given_as_known_changes_nothing(name, seed):
    parts = city(seed)
    plan = solve(parts, name)
    if plan.found:
        same(plan, solve(parts, name, warm=plan))
        required = solve(parts | {"required": plan.new_positions}, name)
        same(plan, required)


class Watch:
    """Hears of progress, and stops the solve at the n-th question whether to."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.states: list[Progress] = []
        self.asked, self.stop_at = 0, stop_at

    def cancel(self) -> bool:
        self.asked += 1
        return self.stop_at is not None and self.asked > self.stop_at


@EVERY
@FEW
@given(seed=SEEDS)
def test_progress_only_ever_gets_better(name, seed):
    watch = Watch()
    plan = solve(city(seed, 25, 12), name, progress=watch.states.append, time_limit_s=60)
    optimum, way = plan.objective, sign(name)
    for before, after in zip(watch.states, watch.states[1:], strict=False):
        assert after.elapsed_s >= before.elapsed_s
        assert before.best is None or way * after.best >= way * before.best
        assert before.bound is None or way * after.bound <= way * before.bound
    for state in watch.states:
        if plan.found:
            room = 1e-6 * max(1.0, abs(optimum))
            assert state.best is None or way * state.best <= way * optimum + room
            assert state.bound is None or way * state.bound >= way * optimum - room
        else:
            assert state.best is None


@EVERY
@FEW
@given(seed=SEEDS, stop_at=st.sampled_from([0, 1, 2, 5, 20]))
def test_a_cancelled_solve_says_so_and_lies_about_nothing(name, seed, stop_at):
    parts = city(seed, 25, 12)
    optimum = solve(parts, name)
    watch = Watch(stop_at)
    honest(solve(parts, name, cancel=watch.cancel), optimum, sign(name), "cancelled" if watch.asked > stop_at else "")


@EVERY
@FEW
@given(seed=SEEDS)
def test_a_solve_without_time_says_so_and_lies_about_nothing(name, seed):
    parts = city(seed, 25, 12)
    honest(solve(parts, name, time_limit_s=1e-6), solve(parts, name), sign(name), "time_limit")


def honest(plan, optimum, way, stopped):
    """Nothing is claimed that the proven answer contradicts."""
    assert optimum.status in ("optimal", "infeasible")
    if plan.status == "infeasible":
        assert optimum.status == "infeasible"
        return
    room = 1e-6 * max(1.0, abs(optimum.objective or 0.0))
    if plan.found:
        assert optimum.found
        assert plan.certificate.agrees
        assert not plan.certificate.violations
        assert way * plan.objective <= way * optimum.objective + room
    if plan.bound is not None and optimum.found:
        assert way * plan.bound >= way * optimum.objective - room
    if plan.status == "optimal":
        assert plan.objective == pytest.approx(optimum.objective)
        assert plan.stopped == ""
    else:
        assert plan.stopped == stopped
