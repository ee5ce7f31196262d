"""From the city's frames to tile sets; demand and gaps leave aggregated, so that no small count identifies people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from geoplan_maps.tiles import (
    base_layers,
    candidate_layer,
    demand_layer,
    gap_layer,
    plan_layer,
    service_area_layer,
    station_layer,
)

from geoplan.crs import project, unproject
from geoplan.hours.slices import SLICES
from geoplan.pack import CityPack
from geoplan.planning import CoverageQuestion, answer, resolve
from geoplan.planning.coverage_answer import gaps
from geoplan_api.city.ready_plan import ready_plan
from geoplan_api.city.searches import Analyst
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.city.tilesets import TileSet
from geoplan_api.settings import AnalysisSettings

__all__ = ["base_makers", "demand_cells", "figure_makers", "station_makers"]

Makers = Mapping[str, Callable[[], TileSet]]
CELL_M: Final = 250.0  # side of a cell of demand: people are shown as a neighbourhood's sum, never as points


def pack_version(pack: CityPack) -> str:
    """Return a short text that changes with the pack's files."""
    stamp = blake2b(digest_size=5)
    for entry in pack.manifest.files.values():
        info = (pack.root / entry.path).stat()
        stamp.update(f"{entry.path} {info.st_size} {info.st_mtime_ns}".encode())
    return stamp.hexdigest()


def base_makers(pack: CityPack) -> Makers:
    """Return the makers of what does not change while the service runs."""
    version = pack_version(pack)

    def base() -> TileSet:
        layers = base_layers(pack.streets, water=pack.water, districts=pack.districts, places=pack.places)
        return TileSet(layers, version)

    def candidates() -> TileSet:
        return TileSet((candidate_layer(pack.candidates),), version)

    return {"base": base, "candidates": candidates}


def station_makers(stations: StationSnapshot) -> Makers:
    """Return the maker of the stations' own tiles."""

    def make() -> TileSet:
        return TileSet((station_layer(stations.to_geo()),), f"s{stations.version}")

    return {"stations": make}


def figure_makers(analyst: Analyst, stations: StationSnapshot, settings: AnalysisSettings) -> Makers:
    """Return the makers of what is computed from the stations: covered demand and the ready plan."""

    def demand() -> TileSet:
        city = analyst.city(stations)
        columns = {"covered": answer(city, CoverageQuestion()).coverage.covered_share}
        for code in SLICES:
            through = answer(city, CoverageQuestion(slice=code)).coverage.covered_share
            columns[f"covered_{code.replace('-', '_')}"] = through
        cells = demand_cells(
            city.pack.demand,
            columns,
            city.pack.manifest.crs_metric,
            cell_m=CELL_M,
            least_workers=settings.small_count_workers,
        )
        return TileSet((demand_layer(cells),), f"d{stations.version}")

    def plan() -> TileSet:
        features = ready_plan(analyst, stations, settings)["projects"]["features"]
        sites = pd.DataFrame([feature["properties"] for feature in features], columns=None if features else _NO_SITE)
        renamed = sites.rename(columns={"site_id": "candidate_id", "workers_newly_covered": "gain_workers"})
        return TileSet((plan_layer(renamed),), f"p{stations.version}")

    def uncovered() -> TileSet:
        city = analyst.city(stations)
        frame = gaps(city, resolve(city.pack, CoverageQuestion())).gaps.frame
        return TileSet(
            (gap_layer(frame[frame["worker_hours"] >= settings.small_count_workers]),), f"g{stations.version}"
        )

    def service_areas() -> TileSet:
        defaults = analyst.pack.manifest.defaults
        network = analyst.city(stations).network(defaults.profile)
        places = np.column_stack([stations.lon, stations.lat])
        codes = stations.frame["station_code"].to_numpy()
        # 50 m between the points at which time is taken: an outline of a map, in a third of the time
        areas = network.service_area(places, defaults.limit_s, outward=False, cell_m=50.0)
        areas["station_code"] = codes[areas.pop("origin_id").to_numpy(np.int64)]
        areas["name"] = areas["station_code"].map(dict(zip(codes, stations.frame["name"], strict=True)))
        areas = areas[~areas.geometry.is_empty].round({"area_m2": 0})
        return TileSet((service_area_layer(areas),), f"a{stations.version}")

    return {"demand": demand, "gaps": uncovered, "plan": plan, "service_areas": service_areas}


_NO_SITE: Final = ["lon", "lat", "rank", "site_id", "name", "host_type", "workers_newly_covered"]


def demand_cells(
    demand: gpd.GeoDataFrame,
    columns: Mapping[str, npt.NDArray[np.float64]],
    crs_metric: str,
    *,
    cell_m: float,
    least_workers: float,
) -> pd.DataFrame:
    """Sum demand by square cells, larger ones where people are few, and leave out what is small even then.

    A cell that a bound on small counts would hide is joined with its neighbours into cells of twice the side, up to
    eight times: otherwise a map of the covered would show the towns and hide the countryside that is not.

    Parameters
    ----------
    demand : geopandas.GeoDataFrame
        ``lon``, ``lat`` and ``workers``.
    columns : mapping of str to numpy.ndarray
        Shares 0..1 of each demand point, averaged by workers within a cell.
    crs_metric : str
        Projection in metres.
    cell_m : float
        Side of the smallest cell, metres.
    least_workers : float
        Cells with fewer workers are joined or left out.

    Returns
    -------
    pandas.DataFrame
        ``lon``, ``lat`` of the cell's centre, ``workers`` rounded to fives, and ``columns`` rounded to tenths: no
        single person can be read off a share.
    """
    xy = project(demand["lon"].to_numpy(), demand["lat"].to_numpy(), crs_metric)
    workers = demand["workers"].to_numpy(np.float64)
    left = np.arange(len(demand))
    parts = []
    for side_m in (cell_m, 2.0 * cell_m, 4.0 * cell_m, 8.0 * cell_m):
        cells, group = np.unique(np.floor(xy[left] / side_m).astype(np.int64), axis=0, return_inverse=True)
        group = group.reshape(-1)
        total = np.bincount(group, workers[left], len(cells))
        shown = total >= max(least_workers, 1e-9)
        centre = unproject((cells[shown] + 0.5) * side_m, crs_metric)
        part = pd.DataFrame({"lon": centre[:, 0], "lat": centre[:, 1], "workers": np.round(total[shown] / 5.0) * 5.0})
        for name, values in columns.items():
            summed = np.bincount(group, values[left] * workers[left], len(cells))
            part[name] = np.round(summed[shown] / total[shown], 1)
        parts.append(part)
        left = left[~shown[group]]
        if not len(left):
            break
    return pd.concat(parts, ignore_index=True)
