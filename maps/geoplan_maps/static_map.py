"""Still maps for reports: PNG or SVG by matplotlib, with legend, figures, attribution and the demonstration banner."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from geoplan.errors import InputError
from geoplan.report.counted import counted_in
from geoplan.report.fonts import Lettering, lettering, require_chinese_font
from geoplan.report.staging import written_whole
from geoplan_maps.planner_map.draw import COVERED, MIXED, RED, UNCOVERED
from geoplan_maps.planner_map.scene import DEMONSTRATION_TEXT, backdrop_lines, cells
from geoplan_maps.style import PALETTES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes

    from geoplan_maps.style import PALETTES
from geoplan_maps.planner_map.scene import Scene

__all__ = ["static_criticality", "static_gaps", "static_map"]

_CANVASES: Final = {".png": FigureCanvasAgg, ".svg": FigureCanvasSVG}
_INK: Final = PALETTES["light"]  # the live map's own colours
_BLUE: Final = "#2B5F9E"
_STREETS: Final = {
    "motorway": _INK.street_trunk, "trunk": _INK.street_trunk, "primary": _INK.street_major,
    "secondary": _INK.street_major,
}  # fmt: skip
_GREY = "#9A958A"
_LISTED: Final = 15  # places named beside the map
_WIDTHS: Final = {"motorway": 1.3, "trunk": 1.2, "primary": 0.9, "secondary": 0.6, "tertiary": 0.35}


def static_map(
    scene: Scene,
    path: str | Path,
    *,
    stations: pd.DataFrame,
    demand: pd.DataFrame,
    covered: npt.ArrayLike,
    sites: pd.DataFrame | None = None,
    figures: Sequence[tuple[str, str]] = (),
    note: str = "",
    letters: Lettering | None = None,
    size_in: tuple[float, float] = (10.0, 8.0),
    dpi: int = 160,
) -> Path:
    """Draw who is covered, with stations and, where given, proposed sites.

    Parameters
    ----------
    scene : Scene
        The city and what must be printed.
    path : str or pathlib.Path
        File to write; ``.png`` or ``.svg`` says which kind.
    stations, demand, covered, sites, figures, note
        As in :func:`geoplan_maps.planner_map.coverage_map`.
    letters : Lettering, optional
        Font and language of the legend; by default what this machine can draw. The scene's title, `figures` and
        `note` are the caller's and come in that language.
    size_in : tuple of float
        Width and height in inches.
    dpi : int
        Pixels an inch of a PNG.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    InputError
        The suffix is neither, lengths do not agree, or the caller's words are Chinese and no font can draw them.
    """
    values = np.asarray(covered, np.float64)
    if len(values) != len(demand):
        raise InputError(f"covered has {len(values)} values but there are {len(demand)} demand points")
    letters = letters or lettering()
    return _draw(
        scene,
        path,
        lambda axes: _points(axes, scene, stations, demand, values, sites, letters),
        figures,
        note,
        (),
        letters,
        size_in,
        dpi,
    )


def static_gaps(
    scene: Scene,
    path: str | Path,
    *,
    stations: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    figures: Sequence[tuple[str, str]] = (),
    note: str = "",
    letters: Lettering | None = None,
    size_in: tuple[float, float] = (12.0, 8.0),
    dpi: int = 160,
) -> Path:
    """Draw where uncovered workers are together, the largest numbered and named beside the map.

    Parameters
    ----------
    scene, path, letters, size_in, dpi
        As in :func:`static_map`.
    stations, gaps, figures, note
        As in :func:`geoplan_maps.planner_map.gaps_map`.

    Returns
    -------
    pathlib.Path
        The file.
    """
    order = np.argsort(-gaps["workers"].to_numpy(np.float64), kind="stable")
    ranked = gaps.iloc[order]
    workers = ranked["workers"].to_numpy(np.float64)
    letters = letters or lettering()
    counted = counted_in(scene.demand_unit, letters.language)
    names = ranked["name"].fillna("").astype(str) if "name" in ranked else [""] * len(ranked)
    side = [
        _listed(rank, letters.name(name), n, counted.n)
        for rank, (name, n) in enumerate(zip(names, workers, strict=True), start=1)
    ]

    def draw(axes: Axes) -> list[Line2D]:
        shapes = ranked.geometry.to_numpy()
        areas = ranked[shapely.get_dimensions(shapes) == 2]
        if len(areas):
            areas.plot(ax=axes, color=UNCOVERED, alpha=0.35, edgecolor="#8A5200", linewidth=0.8, aspect=None, zorder=4)
        _stations(axes, stations)
        middle = ranked.geometry.representative_point()
        axes.scatter(middle.x, middle.y, s=_area(workers), c=UNCOVERED, edgecolors="#5A3600", linewidths=0.6, zorder=6)
        _numbers(axes, middle.x.to_numpy()[:_LISTED], middle.y.to_numpy()[:_LISTED], letters)
        gap = letters.said(
            f"空白区（圆越大，未覆盖的{counted.people}越多）", f"gap (larger: more {counted.people} uncovered)"
        )
        return [_handle(UNCOVERED, gap), _handle(RED, letters.said("现有站点", "station"))]

    head = letters.said(f"空白区，按未覆盖{counted.many}", f"Gaps by {counted.many} uncovered")
    return _draw(scene, path, draw, figures, note, (head, *side[:_LISTED]), letters, size_in, dpi)


def static_criticality(
    scene: Scene,
    path: str | Path,
    *,
    stations: pd.DataFrame,
    lost_workers: npt.ArrayLike,
    figures: Sequence[tuple[str, str]] = (),
    note: str = "",
    letters: Lettering | None = None,
    size_in: tuple[float, float] = (12.0, 8.0),
    dpi: int = 160,
) -> Path:
    """Draw how many workers would lose cover if a station closed, those that matter most numbered and named.

    Parameters
    ----------
    scene, path, letters, size_in, dpi
        As in :func:`static_map`.
    stations, lost_workers, figures, note
        As in :func:`geoplan_maps.planner_map.criticality_map`.

    Returns
    -------
    pathlib.Path
        The file.
    """
    lost = np.asarray(lost_workers, np.float64)
    if len(lost) != len(stations):
        raise InputError(f"lost_workers has {len(lost)} values but there are {len(stations)} stations")
    order = np.argsort(-lost, kind="stable")
    ranked, lost = stations.iloc[order], lost[order]
    matter = lost > 0.0
    lon, lat = (ranked[name].to_numpy(np.float64) for name in ("lon", "lat"))
    letters = letters or lettering()
    counted = counted_in(scene.demand_unit, letters.language)
    codes = ranked["station_code"] if "station_code" in ranked else ranked["name"]
    first = zip(ranked["name"].astype(str)[matter], codes.astype(str)[matter], lost[matter], strict=True)
    side = [
        _listed(rank, letters.name(name, code), n, counted.n) for rank, (name, code, n) in enumerate(first, start=1)
    ]

    def draw(axes: Axes) -> list[Line2D]:
        axes.scatter(lon[~matter], lat[~matter], s=8, c=_GREY, edgecolors="white", linewidths=0.4, zorder=5)
        axes.scatter(
            lon[matter], lat[matter], s=_area(lost[matter]), c=RED, alpha=0.8, edgecolors="white", linewidths=0.6,
            zorder=6,
        )  # fmt: skip
        shown = min(_LISTED, int(matter.sum()))
        _numbers(axes, lon[:shown], lat[:shown], letters)
        loss = letters.said(
            f"关闭后有{counted.people}失去覆盖（圆越大，{counted.people}越多）",
            f"{counted.people} lose cover when it closes (larger: more)",
        )
        return [_handle(RED, loss), _handle(_GREY, letters.said("附近另有站点，可替代", "another station is near"))]

    head = letters.said(f"关键站点，按失去覆盖的{counted.many}", f"Key stations by {counted.many} that lose cover")
    return _draw(scene, path, draw, figures, note, (head, *side[:_LISTED]), letters, size_in, dpi)


def _draw(
    scene: Scene,
    path: str | Path,
    content: Callable[[Axes], list[Line2D]],
    figures: Sequence[tuple[str, str]],
    note: str,
    side: Sequence[str],
    letters: Lettering,
    size_in: tuple[float, float],
    dpi: int,
) -> Path:
    """Draw the city with its content, and the words around it; ``side`` is a heading and the lines below it."""
    target = Path(path)
    if target.suffix.lower() not in _CANVASES:
        raise InputError(f"{target.name}: a map is written as .png or .svg")
    words = (scene.title, scene.attribution, scene.review_number, note, *(text for pair in figures for text in pair))
    if not all(letters.draws(text) for text in words):
        require_chinese_font()  # what must stand on the map is never left out
    font = letters.font
    figure = Figure(figsize=size_in, facecolor="white")
    canvas = _CANVASES[target.suffix.lower()](figure)
    axes = figure.add_axes((0.02, 0.06, 0.70 if side else 0.96, 0.86))
    _backdrop(axes, scene, letters)
    handles = content(axes)
    if side:  # the legend stands below the names, where it hides nothing
        figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.73, 0.08), prop=font, frameon=False)
        figure.text(0.74, 0.88, side[0], fontproperties=font, fontsize=11, weight="bold", color="#1F1D1A")
        for at, line in enumerate(side[1:]):
            figure.text(0.74, 0.84 - 0.036 * at, line, fontproperties=font, fontsize=8.5, color="#1F1D1A")
    else:
        axes.legend(handles=handles, loc="lower left", prop=font, frameon=True, framealpha=0.92).set_zorder(10)
    _words(figure, scene, figures, note, letters)
    metadata = {"Date": None} if target.suffix.lower() == ".svg" else None
    # Letters stay letters in an SVG: the file is small and its words can be searched.
    with written_whole(target.parent) as staged, mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "geoplan"}):
        canvas.print_figure(staged / target.name, dpi=dpi, metadata=metadata)
    return target


def _listed(rank: int, name: str, n: float, unit: str) -> str:
    """Return a line of the list beside a map; a name that cannot be drawn leaves the number on the map."""
    return "  ".join(part for part in (f"{rank:>2}", name, f"{n:,.0f} {unit}") if part)


def _numbers(axes: Axes, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64], letters: Lettering) -> None:
    """Write the ranks beside their places."""
    for rank, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True), start=1):
        axes.annotate(
            str(rank), (x, y), xytext=(5, 4), textcoords="offset points", fontproperties=letters.font, fontsize=8,
            zorder=9, color="#1F1D1A", bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8},
        )  # fmt: skip


def _area(workers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the sizes of dots, in square points: the area says how many."""
    return np.clip(workers * 0.5, 6.0, 260.0)


