"""``geoplan site`` with rules, years and reasons, on a city checked by hand: C1 gains 40 workers, C2 none."""

from __future__ import annotations

import pytest

NEAR = ("--limit-min", "2.5")  # 180 m: each site reaches its own corner only; the middle's 20 workers nobody


def test_veto_and_force(run, tiny_pack):
    free = run("site", tiny_pack, "--new", 1, *NEAR, "--json")
    assert (free.json["sites"], free.json["objective"], free.json["status"]) == (["C1"], 80.0, "optimal")
    vetoed = run("site", tiny_pack, "--new", 1, *NEAR, "--forbid", "C1", "--json").json
    assert (vetoed["sites"], vetoed["objective"]) == (["C2"], 40.0)
    forced = run("site", tiny_pack, "--new", 1, *NEAR, "--require", "C2", "--json").json
    assert forced["sites"] == ["C2"]


def test_reasons_and_years(run, tiny_pack):
    plan = run("site", tiny_pack, "--new", 1, *NEAR, "--explain", "--json").json
    (reason,) = plan["explained"]
    assert (reason["site"], reason["own"], reason["marginal"]) == ("C1", 40.0, 40.0)
    assert (reason["substitute"], reason["substitute_loss"]) == ("C2", 40.0)
    phased = run("site", tiny_pack, "--years", "1,1", *NEAR, "--json").json
    assert [(year["total"], year["objective"], year["price"]) for year in phased["years"]] == [
        (1, 80.0, 0.0),
        (2, 80.0, 0.0),
    ]
    assert [(row["site_id"], row["year"], row["workers_newly_covered"]) for row in phased["projects"]] == [
        ("C1", 1, 40.0),
        ("C2", 2, 0.0),
    ]
    assert "price of phasing" in run("site", tiny_pack, "--years", "1,1", *NEAR).out


def test_years_together_and_by_budget(run, tiny_pack):
    joint = run("site", tiny_pack, "--years", "1,1", "--joint", *NEAR, "--json").json
    assert joint["phasing"] == {"status": "optimal", "objective": 160.0, "bound": 160.0}
    assert [year["sites"] for year in joint["years"]] == [["C1"], ["C1", "C2"]]
    # the certificate speaks of both years, not of the last one's network
    assert (joint["objective"], joint["certificate"]["objective_recomputed"], joint["gap"]) == (160.0, 160.0, 0.0)
    assert "2 years together" in joint["sentence"]
    path = tiny_pack / "candidates.csv"
    head, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    rows = [f"{row},{5 + i}" for i, row in enumerate(rows)]
    path.write_text("\n".join([f"{head},price" if "cost" in head else f"{head},cost", *rows]) + "\n", encoding="utf-8")
    late = run("site", tiny_pack, "--yearly-budget", "3,2.5", *NEAR, "--json").json
    assert [year["sites"] for year in late["years"]] == [[], ["C1"]]  # the first year's money is kept
    assert [row["year"] for row in late["projects"]] == [2]
    assert "all years together" in run("site", tiny_pack, "--years", "1,1", "--joint", *NEAR).out


def test_price_of_floors_and_near_best(run, tiny_pack):
    plan = run("site", tiny_pack, "--new", 1, *NEAR, "--floor", "梁溪区=0.8", "--json").json
    assert plan["floor_price"] == {
        "without": 80.0,
        "with": 80.0,
        "price": 0.0,
        "exact": True,
        "sentence": "price of the floors: 0 workers fewer covered in all (proven)",
        "sentence_zh": "最低覆盖率的代价：全市少覆盖 0 人（已证明）",
    }
    assert "price of the floors: 0" in run("site", tiny_pack, "--new", 1, *NEAR, "--floor", "梁溪区=0.8").out
    (reason,) = run("site", tiny_pack, "--new", 1, *NEAR, "--explain", "--near-best", "--json").json["explained"]
    assert reason["in_every_near_best"] is True  # without C1 half is lost


def test_front_of_cost_and_coverage(run, tiny_pack):
    path = tiny_pack / "candidates.csv"
    head, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    if "cost" not in head.split(","):
        head, rows = f"{head},cost", [f"{row},{5 + i}" for i, row in enumerate(rows)]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8-sig")
    front = run("site", tiny_pack, *NEAR, "--pareto", "--json").json["pareto"]
    assert front["complete"]
    assert [(p["cost"], p["covered"], p["sites"]) for p in front["points"]] == [(0.0, 40.0, []), (5.0, 80.0, ["C1"])]
    assert "every non-dominated point, proven" in run("site", tiny_pack, *NEAR, "--pareto").out
    assert run("site", tiny_pack, "--new", 1, "--pareto").code == 2


def test_floor_and_quota(run, tiny_pack):
    assert run("site", tiny_pack, "--new", 1, *NEAR, "--floor", "梁溪区=0.8", "--json").json["status"] == "optimal"
    impossible = run("site", tiny_pack, "--new", 1, *NEAR, "--floor", "梁溪区=90%", "--json")
    assert impossible.code == 1
    assert impossible.json["status"] == "infeasible"
    assert impossible.json["reasons"]
    assert run("site", tiny_pack, "--new", 1, *NEAR, "--quota", "梁溪区=:0", "--json").json["status"] == "infeasible"


def test_other_models(run, tiny_pack):
    fewest = run("site", tiny_pack, "--model", "pscp", "--share", 0.75, *NEAR, "--json").json
    assert (fewest["sites"], fewest["objective"]) == (["C1"], 1.0)
    # without a limit on walking everybody is served: the median stands where the most workers walk least
    median = run("site", tiny_pack, "--model", "pmedian", "--new", 1, "--limit-min", 30, "--json").json
    assert (median["sites"], median["status"]) == (["C1"], "optimal")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--model", "magic"], "--model 'magic' is not known; use one of mclp"),
        (["--forbid", "C9"], "--forbid: there is no candidate site 'C9'"),
        (["--require", "S1"], "--require: there is no candidate site 'S1'"),
        (["--floor", "江阴市=0.5"], "--floor: there is no district '江阴市'; use one of 梁溪区"),
        (["--floor", "梁溪区=many"], "--floor '梁溪区=many' is no floor; write it like 宜兴市=0.9"),
        (["--quota", "梁溪区=5"], "--quota '梁溪区=5' is no quota; write it like 宜兴市=5:20"),
        (["--years", "soon"], "--years 'soon' are no yearly numbers; write it like 30,40,41"),
        (["--years", "1,1", "--yearly-budget", "5,5"], "--years and --yearly-budget exclude each other"),
        (["--yearly-budget", "5,-1"], "--yearly-budget holds -1; give a number, 0 or more"),
        (["--joint"], "--joint needs --years or --yearly-budget"),
        (["--years", "1,1", "--new", "3"], "--years add up to 2 new stations, --new is 3; leave --new out"),
        (["--years", "1,1", "--budget", "3"], "--years says how much is built; leave --new and --budget out"),
        (
            ["--years", "1,1", "--model", "pcenter"],
            "--years does not go with --model pcenter; leave it out, or use mclp",
        ),
        (["--limit-min", "300"], "--limit-min is 300; give a number, above 0, at most 240 (minutes)"),
        (["--budget", "10"], "candidate 'C1' has no cost"),
    ],
)
def test_bad_words(run, tiny_pack, options, message):
    ended = run("site", tiny_pack, "--new", 1, *options)
    assert ended.code == 2
    assert message in ended.err
