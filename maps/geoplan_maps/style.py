"""The base map's look: a MapLibre style, quiet by day and by night, so that the answer laid over it is loud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from geoplan.errors import InputError

__all__ = ["PALETTES", "Palette", "RasterBase", "base_style"]

Theme = Literal["light", "dark"]
Language = Literal["zh", "en"]
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme, as CSS hexadecimal.

    Parameters
    ----------
    land, water, water_line, street, street_major, street_trunk, casing, path, border, label, halo, water_label : str
        What each is drawn in.
    """

    land: str
    water: str
    water_line: str
    street: str
    street_major: str
    street_trunk: str
    casing: str
    path: str
    border: str
    label: str
    halo: str
    water_label: str


PALETTES: Final[dict[str, Palette]] = {
    "light": Palette(
        land="#F4F2EE",
        water="#CFE0EA",
        water_line="#BFD5E2",
        street="#FFFFFF",
        street_major="#FDF6E3",
        street_trunk="#F5E3BC",
        casing="#D6CFC3",
        path="#E6E1D8",
        border="#B9B2A6",
        label="#4C4A45",
        halo="#F9F8F5",
        water_label="#4F7488",
    ),
    "dark": Palette(
        land="#191B1E",
        water="#10222D",
        water_line="#18303E",
        street="#30353B",
        street_major="#464A4C",
        street_trunk="#5C5442",
        casing="#121417",
        path="#24282C",
        border="#5A6068",
        label="#BFC4CA",
        halo="#15171A",
        water_label="#6F99AF",
    ),
}

# Muted forms of the lines' own colours; line 1's red is turned towards rose, as red is kept for open stations.
_METRO: Final[dict[str, tuple[str, ...]]] = {
    "#C77C8E": ("1", "1号线"),
    "#6BA37A": ("2", "2号线"),
    "#6C9CC4": ("3", "3号线"),
    "#9A7FB5": ("4", "4号线"),
    "#5FA8A6": ("S1", "S1号线", "S1线"),
}
_METRO_OTHER: Final = "#9A9A9A"
_SOURCE_KEYS: Final = ("tiles", "minzoom", "maxzoom", "bounds", "attribution")
_FONT: Final = ["DejaVu Sans Regular"]
_FONT_BOLD: Final = ["DejaVu Sans Bold"]

# Width in pixels at zooms 8, 11, 14 and 17 of each drawing class, narrow ones first in drawing order.
_WIDTHS: Final[dict[str, tuple[float, float, float, float]]] = {
    "path": (0.0, 0.2, 0.8, 2.0),
    "service": (0.0, 0.2, 1.2, 5.0),
    "minor": (0.0, 0.4, 2.2, 9.0),
    "tertiary": (0.2, 0.8, 3.6, 13.0),
    "secondary": (0.4, 1.2, 4.8, 16.0),
    "primary": (0.7, 1.8, 6.0, 18.0),
    "trunk": (1.0, 2.4, 7.0, 20.0),
    "motorway": (1.2, 2.6, 7.0, 20.0),
}
_ORDER: Final = {name: float(i) for i, name in enumerate(_WIDTHS)}


@dataclass(frozen=True, slots=True)
class RasterBase:
    """An online raster base instead of the pack's own streets, for example 天地图 with the user's key.

    Parameters
    ----------
    tiles : tuple of str
        Address patterns with ``{z}``, ``{x}``, ``{y}``, one per layer, drawn in order.
    attribution : str
        What the map must print, with the review number where the source has one.
    """

    tiles: tuple[str, ...]
    attribution: str


