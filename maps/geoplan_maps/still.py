"""A still of the base map: the same style document as the live map, drawn by the service for a page's first paint.

The style's expressions are few and are read here as MapLibre reads them; whatever the style says of ground, water,
streets and names holds in both. Labels along streets are left to the live map.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
from matplotlib.path import Path as Outline
from PIL import Image, ImageDraw, ImageFont

from geoplan.errors import InputError
from geoplan.report.fonts import chinese_font
from geoplan_maps.tiles.grid import mercator_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from geoplan_maps.tiles.layer import TileLayer

__all__ = ["MAX_BYTES", "still_map"]

MAX_BYTES: Final = 60_000
_RATIO: Final = 2  # pixels of the picture for a pixel of the page
_FIRST_QUALITY: Final = 55
_TRIES: Final = 3
_WORLD_PX: Final = 512.0  # of the page, at zoom 0
_EARTH_M: Final = 2.0 * math.pi * 6378137.0
_EDGE_PX: Final = 24.0
_Properties = dict[Any, Any]


def still_map(
    layers: Sequence[TileLayer],
    style: Mapping[str, Any],
    *,
    lon: float,
    lat: float,
    zoom: float,
    width_px: int,
    height_px: int,
) -> bytes:
    """Draw a view of the base map.

    Parameters
    ----------
    layers : sequence of TileLayer
        What the base tiles are cut from.
    style : mapping
        MapLibre style document of the base.
    lon, lat : float
        Middle of the view, degrees.
    zoom : float
        As MapLibre counts it.
    width_px, height_px : int
        Size on the page; the picture has twice as many pixels each way.

    Returns
    -------
    bytes
        WebP of at most :data:`MAX_BYTES`.
    """
    if not (0 < width_px <= 2048 and 0 < height_px <= 2048 and 0.0 <= zoom <= 20.0):
        raise InputError(f"a still of {width_px} by {height_px} at zoom {zoom} cannot be drawn")
    scale = _WORLD_PX * 2.0**zoom / _EARTH_M
    middle = mercator_of(lon, lat)
    origin = (middle[0] - width_px / 2.0 / scale, middle[1] + height_px / 2.0 / scale)
    view = _View(origin, scale, zoom, width_px, height_px)
    figure = Figure(figsize=(width_px / 72.0, height_px / 72.0), dpi=72 * _RATIO)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0.0, width_px)
    axes.set_ylim(height_px, 0.0)
    by_name = {layer.name: layer for layer in layers}
    cut: dict[str, tuple[list[Any], list[_Properties]]] = {}
    labels: list[Mapping[str, Any]] = []
    for order, drawn in enumerate(style["layers"]):
        if drawn["type"] == "background":
            figure.set_facecolor(drawn["paint"]["background-color"])
            continue
        layer = by_name.get(drawn.get("source-layer", ""))
        if layer is None or not drawn.get("minzoom", 0.0) <= zoom < drawn.get("maxzoom", 25.0):
            continue
        if drawn["type"] == "symbol":
            labels.append(drawn)
            continue
        if layer.name not in cut:
            cut[layer.name] = view.cut(layer)
        _draw(axes, drawn, cut[layer.name], zoom, order)
    canvas.draw()  # type: ignore[no-untyped-call]
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]
    _label(picture, [(drawn, by_name[drawn["source-layer"]]) for drawn in reversed(labels)], view)
    return _packed(picture)


def _packed(picture: Image.Image) -> bytes:
    quality, body = float(_FIRST_QUALITY), b""
    for _ in range(_TRIES):  # each takes a quarter of a second: aim, do not search
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=quality, method=2)
        body = out.getvalue()
        if len(body) <= MAX_BYTES:
            break
        quality *= 0.7 * MAX_BYTES / len(body)
    return body


class _View:
    """What lies in the picture, in pixels of the page."""

    def __init__(self, origin: tuple[float, float], scale: float, zoom: float, width: int, height: int) -> None:
        self.origin, self.scale, self.zoom = origin, scale, zoom
        self.width, self.height = width, height

    def cut(self, layer: TileLayer) -> tuple[list[Any], list[_Properties]]:
        """Return the shapes of a layer in the view and what is known of them."""
        x, y = self.origin
        edge = _EDGE_PX / self.scale
        window = (
            x - edge, y - self.height / self.scale - edge, x + self.width / self.scale + edge, y + edge
        )  # fmt: skip
        found = np.sort(layer.tree.query(shapely.box(*window)))
        found = found[layer.min_zoom[found] <= math.floor(self.zoom)]
        shapes = shapely.clip_by_rect(layer.geometry[found], *window)
        shapes = shapely.simplify(shapes, 0.4 / self.scale)
        shapes = shapely.transform(shapes, self.pixels)
        kept = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        return list(shapes[kept]), layer.properties.iloc[found[kept]].to_dict("records")

    def pixels(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Turn metres of EPSG:3857 into pixels of the page."""
        return np.column_stack([(xy[:, 0] - self.origin[0]) * self.scale, (self.origin[1] - xy[:, 1]) * self.scale])


