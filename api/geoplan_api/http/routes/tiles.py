"""Vector tiles, their descriptions, glyphs and the base map's style."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from geoplan_maps.glyphs import glyph_range
from geoplan_maps.still import still_map
from geoplan_maps.style import RasterBase, base_style
from starlette.responses import Response

from geoplan_api.http.delivery import etag_of
from geoplan_api.http.parameters import State, own_url
from geoplan_api.http.state import ServiceState
from geoplan_api.problems import ProblemError
from geoplan_api.responses import IMMUTABLE, STEADY, json_answer, raw_answer

router = APIRouter(tags=["tiles"])

MVT = "application/vnd.mapbox-vector-tile"
Layer = Annotated[
    Literal["base", "stations", "demand", "gaps", "candidates", "plan", "service_areas"],
    Path(description="Name of the tile set", examples=["stations"]),
]


@router.get("/v1/tiles/{layer}/{z}/{x}/{y}.mvt", summary="One vector tile", response_class=Response)
def tile(
    state: State,
    layer: Layer,
    z: Annotated[int, Path(ge=0, le=24)],
    x: Annotated[int, Path(ge=0, lt=1 << 24)],
    y: Annotated[int, Path(ge=0, lt=1 << 24)],
    v: Annotated[str, Query(max_length=40, description="Version, as the TileJSON gives it")] = "",
) -> Response:
    """Return one tile as MVT; 204 where nothing lies. Demand and gaps are summed so that no small count shows."""
    body = state.tiles.tile(layer, z, x, y)
    version = state.tiles.get(layer).version
    cache = IMMUTABLE if v and v == version else STEADY
    if not body:
        return raw_answer(body, MVT, cache=cache, status=204)
    # a kept tile is not hashed anew for every caller
    tag = state.cache.get_or_make((layer, version, z, x, y, "etag"), lambda: etag_of(body).encode()).decode()
    return raw_answer(body, MVT, cache=cache, headers={"ETag": tag})


@router.get("/v1/tiles/{layer}.json", summary="TileJSON of a tile set", response_class=Response)
def tilejson(request: Request, state: State, layer: Layer) -> Response:
    """Describe a tile set by TileJSON 3.0."""
    described = state.tiles.describe(layer, own_url(request)) | {"origin": state.pack.manifest.origin}
    return json_answer(described, cache=STEADY)


@router.get("/v1/glyphs/{fontstack}/{start}-{end}.pbf", summary="Glyphs of a font", response_class=Response)
def glyphs(
    fontstack: Annotated[str, Path(max_length=200)],
    start: Annotated[int, Path(ge=0, le=65280)],
    end: Annotated[int, Path(ge=0, le=65535)],
) -> Response:
    """Return 256 glyphs as signed distance fields; Chinese is drawn by the browser's own fonts."""
    del end  # the start says it all; the end is part of MapLibre's address
    return raw_answer(glyph_range(fontstack, start), "application/x-protobuf", cache=IMMUTABLE)


@router.get("/v1/style.json", summary="MapLibre style of the base map", response_class=Response)
def style(
    request: Request,
    state: State,
    theme: Annotated[Literal["light", "dark"], Query()] = "light",
    lang: Annotated[Literal["zh", "en"], Query()] = "zh",
) -> Response:
    """Return the style document of the base map."""
    west, south, east, north = state.pack.bounds
    raster = raster_base(state)
    document: dict[str, Any] = base_style(
        base_url=own_url(request),
        theme=theme,
        language=lang,
        name=state.pack.manifest.name_zh,
        center=((west + east) / 2.0, (south + north) / 2.0),
        zoom=10.0,
        raster=raster,
        tiles=None if raster else state.tiles.describe("base", own_url(request)),
    )
    return json_answer(document, cache=STEADY)


@router.get(
    "/v1/still/{zoom}/{column}/{row}/{width}x{height}.webp", summary="A still of the map", response_class=Response
)
def still(
    state: State,
    zoom: Annotated[float, Path(ge=7, le=17, multiple_of=0.5, description="As MapLibre counts it")],
    column: Annotated[int, Path(ge=0, lt=1 << 22, description="Cell of 64 pixels in which the middle lies")],
    row: Annotated[int, Path(ge=0, lt=1 << 22)],
    width: Annotated[
        int, Path(ge=64, le=2048, multiple_of=64, description="Pixels of the page; the picture has twice")
    ],
    height: Annotated[int, Path(ge=64, le=1536, multiple_of=64)],
    theme: Annotated[Literal["light", "dark"], Query()] = "light",
    lang: Annotated[Literal["zh", "en"], Query()] = "zh",
) -> Response:
    """Return the base map of a view as WebP at two pixels a point, for a page's first paint."""
    if raster_base(state) is not None:
        raise ProblemError("not-found", "the base map is an online one, of which no still is drawn")
    world_px = 512.0 * 2.0**zoom
    x, y = (64.0 * (cell + 0.5) / world_px for cell in (column, row))
    if x >= 1.0 or y >= 1.0:
        raise ProblemError("not-found", "this cell lies beyond the map")
    tileset = state.tiles.get("base")

    def draw() -> bytes:
        return still_map(
            tileset.layers,
            base_style(base_url="", theme=theme, language=lang),
            lon=360.0 * x - 180.0,
            lat=math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * y)))),
            zoom=zoom,
            width_px=width,
            height_px=height,
        )

    key = ("still", tileset.version, zoom, column, row, width, height, theme, lang)
    body = state.cache.get_or_make(key, draw)
    return raw_answer(body, "image/webp", cache=STEADY, headers={"ETag": etag_of(body)})


def raster_base(state: ServiceState) -> RasterBase | None:
    """Return 天地图 as the base where it is set, with what it must print."""
    settings = state.settings.map
    if settings.basemap != "tianditu":
        return None
    key = settings.tianditu_key.get_secret_value()
    tiles = tuple(
        f"https://t0.tianditu.gov.cn/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE=default"
        f"&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
        for name in ("vec", "cva")
    )
    printed = " ".join(filter(None, ["天地图", settings.review_number]))
    return RasterBase(tiles, printed)
