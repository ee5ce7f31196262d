"""The project list (项目清单): a plan as one line a site, in the order in which the sites are worth building."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.network import TravelTimes
from geoplan.pack import CityPack

__all__ = ["coverage_order", "greedy_order", "project_list", "reach_facts", "write_projects"]


def greedy_order(
    reached: Callable[[int], npt.NDArray[np.integer]],
    weight: npt.NDArray[np.float64],
    existing: Iterable[int],
    chosen: Iterable[int],
) -> tuple[list[int], list[float], float]:
    """Order what was chosen by what each adds to those before it.

    Parameters
    ----------
    reached : callable
        Rows of demand that one of them serves.
    weight : numpy.ndarray of float64
        Weight of each row.
    existing, chosen : iterable of int
        What is there already, and what was chosen.

    Returns
    -------
    order : list of int
        The chosen ones, best first.
    gain : list of float
        Weight that each newly serves, never rising.
    before : float
        Weight that the existing ones serve.
    """
    left = weight.copy()
    for one in existing:
        left[reached(int(one))] = 0.0
    before = float(weight.sum() - left.sum())
    # a gain only falls as others are taken, so the top of the heap is final once its gain is up to date
    heap = [(-float(left[reached(int(one))].sum()), int(one)) for one in chosen]
    heapq.heapify(heap)
    order, gains = list[int](), list[float]()
    while heap:
        _, one = heapq.heappop(heap)
        gain = float(left[reached(one)].sum())
        if heap and -heap[0][0] > gain:
            heapq.heappush(heap, (-gain, one))
            continue
        order.append(one)
        gains.append(gain)
        left[reached(one)] = 0.0
    return order, gains, before


def coverage_order(
    times: TravelTimes, demand: npt.NDArray[np.float64], existing: npt.NDArray[np.int64], chosen: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], float]:
    """Order chosen sites (rows of ``times``) by what each adds; see :func:`greedy_order`."""
    order, gains, before = greedy_order(lambda row: times.row(row)[0], demand, existing, chosen)
    return np.array(order, np.int64), np.array(gains, np.float64), before


def reach_facts(pack: CityPack, sites: gpd.GeoDataFrame, times: TravelTimes) -> dict[str, Any]:
    """Return what no choice can exceed: demand that all sites together reach, and candidates that reach none.

    Returns
    -------
    dict
        ``reachable`` (demand that existing sites or candidates reach), ``candidates`` and ``idle_candidates``.
    """
    demand = pack.demand["workers"].to_numpy(np.float64)
    reached = times.to_csr()
    served = np.diff(reached.indptr) > 0
    candidate = ~sites["existing"].to_numpy(bool)
    return {
        "reachable": float(demand[np.unique(reached.indices)].sum()),
        "candidates": int(candidate.sum()),
        "idle_candidates": int((candidate & ~served).sum()),
    }


def project_list(
    pack: CityPack,
    sites: gpd.GeoDataFrame,
    times: TravelTimes,
    new_positions: npt.NDArray[np.int64],
    *,
    by_year: Sequence[npt.NDArray[np.int64]] = (),
) -> gpd.GeoDataFrame:
    """Return the new sites of a plan as a project list.

    Parameters
    ----------
    pack : CityPack
        The inputs.
    sites : geopandas.GeoDataFrame
        All sites, in the order of the rows of ``times``.
    times : TravelTimes
        Sites × demand.
    new_positions : numpy.ndarray of int64
        Rows of the plan's new sites.
    by_year : sequence of numpy.ndarray of int64
        Rows of the new sites open at the end of each year of a phased plan, each year containing the last. The list
        then goes year by year, and a column ``year`` counts from 1; sites of no year come at the end.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns ``rank, year, site_id, name, district, town, union_unit, host_type, host_name, station_class, cost,
        lon, lat, workers_newly_covered, workers_covered_total, share_covered, origin`` and the point. ``workers_…``
        count what the pack's demand counts.
    """
    demand = pack.demand["workers"].to_numpy(np.float64)
    existing = np.flatnonzero(sites["existing"].to_numpy(bool))
    order, gain, year, before = _order_by_year(times, demand, existing, new_positions, by_year)
    chosen = sites.iloc[order].reset_index()
    total = before + np.cumsum(gain)
    # thousandths of a worker; finer where the demand is given in shares of one
    digits = 3 if demand.sum() >= 1_000 or not demand.any() else 6 - int(np.floor(np.log10(demand.sum())))
    districts = dict(zip(pack.districts["district_code"], pack.districts["name"], strict=True))
    towns = dict(zip(pack.towns["town_code"], pack.towns["name"], strict=True)) if len(pack.towns) else {}
    frame = pd.DataFrame(
        {
            "rank": np.arange(1, len(order) + 1),
            **({"year": pd.array(year, dtype="Int64")} if len(by_year) else {}),
            "site_id": chosen["site_id"],
            "name": chosen["name"],
            "district": chosen["district_code"].map(districts),
            "town": chosen["town_code"].map(towns),
            **{name: chosen[name] for name in ("union_unit", "host_type", "host_name", "station_class", "cost")},
            "lon": chosen["lon"],
            "lat": chosen["lat"],
            "workers_newly_covered": np.round(gain, digits),
            "workers_covered_total": np.round(total, digits),
            "share_covered": np.round(total / demand.sum(), 6) if demand.sum() > 0 else np.nan,
            "origin": pack.manifest.origin,
        }
    )
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(frame["lon"], frame["lat"], crs="EPSG:4326"))


def _order_by_year(
    times: TravelTimes,
    demand: npt.NDArray[np.float64],
    existing: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    by_year: Sequence[npt.NDArray[np.int64]],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], list[int | None], float]:
    """Order the chosen rows within each year; returns rows, gains, the year of each, and what was covered before."""
    opened, orders, gains, years = existing, [], [], list[int | None]()
    before = 0.0
    steps: list[tuple[int | None, npt.NDArray[np.int64]]] = [(k + 1, rows) for k, rows in enumerate(by_year)]
    for k, (year, rows) in enumerate([*steps, (None, chosen)]):
        order, gain, covered = coverage_order(times, demand, opened, np.setdiff1d(rows, opened))
        before = covered if k == 0 else before
        opened = np.concatenate((opened, order))
        orders.append(order)
        gains.append(gain)
        years.extend([year] * len(order))
    return np.concatenate(orders), np.concatenate(gains), years, before


def write_projects(projects: gpd.GeoDataFrame, directory: Path) -> dict[str, Path]:
    """Write a project list as ``projects.csv`` (opens in Excel) and ``projects.geojson``; returns both paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Any] = {"csv": directory / "projects.csv", "geojson": directory / "projects.geojson"}
    projects.drop(columns="geometry").to_csv(paths["csv"], index=False, encoding="utf-8-sig")
    projects.to_file(paths["geojson"], driver="GeoJSON")
    return paths
