"""Every model of ``geoplan site`` with what it takes, on a city checked by hand: C1 gains 40 workers, C2 none."""

from __future__ import annotations

import re
import signal
import sys

import pytest
from geoplan_api.cli.stopping import asked_to_stop

from geoplan.planning import CoverageQuestion, PlanQuestion, declarations

NEAR = ("--limit-min", "2.5")  # 180 m: each site reaches its own corner only; the middle's 20 workers nobody


@pytest.fixture
def priced_pack(tiny_pack):
    """Costs 5 and 6, capacities 15 and none for the candidates; one demand point without workers."""
    path = tiny_pack / "candidates.csv"
    head, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    rows = [f"{row},{5 + i},{'15' if i == 0 else ''}" for i, row in enumerate(rows)]
    path.write_text("\n".join([f"{head},cost,capacity", *rows]) + "\n", encoding="utf-8")
    return tiny_pack


@pytest.mark.parametrize(
    ("options", "objective", "words"),
    [
        (["--decay", "2.5:0.5"], 40.0, "counted by decay 40 of 100 workers (40.0%)"),
        (["--open-probability", 0.5, *NEAR], 40.0, "expected cover 40 of 100 workers (40.0%)"),
        (["--model", "bacop2", "--backup-weight", 0.25, *NEAR], 60.0, "first and second cover weighed 0.75 : 0.25"),
        (["--model", "cmclp", "--capacity", 25, *NEAR], 50.0, "served within capacities 50 of 100 workers (50.0%)"),
        (["--model", "pcenter", "--limit-min", 30], None, "longest way"),
        (["--model", "pmedian", "--limit-min", 30], None, "min, over 100 workers"),
        (["--cross", 2, *NEAR], 0.0, "within reach of 2 stations 0 of 100 workers (0.0%)"),
    ],
)
def test_what_an_objective_means(run, priced_pack, options, objective, words):
    plan = run("site", priced_pack, "--new", 1, *options, "--json").json
    assert plan["status"] == "optimal"
    assert objective is None or plan["objective"] == pytest.approx(objective)
    assert words in plan["objective_en"]
    assert plan["objective_en"] in run("site", priced_pack, "--new", 1, *options).out.replace("\n", "")


def test_capacities_come_from_the_table_first(run, priced_pack):
    # S1 10 and S2 25 of 30 within 25 each; C1 takes 15 of 40 as its row says
    plan = run(
        "site", priced_pack, "--new", 1, "--require", "C1", "--model", "cmclp", "--capacity", 25, *NEAR, "--json"
    )
    assert plan.json["objective"] == 10 + 25 + 15
    lacking = run("site", priced_pack, "--new", 1, "--model", "cmclp", *NEAR)
    assert (lacking.code, "3 of 4 sites have no capacity" in lacking.err) == (2, True)


def test_everybody_who_can_be_reached(run, priced_pack):
    everybody = run("site", priced_pack, "--model", "lscp", *NEAR, "--everybody")
    assert (everybody.code, "--reachable" in everybody.out) == (1, True)
    plan = run("site", priced_pack, "--model", "lscp", "--by-cost", *NEAR, "--json").json
    assert (plan["sites"], plan["objective"], plan["left_out"]) == (["C1"], 5.0, 20.0)
    assert plan["left_out_by_district"] == {"320213": 20.0}
    assert "left out, reached by no site: 20 of 100 workers" in run(
        "site", priced_pack, "--model", "lscp", *NEAR
    ).out.replace("\n", "")


def test_fixed_cost_against_ways(run, priced_pack):
    def sites(way_cost):
        options = ("--limit-min", 30, "--capacity", 100, "--way-cost", way_cost)
        plan = run("site", priced_pack, "--model", "cflp", *options, "--json").json
        return plan["status"], plan["sites"]

    assert sites(0.001) == ("optimal", [])  # ways cost next to nothing: no site pays
    assert sites(10) == ("optimal", ["C1"])


def test_exclusive_sites_and_no_new_site(run, tiny_pack):
    both = run("site", tiny_pack, "--new", 2, "--exclusive", "C1,C2", *NEAR, "--json")
    assert (both.code, both.json["status"]) == (1, "infeasible")
    none = run("site", tiny_pack, "--new", 0, *NEAR)
    assert "covered before 40 (40.0%) → after 40 (40.0%) of 100 workers" in none.out.replace("\n", "")


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (["--decay", "soon"], ["--decay 'soon' are no steps of decay; write it like 8:1,12:0.6,15:0.2"]),
        (["--decay", "5:1", "--limit-min", 6], ["--decay says how far a station counts; leave --limit-min out"]),
        (["--model", "lscp"], ["--new does not go with --model lscp"]),
        (["--reachable"], ["--reachable does not go with --model mclp; leave it out, or use lscp, bacop1, pmedian"]),
        (["--way-cost", 1], ["--way-cost does not go with --model mclp; leave it out, or use cflp"]),
        (["--capacity", 1], ["--capacity does not go with --model mclp; leave it out, or use cmclp, cpmedian, cflp"]),
        (["--explain", "--cross", 2], ["--explain counts workers once covered; leave --cross out"]),
        (["--backup-weight", 0.2], ["--backup-weight does not go with --model mclp; leave it out, or use bacop2"]),
        (
            [
                "--forbid",
                "C8",
                "--require",
                "C9",
                "--floor",
                "江阴市=0.5",
                "--quota",
                "梁溪区=3:1",
                "--exclusive",
                "C1",
            ],
            ["'C8'", "'C9'", "'江阴市'", "--quota: the quota of 梁溪区 is 3:1", "'C1' names fewer than two sites"],
        ),
        (["--day", "soon", "--floor", "all", "--years", "x"], ["--day 'soon'", "--floor 'all'", "--years 'x'"]),
        (["--budget", 5], ["candidate 'C1' has no cost", "candidate 'C2' has no cost"]),
    ],
)
def test_each_fault_has_its_sentence(run, tiny_pack, options, messages):
    ended = run("site", tiny_pack, "--new", 1, *options)
    assert ended.code == 2
    for message in messages:
        assert ended.err.count(message) == 1


