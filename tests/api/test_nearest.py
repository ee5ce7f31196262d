"""Nearest by walking time, places by name, service areas, the planner's figures."""

from __future__ import annotations

import pytest

from tests.api.conftest import grid_bbox, lonlat


def ask(client, i, j, query=""):
    lon, lat = lonlat(i, j)
    answer = client.get(f"/v1/nearest?lon={lon:.7f}&lat={lat:.7f}&{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def test_walking_time_on_the_grid(client):
    """From corner (4, 2): S1 is two blocks west, 400 m at 1.2 m/s; S5 is one east and three north, 800 m."""
    found = ask(client, 4, 2, "k=2&route=all")["features"]
    assert [f["properties"]["station_code"] for f in found] == ["S1", "S5"]
    assert found[0]["properties"]["seconds"] == pytest.approx(400 / 1.2, abs=0.5)
    assert found[0]["properties"]["distance_m"] == pytest.approx(400, abs=0.5)
    assert found[1]["properties"]["distance_m"] == pytest.approx(800, abs=1.0)
    line = found[0]["properties"]["route"]
    assert line["type"] == "LineString"
    assert line["coordinates"][0] == pytest.approx(lonlat(4, 2), abs=2e-6)
    assert line["coordinates"][-1] == pytest.approx(lonlat(2, 2), abs=2e-6)


def test_open_at_an_instant_and_with_a_facility(client):
    """At 02:00 only S1 and S4 are open; with a toilet only S1."""
    night = ask(client, 9, 9, "at=2026-11-20T02:00&k=5&limit_s=3600")["features"]
    assert [f["properties"]["station_code"] for f in night] == ["S4", "S1"]
    toilet = ask(client, 9, 9, "at=2026-11-20T02:00&facilities=toilet&limit_s=3600")["features"]
    assert [f["properties"]["station_code"] for f in toilet] == ["S1"]


def test_suspended_stations_are_never_nearest(client):
    assert all(f["properties"]["station_code"] != "S6" for f in ask(client, 6, 6, "k=6&limit_s=3600")["features"])


def test_nothing_within_the_limit_and_nowhere_near_a_street(client):
    assert ask(client, 5, 7, "limit_s=60")["features"] == []
    away = ask(client, 100, 100)
    assert away["reached"] is False
    assert away["features"] == []


def test_only_the_first_route_by_default(client):
    found = ask(client, 4, 2, "k=2")["features"]
    assert "route" in found[0]["properties"]
    assert "route" not in found[1]["properties"]


def test_a_search_that_finds_nothing_open_is_counted_by_cell_and_slice_only(writable):
    state = writable.app.state.live.state
    for _ in range(6):
        ask(writable, 0, 11, "at=2026-11-20T02:00")  # S1 and S4 are farther than 15 minutes
    ask(writable, 2, 2, "at=2026-11-20T02:00")
    writable.app.state.misses.write(state.register)
    from geoplan.registry.publicreports import unmet_searches

    ((cell, code, count),) = unmet_searches(state.register, at_least=1)
    assert (code, count) == ("22-06", 6)
    assert cell.startswith("4549:500:")


@pytest.mark.parametrize(
    ("q", "name"),
    [("rmgc", "人民广场"), ("人民", "人民广场"), ("第3街", "第3街"), ("西镇", "西镇"), ("人民广厂", "人民广场")],
)
def test_search(client, q, name):
    results = client.get("/v1/search", params={"q": q}).json()["results"]
    assert results[0]["name"] == name


def test_search_finds_stations_too(client):
    (hit,) = client.get("/v1/search?q=dlgc").json()["results"]
    assert (hit["kind"], hit["station_code"]) == ("station", "S5")


def test_service_area_grows_and_stays_within_the_walk(client):
    from shapely.geometry import Point, shape

    answer = client.get("/v1/stations/S1/service-area?limit_s=300,600").json()
    small, large = (shape(feature["geometry"]) for feature in answer["features"])
    assert large.buffer(3e-4).contains(small)
    assert small.contains(Point(*lonlat(2, 2)))
    assert not small.contains(Point(*lonlat(2, 4.5)))  # 500 m are more than 300 s
    assert large.contains(Point(*lonlat(2, 4.5)))


def test_coverage_by_hand(client):
    """Any hours: 1,200 of 1,210 workers are within 900 s of an operating station, all within 1,000 m."""
    answer = client.get("/v1/coverage").json()
    city = answer["areas"][0]["tests"]
    assert answer["subject"]["demand_total"] == 1210.0
    assert city["network"]["any"]["covered"] == 1200.0
    assert city["circle"]["any"]["share"] == 1.0
    assert city["cross"]["any"]["share"] < city["network"]["any"]["share"]


def test_coverage_at_night_is_less(client):
    night = client.get("/v1/coverage?at=2026-11-20T02:00&area=city").json()["areas"][0]["tests"]["network"]
    assert night["at"]["share"] < night["any"]["share"]


def test_a_slice_asks_about_the_workers_who_are_out(client):
    answer = client.get("/v1/coverage?slice=12-15&day=2026-11-20&facilities=toilet&area=city").json()
    assert answer["subject"]["at"] == "12-15"
    assert 0 < answer["subject"]["demand_total"] < 1210.0
    assert answer["areas"][0]["tests"]["network"]["at"]["share"] < 1.0
    both = client.get("/v1/coverage?slice=12-15&at=now")
    assert both.status_code == 422  # the library's own refusal, as for every other contradiction
    assert "`at` and `slice`" in both.json()["detail"]
    assert "时刻和时段" in both.json()["detail_zh"]


def test_gaps_are_what_coverage_leaves_out(client):
    night = client.get("/v1/coverage?slice=22-06&day=2026-11-20&area=city").json()["areas"][0]
    gaps = client.get("/v1/gaps?slice=22-06&day=2026-11-20").json()
    missed = night["demand"] - night["tests"]["network"]["at"]["covered"]
    assert gaps["total"] == pytest.approx(missed * 8.0, rel=0.02)  # worker-hours over eight hours
    assert gaps["features"][0]["properties"]["rank"] == 1


def test_criticality_counts_what_one_station_alone_carries(client):
    rows = client.get("/v1/criticality").json()["stations"]
    lost = {row["station_code"]: row["lost"] for row in rows}
    assert lost["S6"] == 0.0
    assert rows[0]["lost"] == max(lost.values()) > 0


def test_the_ready_plan_carries_its_proof(client):
    plan = client.get("/v1/plan").json()
    assert plan["certificate"]["status"] == "optimal"
    assert plan["certificate"]["agrees"] is True
    assert plan["after"]["covered"] == 1210.0
    assert plan["projects"]["features"][0]["properties"]["workers_newly_covered"] == 10.0
    assert all(f["properties"]["origin"] == "demonstration" for f in plan["projects"]["features"])


def test_the_cube(client):
    cube = client.get("/v1/coverage/cube?day=2026-11-20&bundles=any,toilet&trades=all,courier").json()
    assert cube["axes"]["moment"] == ["any", "04-06", "06-12", "12-15", "15-18", "18-22", "22-06"]
    assert cube["demand"][0][0][0] == 1210.0
    assert cube["covered"][0][0][0][0][0][0][0] == 1200.0


@pytest.mark.parametrize(
    "path",
    [
        "/v1/coverage?profile=rocket",
        "/v1/coverage?trade=poet",
        "/v1/coverage/cube?bundles=x",
        "/v1/coverage/cube?limits_s=a",
    ],
)
def test_questions_about_what_is_not_there(client, path):
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/coverage?limit_s=99999",
        "/v1/stations/S1/service-area?limit_s=0",
        "/v1/stations/S1/service-area?limit_s=x",
        f"/v1/stations?bbox={grid_bbox(3, 3, 1, 1)}",
    ],
)
def test_bounds(client, path):
    assert client.get(path).status_code == 400