def _backdrop(axes: Axes, scene: Scene, letters: Lettering) -> None:
    west, south, east, north = scene.districts.total_bounds
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1.0 / np.cos(np.radians((south + north) / 2.0)))
    axes.set_axis_off()
    scene.districts.plot(ax=axes, color=_INK.land, edgecolor="none", aspect=None, zorder=0)
    if scene.water is not None and len(scene.water):
        areas = scene.water[shapely.get_dimensions(scene.water.geometry.to_numpy()) == 2]
        lines = scene.water[shapely.get_dimensions(scene.water.geometry.to_numpy()) == 1]
        if len(areas):
            areas.plot(ax=axes, color=_INK.water, edgecolor="none", aspect=None, zorder=1)
        if len(lines):
            lines.plot(ax=axes, color=_INK.water, linewidth=0.8, aspect=None, zorder=1)
    for name, drawn in backdrop_lines(scene.streets).items():
        parts = [shapely.get_coordinates(part) for part in shapely.get_parts(drawn)]
        axes.add_collection(
            LineCollection(parts, colors=_STREETS.get(name, _INK.street), linewidths=_WIDTHS.get(name, 0.5), zorder=2)
        )
    scene.districts.boundary.plot(
        ax=axes, color=_INK.border, linewidth=0.7, linestyle=(0, (6, 3, 1, 3)), aspect=None, zorder=3
    )
    known = [scene.districts[key] for key in ("name", "name_en", "district_code") if key in scene.districts]
    for middle, *names in zip(scene.districts.representative_point(), *known, strict=True):
        name = letters.name(*(str(name) for name in names))
        axes.text(
            middle.x, middle.y, name, fontproperties=letters.font, fontsize=9, ha="center", color=_INK.label, zorder=8
        )


