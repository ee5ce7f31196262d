"""The reference program of every model: the same optimum as the fast path, and names for what it holds."""

from __future__ import annotations

import numpy as np
import pytest

from geoplan.siting import MODELS, Floor, Question
from geoplan.siting.control import Control
from geoplan.siting.formulate import formulate, solve_formulation
from geoplan.siting.presolve import Found
from geoplan.siting.solve import SOLVERS

from .test_properties import ASKED, build, city

RULES = {
    "plain": {},
    "floors": {"floors": lambda n, m: [Floor("half", np.ones(n), 0.5), Floor("some twice", np.ones(n), 0.2, 2)]},
    "quotas": {"site_group": lambda n, m: np.arange(m) % 2, "quotas": lambda n, m: {0: (1, 2)}},
    "exclusive": {"exclusive": lambda n, m: [[0, 1], [2, 3]]},
    "spacing": {"site_xy_m": lambda n, m: np.arange(2.0 * m).reshape(m, 2), "spacing_m": lambda n, m: 3.0},
}


def asked_of(name, problem):
    model, parameters = ASKED[name]
    spec = MODELS[model]
    if problem.floors and "radius" in spec.takes:
        parameters = parameters | {"radius": 5.0}
    return model, parameters


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", ASKED)
def test_fast_path_and_reference_agree(name, rule):
    for seed in range(2):
        parts = city(seed, n=14, m=9)
        size = parts["cost"].shape
        if ASKED[name][0] == "mclp" and "decay" in ASKED[name][1] and rule == "floors":
            continue
        parts |= {key: make(*size) for key, make in RULES[rule].items()}
        problem = build(parts)
        model, parameters = asked_of(name, problem)
        plan = problem.solve(model, **parameters)
        found = solve_formulation(problem, plan.question, Control(maximise=MODELS[model].maximise), 0)
        assert plan.status == ("infeasible" if found.infeasible else "optimal")
        if plan.found:
            assert plan.objective == pytest.approx(found.objective, rel=1e-6, abs=1e-9)


def test_rows_and_columns_have_names():
    problem = build(city(1, n=5, m=4) | {"site_group": [0, 0, 1, 1], "quotas": {0: (1, 2)}})
    program = formulate(problem, Question("cpmedian", p=2))
    assert len(program.row_names) == len(program.model.row_lower) == program.model.matrix.shape[0]
    assert len(program.column_names) == len(program.model.cost)
    assert program.column_names[:4] == ("open[0]", "open[1]", "open[2]", "open[3]")
    assert {"exactly 2 new sites[0]", "between 1 and 2 new sites in 0[0]", "served[4]", "capacity[3]"} <= set(
        program.row_names
    )


def test_what_is_settled_is_a_bound_of_its_column():
    problem = build(city(3, n=4, m=4) | {"existing": [0], "required": [1], "forbidden": [2]})
    model = formulate(problem, Question("mclp", p=2, radius=5.0)).model
    assert model.lower[:4].tolist() == [1, 1, 0, 0]
    assert model.upper[:4].tolist() == [1, 1, 0, 1]
    assert model.maximise


@pytest.mark.parametrize("answer", ["nothing", "a plan that breaks a rule"])
def test_the_reference_decides_where_a_fast_path_has_no_sound_plan(monkeypatch, answer):
    problem = build(city(1, n=10, m=7))
    right = problem.solve("mclp", p=2, radius=5.0)

    def broken(whole, question, control, seed, warm):
        new = None if answer == "nothing" else right.new_positions[:1]
        return Found(new, None if new is None else 1e9, 1e9)

    monkeypatch.setitem(SOLVERS, "mclp", broken)
    plan = problem.solve("mclp", p=2, radius=5.0)
    assert (plan.status, plan.objective) == ("optimal", right.objective)
    assert plan.certificate.agrees
