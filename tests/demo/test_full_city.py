"""The default city at Wuxi's real size: the numbers that the project promises."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geoplan import facts
from geoplan.demo import CITY_NODES, DemoCity, generate
from geoplan.demo.ground import populations
from geoplan.demo.plane import to_plane

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def city() -> DemoCity:
    return generate()


@pytest.fixture(scope="module")
def walk(city: DemoCity) -> tuple[coo_array, np.ndarray]:
    """Lengths between walkable neighbours, and node positions in the plane."""
    streets = city.streets[city.streets["foot"] != "no"]
    n = int(city.streets[["u", "v"]].max().max()) + 1
    xy = np.full((n, 2), np.nan)
    for ids, at in ((city.streets["u"], 0), (city.streets["v"], -1)):
        ends = shapely.get_coordinates(shapely.get_point(city.streets.geometry.to_numpy(), at))
        xy[ids] = to_plane(ends[:, 0], ends[:, 1])
    pairs = pd.DataFrame(
        {"a": streets[["u", "v"]].min(axis=1), "b": streets[["u", "v"]].max(axis=1), "m": streets["length_m"]}
    )
    best = pairs[pairs["a"] != pairs["b"]].groupby(["a", "b"])["m"].min().reset_index()
    u, v, m = (best[c].to_numpy() for c in ("a", "b", "m"))
    return coo_array((np.r_[m, m], (np.r_[u, v], np.r_[v, u])), shape=(n, n)).tocsr(), xy


def test_counts(city: DemoCity, walk: tuple[coo_array, np.ndarray]) -> None:
    degree = np.diff(walk[0].indptr)
    assert ((degree > 0) & (degree != 2)).sum() >= CITY_NODES == 120_000
    assert len(city.stations) == 889
    assert len(city.demand) >= 40_000
    assert len(city.candidates) >= 5_000
    assert len(city.districts) == 7
    assert (city.places["kind"] == "metro").sum() == 89
    assert set(city.demand["town_code"]) == set(city.towns["town_code"])
    assert len(city.towns) == 72


def test_workers_by_district_are_the_stated_share_of_residents(city: DemoCity) -> None:
    workers = city.demand.groupby("district_code")["workers"].sum()
    for code, row in populations().iterrows():
        assert workers[code] == math.floor(row["population"] * 0.011 + 0.5)


def test_station_shares_are_those_of_the_table(city: DemoCity) -> None:
    n, s = 889, city.stations

    def near(count: int, key: str) -> bool:
        return abs(count - n * facts.figure(key)) <= 0.5

    assert near((s["station_class"] == "smart24h").sum(), "share_smart24h")
    assert near((s["build_mode"] != "own").sum(), "share_partner_hosted")
    assert near((s["station_class"] == "micro").sum(), "share_micro")
    assert near(s["opening_hours"].str.startswith("Mo-Fr").sum(), "share_weekday_only")
    assert near(s["opening_hours"].str.contains(",").sum(), "share_noon_closed")
    assert near(s["facilities"].str.contains("toilet").sum(), "share_toilet")
    assert (s["honours"] == "全国最美站点").sum() == 17
    assert (s["honours"] == "省级最美站点").sum() == 93
    assert s["union_unit"].nunique() == 8


def test_one_network(walk: tuple[coo_array, np.ndarray]) -> None:
    graph = walk[0]
    used = np.diff(graph.indptr) > 0
    sizes = np.bincount(connected_components(graph, directed=False)[1][used])
    sizes = sizes[sizes > 0]
    assert sizes.max() >= 0.97 * sizes.sum()
    assert 2 <= len(sizes) <= 10


def test_detour_and_the_two_tests_of_the_standard(city: DemoCity, walk: tuple[coo_array, np.ndarray]) -> None:
    """Streets make walks about 1.3 times as long as the crow flies, so the circle and the network test differ."""
    graph, xy = walk
    used = np.flatnonzero(np.diff(graph.indptr))
    at = {t: to_plane(getattr(city, t)["lon"], getattr(city, t)["lat"]) for t in ("demand", "stations")}
    node = {t: used[cKDTree(xy[used]).query(points)[1]] for t, points in at.items()}
    ratios = []
    for source in np.random.default_rng(0).choice(node["demand"], 40):
        crow = np.sqrt(((xy[node["demand"]] - xy[source]) ** 2).sum(axis=1))
        near = (crow > 1000) & (crow < 2500)
        far = dijkstra(graph, indices=source, limit=6000)[node["demand"]]
        ratios.extend((far[near] / crow[near])[np.isfinite(far[near])])
    assert 1.2 <= np.median(ratios) <= 1.4

    workers = city.demand["workers"].to_numpy()
    metres = dijkstra(graph, indices=np.unique(node["stations"]), min_only=True, limit=2000)[node["demand"]]
    network = workers[metres <= 1080].sum() / workers.sum()
    circle = workers[cKDTree(at["stations"]).query(at["demand"])[0] <= 1000].sum() / workers.sum()
    assert 0.60 <= network <= 0.80
    assert circle - network > 0.08
    rural = city.demand["district_code"].eq("320282").to_numpy()
    assert workers[rural & (metres <= 1080)].sum() / workers[rural].sum() < network - 0.1


def test_motorways_touch_the_streets_only_at_ramps(city: DemoCity) -> None:
    s = city.streets
    motorway = s[s["highway"] == "motorway"]
    assert set(motorway["foot"]) == {"no"}
    assert set(motorway["bridge"]) == {"yes"}
    ramps = s[s["highway"] == "motorway_link"]
    streets = s[~s["highway"].str.startswith("motorway")]
    ends = [set(t["u"]) | set(t["v"]) for t in (motorway, streets, ramps)]
    assert not ends[0] & ends[1]
    assert ends[0] & ends[2]
    assert ends[1] & ends[2]
    crossed = shapely.STRtree(streets.geometry.to_numpy()).query(motorway.geometry.to_numpy(), predicate="crosses")
    assert crossed.shape[1] > 50  # they cross, above each other


def test_larger_than_the_city_is_more_cities() -> None:
    """Copies lie apart and are linked to one network; 250,000 nodes are two cities."""
    city = generate(seed=3, nodes=250_000)
    assert city.junctions >= 250_000
    assert len(city.districts) == 14
    assert city.districts["district_code"].is_unique
    for table, key in ((city.stations, "station_code"), (city.demand, "demand_id"), (city.candidates, "candidate_id")):
        assert table[key].is_unique
    parts = shapely.union_all(city.districts.geometry[:7]), shapely.union_all(city.districts.geometry[7:])
    assert not parts[0].intersects(parts[1])
    links = city.streets[city.streets["name"] == "示例省道"]
    assert len(links) == 1
    assert any("规模测试" in note for note in city.notes)