def base_style(
    *,
    base_url: str,
    theme: str = "light",
    language: str = "zh",
    name: str = "geoplan",
    center: tuple[float, float] | None = None,
    zoom: float | None = None,
    raster: RasterBase | None = None,
    tiles: Mapping[str, object] | None = None,
) -> Json:
    """Return the MapLibre style document of the base map.

    Parameters
    ----------
    base_url : str
        Scheme, host and path prefix of the service without a trailing slash; MapLibre's workers need full addresses.
    theme : {"light", "dark"}
        Which palette.
    language : {"zh", "en"}
        Language of the labels.
    name : str
        Name of the style.
    center : tuple of float, optional
        Longitude and latitude to open at.
    zoom : float, optional
        Zoom to open at.
    raster : RasterBase, optional
        Draw this instead of the pack's own streets.
    tiles : mapping, optional
        TileJSON of the base; the map then need not ask for it first.

    Returns
    -------
    dict
        Style document, version 8.
    """
    if theme not in PALETTES:
        raise InputError(f"theme {theme!r} is not known; use one of {', '.join(PALETTES)}")
    if language not in ("zh", "en"):
        raise InputError(f"language {language!r} is not known; use zh or en")
    colours = PALETTES[theme]
    layers: list[Json] = [{"id": "land", "type": "background", "paint": {"background-color": colours.land}}]
    sources: Json = {}
    if raster is None:
        if tiles is None:
            sources["base"] = {"type": "vector", "url": f"{base_url}/v1/tiles/base.json"}
        else:
            sources["base"] = {"type": "vector", **{key: tiles[key] for key in _SOURCE_KEYS if key in tiles}}
        layers += [*_ground(colours), *_streets(colours), *_metro(), *_labels(colours, language)]
    else:
        for i, pattern in enumerate(raster.tiles):
            source: Json = {"type": "raster", "tiles": [pattern], "tileSize": 256, "maxzoom": 18}
            if i == 0:
                source["attribution"] = raster.attribution
            sources[f"raster-{i}"] = source
            layers.append({"id": f"raster-{i}", "type": "raster", "source": f"raster-{i}", "paint": _dim(theme)})
    document: Json = {
        "version": 8,
        "name": name,
        "glyphs": f"{base_url}/v1/glyphs/{{fontstack}}/{{range}}.pbf",
        "sources": sources,
        "layers": layers,
    }
    if center is not None:
        document["center"] = list(center)
    if zoom is not None:
        document["zoom"] = zoom
    return document


def _dim(theme: str) -> Json:
    if theme == "dark":
        return {"raster-brightness-max": 0.55, "raster-saturation": -0.5}
    return {"raster-saturation": -0.35}


def _layer(layer_id: str, kind: str, source_layer: str, paint: Json, **more: object) -> Json:
    return {"id": layer_id, "type": kind, "source": "base", "source-layer": source_layer, "paint": paint, **more}


def _ground(colours: Palette) -> list[Json]:
    area = ["==", ["geometry-type"], "Polygon"]
    line = ["==", ["geometry-type"], "LineString"]
    width = ["interpolate", ["exponential", 1.5], ["zoom"], 8, 0.6, 12, 2, 16, 14]
    return [
        _layer("water-area", "fill", "water", {"fill-color": colours.water}, filter=area),
        _layer("water-shore", "line", "water", {"line-color": colours.water_line, "line-width": 0.7}, filter=area),
        _layer(
            "water-line",
            "line",
            "water",
            {"line-color": colours.water, "line-width": width},
            filter=line,
            layout={"line-cap": "round", "line-join": "round"},
        ),
        _layer(
            "district-border",
            "line",
            "districts",
            {
                "line-color": colours.border,
                "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.8, 12, 1.6],
                "line-dasharray": [4, 2, 1, 2],
                "line-opacity": 0.8,
            },
        ),
    ]


def _streets(colours: Palette) -> list[Json]:
    """Draw all streets in three layers: a layer costs the phone a pass over every tile, a class costs it nothing."""
    layout: Json = {"line-cap": "round", "line-join": "round", "line-sort-key": _by_class(_ORDER)}
    ink: list[object] = ["match", ["get", "class"], ["motorway", "trunk"], colours.street_trunk]
    ink += [["primary", "secondary"], colours.street_major, colours.street]
    return [
        _layer(
            "street-path",
            "line",
            "streets",
            {"line-color": colours.path, "line-width": _width(), "line-dasharray": [3, 1.5]},
            filter=["==", ["get", "class"], "path"],
            minzoom=14,
        ),
        _layer(
            "street-casing",
            "line",
            "streets",
            {
                "line-color": colours.casing,
                "line-width": _width(1.6),
                "line-opacity": ["interpolate", ["linear"], ["zoom"], 9, 0.55, 12, 1],
            },
            filter=["!=", ["get", "class"], "path"],
            layout=layout,
        ),
        _layer(
            "street",
            "line",
            "streets",
            {"line-color": ink, "line-width": _width()},
            filter=["!=", ["get", "class"], "path"],
            layout=layout,
        ),
    ]