def _points(
    axes: Axes,
    scene: Scene,
    stations: pd.DataFrame,
    demand: pd.DataFrame,
    covered: npt.NDArray[np.float64],
    sites: pd.DataFrame | None,
    letters: Lettering,
) -> list[Line2D]:
    lon, lat, workers = (demand[name].to_numpy(np.float64) for name in ("lon", "lat", "workers"))
    joined = cells(lon, lat, workers, covered[:, None])
    share = joined[:, 3]
    colours = np.where(share < 0.05, UNCOVERED, np.where(share > 0.95, COVERED, MIXED))
    axes.scatter(
        joined[:, 0],
        joined[:, 1],
        s=np.clip(joined[:, 2] * 0.25, 1.0, 40.0),
        c=colours,
        alpha=0.7,
        linewidths=0,
        zorder=4,
    )
    _stations(axes, stations)
    who = counted_in(scene.demand_unit, letters.language).who
    handles = [
        _handle(COVERED, letters.said(f"已覆盖的{who}", f"{who} covered")),
        _handle(MIXED, letters.said("部分覆盖", "partly covered")),
        _handle(UNCOVERED, letters.said("未覆盖", "not covered")),
        _handle(RED, letters.said("现有站点", "station")),
    ]
    if sites is not None and len(sites):
        axes.scatter(
            sites["lon"], sites["lat"], s=26, c=_BLUE, marker="D", edgecolors="white", linewidths=0.6, zorder=7
        )
        handles.append(_handle(_BLUE, letters.said("规划新增站点", "proposed station"), "D"))
    return handles


