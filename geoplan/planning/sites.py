"""Existing stations and candidate sites of a pack as one list of sites, and what they cost."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.errors import FaultLog
from geoplan.pack import CityPack

__all__ = ["all_sites", "site_costs"]

SHARED_COLUMNS = (
    "name",
    "host_type",
    "host_name",
    "union_unit",
    "station_class",
    "district_code",
    "town_code",
    "lon",
    "lat",
    "cost",
)


def all_sites(pack: CityPack) -> gpd.GeoDataFrame:
    """Return operating stations and then candidate sites, on one index of ids.

    Returns
    -------
    geopandas.GeoDataFrame
        Index ``site_id`` (station code or candidate id); columns ``existing`` (bool), the shared attributes, geometry.

    Raises
    ------
    InputError
        A candidate carries the id of a station.
    """
    stations = pack.stations[pack.stations["status"] == "operating"]
    parts = []
    for frame, key, existing in ((stations, "station_code", True), (pack.candidates, "candidate_id", False)):
        part = frame.reindex(columns=[key, *SHARED_COLUMNS, "geometry"]).rename(columns={key: "site_id"})
        part = part.astype(dict.fromkeys(("site_id", *SHARED_COLUMNS[:7]), object))
        parts.append(part.assign(existing=existing))
    log = FaultLog(pack.manifest.files["candidates"].path if "candidates" in pack.manifest.files else "candidates")
    clash = parts[1]["site_id"].isin(parts[0]["site_id"]).to_numpy()
    for i in np.flatnonzero(clash)[:20]:
        log.add(
            f"{parts[1]['site_id'].iloc[i]!r} is the code of a station",
            "give it another id",
            row=int(i) + 2,
            field="candidate_id",
            zh=(f"{parts[1]['site_id'].iloc[i]} 已是现有站点的编号", "请换一个编号"),
        )
    log.raise_if_any()
    filled = [part for part in parts if len(part)]
    sites = pd.concat(filled, ignore_index=True) if filled else parts[0]
    return gpd.GeoDataFrame(sites, geometry="geometry", crs="EPSG:4326").set_index("site_id")


def site_costs(sites: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Return what each site costs, in the unit of the candidate list; existing stations without a cost are 0.

    Parameters
    ----------
    sites : geopandas.GeoDataFrame
        From :func:`all_sites`.

    Raises
    ------
    InputError
        For every candidate without a cost: it could not be weighed against a budget.
    """
    costs = pd.to_numeric(sites["cost"], errors="coerce").to_numpy(np.float64)
    missing = np.isnan(costs) & ~sites["existing"].to_numpy(bool)
    log = FaultLog()
    for site, cell in zip(sites.index[missing], sites["cost"][missing], strict=True):
        blank = cell is None or cell != cell
        log.add(
            f"candidate {site!r} has no cost"
            if blank
            else f"the cost of candidate {site!r} is {str(cell)!r}, no number",
            "a budget needs the cost of every candidate",
            zh=(
                f"候选点 {site} 没有费用" if blank else f"候选点 {site} 的费用“{cell}”不是数字",
                "按预算规划，需要候选点清单里每个候选点的费用",
            ),
        )
    log.raise_if_any()
    return np.asarray(np.nan_to_num(costs), np.float64)