def _draw(
    axes: Axes, drawn: Mapping[str, Any], cut: tuple[list[Any], list[_Properties]], zoom: float, order: int
) -> None:
    paint, layout = drawn["paint"], drawn.get("layout", {})
    known: dict[Any, Any] = {}

    def read(name: str, expression: Any, row: tuple[Any, _Properties]) -> Any:
        """Read an expression once for all features that are alike."""
        key = (name, int(shapely.get_dimensions(row[0])), *row[1].values())
        if key not in known:
            known[key] = _value(expression, zoom, *row)
        return known[key]

    rows = [row for row in zip(*cut, strict=True) if read("filter", drawn.get("filter", True), row)]
    if "line-sort-key" in layout:
        rows.sort(key=lambda row: float(read("order", layout["line-sort-key"], row)))

    def each(key: str, otherwise: Any) -> list[Any]:
        return [read(key, paint.get(key, otherwise), row) for row in rows]

    shapes = [shape for shape, _ in rows]
    if drawn["type"] == "fill":
        areas = [_outline(shape) for shape in shapes]
        axes.add_collection(PathCollection(areas, facecolors=each("fill-color", "#000"), linewidths=0, zorder=order))
    elif drawn["type"] == "line" and shapes:
        parts, owner = shapely.get_parts([_edges(shape) for shape in shapes], return_index=True)
        lines = [shapely.get_coordinates(part) for part in parts]
        widths = np.array(each("line-width", 1.0), np.float64)[owner]
        colours = each("line-color", "#000")
        dashes = paint.get("line-dasharray")
        shown = LineCollection(
            lines,
            colors=[colours[i] for i in owner],
            linewidths=widths,
            alpha=float(_value(paint.get("line-opacity", 1.0), zoom, None, {})),
            zorder=order,
            linestyles=[(0, dashes)] if dashes else "solid",
            capstyle="round" if layout.get("line-cap") == "round" and not dashes else "butt",
            joinstyle="round",
        )
        axes.add_collection(shown)
    elif drawn["type"] == "circle" and shapes:
        at = np.array([shapely.get_coordinates(shape)[0] for shape in shapes])
        axes.scatter(
            at[:, 0], at[:, 1], s=[(2.0 * float(size)) ** 2 for size in each("circle-radius", 5.0)],
            c=each("circle-color", "#000"), edgecolors=each("circle-stroke-color", "#000"),
            linewidths=each("circle-stroke-width", 0.0), zorder=order,
        )  # fmt: skip


def _edges(shape: Any) -> Any:
    return shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape


def _outline(shape: Any) -> Outline:
    parts = [Outline(shapely.get_coordinates(ring), closed=True) for ring in shapely.get_rings(shape)]
    return Outline.make_compound_path(*parts)


