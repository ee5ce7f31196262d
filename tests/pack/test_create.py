"""A pack from a user's files: what demand is counted in, and streets of several extracts."""

from __future__ import annotations

import pandas as pd
import pytest

from geoplan import CityPack
from geoplan.errors import InputError
from geoplan.pack.create import create_pack


@pytest.fixture
def make(tiny_pack, tmp_path):
    """Make a pack of the tiny pack's streets and districts with a demand table of one's own."""

    def made(demand: dict[str, list[object]]):
        table = tmp_path / "people.csv"
        place = {"lon": [120.300, 120.301, 120.302], "lat": [31.570, 31.571, 31.572]}
        pd.DataFrame(place | demand).to_csv(table, index=False, encoding="utf-8-sig")
        files = {"osm": tiny_pack / "streets.parquet", "districts": tiny_pack / "districts.gpkg", "demand": table}
        return create_pack(tmp_path / "made", **files)

    return made


@pytest.mark.parametrize("cells", [[0, 20, 30], ["0", "20", "30"], ["", "1,020", 30], [0, 0, 5]])
def test_nobody_living_at_a_point_does_not_discard_the_column(make, cells):
    if "" in cells:
        with pytest.raises(InputError, match=r"people\.csv, row 2, field '常住人口': .* is not a number of residents"):
            make({"常住人口": cells})
        return
    made = make({"常住人口": cells})
    assert made.pack.manifest.demand_unit == "residents"
    assert made.pack.demand["workers"].tolist() == [float(cell) for cell in cells]
    zeros = [float(cell) for cell in cells].count(0.0)
    assert any(f"share of residents. {zeros} of 3 points have none and count 0." in note for note in made.notes)


def test_thousands_are_read_as_written(make):
    assert make({"常住人口": ["1,020", "0", "30"]}).pack.demand["workers"].tolist() == [1020.0, 0.0, 30.0]


def test_a_column_without_anybody_is_named_as_that(make):
    made = make({"常住人口": [0, 0, 0]})
    assert made.pack.manifest.demand_unit == "points"
    assert any("has no resident: every demand point counts 1" in note for note in made.notes)


def test_workers_stand_before_residents(make):
    made = make({"常住人口": ["", "x", 0], "劳动者人数": [1, 0, 2]})
    assert made.pack.manifest.demand_unit == "workers"
    assert made.pack.total_demand == 3.0


def test_a_city_on_two_extracts(run_files, tmp_path):
    one, several = run_files
    alone = create_pack(tmp_path / "alone", osm=one["osm"], districts=one["districts"]).pack
    joined = create_pack(tmp_path / "joined", osm=several, districts=one["districts"]).pack
    pd.testing.assert_frame_equal(edges(alone), edges(joined))
    assert joined.manifest.files["streets"].source == "west.osm + east.osm"


def edges(pack: CityPack) -> pd.DataFrame:
    frame = pd.DataFrame(pack.streets.drop(columns="geometry")).assign(shape=pack.streets.geometry.to_wkt())
    return frame.sort_values(["way", "u", "v"]).reset_index(drop=True)[["way", "u", "v", "highway", "shape"]]


@pytest.fixture
def run_files(tiny_pack, tmp_path):
    """A grid of nine corners as one file, and as two that share the middle street."""

    def write(name, rows):
        corner = {i: (120.300 + 0.001 * (i % 3), 31.570 + 0.001 * (i // 3)) for i in range(9)}
        refs = {node for row in rows.values() for node in row}
        nodes = "".join(f'<node id="{n + 1}" version="1" lon="{corner[n][0]}" lat="{corner[n][1]}"/>' for n in refs)
        ways = "".join(
            f'<way id="{way}" version="1">{"".join(f"""<nd ref="{n + 1}"/>""" for n in row)}'
            '<tag k="highway" v="residential"/></way>'
            for way, row in rows.items()
        )
        path = tmp_path / name
        path.write_text(f'<?xml version="1.0"?><osm version="0.6">{nodes}{ways}</osm>', encoding="utf-8")
        return path

    rows = {1: [0, 1, 2], 2: [3, 4, 5], 3: [6, 7, 8], 4: [0, 3, 6], 5: [1, 4, 7], 6: [2, 5, 8]}
    west = {1: [0, 1], 2: [3, 4], 3: [6, 7], 4: [0, 3, 6], 5: [1, 4, 7]}
    east = {1: [1, 2], 2: [4, 5], 3: [7, 8], 5: [1, 4, 7], 6: [2, 5, 8]}
    files = {"osm": write("one.osm", rows), "districts": tiny_pack / "districts.gpkg"}
    return files, [write("west.osm", west), write("east.osm", east)]
