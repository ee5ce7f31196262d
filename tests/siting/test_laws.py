"""Laws between questions, on the awkward numbers of the hunt."""

from __future__ import annotations

import numpy as np
import pytest

from geoplan.siting import MODELS, SitingProblem

from .fuzz import draw

SEEDS = range(60)
ADDS_UP = ("mclp", "bacop1", "bacop2", "pmedian")


def solved(case, problem=None, **changed):
    parts = case.problem if problem is None else problem
    return SitingProblem.from_matrix(**parts).solve(case.model, **(case.asked | changed))


def better(model):
    return 1.0 if MODELS[model].maximise else -1.0


def slack(plan):
    return 2e-6 * max(1.0, abs(plan.objective))


def same(one, other, factor=1.0):
    assert one.found == other.found
    if one.found:
        assert other.objective == pytest.approx(factor * one.objective, rel=2e-6, abs=2e-6 * max(1.0, factor))


def cases(*models):
    for seed in SEEDS:
        case = draw(10_000 + seed, model=models[seed % len(models)])
        if case.enumerable:
            yield case


def test_a_share_of_all_demand_is_everybody_who_counts():
    for case in cases("pscp"):
        counting = case.problem["demand"] > 0
        if not counting.any() or case.problem.get("floors"):
            continue
        whole = solved(case, share=1.0)
        rows = case.problem | {"cost": case.problem["cost"][counting], "demand": case.problem["demand"][counting]}
        asked = {name: value for name, value in case.asked.items() if name != "share"}
        same(whole, SitingProblem.from_matrix(**rows).solve("lscp", **asked))


def test_a_site_more_never_hurts():
    for case in cases(*MODELS):
        before = solved(case)
        if not before.found:
            continue
        parts = dict(case.problem)
        parts["cost"] = np.column_stack((parts["cost"], np.zeros(len(parts["cost"]))))
        parts["site_cost"] = np.append(parts["site_cost"], 0.0)
        for name in ("existing", "required", "forbidden"):
            parts[name] = np.append(parts[name], False)
        if "capacity" in parts:
            parts["capacity"] = np.append(parts["capacity"], 1.0)
        if "site_group" in parts:
            parts["site_group"] = np.append(parts["site_group"], 7)
        if "site_xy_m" in parts:
            parts["site_xy_m"] = np.vstack((parts["site_xy_m"], [[1e6, 1e6]]))
        after = solved(case, parts)
        assert after.status == "optimal"
        assert better(case.model) * (after.objective - before.objective) >= -slack(before)


def test_the_order_of_points_does_not_matter():
    for case in cases(*MODELS):
        order = np.random.default_rng(case.seed).permutation(len(case.problem["demand"]))
        parts = case.problem | {"cost": case.problem["cost"][order], "demand": case.problem["demand"][order]}
        if "floors" in parts:
            parts["floors"] = [type(f)(f.name, f.weights[order], f.share, f.times) for f in parts["floors"]]
        same(solved(case), solved(case, parts))


@pytest.mark.parametrize("factor", [0.001, 1000.0])
def test_the_unit_of_demand_does_not_matter(factor):
    for case in cases(*ADDS_UP):
        parts = case.problem | {"demand": case.problem["demand"] * factor}
        same(solved(case), solved(case, parts), factor)


def test_a_point_may_be_split():
    """Half of a point's weight at one row and half at another with the same ways is the same question."""
    for case in cases(*ADDS_UP, "pscp"):
        half = case.problem["demand"].copy()
        half[0] /= 2
        parts = dict(case.problem)
        parts["cost"] = np.vstack((parts["cost"], parts["cost"][:1]))
        parts["demand"] = np.append(half, half[0])
        if "floors" in parts:
            parts["floors"] = [
                type(f)(f.name, np.append(f.weights, 0.0), f.share, f.times) for f in case.problem["floors"]
            ]
        same(solved(case), solved(case, parts))
