"""Real streets against what others found on them."""

from __future__ import annotations

import csv
import gzip
import itertools
import json

import networkx as nx
import numpy as np
import pytest

from geoplan.crs import ellipsoid_length_m
from geoplan.network import StreetNetwork, Streets


def on_a_sphere_m(xy: np.ndarray) -> float:
    """Length by the formula that GraphHopper measures with: haversine on a sphere of 6,371,000 m."""
    lon, lat = np.radians(xy).T
    h = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    return float((2 * 6_371_000 * np.arcsin(np.sqrt(h))).sum())


@pytest.mark.shared
def test_monaco_as_graphhopper_published_it(shared):
    folder = shared / "benchmarks/street_truth"
    net = StreetNetwork.from_osm(folder / "monaco.osm.gz")
    with (folder / "foot_distances.csv").open(encoding="utf-8") as stream:
        pairs = list(csv.DictReader(stream))
    assert len(pairs) == 4
    for pair in pairs:
        way = net.path(
            (float(pair["from_lon"]), float(pair["from_lat"])), (float(pair["to_lon"]), float(pair["to_lat"]))
        )
        # Without the access legs, and measured as GraphHopper measures; the ellipsoid is 0.1 % longer here.
        assert on_a_sphere_m(way.xy[1:-1]) == pytest.approx(float(pair["expected_m"]), abs=1.0)
        assert way.street_m == pytest.approx(float(pair["expected_m"]), rel=0.002)


CLOSED = {"motorway", "motorway_link", "construction", "proposed", "bus_guideway", "raceway", "busway"}
SHUT = {"no", "private", "use_sidepath", "permit"}  # one link road there is open by permit only


@pytest.mark.shared
def test_lingang_as_networkx_finds_it_on_the_raw_nodes(shared):
    """Every OSM node a graph node, built from the raw answer with nothing of ours but the length of a segment."""
    path = shared / "data/other_cities/shanghai_lingang_osm_all_20230310.overpass.json.gz"
    elements = json.loads(gzip.decompress(path.read_bytes()))["elements"]
    place = {e["id"]: (e["lon"], e["lat"]) for e in elements if e["type"] == "node"}
    graph = nx.Graph()
    for way in (e for e in elements if e["type"] == "way"):
        tags = way["tags"]
        allowed = tags.get("foot", tags.get("access", "yes"))
        if tags.get("highway", "no") in CLOSED or "highway" not in tags or allowed in SHUT:
            continue
        if tags.get("motorroad") == "yes":
            continue
        for a, b in itertools.pairwise(way["nodes"]):
            metres = float(ellipsoid_length_m(*place[a], *place[b]))
            if a != b and metres < graph.get_edge_data(a, b, {"m": np.inf})["m"]:
                graph.add_edge(a, b, m=metres)
    main = sorted(max(nx.connected_components(graph), key=len))
    rng = np.random.default_rng(12)
    origins, destinations = rng.choice(main, 40, replace=False), rng.choice(main, 25, replace=False)
    net = StreetNetwork.from_streets(Streets.read(path))
    times = net.travel_times([place[o] for o in origins], [place[d] for d in destinations], np.inf)
    ours = times.to_csr().toarray() * 1.2
    truth = np.empty_like(ours)
    for row, origin in enumerate(origins):
        reached = nx.single_source_dijkstra_path_length(graph, origin, weight="m")
        truth[row] = [reached[d] for d in destinations]
    assert times.nnz == 1000
    np.testing.assert_allclose(ours, truth, rtol=1e-6, atol=0.05)
