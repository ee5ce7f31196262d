"""Opening a pack: what is there is read, and everything that is wrong is said at once."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geoplan import CityPack
from geoplan.errors import InputError
from geoplan.pack import Manifest, profile_of, read_manifest, write_manifest


def faults(folder) -> str:
    with pytest.raises(InputError) as caught:
        CityPack.open(folder)
    return str(caught.value)


def edit_csv(path, change):
    frame = pd.read_csv(path, dtype=object, encoding="utf-8-sig")
    change(frame).to_csv(path, index=False, encoding="utf-8-sig")


def edit_manifest(folder, old, new):
    path = folder / "pack.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_sound_pack_opens(tiny_pack):
    pack = CityPack.open(tiny_pack)
    assert (len(pack.streets), len(pack.stations), len(pack.demand), len(pack.candidates)) == (12, 2, 4, 2)
    assert pack.total_demand == 100.0
    assert pack.trades == ()
    assert pack.manifest.defaults.limit_s == 900.0
    assert pack.manifest.files["streets"].date == "2026-01-31"
    assert not pack.manifest.is_demonstration
    assert set(pack.stations["district_code"]) == {"320213"}
    assert len(pack.towns) == len(pack.water) == 0


def test_workers_are_the_sum_of_the_trades_where_no_total_is_given(tiny_pack):
    edit_csv(
        tiny_pack / "demand.csv",
        lambda f: f.drop(columns="workers").assign(workers_courier=[1, 2, 3, 4], workers_sanitation=[0, 0, 5, 0]),
    )
    pack = CityPack.open(tiny_pack)
    assert pack.demand["workers"].tolist() == [1.0, 2.0, 8.0, 4.0]
    assert pack.trades == ("courier", "sanitation")


def test_manifest_round_trip(tiny_pack, tmp_path):
    manifest = read_manifest(tiny_pack)
    assert isinstance(manifest, Manifest)
    again = tiny_pack
    write_manifest(manifest, again)
    assert read_manifest(again) == manifest
    assert (manifest.cost_unit, manifest.defaults.hour_cost, manifest.defaults.all_day_cost) == ("", None, None)
    priced = replace(manifest, cost_unit="万元", defaults=replace(manifest.defaults, hour_cost=0.9, all_day_cost=8.0))
    write_manifest(priced, again)
    assert read_manifest(again) == priced


@pytest.mark.parametrize("cost", ["-0.5", '"dear"'])
def test_a_cost_of_longer_hours_is_a_number_from_0_up(tiny_pack, cost):
    write_manifest(read_manifest(tiny_pack), tiny_pack)
    edit_manifest(tiny_pack, "[defaults]\n", f"[defaults]\nhour_cost = {cost}\n")
    assert "field 'defaults.hour_cost'" in faults(tiny_pack)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 1\n[[[", "pack.toml: is not valid TOML"),
        ("format = 1", "format = 9", "format 9 is not known; this version reads format 1"),
        ('name_zh = "小城"\n', "", "field 'name_zh': the key is missing"),
        ('origin = "user"', 'origin = "real"', "origin 'real' is not known; use one of demonstration, user"),
        ("EPSG:4549", "EPSG:4326", "field 'crs_metric': 'EPSG:4326' is not in metres"),
        ("EPSG:4549", "Wuxi", "'Wuxi' is not a projection"),
        (
            'path = "stations.csv"',
            'path = "register.csv"',
            "field 'files.stations.path': file 'register.csv' is not in",
        ),
        ('path = "stations.csv"', 'path = "../stations.csv"', "leaves the pack folder"),
        ("[files.demand]", "[files.demands]", "the layer 'demand' is missing"),
        ("date = 2026-01-31", 'date = "last year"', "field 'files.streets.date': 'last year' is not a date"),
        (
            "[files.streets]",
            "[defaults]\nlimit_s = -5\n[files.streets]",
            "field 'defaults.limit_s': -5 is not a positive",
        ),
        ("format = 1", "format = 1\ncolour = 3", "field 'colour': the key is not known"),
    ],
)
def test_manifest_faults(tiny_pack, old, new, message):
    edit_manifest(tiny_pack, old, new)
    assert message in faults(tiny_pack)


def test_not_a_pack(tmp_path):
    assert "holds no pack.toml; make a pack with 'geoplan pack init'" in faults(tmp_path)
    assert "is not a folder" in faults(tmp_path / "absent")


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("stations.csv", lambda f: f.drop(columns="name"), "stations.csv, field 'name': the column is missing"),
        ("stations.csv", lambda f: f.drop(columns="lat"), "stations.csv, field 'lat': the column is missing"),
        (
            "stations.csv",
            lambda f: f.assign(station_code="S1"),
            "stations.csv, row 3, field 'station_code': 'S1' appears twice",
        ),
        ("stations.csv", lambda f: f.assign(lon=["120.3", "east"]), "row 3, field 'lon': 'east' is not a number"),
        (
            "stations.csv",
            lambda f: f.rename(columns={"lon": "lat", "lat": "lon"}),
            "lon and lat look swapped: exchange them",
        ),
        (
            "stations.csv",
            lambda f: f.assign(lon=["120.3", "124.6"]),
            "row 3, field 'lon, lat': (124.60000, 31.57200) lies",
        ),
        ("candidates.csv", lambda f: f.iloc[:0], "candidates.csv: the file holds no record"),
        ("stations.csv", lambda f: f.assign(district_code="999"), "district '999' is not among the districts"),
        (
            "demand.csv",
            lambda f: f.assign(workers=[1, -2, 3, 4]),
            "demand.csv, row 3, field 'workers': '-2' is not a number of workers",
        ),
        ("demand.csv", lambda f: f.assign(workers=[1, 2, None, 4]), "demand.csv, row 4, field 'workers'"),
        (
            "demand.csv",
            lambda f: f.assign(demand_id=["D1", None, "D3", "D4"]),
            "demand.csv, row 3, field 'demand_id': is empty",
        ),
    ],
)
def test_record_faults(tiny_pack, file, change, message):
    edit_csv(tiny_pack / file, change)
    assert message in faults(tiny_pack)


def test_faults_of_all_files_come_together(tiny_pack):
    edit_csv(tiny_pack / "stations.csv", lambda f: f.assign(station_code="S1"))
    edit_csv(tiny_pack / "demand.csv", lambda f: f.assign(workers=[1, -2, 3, 4]))
    (tiny_pack / "streets.parquet").write_bytes(b"PAR1 cut in half")
    text = faults(tiny_pack)
    assert "stations.csv" in text
    assert "demand.csv" in text
    assert "streets.parquet: cannot be read as parquet" in text


def test_an_empty_network_is_refused(tiny_pack):
    path = tiny_pack / "streets.parquet"
    gpd.read_parquet(path).iloc[:0].to_parquet(path)
    assert "streets.parquet: the file holds no record" in faults(tiny_pack)


def test_a_layer_without_crs_is_refused(tiny_pack):
    path = tiny_pack / "districts.gpkg"
    gpd.read_file(path).set_crs(None, allow_override=True).to_parquet(tiny_pack / "districts.parquet")
    edit_manifest(tiny_pack, "districts.gpkg", "districts.parquet")
    assert "no coordinate system is stated" in faults(tiny_pack)


def test_points_in_a_lattice_get_the_district_they_lie_in(tiny_pack):
    edit_csv(tiny_pack / "demand.csv", lambda f: f.assign(lon=[120.3, 120.3, 120.3, 120.4]))
    codes = CityPack.open(tiny_pack).demand["district_code"].tolist()
    assert codes[:3] == ["320213"] * 3
    assert np.isnan(codes[3])


def test_places_snap_as_far_as_the_pack_says(tiny_pack):
    profiles = "[profiles.slow]\nspeed_m_s = 0.8\n[profiles.far]\nspeed_m_s = 0.8\nmax_snap_m = 900\n"
    edit_manifest(tiny_pack, "[files.streets]", f"[defaults]\nmax_snap_m = 80\n{profiles}[files.streets]")
    pack = CityPack.open(tiny_pack)
    assert [profile_of(pack, name).max_snap_m for name in (None, "bicycle", "slow", "far")] == [80, 80, 80, 900]
