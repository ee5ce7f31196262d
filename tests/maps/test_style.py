"""The base style names only what the tiles carry, and stays on its own host."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geoplan_maps.glyphs import FONT_STACKS
from geoplan_maps.style import PALETTES, RasterBase, base_style
from geoplan_maps.tiles import base_layers

from geoplan.errors import InputError


@pytest.mark.parametrize("theme", list(PALETTES))
def test_every_drawn_layer_exists_in_the_tiles_and_every_font_has_glyphs(theme: str) -> None:
    line = shapely.LineString([(120, 31), (121, 31)])
    layers = base_layers(
        gpd.GeoDataFrame({"highway": ["primary"], "name": ["路"]}, geometry=[line], crs=4326),
        water=gpd.GeoDataFrame({"kind": ["canal"], "name": ["河"]}, geometry=[line], crs=4326),
        districts=gpd.GeoDataFrame({"district_code": ["1"], "name": ["区"]}, geometry=[line.buffer(0.1)], crs=4326),
        places=pd.DataFrame(
            {"name": ["甲", "乙"], "kind": ["metro"] * 2, "lon": [120, 121], "lat": [31, 31], "lines": ["1", "1"]}
        ),
    )
    document = base_style(base_url="http://h", theme=theme)
    drawn = {layer["source-layer"] for layer in document["layers"] if "source-layer" in layer}
    assert drawn == {layer.name for layer in layers} - {"areas"}, "areas are drawn by the planner's desk only"
    fonts = {font for layer in document["layers"] for font in layer.get("layout", {}).get("text-font", [])}
    assert fonts <= set(FONT_STACKS)
    assert len({layer["id"] for layer in document["layers"]}) == len(document["layers"])


def test_every_address_is_of_the_service() -> None:
    text = json.dumps(base_style(base_url="http://h/prefix"))
    assert text.count("http") == text.count("http://h/prefix/v1/")


def test_english_labels_fall_back_to_chinese() -> None:
    layers = {layer["id"]: layer for layer in base_style(base_url="", language="en")["layers"]}
    assert layers["town-name"]["layout"]["text-field"] == ["coalesce", ["get", "name_en"], ["get", "name"]]


def test_a_raster_base_replaces_the_streets_and_keeps_its_attribution() -> None:
    base = RasterBase(("http://t/vec/{z}/{x}/{y}", "http://t/cva/{z}/{x}/{y}"), "天地图 GS(2024)0650号")
    document = base_style(base_url="", raster=base)
    assert [layer["type"] for layer in document["layers"]] == ["background", "raster", "raster"]
    assert document["sources"]["raster-0"]["attribution"] == "天地图 GS(2024)0650号"


def test_unknown_theme_and_language_are_refused() -> None:
    with pytest.raises(InputError, match="theme 'sepia'"):
        base_style(base_url="", theme="sepia")
    with pytest.raises(InputError, match="language 'de'"):
        base_style(base_url="", language="de")
