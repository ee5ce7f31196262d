"""Gaps on a street drawn by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from geoplan.coverage import find_gaps
from geoplan.errors import InputError

CRS = "EPSG:4549"
METRE = 1 / 95_600  # degrees of longitude at 31° N

#  metres:   0   100   200        1000  1100          3000
#            a - b  -  c           d  -  e             f       a river lies between c and d along streets
AT_M = [0, 100, 200, 1000, 1100, 3000]
HOURS = [5.0, 5.0, 5.0, 20.0, 20.0, 1.0]


class Street:
    """One straight road at 1 m/s; asked between points it answers with the distance along the road."""

    def __init__(self, times_of):
        self.times_of = times_of

    def travel_times(self, origins, destinations, limit_s):
        a, b = origins["lon"].to_numpy() / METRE, destinations["lon"].to_numpy() / METRE
        return self.times_of(np.abs(a[:, None] - b[None, :]), limit_s)


@pytest.fixture
def demand():
    lon = 120.0 + np.array(AT_M) * METRE
    frame = pd.DataFrame({"lon": lon, "lat": 31.0, "district_code": "d", "town_code": ["x", "x", "y", "z", "z", None]})
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"]), crs="EPSG:4326")


def test_gaps_are_ranked_named_and_outlined(demand, times_of):
    streets = gpd.GeoDataFrame(
        {"name": ["人民路", None]},
        geometry=[LineString([(120.0, 31.0001), (120.002, 31.0001)]), LineString([(120.0, 31.0), (120.02, 31.0)])],
        crs="EPSG:4326",
    )
    places = gpd.GeoDataFrame({"name": ["火车站"]}, geometry=[Point(120.011, 31.0)], crs="EPSG:4326")
    names = {"x": "甲镇", "z": "丙镇"}
    gaps = find_gaps(Street(times_of), demand, HOURS, CRS, link_s=150, town_names=names, streets=streets, places=places)
    assert gaps.frame["worker_hours"].tolist() == [40.0, 15.0]
    assert gaps.frame["rank"].tolist() == [1, 2]
    assert gaps.member.tolist() == [2, 2, 2, 1, 1, 0]
    assert gaps.scattered == 1.0
    assert gaps.total == 56.0 == gaps.frame["worker_hours"].sum() + gaps.scattered
    assert gaps.frame["name"].tolist() == ["丙镇人民路附近", "甲镇人民路附近"]
    assert gaps.frame["place"].tolist() == ["火车站", "火车站"]
    assert gaps.frame["town_code"].tolist() == ["z", "x"]
    assert gaps.frame["lon"].iloc[1] == pytest.approx(demand["lon"].iloc[1])  # b is the middle of a, b, c
    assert gaps.frame["extent_m"].iloc[1] == pytest.approx(200, rel=0.01)
    for rank in (1, 2):
        outline = gaps.frame.geometry.iloc[rank - 1]
        inside = demand.geometry.within(outline).to_numpy()
        assert (inside == (gaps.member == rank)).all()


def test_covered_points_do_not_join_gaps(demand, times_of):
    gaps = find_gaps(Street(times_of), demand, [5.0, 0.0, 5.0, 0.0, 0.0, 0.0], CRS, link_s=150, least_worker_hours=5)
    assert gaps.member.tolist() == [1, 0, 2, 0, 0, 0]  # b, covered, no longer ties a to c
    assert gaps.frame["name"].tolist() == ["", ""]


@pytest.mark.parametrize("hours", [[0.0] * 6, [0.1] * 6])
def test_nothing_or_nothing_dense(demand, times_of, hours):
    gaps = find_gaps(Street(times_of), demand, hours, CRS, link_s=150)
    assert gaps.frame.empty
    assert gaps.scattered == gaps.total == sum(hours)
    assert gaps.frame.crs == "EPSG:4326"


def test_bad_hours(demand, times_of):
    with pytest.raises(InputError, match="one number, 0 or more"):
        find_gaps(Street(times_of), demand, [-1.0] * 6, CRS)
