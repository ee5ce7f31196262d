"""Set, partial, backup and cross covering against brute force; properties any covering keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoplan.siting import SitingProblem

from .brute import best, choices, counts, random_instance


def check(plan, expected):
    """Compare with the brute-force optimum; None means that no plan exists."""
    if expected is None:
        assert plan.status == "infeasible"
        assert plan.reasons
        return
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(expected, abs=1e-6)
    assert plan.certificate.agrees, plan.certificate


@pytest.mark.parametrize("seed", range(60))
def test_full_and_partial_cover(seed):
    rng = np.random.default_rng(seed)
    cost, demand, existing, forbidden = random_instance(rng, sparse_share=0.1)
    price = rng.integers(1, 6, cost.shape[1]).astype(float)
    times = 1 + seed % 2
    problem = SitingProblem.from_matrix(cost, demand, existing=existing, forbidden=forbidden, site_cost=price)
    sets = list(choices(existing, forbidden))
    full = [new for s, new in sets if (counts(cost, s, 6) >= times).all()]
    part = [new for s, new in sets if demand[counts(cost, s, 6) >= times].sum() >= 0.7 * demand.sum() - 1e-9]
    for model, allowed, extra in (("lscp", full, {}), ("pscp", part, {"share": 0.7})):
        check(problem.solve(model, radius=6, cover_times=times, **extra), best((float(len(n)) for n in allowed), False))
        cheap = best((price[n].sum() for n in allowed), False)
        check(problem.solve(model, radius=6, cover_times=times, by_cost=True, **extra), cheap)


@pytest.mark.parametrize("seed", range(60))
def test_backup_and_cross_coverage(seed):
    rng = np.random.default_rng(500 + seed)
    cost, demand, existing, forbidden = random_instance(rng, sparse_share=0.1)
    problem = SitingProblem.from_matrix(cost, demand, existing=existing, forbidden=forbidden)
    sets = [counts(cost, s, 6) for s, _ in choices(existing, forbidden, 3)]
    twice = [demand[c >= 2].sum() for c in sets]
    check(problem.solve("mclp", p=3, radius=6, cover_times=2), best(twice, True))
    check(
        problem.solve("bacop1", p=3, radius=6),
        best((demand[c >= 2].sum() for c in sets if (c >= 1).all()), True),
    )
    weighed = best((0.7 * demand[c >= 1].sum() + 0.3 * demand[c >= 2].sum() for c in sets), True)
    check(problem.solve("bacop2", p=3, radius=6, backup_weight=0.3), weighed)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_more_sites_help_scaling_does_not_and_a_veto_never_gains(seed):
    cost, demand, existing, _ = random_instance(np.random.default_rng(seed), m=8)
    p = 2
    if (~existing).sum() < p + 2:
        existing[:] = False
    problem = SitingProblem.from_matrix(cost, demand, existing=existing)
    plan = problem.solve("mclp", p=p, radius=4)
    assert problem.solve("mclp", p=p + 1, radius=4).objective >= plan.objective
    scaled = SitingProblem.from_matrix(cost, demand * 7, existing=existing).solve("mclp", p=p, radius=4)
    assert scaled.objective == pytest.approx(7 * plan.objective)
    without = problem.with_sites(reject=plan.sites[:1]).solve("mclp", p=p, radius=4, warm=plan)
    assert without.objective <= plan.objective + 1e-9
    assert plan.sites[0] not in without.sites