def test_the_folder_is_looked_at_before_the_search(run, tiny_pack, tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("mine", encoding="utf-8")
    ended = run("site", tiny_pack, "--new", 1, "--out", file / "deeper")
    assert (ended.code, "is a file; name a folder with --out" in ended.err) == (2, True)
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.fixture
def ctrl_c():
    """Ctrl-C as a terminal has it: a process in the background begins with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_is_a_wish_at_first():
    with asked_to_stop() as stop:
        assert not stop()
        signal.raise_signal(signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_stopped_search_says_so(run, tiny_pack, monkeypatch):
    class AlreadyAsked:
        def __enter__(self):
            return lambda: True

        def __exit__(self, *_):
            return False

    monkeypatch.setattr("geoplan_api.cli.site.asked_to_stop", AlreadyAsked)
    ended = run("site", tiny_pack, "--new", 1, *NEAR)
    assert ended.code in (0, 1)
    assert not ended.err.count("Traceback")


def test_ctrl_c_in_compiled_code_ends_in_a_word(run, monkeypatch):
    def interrupted(_verb):
        raise SystemError("returned a result with an exception set") from KeyboardInterrupt()

    monkeypatch.setattr(sys.modules["geoplan_api.cli.main"], "command_line", interrupted)
    ended = run("bench", "siting")
    assert (ended.code, ended.err.strip()) == (130, "geoplan: stopped.")


def test_figures_are_never_cut(run, tiny_pack, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    narrow = run("bench", "siting", "uniform100:2000x200", "--p", 10).out
    assert "…" not in narrow


def test_what_all_sites_together_reach(run, tiny_pack):
    near = run("site", tiny_pack, "--new", 1, *NEAR)
    assert "all sites together reach 80 workers" in near.out  # the middle's 20 workers are too far from each
    path = tiny_pack / "candidates.csv"
    text = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([*text, "C3,远处,银行,120.40,31.57"]) + "\n", encoding="utf-8")
    far = run("site", tiny_pack, "--new", 1, *NEAR)
    assert "2 of 3 candidates reach nobody" in far.out


def test_demand_in_shares_of_one_is_not_rounded_away(run, tiny_pack):
    path = tiny_pack / "demand.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    cells = [row.split(",") for row in rows]
    column = head.split(",").index("workers")
    for row in cells:
        row[column] = str(float(row[column]) / 1e5)
    path.write_text("\n".join([head, *map(",".join, cells)]) + "\n", encoding="utf-8")
    plan = run("site", tiny_pack, "--new", 1, *NEAR, "--json").json
    assert plan["share_after"] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("model", "lacks", "give"),
    [
        ("mclp", "", []),
        ("lscp", "", []),
        ("pscp", "--model pscp needs --share, and none is given; give the share of demand", ["--share", 0.5]),
        ("pmedian", "", []),
        ("pcenter", "", []),
        ("bacop1", "", []),
        ("bacop2", "", []),
        ("cmclp", "3 of 4 sites have no capacity, 'S1' among them; give --capacity for those", ["--capacity", 25]),
        ("cpmedian", "3 of 4 sites have no capacity, 'S1' among them; give --capacity for those", ["--capacity", 40]),
        ("cflp", "nothing says what a minute of way costs; give --way-cost", ["--way-cost", 1, "--capacity", 40]),
        ("hours", "no budget is given; give --budget", ["--budget", 5, "--hour-cost", 1, "--all-day-cost", 4]),
    ],
)
@pytest.mark.parametrize("near", [(), NEAR])
def test_every_model_answers_or_says_what_it_lacks(run, priced_pack, model, lacks, give, near):
    bare = run("site", priced_pack, "--model", model, *near)
    assert (bare.code, lacks in bare.err) == (2 if lacks else 0, True)
    plan = run("site", priced_pack, "--model", model, *near, *give, "--json")
    if near and model in ("cpmedian", "cflp"):  # within 2.5 minutes D4's 40 workers have C1's 15 places alone
        assert (plan.code, plan.json["status"], len(plan.json["reasons"]) > 0) == (1, "infeasible", True)
        return
    assert plan.code == 0, plan.err
    assert plan.json["status"] == "optimal"
    assert plan.json["certificate"]["agrees"]


@pytest.mark.parametrize("verb", ["site", "coverage"])
def test_help_says_unit_range_and_models(run, verb):
    question = PlanQuestion if verb == "site" else CoverageQuestion
    said = " ".join(re.sub("[│╭╰─╮╯]", " ", run(verb, "--help").out).split())
    for one in declarations(question):
        for word in one.option.split("/"):
            assert word in said
        assert all(choice in said for choice in one.choices)
    assert "Longest way to a station. (minutes; above 0 to 240)" in said
    assert (verb == "site") == ("Weight of cross cover against first cover. (0 to 1; bacop2)" in said)
