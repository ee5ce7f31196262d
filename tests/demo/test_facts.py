"""The fact tables are complete, sourced, and hold no invented census figure."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely

from geoplan import facts
from geoplan.demo.ground import populations, real_ground


def test_tables_have_the_real_sizes() -> None:
    assert len(facts.districts()) == 7
    assert len(facts.towns()) == 88
    assert len(facts.places()) == 69
    metro = facts.metro_stations()
    assert len(metro) == 89
    assert metro["name"].is_unique
    assert set(metro.loc[metro["rest_point"] == "yes", "name"]) == {
        "市民中心", "三阳广场", "文化宫", "无锡火车站", "东林广场", "北栅口",
    }  # fmt: skip


@pytest.mark.parametrize(
    "table", [facts.districts, facts.places, facts.metro_stations, facts.trade_shares, facts.figures]
)
def test_every_row_has_a_source(table: object) -> None:
    assert (table()["source"].str.len() > 3).all()  # type: ignore[operator]


def test_codes_agree_between_tables() -> None:
    codes = set(facts.districts()["district_code"])
    assert set(facts.towns()["district_code"]) == codes
    assert set(facts.places()["district_code"]) <= codes
    assert set(facts.census()["district_code"]) - {"320200"} == codes
    towns = facts.towns()
    assert towns["town_code"].is_unique
    assert (towns["town_code"].str[:6] == towns["district_code"]).all()
    assert set(towns.loc[towns["union_unit"] == "经开区", "name"]) == {"华庄街道", "太湖街道"}


def test_trade_shares_make_a_whole() -> None:
    assert facts.trade_shares()["share"].sum() == pytest.approx(1.0)


def test_census_only_says_what_is_published() -> None:
    known = facts.census().set_index("district_code")["population"].dropna()
    assert known.to_dict() == {
        "320200": 7_462_135, "320281": 1_779_515, "320282": 1_285_785, "320205": 882_387, "320214": 720_215,
    }  # fmt: skip


def test_the_rest_of_the_city_is_split_by_the_stated_rule_and_marked() -> None:
    people = populations()
    assert int(people["population"].sum()) == 7_462_135
    rest = people[people["status"] == "assumption"]
    assert set(rest.index) == {"320206", "320211", "320213"}
    # 7 towns and streets in 惠山, 9 in 滨湖, 9 in 梁溪 share 2,794,233 people
    assert rest.loc["320206", "population"] == pytest.approx(2_794_233 * 7 / 25, abs=1)
    assert rest.loc["320213", "population"] == pytest.approx(2_794_233 * 9 / 25, abs=1)


def test_real_points_lie_on_schematic_land() -> None:
    ground = real_ground()
    for table in (ground.towns, ground.metro):
        dry = shapely.contains_xy(ground.land, table["x"], table["y"])
        assert dry.all(), list(table.loc[~dry, "name"])
    made = ground.towns[ground.towns["position_source"] == "demonstration"]
    assert len(made) == 7  # towns without a position at hand are placed by rule, and say so
    assert isinstance(made, pd.DataFrame)


def test_unknown_figure_is_an_error() -> None:
    with pytest.raises(KeyError):
        facts.figure("no such figure")


def test_no_place_is_named_after_a_district_that_no_longer_exists() -> None:
    # 国函〔2015〕184号, 2015-10-13: 崇安区, 南长区 and 北塘区 became 梁溪区
    names = set(facts.places()["name"]) | set(facts.towns()["name"])
    assert not names & {"崇安区", "南长区", "北塘区"}
    districts = set(facts.districts()["name"])
    assert {name for name in names if name.endswith("区") and len(name) == 3} <= districts
