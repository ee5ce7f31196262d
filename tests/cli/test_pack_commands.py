"""From real streets and hand-made tables to figures and a plan, on the command line; and every way it goes wrong."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from geoplan import CityPack


def options(files):
    return [part for name, path in files.items() for part in (f"--{name}", path)]


def test_helsinki_goes_through_the_whole_line(run, helsinki_files, tmp_path):
    pack = tmp_path / "helsinki"
    made = run("pack", "init", pack, *options(helsinki_files), "--name-en", "Helsinki", "--json")
    assert made.code == 0, made.err
    summary = made.json
    assert summary["crs_metric"] == "EPSG:32635"
    assert summary["attribution"] == ["© OpenStreetMap contributors, ODbL 1.0"]
    assert summary["total_demand"] == sum(1 + i + j for i in range(8) for j in range(10))
    assert "No candidate file was given" in " ".join(summary["notes"])

    checked = run("pack", "check", pack)
    assert checked.code == 0
    assert "The pack is sound." in checked.out

    covered = run("coverage", pack, "--limit-min", 5, "--radius-m", 400, "--json")
    assert covered.code == 0, covered.err
    city = covered.json["areas"][0]
    shares = {test: value["any"]["share"] for test, value in city["tests"].items()}
    assert 0 < shares["network"] <= shares["circle"] < 1
    assert shares["cross"] <= shares["network"]
    assert covered.json["subject"]["limit_s"] == 300.0

    sited = run("site", pack, "--new", 3, "--limit-min", 5, "--json", "--out", tmp_path / "plan")
    assert sited.code == 0, sited.err
    plan = sited.json
    assert plan["status"] == "optimal"
    assert plan["certificate"]["agrees"]
    assert plan["covered_before"] == pytest.approx(shares["network"] * summary["total_demand"])
    assert plan["covered_after"] == pytest.approx(plan["objective"])
    assert len(plan["sites"]) == 3
    gains = [project["workers_newly_covered"] for project in plan["projects"]]
    assert gains == sorted(gains, reverse=True)
    assert (tmp_path / "plan/projects.csv").read_text(encoding="utf-8-sig").startswith("rank,site_id")

    drawn = run("isochrone", pack, "--station", "S0001", "--minutes", "5,10", "--out", tmp_path / "area.geojson")
    assert drawn.code == 0, drawn.err
    page = run("map", pack, "--kind", "plan", "--new", 2, "--out", tmp_path / "plan.html")
    assert page.code == 0, page.err
    assert "OpenStreetMap" in (tmp_path / "plan.html").read_text(encoding="utf-8")


def test_instant_is_the_citys_own_clock(run, tiny_pack):
    night = run("coverage", tiny_pack, "--at", "2026-11-20T02:00", "--json", "--limit-min", 1)
    assert night.code == 0, night.err
    assert night.json["subject"]["at"].startswith("2026-11-20T02:00")
    city = night.json["areas"][0]["tests"]["network"]
    assert (city["any"]["covered"], city["at"]["covered"]) == (40.0, 10.0)


@pytest.mark.parametrize("command", [["pack", "check"], ["coverage"], ["site"], ["map"], ["isochrone"], ["serve"]])
def test_every_verb_says_one_sentence_for_a_broken_pack(run, tiny_pack, command):
    (tiny_pack / "pack.toml").write_text("format = [", encoding="utf-8")
    ended = run(*command, tiny_pack)
    assert ended.code == 2
    assert "pack.toml: is not valid TOML" in ended.err
    assert "Traceback" not in ended.err


BAD = {
    "missing column": ("stations", "name,where\nA,somewhere\n", "no record has a position"),
    "swapped": ("stations", "name,lon,lat\nA,60.1710,24.9435\nB,60.1785,24.9505\n", None),
    "400 km away": ("stations", "name,lon,lat\nA,24.9435,60.1710\nB,28.5,63.0\n", "row 3"),
    "negative workers": (
        "demand",
        "lon,lat,workers\n24.94,60.17,5\n24.941,60.171,-3\n",
        "row 3, field 'workers': '-3' is not a number",
    ),
    "missing workers": ("demand", "lon,lat,workers\n24.94,60.17,\n", "row 2, field 'workers'"),
    "no polygon": ("districts", "name,lon,lat\nA,24.94,60.17\n", "holds no outlines"),
    "empty file": ("stations", "", "the file is empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_tables(run, helsinki_files, tmp_path, case):
    which, text, message = BAD[case]
    path = tmp_path / f"bad_{which}.csv"
    path.write_text(text, encoding="utf-8")
    ended = run("pack", "init", tmp_path / "pack", *options(helsinki_files | {which: path}))
    if message is None:  # put right by what the numbers prove, and said
        assert ended.code == 0, ended.err
        assert "2 rows were exchanged and put right" in ended.out
        return
    assert ended.code == 2
    assert message in ended.err
    assert path.name in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize("case", ["cut", "not osm", "absent", "elsewhere", "empty"])
def test_bad_streets(run, helsinki_files, helsinki_osm, tmp_path, case):
    path = tmp_path / "streets.osm.pbf"
    if case == "cut":
        path.write_bytes(helsinki_osm.read_bytes()[: helsinki_osm.stat().st_size // 2])
    elif case == "not osm":
        path.write_bytes(b"\x89PNG and nothing of a map")
    elif case == "empty":
        path = tmp_path / "streets.osm"
        path.write_text('<?xml version="1.0"?><osm version="0.6"/>', encoding="utf-8")
    elif case == "elsewhere":
        path = helsinki_osm.with_name("test.osm.pbf")
    ended = run("pack", "init", tmp_path / "pack", *options(helsinki_files | {"osm": path}))
    assert ended.code == 2, ended.out
    assert path.name in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "pack").exists()


def test_a_pack_is_never_overwritten(run, helsinki_files, tiny_pack):
    ended = run("pack", "init", tiny_pack, *options(helsinki_files))
    assert ended.code == 2
    assert "holds a pack already" in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["coverage", "--profile", "horse"], "there is no travel profile 'horse'; use one of walk"),
        (["coverage", "--at", "noon"], "--at 'noon' is not a time; write it like 2026-11-20T12:30"),
        (["isochrone", "--station", "S9"], "there is no station 'S9' in the pack"),
        (["isochrone"], "give either --station or --at"),
        (["isochrone", "--at", "31.57,120.3"], "the longitude comes first"),
        (["isochrone", "--station", "S1", "--minutes", "soon"], "'soon' is not a list of minutes"),
        (["site", "--new", "500"], ""),
    ],
)
def test_bad_options(run, tiny_pack, arguments, message):
    verb, *rest = arguments
    ended = run(verb, tiny_pack, *rest)
    assert ended.code in (1, 2)
    assert message in ended.err
    assert "Traceback" not in ended.err + ended.out


@pytest.mark.shared
@pytest.mark.parametrize(
    ("osm", "district", "footways_missing"),
    [
        ("wuxi/yixing_osm_drive_20260326.osm.pbf", "宜兴市", True),
        ("wuxi/yixing_osm_drive_20260326.overpass.json.gz", "宜兴市", True),
    ],
)
def test_yixing_from_real_files(run, shared, tmp_path, osm, district, footways_missing):
    stations = tmp_path / "register.csv"
    stations.write_text(
        "站点名称,经度,纬度,开放时间\n宜城站,119.8205,31.3605,8:30-17:30\n新街站,119.78,31.345,24小时\n丁蜀站,119.85,31.26,\n",
        encoding="gbk",
    )
    data = shared / "data/wuxi"
    places = tmp_path / "places.csv"  # without GeoNames' population, which is 0 where it is not known
    pd.read_csv(data / "wuxi_places_geonames.csv").drop(columns="population").to_csv(places, index=False)
    files = {
        "osm": shared / "data" / osm,
        "districts": data / "wuxi_districts_tianditu_wgs84.geojson",
        "stations": stations,
        "demand": places,
    }
    made = run(
        "pack", "init", tmp_path / "yixing", *options(files), "--district", district, "--name-zh", "宜兴", "--json"
    )
    assert made.code == 0, made.err
    notes = " ".join(made.json["notes"])
    assert ("footways are missing" in notes) == footways_missing
    assert made.json["demand_unit"] == "points"
    assert (tmp_path / "yixing/rejected_places.csv").is_file()
    assert run("coverage", tmp_path / "yixing", "--json").json["subject"]["demand_total"] == 17
    plan = run("site", tmp_path / "yixing", "--new", 3, "--json").json
    assert plan["status"] == "optimal"
    assert plan["gain"] >= 3


@pytest.mark.shared
@pytest.mark.parametrize(
    ("osm", "middle", "footways_missing"),
    [
        ("shanghai_lingang_osm_all_20230310.osm.pbf", (121.92, 30.90), False),
        ("changxing_osm_drive_20260326.osm.pbf", (119.91, 31.01), True),
    ],
)
def test_streets_alone_give_demand_and_candidates(run, shared, tmp_path, osm, middle, footways_missing):
    lon, lat = middle
    ring = [
        [lon + dx, lat + dy] for dx, dy in ((-0.03, -0.03), (0.03, -0.03), (0.03, 0.03), (-0.03, 0.03), (-0.03, -0.03))
    ]
    feature = {
        "type": "Feature",
        "properties": {"名称": "试点片区"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    districts = tmp_path / "area.geojson"
    districts.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    stations = tmp_path / "stations.csv"
    stations.write_text(f"name,lon_wgs84,lat_wgs84\n甲站,{lon},{lat}\n", encoding="utf-8")
    files = {"osm": shared / "data/other_cities" / osm, "districts": districts, "stations": stations}
    made = run("pack", "init", tmp_path / "pack", *options(files), "--json")
    assert made.code == 0, made.err
    notes = " ".join(made.json["notes"])
    assert ("footways are missing" in notes) == footways_missing
    assert "metres of street" in notes
    assert made.json["demand_unit"] == "street_m"
    shares = run("coverage", tmp_path / "pack", "--json").json["areas"][0]["tests"]
    assert 0 < shares["network"]["any"]["share"] < shares["circle"]["any"]["share"] < 1
    plan = run("site", tmp_path / "pack", "--new", 4, "--json").json
    assert plan["status"] == "optimal"
    assert plan["share_after"] > plan["share_before"]


def test_outlines_without_attributes_and_ids_that_repeat(run, tmp_path, helsinki_files):
    collection = json.loads(helsinki_files["districts"].read_text(encoding="utf-8"))
    collection["features"][0]["properties"] = {}
    helsinki_files["districts"].write_text(json.dumps(collection), encoding="utf-8")
    given = [f"--{name}" if k == 0 else path for name, path in helsinki_files.items() for k in (0, 1)]
    made = run("pack", "init", tmp_path / "bare", *given)
    assert (made.code, "the districts are numbered" in made.out.replace("\n", " ")) == (0, True)
    candidates = tmp_path / "候选.csv"
    candidates.write_text(
        "编号,经度,纬度,费用\nA,24.94,60.17,5万\nB,24.95,60.17,6万\nA,24.945,60.17,7\n", encoding="utf-8"
    )
    ended = run("pack", "init", tmp_path / "twice", *given, "--candidates", candidates)
    assert ended.code == 2
    assert "候选.csv, row 4, field '编号': 'A' appears twice" in ended.err
    assert "候选.csv, row 4, field '费用': '7' has no unit where other costs have one" in ended.err
    assert not (tmp_path / "twice").exists()


def test_costs_and_capacities_as_people_write_them(run, tmp_path, helsinki_files):
    candidates = tmp_path / "候选.csv"
    candidates.write_text(
        "编号,经度,纬度,预算（万元）,服务能力\nA,24.94,60.17,5,200人\nB,24.95,60.17,60000元,约三百\nC,24.945,60.17,,80\n",
        encoding="utf-8",
    )
    given = [f"--{name}" if k == 0 else path for name, path in helsinki_files.items() for k in (0, 1)]
    made = run("pack", "init", tmp_path / "priced", *given, "--candidates", candidates)
    words = made.out.replace("\n", " ")
    assert made.code == 0
    assert "costs are in 万元" in words
    assert CityPack.open(tmp_path / "priced").manifest.cost_unit == "万元"
    assert "1 capacities are no numbers ('约三百' in row 3); they are left empty" in words
    plan = run("site", tmp_path / "priced", "--budget", 6)
    assert plan.code == 2
    assert plan.err.count("candidate 'C' has no cost") == 1
