"""Builders on small files that the tests write, and on real points of interest."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from shapely.geometry import LineString, box

from geoplan.demand import (
    TRADES,
    Totals,
    build_demand,
    demand_from_recipe,
    read_counts,
    surface_from_hexagons,
    surface_from_poi_file,
    surface_from_raster,
    surface_from_streets,
    totals_from_population,
)
from geoplan.errors import InputError
from geoplan.sources.pois import read_pois

#  two districts, 0.01 degrees wide each:
#
#    31.01 +----west----+----east----+
#          |            |            |
#    31.00 +------------+------------+
#        120.00       120.01       120.02
DISTRICTS = gpd.GeoDataFrame(
    {"district_code": ["w", "e"], "name": ["西区", "东区"]},
    geometry=[box(120.0, 31.0, 120.01, 31.01), box(120.01, 31.0, 120.02, 31.01)],
    crs="EPSG:4326",
)
BOUNDS = (120.0, 31.0, 120.02, 31.01)
SHARES = {"food_rider": 0.5, "sanitation": 0.5}


def write_raster(path, values, *, west=120.0, north=31.01, cell=0.005, crs="EPSG:4326", nodata=-99999.0):
    values = np.asarray(values, np.float32)
    profile = {"driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": "float32"}
    transform = Affine(cell, 0.0, west, 0.0, -cell, north)
    with rasterio.open(path, "w", **profile, crs=crs, transform=transform, nodata=nodata) as file:
        file.write(values, 1)
    return path


@pytest.fixture
def raster(tmp_path):
    #          west      |   east
    return write_raster(tmp_path / "people.tif", [[1, 3, -99999, 0], [0, 0, 8, 2]])


def test_raster_cells_become_points(raster):
    surface = surface_from_raster(raster, BOUNDS)
    assert surface.lonlat == pytest.approx(
        np.array([[120.0025, 31.0075], [120.0075, 31.0075], [120.0125, 31.0025], [120.0175, 31.0025]])
    )
    assert surface.weights[:, 0].tolist() == [1, 3, 8, 2]
    assert "where residents are" in surface.assumptions[0]


def test_a_raster_in_metres_lands_in_the_same_place(tmp_path):
    ends = gpd.GeoSeries.from_xy([120.0], [31.01], crs="EPSG:4326").to_crs("EPSG:3857")
    path = tmp_path / "metres.tif"
    write_raster(path, [[5.0]], west=ends.x[0], north=ends.y[0], cell=100.0, crs="EPSG:3857")
    surface = surface_from_raster(path, BOUNDS)
    assert surface.lonlat[0] == pytest.approx([120.00045, 31.0096], abs=1e-4)


def test_only_cells_in_the_area_are_read(raster):
    surface = surface_from_raster(raster, (120.01, 31.0, 120.02, 31.01))
    assert surface.weights[:, 0].tolist() == [8, 2]
    with pytest.raises(InputError, match=r"people\.tif: the raster does not touch the area"):
        surface_from_raster(raster, (100.0, 20.0, 101.0, 21.0))


def test_bad_rasters(tmp_path, raster):
    with pytest.raises(InputError, match="does not state its CRS"):
        surface_from_raster(write_raster(tmp_path / "bare.tif", [[1]], crs=None), BOUNDS)
    with pytest.raises(InputError, match="there is no band 2"):
        surface_from_raster(raster, BOUNDS, band=2)
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(InputError, match=r"text\.tif: cannot be read as a raster"):
        surface_from_raster(tmp_path / "text.tif", BOUNDS)
    surface = surface_from_raster(write_raster(tmp_path / "neg.tif", [[-1, 2]]), BOUNDS)
    assert "1 cells are negative" in surface.faults[0].problem


def cells_around(lat: float, lon: float) -> str:
    return h3.latlng_to_cell(lat, lon, 9)


def test_hexagons_as_kontur_publishes_them(tmp_path):
    cells = [cells_around(31.005, 120.005), cells_around(31.005, 120.015), cells_around(40.0, 110.0)]
    shapes = [box(0, 0, 1, 1)] * 3  # the cell, not the polygon, says where it is
    frame = gpd.GeoDataFrame({"h3": cells, "population": [10.0, 20.0, 30.0]}, geometry=shapes, crs="EPSG:3857")
    frame.to_file(tmp_path / "kontur.gpkg")
    surface = surface_from_hexagons(tmp_path / "kontur.gpkg", BOUNDS)
    assert surface.weights[:, 0].tolist() == [10, 20]
    assert surface.lonlat[0] == pytest.approx([120.005, 31.005], abs=0.003)


def test_hexagons_without_cells_use_their_shape(tmp_path):
    shape = gpd.GeoSeries([box(120.004, 31.004, 120.006, 31.006)], crs="EPSG:4326").to_crs("EPSG:3857")
    gpd.GeoDataFrame({"population": [7]}, geometry=shape).to_file(tmp_path / "shapes.gpkg")
    assert surface_from_hexagons(tmp_path / "shapes.gpkg", BOUNDS).lonlat[0] == pytest.approx([120.005, 31.005])


def test_bad_hexagon_rows_are_named_and_kept_aside(tmp_path):
    good = cells_around(31.005, 120.005)
    path = tmp_path / "cells.csv"
    pd.DataFrame({"h3": [good, "zzz", good], "population": ["4", "5", "-1"]}).to_csv(path, index=False)
    surface = surface_from_hexagons(path, BOUNDS)
    assert surface.weights[:, 0].tolist() == [4]
    assert [fault.row for fault in surface.faults] == [3, 4]
    written = pd.read_csv(surface.rejected[0].write())
    assert written["row"].tolist() == [3, 4]
    assert written["h3"].tolist() == ["zzz", good]
    assert (tmp_path / "cells.rejected.csv").is_file()
    with pytest.raises(InputError, match="there is no column people"):
        surface_from_hexagons(path, BOUNDS, value="people")


def test_streets_carry_sanitation_by_length():
    lines = [LineString([(120.001, 31.005), (120.009, 31.005)]), LineString([(120.011, 31.005), (120.015, 31.005)])]
    streets = gpd.GeoDataFrame({"highway": ["primary", "motorway"]}, geometry=lines, crs="EPSG:4326")
    surface = surface_from_streets(streets, step_m=100.0)
    sanitation = surface.weights[:, TRADES.index("sanitation")]
    assert sanitation.sum() == pytest.approx(763.6, rel=0.005)  # metres of 0.008 degrees at 31° N
    assert surface.weights.sum() == sanitation.sum()
    assert len(surface) == 8
    assert (surface.lonlat[:, 0] < 120.01).all()  # nobody sweeps the motorway


@pytest.mark.shared
def test_real_points_of_interest(shared):
    path = shared / "data/other_cities/hangzhou_osm_amenities_20240813.csv.gz"
    pois = read_pois(path)
    frame = pd.read_csv(path)
    assert len(pois.lonlat) == len(frame) == 8964
    surface = surface_from_poi_file(path)
    riders = surface.weights[:, TRADES.index("food_rider")]
    assert riders.sum() > 0
    restaurants = (frame["amenity"] == "restaurant").sum()
    assert (riders == 1.0).sum() >= restaurants
    hangzhou = gpd.GeoDataFrame(
        {"district_code": ["330100"], "name": ["杭州市"]}, geometry=[box(118.3, 29.1, 120.8, 30.6)], crs="EPSG:4326"
    )
    totals = totals_from_population({"330100": 11_936_010}, 0.011, {"food_rider": 0.7, "courier": 0.3})
    demand = build_demand([(surface, 1.0)], totals, hangzhou)
    assert demand.frame["workers"].sum() == round(11_936_010 * 0.011)


def test_places_without_position_or_known_kind(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text("名称,经度,纬度,类别\n甲,120.005,31.005,restaurant\n乙,,,restaurant\n", encoding="utf-8-sig")
    pois = read_pois(path)
    assert len(pois.lonlat) == 1
    assert [fault.row for fault in pois.faults] == [3]
    assert pois.rejected.frame["名称"].tolist() == ["乙"]
    with pytest.raises(InputError, match="of a kind that has a weight"):
        surface_from_poi_file(path)  # 类别 is not an OSM key: no weight is guessed
    path.write_text("lon,lat\n120,31\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column says what the places are"):
        read_pois(path)


def test_control_totals_hold_exactly_whatever_is_mixed(raster, tmp_path):
    hexagons = tmp_path / "cells.csv"
    cells = [cells_around(31.002, 120.002), cells_around(31.008, 120.018)]
    pd.DataFrame({"h3": cells, "population": [1, 1]}).to_csv(hexagons, index=False)
    streets = gpd.GeoDataFrame(
        {"highway": ["primary"]}, geometry=[LineString([(120.001, 31.002), (120.019, 31.003)])], crs="EPSG:4326"
    )
    totals = totals_from_population({"w": 123_457, "e": 7_919}, 0.011, SHARES)
    surfaces = [
        (surface_from_raster(raster, BOUNDS), 2.0),
        (surface_from_hexagons(hexagons, BOUNDS), 1.0),
        (surface_from_streets(streets).only(["sanitation"]), 3.0),
    ]
    demand = build_demand(surfaces, totals, DISTRICTS, cell_m=250.0)
    by_district = demand.frame.groupby("district_code")["workers"].sum()
    assert by_district["w"] == 1358
    assert by_district["e"] == 87
    for trade in SHARES:
        assert demand.frame.groupby("district_code")[f"workers_{trade}"].sum()["w"] == 679.0
    assert (demand.frame[["workers_food_rider", "workers_sanitation"]].sum(axis=1) == demand.frame["workers"]).all()
    assert demand.frame["demand_id"].is_unique
    assert "sources mixed: population raster 33%, hexagons 17%, streets 50%" in demand.assumptions


def test_weights_mix_by_share_not_by_size(raster):
    double = surface_from_raster(raster, BOUNDS)
    totals = Totals(("w", "e"), np.array([[4.0] + [0.0] * 6, [10.0] + [0.0] * 6]), ("counted",))
    alone = build_demand([(double, 1.0)], totals, DISTRICTS).frame
    assert sorted(alone["workers"]) == [1.0, 2.0, 3.0, 8.0]  # the raster's own proportions
    twice = build_demand([(double, 1.0), (double, 5.0)], totals, DISTRICTS).frame
    pd.testing.assert_frame_equal(twice, alone)


def test_a_district_that_no_source_knows_is_said(raster):
    totals = totals_from_population({"w": 1000, "e": 1000, "x": 1000}, 0.011, SHARES)
    with pytest.raises(InputError, match="district x has 11 workers, but no source has a point there"):
        build_demand([(surface_from_raster(raster, BOUNDS), 1.0)], totals, DISTRICTS)


def test_counts_from_a_workbook(tmp_path):
    path = tmp_path / "各区人数.xlsx"
    rows = {
        "区": ["西区", "东区", "南区", "西区", "合计"],
        "外卖骑手": ["100", "50人", "7", "-3", "150"],
        "环卫工人": ["20", "", "1", "2", "20"],
    }
    pd.DataFrame(rows).to_excel(path, index=False)
    totals = read_counts(path, {"w": "西区", "e": "东区"})
    assert totals.workers[:, TRADES.index("food_rider")].tolist() == [100, 50]
    assert totals.workers[:, TRADES.index("sanitation")].tolist() == [20, 0]
    assert [(fault.row, fault.problem) for fault in totals.faults] == [
        (4, "'南区' is not a district of the pack"),
        (5, "-3 workers are negative or missing"),
    ]
    assert pd.read_csv(totals.rejected[0].write())["row"].tolist() == [4, 5]


def test_a_recipe(raster, tmp_path):
    recipe = {
        "population": {"w": 100_000, "e": 50_000},
        "rate": 0.02,
        "sources": [{"kind": "raster", "path": "people.tif", "weight": 2}],
    }
    demand = demand_from_recipe(recipe, tmp_path, DISTRICTS)
    assert demand.frame["workers"].sum() == 3000
    assert any("2.00% of residents" in note for note in demand.assumptions)


def test_a_bad_recipe_lists_every_fault(tmp_path):
    recipe = {
        "sources": [{"kind": "rater"}, {"kind": "raster", "path": "none.tif", "weight": -1}, {"kind": "streets"}],
        "cell": 3,
    }
    with pytest.raises(InputError) as caught:
        demand_from_recipe(recipe, tmp_path, DISTRICTS)
    fields = [fault.field for fault in caught.value.faults]
    assert fields == [
        "cell", "sources[0].kind", "sources[1].weight", "sources[1].path", "sources[2]", "counts, population",
    ]  # fmt: skip
