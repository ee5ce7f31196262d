"""The standing table: every solver is asked the same, objectives are recomputed, claims stand as they were made."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from geoplan_api.cli.bench import app
from typer.testing import CliRunner

from geoplan.bench.peers import plain_highs, worth
from geoplan.bench.siting import run_case, uniform_problem
from geoplan.bench.standing import QUICK, parse_generated, run_standing
from geoplan.errors import InputError
from geoplan.siting import SitingProblem

#      sites 0  1  2     two sites: 0 and 2 cover (within 2) all but the second point
COST = np.array([[1.0, 3.0, 9.0], [5.0, 2.5, 5.0], [9.0, 3.0, 1.0]])
DEMAND = np.array([10.0, 1.0, 10.0])


@pytest.mark.parametrize(
    ("model", "p", "radius", "opened", "value"),
    [
        ("mclp", 2, 2.0, [0, 2], 20.0),
        ("lscp", None, 3.0, [1], 1.0),
        ("pmedian", 2, 0.0, [0, 2], 25.0),
        ("pcenter", 1, 0.0, [1], 3.0),
    ],
)
def test_plain_highs_by_hand(model, p, radius, opened, value):
    run = plain_highs(model, COST, DEMAND, p, radius, 10.0)
    assert run.claim == "optimal"
    assert run.opened.tolist() == opened
    assert worth(model, COST, DEMAND, run.opened, radius) == value
    asked = {"p": p} if p else {}
    plan = SitingProblem.from_matrix(COST, DEMAND).solve(model, **asked, **({"radius": radius} if radius else {}))
    assert plan.objective == value


def test_worth_of_a_bad_answer():
    assert worth("lscp", COST, DEMAND, np.array([0]), 3.0) == np.inf  # not a cover
    assert worth("mclp", COST, DEMAND, np.array([], dtype=np.int64), 3.0) == 0.0


def test_quick_table():
    said = []
    rows, _ = run_standing(QUICK, progress=said.append, peer_limit_s=20.0)
    ours = {row.question: row for row in rows if row.solver == "geoplan"}
    assert len(ours) == len(QUICK)
    for row in rows:
        assert row.claim.lower() == "optimal"
        assert row.objective == pytest.approx(ours[row.question].objective)
        assert row.seconds > 0
    assert said[0] == f"{QUICK[0].name}: geoplan"


def test_generated_names():
    case = parse_generated("uniform100:2000x100")
    assert (case.n_demand, case.n_sites, case.p) == (2000, 100, 5)
    assert case.radius == pytest.approx(np.sqrt(0.7e4 / (np.pi * 5)))
    assert parse_generated("scp41.txt") is None
    for wrong in ("uniform100:", "uniform100:10", "uniform100:100x10", "uniform100:0x100"):
        with pytest.raises(InputError):
            parse_generated(wrong)


def test_generated_questions_of_every_model():
    for model, p in (("mclp", 4), ("lscp", 4), ("pmedian", 4), ("pcenter", 4)):
        case = parse_generated("uniform100:60x20", model, p, 60.0)
        assert (case.model, case.p, case.radius) == (model, p, 60.0)
        facts = run_case(case, 30.0)
        assert facts["status"] == "optimal"
        cost, demand = points(case)
        assert facts["certificate_agrees"]
        alone = plain_highs(model, cost, demand, None if model == "lscp" else p, 60.0, 30.0)
        assert facts["objective"] == pytest.approx(worth(model, cost, demand, alone.opened, 60.0))
    with pytest.raises(InputError, match="not of 'cflp'"):
        parse_generated("uniform100:200x40", "cflp")


def points(case):
    problem = uniform_problem(replace(case, model="pmedian"))  # with all distances
    return problem.cost, problem.demand


def test_command_takes_generated_instances():
    done = CliRunner().invoke(app, ["siting", "uniform100:500x40", "--seed", "3", "--json"])
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["status"] == "optimal"
    assert facts["certificate_agrees"]


def test_command_asks_only_what_begins_so():
    done = CliRunner().invoke(app, ["siting", "--quick", "--only", "lscp", "--no-peers", "--json"])
    assert done.exit_code == 0, done.output
    assert [row["question"] for row in json.loads(done.stdout)["rows"]] == ["lscp 500 x 80"]
    assert isinstance(CliRunner().invoke(app, ["siting", "--only", "tsp"]).exception, InputError)
