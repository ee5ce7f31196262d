"""``geoplan site`` with hours, scenarios and the front's files, on the city checked by hand.

Within 180 m (2.5 minutes) every site reaches its own corner only: S1 D1's 10 workers, S2 D3's 30, C1 D4's 40, C2 none;
D2's 20 in the middle stay out. S1 is open around the clock, S2 on weekdays from 9 to 12 and from 13 to 17.
Of a day's 100 x 24 worker-hours S1 serves 10 x 24 and S2 30 x 7 as things stand: 450.
"""

from __future__ import annotations

import openpyxl
import pytest

NEAR = ("--limit-min", "2.5")
DAY = ("--day", "2026-11-20")
HEAD = "site,option,slices,cost\n"
OPTIONS = HEAD + "S2,evenings,18-22,1\nS2,noon and evenings,12-15;18-22,2\nC1,new,all,5\n"


@pytest.fixture
def options(tmp_path):
    path = tmp_path / "options.csv"
    path.write_text(OPTIONS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("budget", "after", "chosen"),
    [
        (0.5, 450, []),
        (1.5, 570, ["evenings"]),  # 30 x 4 more
        (5, 1410, ["new"]),  # 40 x 24 more
        (6, 1530, ["new", "evenings"]),
        (8, 1560, ["new", "noon and evenings"]),  # of one site one option, never both; of 12-15 one hour was missing
    ],
)
def test_hours_and_sites_under_one_budget(run, tiny_pack, options, budget, after, chosen):
    found = run("site", tiny_pack, "--hours", options, "--budget", budget, *NEAR, *DAY, "--json").json
    assert found["worker_hours"] == {"total": 2400.0, "before": 450.0, "after": float(after)}
    assert (found["status"], found["bound"], found["certificate"]["agrees"]) == ("optimal", after, True)
    assert [option["option"] for option in found["options"]] == chosen
    assert sum(option["worker_hours_added"] for option in found["options"]) == after - 450
    assert found["cost"] <= budget


def test_hours_in_words_and_as_workbook(run, tiny_pack, options, tmp_path):
    ended = run("site", tiny_pack, "--hours", options, "--budget", 6, *NEAR, *DAY, "--out", tmp_path / "out")
    assert ended.code == 0
    assert "worker-hours a day covered 450 → 1,530 of 2,400" in ended.out
    assert "候选一" in ended.out
    sheets = openpyxl.load_workbook(tmp_path / "out" / "hours.xlsx")
    assert {"站点与时间", "证明"} <= set(sheets.sheetnames)
    cells = [cell.value for row in sheets["站点与时间"].iter_rows() for cell in row]
    assert "evenings" in cells
    assert 960 in cells  # 40 workers around the clock


def test_options_as_excel(run, tiny_pack, tmp_path):
    book = openpyxl.Workbook()
    for row in (["site", "option", "slices", "cost"], ["C1", "new", "12-15", 5]):
        book.active.append(row)
    book.save(tmp_path / "options.xlsx")
    found = run("site", tiny_pack, "--hours", tmp_path / "options.xlsx", "--budget", 5, *NEAR, *DAY, "--json").json
    assert found["worker_hours"] == {"total": 2400.0, "before": 450.0, "after": 570.0}  # 40 x 3 more


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "S9,late,18-22,1\n", "options.csv, row 2, field 'site': there is no site 'S9'"),
        (
            HEAD + "S2,late,18-22,1\n\nS2,late,19-20,1\n",
            "options.csv, row 4, field 'slices': there is no time slice '19-20'",
        ),
        (HEAD + "S2,late,18-22,-1\n", "options.csv, row 2, field 'cost': the cost is -1"),
        (HEAD + "S2,late,18-22,nan\n", "options.csv, row 2, field 'cost': the cost is no number"),
        (HEAD + "S2,late,,1\n", "options.csv, row 2, field 'slices': no slices are named"),
        (HEAD + "S2,late,04-06;22-06,1\n", "row 2, field 'slices': the slices 04-06 and 22-06 overlap"),
        ("site,option,cost\nS2,late,1\n", "field 'slices': the column is missing"),
        (HEAD, "the table has no rows"),
        ("", "the file is no table"),
    ],
)
def test_bad_option_tables_are_named(run, tiny_pack, tmp_path, text, said):
    path = tmp_path / "options.csv"
    path.write_text(text, encoding="utf-8")
    ended = run("site", tiny_pack, "--hours", path, "--budget", 5)
    assert ended.code == 2
    assert said in ended.err


