"""Stills show what the style says, at two pixels a point, within their bytes; what cannot be read is refused."""

from __future__ import annotations

import io

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geoplan_maps.still import MAX_BYTES, still_map
from geoplan_maps.style import PALETTES, base_style
from geoplan_maps.tiles import TileLayer, base_layers
from PIL import Image

from geoplan.errors import InputError

LON, LAT = 120.30, 31.57


@pytest.fixture(scope="module")
def layers() -> tuple[TileLayer, ...]:
    """A lake west of the middle, a trunk road through it from south to north, a thousand short streets in the east."""
    rng = np.random.default_rng(5)
    road = shapely.LineString([(LON, LAT - 0.05), (LON, LAT + 0.05)])
    lake = shapely.box(LON - 0.05, LAT - 0.05, LON - 0.005, LAT + 0.05)
    start = np.column_stack([rng.uniform(LON + 0.002, LON + 0.04, 1000), rng.uniform(LAT - 0.04, LAT + 0.04, 1000)])
    short = shapely.linestrings(np.stack([start, start + rng.uniform(-0.003, 0.003, (1000, 2))], axis=1))
    return base_layers(
        gpd.GeoDataFrame({"highway": ["trunk", *["residential"] * 1000]}, geometry=[road, *short], crs=4326),
        water=gpd.GeoDataFrame({"kind": ["lake"], "name": ["湖"]}, geometry=[lake], crs=4326),
        places=pd.DataFrame({"name": ["甲"], "kind": ["town"], "lon": [LON], "lat": [LAT]}),
    )


@pytest.mark.parametrize("theme", list(PALETTES))
@pytest.mark.parametrize("zoom", [10.0, 12.0, 14.5, 17.0])
def test_a_still_has_the_colours_of_its_style_and_few_bytes(
    layers: tuple[TileLayer, ...], theme: str, zoom: float
) -> None:
    style = base_style(base_url="", theme=theme)
    body = still_map(layers, style, lon=LON, lat=LAT, zoom=zoom, width_px=448, height_px=832)
    assert len(body) <= MAX_BYTES
    picture = Image.open(io.BytesIO(body)).convert("RGB")
    assert picture.size == (896, 1664)

    def near(x: int, y: int, colour: str) -> bool:
        wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        return bool(np.abs(np.array(picture.getpixel((x, y))) - wanted).max() <= 14)

    if zoom == 14.5:
        assert near(40, 800, PALETTES[theme].water)
        assert near(448, 400, PALETTES[theme].street_trunk)


def test_a_style_that_cannot_be_read_is_refused(layers: tuple[TileLayer, ...]) -> None:
    style = base_style(base_url="")
    style["layers"][1]["filter"] = ["within", {}]
    with pytest.raises(InputError, match="within"):
        still_map(layers, style, lon=LON, lat=LAT, zoom=12.0, width_px=128, height_px=128)
    with pytest.raises(InputError, match="cannot be drawn"):
        still_map(layers, style, lon=LON, lat=LAT, zoom=12.0, width_px=4096, height_px=128)
