"""The small demonstration city as a whole: the same for a seed, sound as a network, exact in its sums."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from geoplan import facts
from geoplan.demo import DemoCity, generate, packfile
from geoplan.demo.ground import populations
from geoplan.demo.plane import to_plane
from geoplan.errors import InputError

FRAMES = ("streets", "districts", "key_areas", "towns", "stations", "demand", "candidates", "water", "places")


def fingerprint(city: DemoCity) -> str:
    """Return a hash of all values: text, whole numbers, floats to the last bit, geometry to the last bit."""
    digest = hashlib.sha256()
    for name in FRAMES:
        table = getattr(city, name)
        for column in table.columns:
            values = table[column]
            if column == "geometry":
                digest.update(b"".join(shapely.to_wkb(values.to_numpy(), byte_order=1)))
            elif values.dtype.kind in "if":
                digest.update(values.to_numpy().astype("<f8").tobytes())
            else:
                text = ["" if missing else str(value) for value, missing in zip(values, values.isna(), strict=True)]
                digest.update("\x1f".join(text).encode())
    return digest.hexdigest()


def edge_ends(city: DemoCity) -> tuple[np.ndarray, np.ndarray]:
    lines = city.streets.geometry.to_numpy()
    return (shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1))  # type: ignore[return-value]


def on_foot(city: DemoCity) -> nx.MultiGraph:
    streets = city.streets[city.streets["foot"] != "no"]
    graph = nx.MultiGraph()
    graph.add_edges_from(zip(streets["u"], streets["v"], strict=True))
    return graph


def test_same_seed_same_city_in_another_process(town: DemoCity) -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[1].split('|')\n"
        "from geoplan.demo import generate\n"
        "import importlib.util as u\n"
        "spec = u.spec_from_file_location('t', sys.argv[2]); t = u.module_from_spec(spec); spec.loader.exec_module(t)\n"
        "print(t.fingerprint(generate(0, 2000)))"
    )
    path = "|".join(p for p in sys.path if p)
    done = subprocess.run([sys.executable, "-c", code, path, __file__], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == fingerprint(town)


def test_the_city_of_a_seed_does_not_drift(town: DemoCity) -> None:
    """A change that moves this hash changes everybody's cached city: raise ``packfile.VERSION`` with it."""
    golden = {3: "5de3764f44373ff516e83a4226ceb144e1ac02eb7eabdb8f94f2f240247096f3"}
    assert fingerprint(town) == golden[packfile.VERSION]


def test_another_seed_is_another_city_on_the_same_ground(town: DemoCity) -> None:
    other = generate(seed=1, nodes=2_000)
    assert fingerprint(other) != fingerprint(town)
    assert set(other.districts["district_code"]) == set(town.districts["district_code"])


def test_size_is_a_parameter(town: DemoCity) -> None:
    small = generate(seed=0, nodes=600)
    assert 600 <= small.junctions < town.junctions
    assert 2_000 <= town.junctions <= 2_000 * 1.14
    assert len(town.stations) == round(889 * 2_000 / 120_000)
    assert len(town.demand) >= 40_000 * 2_000 / 120_000
    assert len(town.candidates) >= 5_000 * 2_000 / 120_000


@pytest.mark.parametrize(("seed", "nodes"), [(-1, 2_000), (0, 100)])
def test_bad_parameters_give_one_sentence(seed: int, nodes: int) -> None:
    with pytest.raises(InputError, match="at least 500"):
        generate(seed, nodes)


def test_every_record_says_demonstration(town: DemoCity) -> None:
    for name in FRAMES:
        if name != "places":  # metro stations and town names are real, each with its source
            assert set(getattr(town, name)["origin"]) == {"demonstration"}, name
    assert town.places["source"].str.len().min() > 0
    assert any("非真实站点" in note for note in town.notes)


def test_junctions_are_counted_as_crossings_and_ends(town: DemoCity) -> None:
    walk = town.streets[(town.streets["foot"] != "no")]
    pairs = pd.DataFrame({"a": walk[["u", "v"]].min(axis=1), "b": walk[["u", "v"]].max(axis=1)}).drop_duplicates()
    degree = pd.concat([pairs["a"], pairs["b"]]).value_counts()
    assert (degree != 2).sum() >= 2_000


def test_equal_ids_are_equal_places_and_the_other_way_round(town: DemoCity) -> None:
    first, last = edge_ends(town)
    ids = np.concatenate([town.streets["u"], town.streets["v"]])
    xy = np.concatenate([first, last])
    table = pd.DataFrame({"id": ids, "x": xy[:, 0], "y": xy[:, 1]}).drop_duplicates()
    assert table["id"].is_unique
    assert not table.duplicated(["x", "y"]).any()


def test_one_component_holds_nearly_everything_and_a_few_islands_are_left(town: DemoCity) -> None:
    sizes = sorted((len(c) for c in nx.connected_components(on_foot(town))), reverse=True)
    assert sizes[0] >= 0.97 * sum(sizes)
    assert len(sizes) <= 8