def test_every_fault_of_a_table_is_told_at_once(run, tiny_pack, tmp_path):
    path = tmp_path / "options.csv"
    path.write_text(HEAD + "S9,late,18-22,1\nS2,late,18-22,x\n", encoding="utf-8")
    said = run("site", tiny_pack, "--hours", path, "--budget", 5).err
    assert "options.csv, row 2, field 'site': there is no site 'S9'" in said
    assert "options.csv, row 3, field 'cost': the cost is no number" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--hours", "nowhere.csv", "--budget", 5], "nowhere.csv: the file is not there"),
        (["--hours", "options.csv"], "no budget is given; give --budget"),
        (["--hours", "options.csv", "--budget", 5, "--new", 3], "--new does not go with --model hours"),
        (["--hours", "options.csv", "--budget", 5, "--slice", "12-15"], "leave --slice out"),
        (["--hours", "options.csv", "--budget", 5, "--day", "Friday"], "--day 'Friday' is no day; write it like 2026"),
        (["--hours", "options.csv", "--budget", 5, "--day", "2026-13"], "--day '2026-13' is no day"),
        (["--day", "2026-11-20"], "--day says the day of a slice, and no slice is given; give --slice"),
        (["--scenarios", "noon,night"], "neither time slices"),
        (["--scenarios", "06-12"], "give two or more"),
        (["--scenarios", "06-12,18-22", "--years", "1,1"], "--years and --scenarios are asked one at a time"),
        (["--scenarios", "06-12,18-22", "--model", "pcenter"], "--scenarios does not go with --model pcenter"),
        (["--scenarios", "06-12,18-22", "--slice", "12-15"], "--scenarios names its own slices; leave --slice out"),
    ],
)
def test_words_that_do_not_go_together(run, tiny_pack, options, monkeypatch, words, said):
    monkeypatch.chdir(options.parent)
    ended = run("site", tiny_pack, *words)
    assert ended.code == 2
    assert said in ended.err


def test_best_worst_case_of_scenarios(run, tiny_pack, tmp_path):
    """East: all at D4, which C1 reaches. West: D1 and the middle alike; nobody reaches the middle, S1 half of all."""
    path = tmp_path / "demand.csv"
    path.write_text("demand_id,east,west\nD4,100,\nD1,,10\nD2,0,10\n", encoding="utf-8")
    words = ("site", tiny_pack, "--new", 1, *NEAR, "--scenarios", path)
    found = run(*words, "--json").json
    assert found["sites"] == ["C1"]
    robust = found["robust"]
    assert robust["scenarios"] == [
        {"name": "east", "before": 0.0, "mean_plan": 1.0, "plan": 1.0},
        {"name": "west", "before": 0.5, "mean_plan": 0.5, "plan": 0.5},
    ]
    assert robust["worst_share"] == 0.5
    assert 0.5 <= robust["worst_bound"] <= 0.502
    ended = run(*words, "--out", tmp_path / "out")
    assert "worst scenario 50.00%" in ended.out
    assert "情景" in openpyxl.load_workbook(tmp_path / "out" / "projects.xlsx").sheetnames


def test_scenarios_by_time_of_day(run, tiny_pack):
    found = run("site", tiny_pack, "--new", 1, *NEAR, *DAY, "--scenarios", "06-12,18-22", "--json").json
    # a demand without trades is the same all day; S2 is open for half of 06-12, not at all in the evening
    assert found["robust"]["scenarios"] == [
        {"name": "06-12", "before": 0.25, "mean_plan": 0.65, "plan": 0.65},
        {"name": "18-22", "before": 0.10, "mean_plan": 0.50, "plan": 0.50},
    ]
    assert (found["sites"], found["robust"]["worst_share"]) == (["C1"], 0.5)
    assert (found["covered_before"], found["covered_after"]) == (17.5, 57.5)  # the mean of the two


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("demand_id,a,b\nD9,1,1\n", "row 2, field 'demand_id': there is no demand point 'D9'"),
        ("demand_id,a,b\nD1,1,1\nD1,1,1\n", "row 3, field 'demand_id': the demand point is there twice"),
        ("demand_id,a,b\nD1,1,many\n", "row 2, field 'b': 'many' is no weight"),
        ("demand_id,a,b\nD1,1,0\n", "scenario 'b' has no demand"),
        ("demand_id,a\nD1,1\n", "give two or more"),
    ],
)
def test_bad_scenarios_are_named(run, tiny_pack, tmp_path, text, said):
    path = tmp_path / "demand.csv"
    path.write_text(text, encoding="utf-8")
    ended = run("site", tiny_pack, "--scenarios", path)
    assert ended.code == 2
    assert said in ended.err


def test_the_front_gets_a_sheet(run, tiny_pack, tmp_path):
    path = tiny_pack / "candidates.csv"
    head, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    rows = [f"{row},{5 + i}" for i, row in enumerate(rows)]
    path.write_text("\n".join([f"{head},cost", *rows]) + "\n", encoding="utf-8-sig")
    assert run("site", tiny_pack, *NEAR, "--pareto", "--out", tmp_path / "out").code == 0
    sheet = openpyxl.load_workbook(tmp_path / "out" / "projects.xlsx")["费用与覆盖"]
    rows = [tuple(cell.value for cell in row[:3]) for row in sheet.iter_rows()]
    assert (0, 0, 40) in rows
    assert (5, 1, 80) in rows
