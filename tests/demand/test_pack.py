"""A pack whose demand is built from its own recipe."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, box

from geoplan import CityPack
from geoplan.demand import build_pack_demand
from geoplan.errors import InputError
from geoplan.pack import FileEntry, Manifest, write_manifest


@pytest.fixture
def folder(tmp_path):
    streets = {"u": [0, 1], "v": [1, 2], "highway": ["primary", "residential"]}
    lines = [LineString([(120.001, 31.005), (120.009, 31.005)]), LineString([(120.009, 31.005), (120.018, 31.005)])]
    gpd.GeoDataFrame(streets, geometry=lines, crs="EPSG:4326").to_parquet(tmp_path / "streets.parquet")
    shapes = [box(120.0, 31.0, 120.01, 31.01), box(120.01, 31.0, 120.02, 31.01)]
    districts = {"district_code": ["w", "e"], "name": ["西区", "东区"]}
    gpd.GeoDataFrame(districts, geometry=shapes, crs="EPSG:4326").to_file(tmp_path / "districts.gpkg")
    pd.DataFrame({"station_code": ["a"], "name": ["甲"], "lon": [120.005], "lat": [31.005]}).to_csv(
        tmp_path / "stations.csv", index=False
    )
    pd.DataFrame({"demand_id": ["d"], "lon": [120.005], "lat": [31.005], "workers": [1]}).to_csv(
        tmp_path / "demand.csv", index=False
    )
    places = "amenity,lon,lat\nrestaurant,120.002,31.004\nrestaurant,120.015,31.004\nrestaurant,,\n"
    (tmp_path / "places.csv").write_text(places, encoding="utf-8")
    names = ("streets.parquet", "districts.gpkg", "stations.csv", "demand.csv")
    files = {name.split(".")[0]: FileEntry(name) for name in names}
    recipe = {
        "population": {"w": 10_000, "e": 5_000},
        "rate": 0.02,
        "trade_shares": {"food_rider": 0.75, "sanitation": 0.25},
        "sources": [
            {"kind": "pois", "path": "places.csv", "trades": ["food_rider"]},
            {"kind": "streets", "trades": ["sanitation"]},
        ],
    }
    write_manifest(
        Manifest("小城", "Town", "小城", "town", "EPSG:4549", "user", files=files, demand_recipe=recipe), tmp_path
    )
    return tmp_path


def test_the_pack_gets_its_demand(folder):
    built = build_pack_demand(folder)
    pack = CityPack.open(folder)
    assert pack.demand.groupby("district_code")["workers"].sum().to_dict() == {"e": 100.0, "w": 200.0}
    assert pack.demand["workers_food_rider"].sum() == 225.0
    assert pack.trades == ("food_rider", "sanitation")
    assert any("2.00% of residents" in note for note in pack.manifest.notes)
    assert set(built.assumptions) <= set(pack.manifest.notes)
    assert pd.read_csv(folder / "places.rejected.csv")["row"].tolist() == [4]
    # building again changes nothing
    first = (folder / "demand_built.parquet").read_bytes(), (folder / "pack.toml").read_text(encoding="utf-8")
    build_pack_demand(folder)
    assert first == ((folder / "demand_built.parquet").read_bytes(), (folder / "pack.toml").read_text(encoding="utf-8"))


def test_without_a_recipe(folder):
    manifest = CityPack.open(folder).manifest
    write_manifest(replace(manifest, demand_recipe={}), folder)
    with pytest.raises(InputError, match=r"pack\.toml, field 'demand_recipe': there is no recipe"):
        build_pack_demand(folder)
