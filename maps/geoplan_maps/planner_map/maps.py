"""The planner maps themselves: coverage, gaps, a plan before and after, criticality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from geoplan.errors import InputError
from geoplan.report.counted import counted_in
from geoplan_maps.planner_map.draw import (
    COVERED,
    MIXED,
    RED,
    UNCOVERED,
    DotControl,
    DotLayer,
    LabelLayer,
    add_backdrop,
    polygons,
)
from geoplan_maps.planner_map.page import Legend, blank_map, finish
from geoplan_maps.planner_map.scene import cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    import folium
    import geopandas as gpd
    import pandas as pd

    from geoplan_maps.planner_map.scene import Scene

__all__ = ["coverage_map", "criticality_map", "gaps_map", "plan_map"]

_RAMP: Final = [UNCOVERED, MIXED, COVERED]
_BLUE: Final = "#2B5F9E"
_STATION_LEGEND: Final[Legend] = (f"dot:{RED}", "现有站点")


def coverage_map(
    scene: Scene,
    *,
    stations: pd.DataFrame,
    demand: pd.DataFrame,
    covered: npt.ArrayLike,
    figures: Sequence[tuple[str, str]] = (),
    note: str = "",
    service_areas: gpd.GeoDataFrame | None = None,
    sites: pd.DataFrame | None = None,
) -> str:
    """Draw which workers are covered, with the stations and, where given, proposed sites.

    Parameters
    ----------
    scene : Scene
        The city and what must be printed.
    stations : pandas.DataFrame
        ``station_code``, ``name``, ``lon``, ``lat`` in WGS-84 degrees.
    demand : pandas.DataFrame
        ``lon``, ``lat``, ``workers``.
    covered : array_like of bool or float
        Covered or not, a value a demand point.
    figures : sequence of (str, str)
        Label and value of the headline figures.
    note : str
        What the figures are a share of.
    service_areas : geopandas.GeoDataFrame, optional
        Polygons drawn under the points.
    sites : pandas.DataFrame, optional
        Proposed sites: ``lon``, ``lat`` and optionally ``rank``, ``name``, ``gain_workers``.

    Returns
    -------
    str
        HTML of one self-contained file.
    """
    canvas = _ground(scene)
    legend = [*_demand_legend(scene), _STATION_LEGEND]
    who = counted_in(scene.demand_unit).who
    if service_areas is not None and len(service_areas):
        canvas.add_child(
            polygons(service_areas.geometry.to_numpy(), "服务区", fill=COVERED, line=COVERED, opacity=0.12, listed=True)
        )
    layers = {
        who: _demand(scene, demand, np.asarray(covered, np.float64), who),
        "现有站点": _stations(stations),
    }
    if sites is not None and len(sites):
        layers["规划新增"] = _sites(scene, sites)
        legend.append((f"dot:{_BLUE}", "规划新增站点"))
    _add(canvas, scene, layers)
    return finish(canvas, scene, figures=figures, note=note, legend=legend)


def plan_map(
    scene: Scene,
    *,
    stations: pd.DataFrame,
    demand: pd.DataFrame,
    covered_before: npt.ArrayLike,
    covered_after: npt.ArrayLike,
    sites: pd.DataFrame,
    figures: Sequence[tuple[str, str]] = (),
    note: str = "",
) -> str:
    """Draw coverage before and after a plan as two layers to switch between, with the chosen sites.

    Parameters
    ----------
    scene, stations, demand, figures, note
        As in :func:`coverage_map`.
    covered_before, covered_after : array_like of bool or float
        A value a demand point.
    sites : pandas.DataFrame
        The plan: ``lon``, ``lat`` and optionally ``rank``, ``name``, ``gain_workers``.

    Returns
    -------
    str
        HTML of one self-contained file.
    """
    canvas = _ground(scene)
    before, after = np.asarray(covered_before, np.float64), np.asarray(covered_after, np.float64)
    layers = {
        "规划后的覆盖": _demand(scene, demand, after, "规划后的覆盖"),
        "规划前的覆盖": _demand(scene, demand, before, "规划前的覆盖", show=False),
        "现有站点": _stations(stations),
        "规划新增": _sites(scene, sites),
    }
    _add(canvas, scene, layers)
    legend = [*_demand_legend(scene), _STATION_LEGEND, (f"dot:{_BLUE}", "规划新增站点")]
    return finish(canvas, scene, figures=figures, note=note, legend=legend)


def gaps_map(
    scene: Scene,
    *,
    stations: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    figures: Sequence[tuple[str, str]] = (),
    note: str = "",
) -> str:
    """Draw the gaps, ranked by the workers in them.

    Parameters
    ----------
    scene, stations, figures, note
        As in :func:`coverage_map`.
    gaps : geopandas.GeoDataFrame
        Polygons or points in WGS-84 degrees with ``workers`` and optionally ``rank`` and ``name``.

    Returns
    -------
    str
        HTML of one self-contained file.
    """
    _need(gaps, ("workers",), "gaps")
    canvas = _ground(scene)
    shapes = gaps.geometry.to_numpy()
    areas = gaps.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    if areas.any():
        canvas.add_child(polygons(shapes[areas], "空白区", fill=UNCOVERED, line="#8A5200", opacity=0.35, listed=True))
    middle = gaps.geometry.representative_point()
    workers = gaps["workers"].to_numpy(np.float64)
    rank, name = _ranked(gaps)
    said = counted_in(scene.demand_unit)
    rows: list[list[object]] = [
        [
            round(point.x, 5),
            round(point.y, 5),
            _radius(n),
            0,
            f"第 {r} 号空白区 {label}\n未覆盖{said.whom} {n:,.0f} {said.measure}",
        ]
        for point, n, r, label in zip(middle, workers, rank, name, strict=True)
    ]
    layers = {
        "空白区中心": DotLayer("空白区中心", rows, [UNCOVERED], ring="#5A3600", opacity=0.85),
        "现有站点": _stations(stations),
    }
    _add(canvas, scene, layers)
    legend: list[Legend] = [(f"dot:{UNCOVERED}", f"空白区（圆越大，未覆盖的{said.people}越多）"), _STATION_LEGEND]
    return finish(canvas, scene, figures=figures, note=note, legend=legend)


def criticality_map(
    scene: Scene,
    *,
    stations: pd.DataFrame,
    lost_workers: npt.ArrayLike,
    figures: Sequence[tuple[str, str]] = (),
    note: str = "",
) -> str:
    """Draw how many workers would lose cover if a station closed.

    Parameters
    ----------
    scene, stations, figures, note
        As in :func:`coverage_map`.
    lost_workers : array_like of float
        Workers that only this station covers, a value a station.

    Returns
    -------
    str
        HTML of one self-contained file.
    """
    lost = np.asarray(lost_workers, np.float64)
    if len(lost) != len(stations):
        raise InputError(f"lost_workers has {len(lost)} values but there are {len(stations)} stations")
    canvas = _ground(scene)
    said = counted_in(scene.demand_unit)
    rows: list[list[object]] = [
        [round(lon, 5), round(lat, 5), _radius(n), int(n > 0.0), f"{name}\n若关闭，{n:,.0f} {said.one}失去覆盖"]
        for lon, lat, name, n in zip(
            stations["lon"], stations["lat"], stations["name"].astype(str), lost.tolist(), strict=True
        )
    ]
    _add(canvas, scene, {"关键站点": DotLayer("关键站点", rows, ["#9A958A", RED], ring="#FFFFFF", opacity=0.8)})
    legend: list[Legend] = [
        (f"dot:{RED}", f"关闭后有{said.people}失去覆盖（圆越大，{said.people}越多）"),
        ("dot:#9A958A", "附近另有站点，可替代"),
    ]
    return finish(canvas, scene, figures=figures, note=note, legend=legend)


def _ground(scene: Scene) -> folium.Map:
    """Return an empty map of the city with its streets, water and borders."""
    west, south, east, north = (float(value) for value in scene.districts.total_bounds)
    canvas = blank_map((west, south, east, north))
    add_backdrop(canvas, scene)
    return canvas


def _demand_legend(scene: Scene) -> list[Legend]:
    return [
        (f"dot:{COVERED}", f"已覆盖的{counted_in(scene.demand_unit).who}"),
        (f"dot:{MIXED}", "部分覆盖"),
        (f"dot:{UNCOVERED}", "未覆盖"),
    ]


def _ranked(frame: pd.DataFrame) -> tuple[list[object], list[str]]:
    """Return ranks (the order of the rows where there are none) and names (empty where there are none)."""
    rank = frame["rank"].tolist() if "rank" in frame else list(range(1, len(frame) + 1))
    name = frame["name"].fillna("").astype(str).tolist() if "name" in frame else [""] * len(frame)
    return rank, name


def _need(frame: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    missing = [name for name in columns if name not in frame]
    if missing:
        raise InputError(f"{what} has no column {', '.join(missing)}")


def _radius(workers: float) -> float:
    return round(float(np.clip(2.0 + 1.1 * np.sqrt(max(workers, 0.0)), 2.5, 22.0)), 1)


def _demand(
    scene: Scene, demand: pd.DataFrame, covered: npt.NDArray[np.float64], name: str, *, show: bool = True
) -> DotLayer:
    _need(demand, ("lon", "lat", "workers"), "demand")
    if len(covered) != len(demand):
        raise InputError(f"covered has {len(covered)} values but there are {len(demand)} demand points")
    lon, lat, workers = (demand[column].to_numpy(np.float64) for column in ("lon", "lat", "workers"))
    said = counted_in(scene.demand_unit)
    joined = cells(lon, lat, workers, covered[:, None])
    rows: list[list[object]] = [
        [
            round(x, 5),
            round(y, 5),
            round(float(np.clip(1.2 + 0.7 * np.sqrt(n), 1.6, 9.0)), 1),
            0 if share < 0.05 else 2 if share > 0.95 else 1,
            f"{said.whom} {n:,.0f} {said.measure}\n已覆盖 {share:.0%}",
        ]
        for x, y, n, share in joined.tolist()
    ]
    return DotLayer(name, rows, _RAMP, opacity=0.7, show=show)


def _stations(stations: pd.DataFrame) -> DotLayer:
    _need(stations, ("name", "lon", "lat"), "stations")
    rows: list[list[object]] = [
        [round(lon, 5), round(lat, 5), 3.2, 0, str(name)]
        for lon, lat, name in zip(stations["lon"], stations["lat"], stations["name"], strict=True)
    ]
    return DotLayer("现有站点", rows, [RED], ring="#FFFFFF", ring_px=1.0)


def _sites(scene: Scene, sites: pd.DataFrame) -> DotLayer:
    _need(sites, ("lon", "lat"), "sites")
    rank, name = _ranked(sites)
    gain = sites["gain_workers"].tolist() if "gain_workers" in sites else [None] * len(sites)
    rows: list[list[object]] = [
        [
            round(lon, 5),
            round(lat, 5),
            5.5,
            0,
            f"第 {r} 位 {label}"
            + ("" if more is None else f"\n新增覆盖 {more:,.0f} {counted_in(scene.demand_unit).n}"),
        ]
        for lon, lat, r, label, more in zip(sites["lon"], sites["lat"], rank, name, gain, strict=True)
    ]
    return DotLayer("规划新增", rows, [_BLUE], ring="#FFFFFF", ring_px=2.0)


def _add(canvas: folium.Map, scene: Scene, layers: dict[str, DotLayer]) -> None:
    for layer in layers.values():
        canvas.add_child(layer)
    canvas.add_child(LabelLayer(scene.districts))
    canvas.add_child(DotControl(layers))