def test_tiles_exist_within_bounds_only(client):
    import mapbox_vector_tile

    body = client.get("/v1/tiles/stations/13/6833/3330.mvt")
    tiles = [client.get(f"/v1/tiles/stations/11/{x}/{y}.mvt") for x in range(1706, 1712) for y in range(830, 836)]
    names = {
        feature["properties"]["station_code"]
        for tile in tiles
        if tile.status_code == 200
        for feature in mapbox_vector_tile.decode(tile.content)["stations"]["features"]
    }
    assert names == {"S1", "S2", "S3", "S4", "S5", "S6"}
    assert body.status_code in (200, 204)
    assert client.get("/v1/tiles/base/30/0/0.mvt").status_code == 422
    assert client.get("/v1/tiles/base/17/0/0.mvt").status_code == 404
    assert client.get("/v1/tiles/base/6/64/0.mvt").status_code == 422
    assert client.get("/v1/tiles/secrets/6/0/0.mvt").status_code == 422


def test_no_small_count_leaves_in_a_tile(client):
    """Cells below the bound are left out, and what is shown is rounded to fives."""
    import numpy as np
    from geoplan_api.city.tile_layers import demand_cells

    demand = client.app.state.live.state.pack.demand
    few = demand.assign(workers=np.where(np.arange(len(demand)) % 2 == 0, 9.0, 40.0))
    cells = demand_cells(few, {"covered": np.ones(len(few))}, "EPSG:4549", cell_m=50.0, least_workers=10.0)
    assert cells["workers"].min() >= 10.0
    assert set(cells["workers"] % 5.0) == {0.0}
    assert len(cells) < len(few)
