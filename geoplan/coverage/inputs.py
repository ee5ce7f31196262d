"""What is wrong with the inputs of coverage: all faults listed once, with rows, and the rows kept aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geoplan.errors import Fault, FaultLog
from geoplan.hours.model import Unparsed
from geoplan.hours.parse import parse_hours
from geoplan.pack import CityPack
from geoplan.sources.rejected import Rejected, reject

__all__ = ["InputReport", "check_areas", "check_demand", "check_hours", "check_pack_inputs"]


@dataclass(frozen=True, slots=True)
class InputReport:
    """Faults of the inputs, and the rows that they are about.

    Parameters
    ----------
    faults : tuple of Fault
        All of them, each with its file, row and field.
    rejected : tuple of Rejected
        The rows, whole; ``Rejected.write`` puts them beside their file.
    """

    faults: tuple[Fault, ...]
    rejected: tuple[Rejected, ...]


def check_hours(stations: pd.DataFrame, file: str = "") -> tuple[Fault, ...]:
    """List stations whose opening hours nobody can read; hours not given are no fault."""
    log = FaultLog(file)
    for i, text in enumerate(stations.get("opening_hours", pd.Series(dtype=object))):
        hours = parse_hours(text)
        if isinstance(hours, Unparsed) and hours.text:
            log.add(
                f"the opening hours {hours.text!r} cannot be read: {hours.reason}",
                "write them as 周一至周五 9:00-17:00 or in the OSM syntax; until then the station is never open",
                row=i + 2,
                field="opening_hours",
                zh=(
                    f"开放时间“{hours.text}”无法识别：{hours.reason_zh}",
                    "请改写，如“周一至周五 9:00-17:00”；在此之前不算开放",
                ),
            )
    return log.faults


def check_demand(demand: pd.DataFrame, file: str = "") -> tuple[Fault, ...]:
    """List demand records with negative or missing workers, in any trade."""
    log = FaultLog(file)
    for column in (name for name in demand.columns if name == "workers" or str(name).startswith("workers_")):
        values = pd.to_numeric(demand[column], errors="coerce").to_numpy(np.float64)
        for i in np.flatnonzero(~(np.isfinite(values) & (values >= 0))):
            log.add(
                f"{demand[column].iloc[i]!r} is not a number of workers",
                "give 0 or more",
                row=int(i) + 2,
                field=str(column),
                zh=("人数缺失或为负", "请填 0 或以上的数"),
            )
    return log.faults


def check_areas(
    areas: gpd.GeoDataFrame, demand: gpd.GeoDataFrame, crs_metric: str, file: str = ""
) -> tuple[Fault, ...]:
    """List areas that overlap one another, and demand points that lie in none of them.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        Polygons that share out a city.
    demand : geopandas.GeoDataFrame
        Demand points.
    crs_metric : str
        Projection in metres; overlaps below 1 m² (borders drawn twice) are no fault.
    file : str
        File of the areas, for the messages.
    """
    log = FaultLog(file)
    for frame, what in ((areas, "the areas"), (demand, "the demand points")):
        if frame.crs is None:
            log.add(f"{what} do not state their CRS", "state it, e.g. EPSG:4326 for WGS-84 degrees", field="crs")
    if log.faults:
        return log.faults
    shapes = areas.geometry.to_crs(crs_metric).reset_index(drop=True)
    a, b = shapes.sindex.query(shapes, predicate="intersects")
    for i, j in zip(a[a < b], b[a < b], strict=True):
        square_m = shapes.iloc[i].intersection(shapes.iloc[j]).area
        if square_m > 1.0:
            log.add(
                f"the area overlaps that of row {j + 2} by {square_m:,.0f} m²",
                "correct the outlines so that they only touch",
                row=int(i) + 2,
                field="geometry",
                zh=(f"与第 {j + 2} 行的区域重叠 {square_m:,.0f} 平方米", "请修正边界，使其只相接不重叠"),
            )
    points = demand.geometry.to_crs(areas.crs).reset_index(drop=True)
    inside, _ = areas.sindex.query(points, predicate="intersects")
    missed = np.setdiff1d(np.arange(len(points)), inside)
    for i in missed:
        log.add(
            "the demand point lies in none of the areas",
            "correct its position or the outlines; it counts for the city only",
            row=int(i) + 2,
            field="lon, lat",
            file="",
            zh=("需求点不在任何区域内", "请核对位置或边界；目前只计入全市"),
        )
    return log.faults


def check_pack_inputs(pack: CityPack) -> InputReport:
    """Check hours, demand and districts of a pack together.

    Nothing is dropped: stations with unread hours stay in the register and are never open, demand outside all
    districts counts for the city. The report says which they are.
    """
    parts: list[tuple[str, pd.DataFrame, Sequence[Fault]]] = []
    files = pack.manifest.files
    stations, demand = files["stations"].path, files["demand"].path
    parts.append((stations, pack.stations, check_hours(pack.stations, stations)))
    parts.append((demand, pack.demand, check_demand(pack.demand, demand)))
    by_area = check_areas(pack.districts, pack.demand, pack.manifest.crs_metric, files["districts"].path)
    missed = tuple(
        Fault(f.problem, f.todo, demand, f.row, f.field, f.problem_zh, f.todo_zh) for f in by_area if not f.file
    )
    parts.append((demand, pack.demand, missed))
    overlaps = tuple(fault for fault in by_area if fault.file)
    together: dict[str, list[Fault]] = {}
    frames: dict[str, pd.DataFrame] = {}
    for file, frame, faults in parts:
        together.setdefault(file, []).extend(faults)
        frames[file] = frame
    rejected = tuple(reject(pack.root / file, frames[file], faults) for file, faults in together.items() if faults)
    return InputReport((*(fault for faults in together.values() for fault in faults), *overlaps), rejected)