def _stations(axes: Axes, stations: pd.DataFrame) -> None:
    axes.scatter(stations["lon"], stations["lat"], s=9, c=RED, edgecolors="white", linewidths=0.4, zorder=6)


def _handle(colour: str, words: str, marker: str = "o") -> Line2D:
    return Line2D([], [], linestyle="none", marker=marker, markersize=6, color=colour, label=words)


def _words(figure: Figure, scene: Scene, figures: Sequence[tuple[str, str]], note: str, letters: Lettering) -> None:
    font = letters.font
    figure.text(0.03, 0.955, scene.title, fontproperties=font, fontsize=15, weight="bold", color="#1F1D1A")
    said = "    ".join(f"{name} {value}" for name, value in figures)
    figure.text(0.03, 0.925, f"{said}    {note}".strip(), fontproperties=font, fontsize=9.5, color="#5A554C")
    if scene.demonstration:
        banner = letters.name(DEMONSTRATION_TEXT, *DEMONSTRATION_TEXT.split(" · "))
        figure.text(
            0.97, 0.955, banner, fontproperties=font, fontsize=9, ha="right", color="#442C00",
            bbox={"facecolor": "#FFD277", "edgecolor": "none", "boxstyle": "round,pad=0.4"},
        )  # fmt: skip
    credit = " · ".join(part for part in (scene.attribution, scene.review_number) if part)
    figure.text(0.97, 0.02, credit, fontproperties=font, fontsize=8, ha="right", color="#5A554C")