def _label(picture: Image.Image, drawn: Sequence[tuple[Mapping[str, Any], TileLayer]], view: _View) -> None:
    """Write the names of points, the uppermost layer first; one that would lie over another is left out."""
    pen = ImageDraw.Draw(picture)
    taken: list[tuple[float, float, float, float]] = []
    for layer, source in drawn:
        layout, paint = layer["layout"], layer["paint"]
        if layout.get("symbol-placement") == "line":
            continue
        size = float(_value(layout["text-size"], view.zoom, None, {}))
        font = _font(round(size * _RATIO))
        if font is None:
            return
        shift = float(layout.get("text-offset", [0, 0])[1]) * size
        for shape, about in zip(*view.cut(source), strict=True):
            if "filter" in layer and not _value(layer["filter"], view.zoom, shape, about):
                continue
            words = str(_value(layout["text-field"], view.zoom, shape, about) or "")
            point = shapely.point_on_surface(shape)
            at = (point.x * _RATIO, (point.y + shift) * _RATIO)
            left, top, right, bottom = pen.textbbox(at, words, font=font, anchor="mm")
            box = (left - 6, top - 6, right + 6, bottom + 6)
            inside = left >= 0 and top >= 0 and right <= picture.width and bottom <= picture.height
            if not words or not inside or any(_meet(box, other) for other in taken):
                continue
            taken.append(box)
            halo = round(float(paint.get("text-halo-width", 1.0)) * _RATIO)
            ink, around = paint["text-color"], paint.get("text-halo-color", "#fff")
            pen.text(at, words, font=font, anchor="mm", fill=ink, stroke_width=halo, stroke_fill=around)


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@lru_cache(maxsize=16)
def _font(size_px: int) -> ImageFont.FreeTypeFont | None:
    """Return a font that draws Chinese, simplified forms where its file has several; None where there is none."""
    known = chinese_font()
    if known is None:
        return None
    path = font_manager.findfont(known)
    faces = []
    for index in range(12):
        try:
            faces.append(ImageFont.truetype(path, size_px, index=index))
        except OSError:
            break
    return next((face for face in faces if "SC" in str(face.getname()[0])), faces[0] if faces else None)


def _value(expression: Any, zoom: float, shape: Any, about: _Properties) -> Any:
    """Return the value of a MapLibre expression, of those that the base style uses."""
    if not isinstance(expression, list) or not expression or not isinstance(expression[0], str):
        return expression
    kind, *given = expression
    if kind == "literal":
        return given[0]
    if kind == "get":
        found = about.get(given[0])
        return None if found is None or (isinstance(found, float) and math.isnan(found)) else found
    if kind == "has":
        return _value(["get", given[0]], zoom, shape, about) is not None
    if kind == "zoom":
        return zoom
    if kind == "geometry-type":
        return ("Point", "LineString", "Polygon")[int(shapely.get_dimensions(shape))]
    if kind == "interpolate":
        return _interpolated(given, zoom, shape, about)
    if kind == "match":
        return _matched(given, zoom, shape, about)
    if kind in _PLAIN:
        return _PLAIN[kind]([_value(one, zoom, shape, about) for one in given])
    raise InputError(f"the still map cannot read the style's expression {kind!r}")


_PLAIN: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "==": lambda values: values[0] == values[1],
    "!=": lambda values: values[0] != values[1],
    "all": all,
    "coalesce": lambda values: next((value for value in values if value is not None), None),
}


def _matched(given: list[Any], zoom: float, shape: Any, about: _Properties) -> Any:
    wanted = _value(given[0], zoom, shape, about)
    for label, out in zip(given[1:-1:2], given[2:-1:2], strict=True):
        if wanted == label or (isinstance(label, list) and wanted in label):
            return _value(out, zoom, shape, about)
    return _value(given[-1], zoom, shape, about)


def _interpolated(given: list[Any], zoom: float, shape: Any, about: _Properties) -> float:
    how, _, *stops = given
    base = float(how[1]) if how[0] == "exponential" else 1.0
    at = [float(stop) for stop in stops[::2]]
    out = [float(_value(value, zoom, shape, about)) for value in stops[1::2]]
    if zoom <= at[0]:
        return out[0]
    if zoom >= at[-1]:
        return out[-1]
    i = int(np.searchsorted(at, zoom, side="right")) - 1
    span, along = at[i + 1] - at[i], zoom - at[i]
    share = along / span if base == 1.0 else (base**along - 1.0) / (base**span - 1.0)
    return out[i] + (out[i + 1] - out[i]) * share