def test_water_is_only_crossed_on_bridges(town: DemoCity) -> None:
    canals = town.water[town.water.geom_type.str.contains("Line")].geometry.to_numpy()
    crossing = town.streets[shapely.intersects(town.streets.geometry.to_numpy()[:, None], canals).any(axis=1)]
    assert len(crossing) > 10
    assert set(crossing["bridge"]) == {"yes"}
    lakes = town.water[~town.water.geom_type.str.contains("Line")].geometry.to_numpy()
    wet = shapely.intersects(town.streets.geometry.to_numpy()[:, None], lakes).any(axis=1)
    assert set(town.streets.loc[wet, "bridge"]) <= {"yes"}


def test_streets_and_people_are_on_dry_land_in_the_districts(town: DemoCity) -> None:
    area = shapely.buffer(shapely.union_all(town.districts.geometry.to_numpy()), 0.001)
    assert shapely.contains(area, town.streets.geometry.to_numpy()).mean() > 0.999
    lines = town.water[town.water.geom_type.str.contains("Line")]
    xy = to_plane(*shapely.get_coordinates(lines.geometry.to_numpy()).T)
    assert len(xy) > 0
    plane = shapely.transform(lines.geometry.to_numpy(), lambda c: to_plane(c[:, 0], c[:, 1]))
    for table in (town.stations, town.demand, town.candidates):
        points = shapely.points(to_plane(table["lon"].to_numpy(), table["lat"].to_numpy()))
        gap = shapely.distance(np.asarray(points)[:, None], plane) - 0.5 * lines["width_m"].to_numpy()
        assert gap.min() > -0.5
        assert shapely.contains_xy(area, table["lon"], table["lat"]).all()


def test_lengths_are_those_of_the_geometry(town: DemoCity) -> None:
    metric = town.streets.geometry.to_crs("EPSG:4549").length
    assert np.abs(metric / town.streets["length_m"] - 1).quantile(0.999) < 2e-3  # scale of the projection, centimetres
    assert town.streets["length_m"].min() > 0


def test_hierarchy_and_tags(town: DemoCity) -> None:
    classes = set(town.streets["highway"])
    assert {"trunk", "primary", "secondary", "tertiary", "residential", "service", "footway"} <= classes
    pairs = town.streets[(town.streets["highway"] == "trunk") & (town.streets["oneway"] == "yes")]
    forth, back = set(zip(pairs["u"], pairs["v"], strict=True)), set(zip(pairs["v"], pairs["u"], strict=True))
    assert len(forth) > 0
    assert forth == back  # every carriageway has its other
    assert town.streets.loc[town.streets["highway"] == "footway", "name"].isna().all()
    named = town.streets.loc[town.streets["highway"].isin(["trunk", "primary", "secondary"]), "name"]
    assert named.str.fullmatch(r"[\u4e00-\u9fff]{3,6}").all()


def test_workers_are_whole_and_their_sums_exact(town: DemoCity) -> None:
    trades = [f"workers_{t}" for t in facts.trade_shares()["trade"]]
    assert (town.demand["workers"] == town.demand[trades].sum(axis=1)).all()
    assert town.demand["workers"].min() >= 1
    assert town.demand["demand_id"].is_unique
    total = town.demand["workers"].sum()
    for trade, share in zip(trades, facts.trade_shares()["share"], strict=True):
        assert town.demand[trade].sum() == pytest.approx(share * total, abs=len(town.districts))


def test_stations_follow_the_register_form(town: DemoCity) -> None:
    stations = town.stations
    assert stations["station_code"].is_unique
    assert stations["name"].is_unique
    assert stations["name"].str.startswith("示例·").all()
    assert set(stations["station_class"]) <= {"standard", "micro", "mobile", "smart24h"}
    assert set(stations["build_mode"]) <= {"own", "joint", "shared"}
    assert (stations["verified_on"] >= stations["opened_on"]).all()
    assert (stations["public_phone"] == "").all()  # a made-up number could be somebody's
    form = re.compile(r"24/7|Mo-(Su|Fr) \d\d:\d\d-\d\d:\d\d(,\d\d:\d\d-\d\d:\d\d)?")
    assert all(form.fullmatch(text) for text in stations["opening_hours"])
    assert ((stations["opening_hours"] == "24/7") == (stations["station_class"] == "smart24h")).all()
    assert set(stations["town_code"]) <= set(town.towns["town_code"])
    assert (stations["town_code"].str[:6] == stations["district_code"]).all()


def test_the_same_people_whatever_the_part(town: DemoCity) -> None:
    """A part of the city has the part's residents, not the district's."""
    people = populations()["population"]
    for code, workers in town.demand.groupby("district_code")["workers"].sum().items():
        assert 0 < workers < 0.011 * people[str(code)]