def _by_class(values: Mapping[str, float]) -> list[object]:
    chosen: list[object] = ["match", ["get", "class"]]
    for name, value in values.items():
        chosen += [name, value]
    return [*chosen, values["minor"]]


def _width(extra: float = 0.0) -> list[object]:
    steps: list[object] = ["interpolate", ["exponential", 1.4], ["zoom"]]
    for i, zoom in enumerate((8, 11, 14, 17)):
        widths = {name: stops[i] + (extra if stops[i] > 0.6 else 0.0) for name, stops in _WIDTHS.items()}
        steps += [zoom, _by_class(widths)]
    return steps


def _metro() -> list[Json]:
    colour: list[object] = ["match", ["get", "line"]]
    for value, names in _METRO.items():
        colour += [list(names), value]
    colour.append(_METRO_OTHER)
    width = ["interpolate", ["linear"], ["zoom"], 9, 1.2, 14, 2.4]
    return [
        _layer(
            "metro-line",
            "line",
            "metro_lines",
            {"line-color": colour, "line-width": width, "line-opacity": 0.75},
            layout={"line-cap": "round", "line-join": "round"},
        )
    ]


def _labels(colours: Palette, language: str) -> list[Json]:
    text: list[object] = ["get", "name"]
    if language == "en":
        text = ["coalesce", ["get", "name_en"], ["get", "name"]]
    ink: Json = {"text-color": colours.label, "text-halo-color": colours.halo, "text-halo-width": 1.4}

    def kind(value: str) -> list[object]:
        return ["==", ["get", "kind"], value]

    street: Json = {
        "symbol-placement": "line",
        "text-field": text,
        "text-font": _FONT,
        "text-size": ["interpolate", ["linear"], ["zoom"], 13, 11, 17, 14],
        "text-letter-spacing": 0.05,
        "symbol-spacing": 320,
    }
    metro: Json = {"text-field": text, "text-font": _FONT, "text-size": 11, "text-offset": [0, 0.9], "text-padding": 6}
    town: Json = {
        "text-field": text,
        "text-font": _FONT,
        "text-size": ["interpolate", ["linear"], ["zoom"], 9, 11, 14, 14],
        "text-padding": 8,
    }
    district: Json = {
        "text-field": text,
        "text-font": _FONT_BOLD,
        "text-size": ["interpolate", ["linear"], ["zoom"], 7, 12, 11, 17, 14, 15],
        "text-letter-spacing": 0.12,
        "text-padding": 4,
    }
    water: Json = {"text-field": text, "text-font": _FONT, "text-size": 12, "text-letter-spacing": 0.2}
    water_ink: Json = {"text-color": colours.water_label, "text-halo-color": colours.halo, "text-halo-width": 0.8}
    lake = ["all", ["==", ["geometry-type"], "Polygon"], ["has", "name"]]
    stop: Json = {"circle-radius": 3, "circle-color": colours.halo, "circle-stroke-color": colours.label}
    return [
        _layer("water-name", "symbol", "water", water_ink, filter=lake, layout=water, minzoom=9),
        _layer("street-name", "symbol", "street_names", ink, layout=street, minzoom=13),
        _layer(
            "metro-stop", "circle", "places", {**stop, "circle-stroke-width": 1.2}, filter=kind("metro"), minzoom=12
        ),
        _layer("metro-name", "symbol", "places", ink, filter=kind("metro"), layout=metro, minzoom=13),
        _layer("town-name", "symbol", "places", ink, filter=kind("town"), layout=town, minzoom=9.5, maxzoom=15),
        _layer("district-name", "symbol", "places", ink, filter=kind("district"), layout=district, maxzoom=14),
    ]
