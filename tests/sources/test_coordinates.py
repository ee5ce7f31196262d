"""Positions in every form a register writes them; swapped pairs are proven by their numbers, the rest is said."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.sources.columns import map_columns
from geoplan.sources.coordinates import Positions, parse_coordinates
from geoplan.sources.degrees import parse_degrees, parse_pair
from geoplan.sources.tables import read_table

DMS = 120 + 18 / 60 + 5.6 / 3600


@pytest.mark.parametrize(
    ("text", "value", "axis"),
    [
        ("120.301234", 120.301234, ""),
        ("１２０．３０", 120.30, ""),
        ("120.3°", 120.3, ""),
        ("120°18′05.6″", DMS, ""),
        ("120°18'5.6\"", DMS, ""),
        ("120° 18' 5.6\" E", DMS, "lon"),
        ("东经120度18分5.6秒", DMS, "lon"),
        ("北纬31度30分", 31.5, "lat"),
        ("120:18:05.6", DMS, ""),
        ("E120.5", 120.5, "lon"),
        ("31.5N", 31.5, "lat"),
        ("S 33.5", -33.5, "lat"),
        ("经度：120.5", 120.5, "lon"),
        ("31°34.5′", 31.575, ""),
    ],
)
def test_one_angle(text: str, value: float, axis: str) -> None:
    got = parse_degrees(text)
    assert got is not None
    assert got[0] == pytest.approx(value, abs=1e-12)
    assert got[1] == axis


@pytest.mark.parametrize("text", ["", "中山路", "120.3.4", "120°75′", "abc", "120,3", "1e5", "120度18分99秒", "--"])
def test_not_an_angle(text: str) -> None:
    assert parse_degrees(text) is None


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("120.3,31.5", ""),
        ("120.3，31.5", ""),
        ("(120.3, 31.5)", ""),
        ("[120.3, 31.5]", ""),
        ("120.3 31.5", ""),
        ("POINT (120.3 31.5)", "lon,lat"),
        ("lng:120.3,lat:31.5", "lon,lat"),
        ("经度120.3 纬度31.5", "lon,lat"),
        ("东经120.3北纬31.5", "lon,lat"),
        ("120°18′0″E,31°30′0″N", "lon,lat"),
        ("E120.3 N31.5", "lon,lat"),
        ('{"lng":120.3,"lat":31.5}', "lon,lat"),
    ],
)
def test_two_angles_in_a_cell(text: str, order: str) -> None:
    got = parse_pair(text)
    assert got is not None
    assert got[:2] == pytest.approx((120.3, 31.5))
    assert got[2] == order


def test_two_angles_the_other_way_round() -> None:
    got = parse_pair("北纬31°30′ 东经120°18′")
    assert got is not None
    assert got[:2] == pytest.approx((31.5, 120.3))
    assert got[2] == "lat,lon"


def positions(tmp_path: Path, text: str) -> Positions:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    table = read_table(path)
    return parse_coordinates(table, map_columns(table.headers))


def test_swapped_columns_are_proven_by_the_numbers_and_said(tmp_path: Path) -> None:
    got = positions(tmp_path, "名称,经度,纬度\n甲,31.571,120.301\n乙,120.302,31.572\n")
    assert got.lon.tolist() == [120.301, 120.302]
    assert got.swapped.tolist() == [True, False]
    assert [fault.row for fault in got.faults] == [2]


def test_one_column_in_either_order_is_no_fault(tmp_path: Path) -> None:
    got = positions(tmp_path, '名称,坐标\n甲,"31.571,120.301"\n乙,"120.302,31.572"\n')
    assert got.lon.tolist() == [120.301, 120.302]
    assert got.faults == ()


def test_absent_unreadable_outside_zero_metres_and_coarse(tmp_path: Path) -> None:
    got = positions(
        tmp_path,
        "名称,经度,纬度\n甲,,\n乙,无,无\n丙,待定,x路\n丁,0,0\n戊,2.35123,48.85123\n己,520123.4,3494567.8\n庚,120.3,31.5\n辛,12.030,31.571\n",
    )
    assert got.absent.tolist() == [True, True, False, True, False, False, False, False]
    assert np.flatnonzero(got.known).tolist() == [6]
    assert got.coarse.tolist() == [False] * 6 + [True, False]
    assert [fault.row for fault in got.faults] == [4, 5, 6, 7, 8, 9]
    assert "metres" in got.faults[3].problem


def test_a_file_without_coordinates_is_all_absent(tmp_path: Path) -> None:
    got = positions(tmp_path, "名称,地址\n甲,中山路\n")
    assert got.absent.tolist() == [True]
    assert not got.known.any()


def test_the_declared_system_and_the_second_pair_are_kept(tmp_path: Path) -> None:
    got = positions(tmp_path, "名称,lon_gcj02,lat_gcj02,lon_wgs84,lat_wgs84\n甲,120.306,31.569,120.301,31.571\n")
    assert got.declared_crs == "wgs84"
    assert got.others[0][0] == "gcj02"


@given(st.floats(73.5, 135.5), st.floats(3.5, 53.5), st.sampled_from(["dec", "dms", "zh"]))
def test_writing_and_reading_an_angle_agree(lon: float, lat: float, form: str) -> None:
    def write(value: float) -> str:
        if form == "dec":
            return f"{value:.9f}"
        seconds = round(value * 3600, 4)
        d, rest = divmod(seconds, 3600)
        m, s = divmod(rest, 60)
        return f"{d:.0f}°{m:.0f}′{s:.4f}″" if form == "dms" else f"{d:.0f}度{m:.0f}分{s:.4f}秒"

    for value in (lon, lat):
        text = write(value)
        if "60." in text.replace("60.0000", "60."):  # rounding up to a full minute is not a valid writing
            continue
        got = parse_degrees(text)
        assert got is not None
        assert got[0] == pytest.approx(value, abs=1e-7)


def test_a_column_of_systems_speaks_for_its_rows(tmp_path: Path) -> None:
    got = positions(
        tmp_path, "名称,经度,纬度,坐标系\n甲,120.301,31.571,高德\n乙,120.302,31.572,百度\n丙,120.303,31.573,\n"
    )
    assert got.row_crs == ("gcj02", "bd09", "")


def test_where_a_position_came_from_is_not_what_it_is_in(tmp_path: Path) -> None:
    got = positions(tmp_path, "name,lon,lat,source_crs\n甲,120.301,31.571,gcj02\n")
    assert (got.declared_crs, got.row_crs) == ("wgs84", ("",))


@pytest.mark.parametrize(
    ("system", "declared"), [(4326, "wgs84"), (4490, "cgcs2000"), (4549, "cgcs2000"), (3857, "wgs84")]
)
def test_a_layer_declares_its_system(tmp_path: Path, system: int, declared: str) -> None:
    frame = gpd.GeoDataFrame({"名称": ["甲"]}, geometry=gpd.points_from_xy([120.3], [31.5]), crs=4326).to_crs(system)
    frame.to_file(tmp_path / "a.gpkg")
    table = read_table(tmp_path / "a.gpkg")
    got = parse_coordinates(table, map_columns(table.headers))
    assert got.declared_crs == declared
    assert (got.lon[0], got.lat[0]) == pytest.approx((120.3, 31.5), abs=1e-6)
