"""The project list against sums done by hand and by brute force."""

from __future__ import annotations

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan import CityPack
from geoplan.errors import InputError
from geoplan.network import TravelTimes
from geoplan.planning import (
    City,
    PlanQuestion,
    all_sites,
    answer,
    plan_facts,
    project_list,
    suggested_new_sites,
    write_project_workbook,
    write_projects,
)
from geoplan.planning.projects import coverage_order


def times_of(reached: list[list[int]], n_demand: int) -> TravelTimes:
    nothing = np.zeros(0, np.int64)
    return TravelTimes(
        np.arange(len(reached)),
        np.arange(n_demand),
        np.cumsum([0, *[len(row) for row in reached]]),
        np.array([j for row in reached for j in sorted(row)], np.int32),
        np.zeros(sum(len(row) for row in reached), np.float32),
        900.0,
        "walk",
        nothing,
        nothing,
    )


def test_order_by_hand():
    # site 0 exists and covers demand 0; 1 covers 0 and 1; 2 covers 1, 2 and 3; 3 covers 3
    times = times_of([[0], [0, 1], [1, 2, 3], [3]], 4)
    demand = np.array([5.0, 4.0, 3.0, 2.0])
    order, gain, before = coverage_order(times, demand, np.array([0]), np.array([1, 2, 3]))
    assert before == 5.0
    assert order.tolist()[0] == 2
    assert gain.tolist() == [9.0, 0.0, 0.0]


@given(st.data())
def test_order_is_greedy_and_adds_up(data):
    n = data.draw(st.integers(1, 12))
    reached = data.draw(st.lists(st.sets(st.integers(0, n - 1)).map(list), min_size=2, max_size=7))
    demand = np.array(data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), np.float64)
    times = times_of(reached, n)
    chosen = np.arange(1, len(reached))
    order, gain, before = coverage_order(times, demand, np.array([0]), chosen)
    assert sorted(order.tolist()) == chosen.tolist()
    covered = set(reached[0])
    assert before == sum(demand[j] for j in covered)
    left = set(chosen.tolist())
    for row, more in zip(order.tolist(), gain.tolist(), strict=True):
        best = max(sum(demand[j] for j in set(reached[i]) - covered) for i in left)
        assert more == best == sum(demand[j] for j in set(reached[row]) - covered)
        covered |= set(reached[row])
        left.discard(row)


def test_the_list_adds_up_to_the_plan(tiny_pack, tmp_path):
    city = City(CityPack.open(tiny_pack))
    sites = city.sites()
    assert sites.index.tolist() == ["S1", "S2", "C1", "C2"]
    assert sites["existing"].tolist() == [True, True, False, False]
    # 150 s at 1.2 m/s is 180 m, and corners 0 and 2 lie 190 m apart: each site reaches its own corner only
    found = answer(city, PlanQuestion(new_sites=1, limit_s=150.0))
    projects = found.projects
    assert found.plan.sites.tolist() == ["C1"]
    row = projects.iloc[0]
    assert (row["rank"], row["name"], row["district"], row["host_type"]) == (1, "候选一", "梁溪区", "社区服务中心")
    assert (row["workers_newly_covered"], row["workers_covered_total"], row["share_covered"]) == (40.0, 80.0, 0.8)
    assert row["origin"] == "user"
    paths = write_projects(projects, tmp_path)
    assert paths["csv"].read_bytes().startswith(b"\xef\xbb\xbf")
    assert '"FeatureCollection"' in paths["geojson"].read_text(encoding="utf-8")


def test_the_list_goes_year_by_year(tiny_pack):
    city = City(CityPack.open(tiny_pack))
    found = answer(city, PlanQuestion(new_sites=0, limit_s=150.0))
    times = found.rows.times(city, "walk", 150.0)
    years = {"by_year": [np.array([3]), np.array([2, 3])]}
    projects = project_list(found.rows.pack, city.sites(), times, np.array([2, 3]), **years)
    rows = projects[["rank", "site_id", "year", "workers_newly_covered", "workers_covered_total"]]
    assert rows.to_numpy().tolist() == [[1, "C2", 1, 0.0, 40.0], [2, "C1", 2, 40.0, 80.0]]


def test_a_candidate_with_a_stations_code_is_named(tiny_pack):
    path = tiny_pack / "candidates.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace("C2", "S1"), encoding="utf-8-sig")
    with pytest.raises(InputError, match=r"candidates.csv, row 3, field 'candidate_id': 'S1' is the code of a station"):
        all_sites(CityPack.open(tiny_pack))


def test_the_workbook_holds_the_list_and_its_proof(tiny_pack, tmp_path):
    pack = CityPack.open(tiny_pack)
    found = answer(City(pack), PlanQuestion(new_sites=1, limit_s=150.0))
    path = write_project_workbook(tmp_path / "projects.xlsx", pack, plan_facts(found), found.projects)
    book = openpyxl.load_workbook(path)
    rows = list(book["项目清单"].iter_rows(values_only=True))
    assert rows[1][:3] == ("序号", "候选点编号", "名称")
    assert rows[2][:3] == (1, "C1", "候选一")
    proof = {row[0]: row[1] for row in book["证明"].iter_rows(min_row=3, values_only=True)}
    assert (proof["状态"], proof["两者一致"], proof["目标值（求解器）"]) == ("optimal", "是", 80)
    assert any("drawn by hand" in str(cell) for row in book["说明"].iter_rows(values_only=True) for cell in row)


@pytest.mark.parametrize(
    ("stations", "candidates", "asked"),
    [(889, 5200, 111), (3, 60, 1), (0, 60, 6), (0, 0, 0), (889, 20, 20), (1, 5, 1)],
)
def test_the_first_question_grows_with_the_city(stations, candidates, asked):
    assert suggested_new_sites(stations, candidates) == asked
