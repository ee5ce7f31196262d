"""Several OSM extracts of one city: joined, they are the network of one file."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoplan.errors import InputError
from geoplan.sources.streets import Streets

TAGS = {n: {"highway": "residential", "name": f"{n}号路"} for n in range(1, 9)}
SIGNALS = {4: {"highway": "traffic_signals"}}
Ways = dict[int, list[int]]


def spot(node: int) -> tuple[float, float]:
    return round(120.3 + node % 5 / 1000, 7), round(31.5 + node // 5 / 1000, 7)


def write(path: Path, ways: Ways, nodes: set[int] | None = None) -> Path:
    """Write an extract; without ``nodes`` it holds all that its ways name."""
    named = {node for refs in ways.values() for node in refs}
    kept = sorted(named if nodes is None else named & nodes)
    point = "".join(
        f'<node id="{n}" version="1" lon="{spot(n)[0]}" lat="{spot(n)[1]}">'
        + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in SIGNALS.get(n, {}).items())
        + "</node>"
        for n in kept
    )
    line = "".join(
        f'<way id="{way}" version="1">{"".join(f"<nd ref={chr(34)}{n}{chr(34)}/>" for n in refs)}'
        + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in TAGS[way].items())
        + "</way>"
        for way, refs in ways.items()
    )
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{point}{line}</osm>', encoding="utf-8")
    return path


def table(streets: Streets) -> pd.DataFrame:
    """The edges in an order of their own."""
    frame = pd.DataFrame(streets.edges.drop(columns="geometry")).assign(shape=streets.edges.geometry.to_wkt())
    return frame.sort_values(["way", "u", "v", "shape"]).reset_index(drop=True)[sorted(frame.columns)]


def walk(draw: st.DrawFn) -> list[int]:
    refs = draw(st.lists(st.integers(1, 20), min_size=2, max_size=7))
    return [a for a, b in zip(refs, [*refs[1:], 0], strict=True) if a != b]


@st.composite
def networks(draw: st.DrawFn) -> Ways:
    found = {way: walk(draw) for way in range(1, draw(st.integers(2, 8)) + 1)}
    kept = {way: refs for way, refs in found.items() if len(refs) > 1}
    return kept or {1: [1, 2]}


@given(networks(), st.data())
def test_whole_ways_in_one_file_or_both(tmp_path_factory, ways, data):
    folder = tmp_path_factory.mktemp("whole")
    where = {way: data.draw(st.sampled_from(["first", "second", "both"])) for way in ways}
    one = Streets.read(write(folder / "one.osm", ways))
    halves = [{way: refs for way, refs in ways.items() if where[way] in (half, "both")} for half in ("first", "second")]
    files = [write(folder / f"{i}.osm", half) for i, half in enumerate(halves) if half]
    several = Streets.read(files)
    pd.testing.assert_frame_equal(table(several), table(one))
    assert several.report.counts["ways"] == len(ways)


@given(networks(), st.sets(st.integers(1, 20)))
def test_ways_that_run_over_the_border_with_the_nodes_of_one_side_each(tmp_path_factory, ways, west):
    folder = tmp_path_factory.mktemp("nodes")
    one = Streets.read(write(folder / "one.osm", ways))
    files = [write(folder / "w.osm", ways, west), write(folder / "e.osm", ways, set(range(21)) - west)]
    several = Streets.read(files)
    pd.testing.assert_frame_equal(table(several), table(one))
    assert several.report.counts["refs_missing"] == 0


@pytest.mark.parametrize(
    ("west", "east"),
    [([1, 2, 3], [3, 4, 5, 6]), ([1, 2, 3, 4], [3, 4, 5, 6]), ([3, 4, 5, 6], [1, 2, 3]), ([1, 2, 3, 4, 5, 6], [3, 4])],
)
def test_a_way_cut_at_the_border_is_put_together(tmp_path, west, east):
    one = Streets.read(write(tmp_path / "one.osm", {1: [1, 2, 3, 4, 5, 6], 2: [4, 9]}))
    files = [write(tmp_path / "w.osm", {1: west}), write(tmp_path / "e.osm", {1: east, 2: [4, 9]})]
    several = Streets.read(files)
    pd.testing.assert_frame_equal(table(several), table(one))
    assert several.report.counts["ways_in_several"] == 1
    assert several.source == "w.osm + e.osm"


def test_parts_that_do_not_meet_stay_apart(tmp_path):
    files = [write(tmp_path / "w.osm", {1: [1, 2]}), write(tmp_path / "e.osm", {1: [4, 5]})]
    assert table(Streets.read(files))[["u", "v"]].values.tolist() == [[1, 2], [4, 5]]


def overpass(path: Path, way: int, refs: list[int], *, ids: bool) -> Path:
    element = {"type": "way", "id": way, "tags": TAGS[way]}
    element["geometry"] = [dict(zip(("lon", "lat"), spot(node), strict=True)) for node in refs]
    path.write_text(json.dumps({"elements": [element | ({"nodes": refs} if ids else {})]}), encoding="utf-8")
    return path


def test_an_answer_of_overpass_joins_a_file_where_it_names_its_nodes(tmp_path):
    osm = write(tmp_path / "w.osm", {1: [1, 2, 3]})
    several = Streets.read([osm, overpass(tmp_path / "e.json", 2, [3, 4], ids=True)])
    assert table(several)[["u", "v"]].values.tolist() == [[1, 3], [3, 4]]
    bare = [overpass(tmp_path / f"{way}.json", way, refs, ids=False) for way, refs in ((1, [1, 2, 3]), (2, [3, 4]))]
    alone = Streets.read(bare).edges
    assert len(set(alone["u"]) | set(alone["v"])) == 3, "they meet where they share a position"
    with pytest.raises(InputError, match=r"2\.json: the ways come without the ids of their nodes"):
        Streets.read([osm, bare[1]])


def test_lines_are_not_joined_by_guess_and_every_file_must_be_there(tmp_path):
    osm = write(tmp_path / "w.osm", {1: [1, 2, 3]})
    lines = Streets.read(osm).write(tmp_path / "lines.parquet")
    with pytest.raises(InputError, match=r"lines\.parquet: lines and graphs cannot be joined"):
        Streets.read([osm, lines])
    with pytest.raises(InputError, match=r"gone\.osm: the file does not exist"):
        Streets.read([osm, tmp_path / "gone.osm"])
    with pytest.raises(InputError, match="no street file is named"):
        Streets.read([])
