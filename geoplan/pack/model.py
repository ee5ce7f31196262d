"""CityPack: one folder of inputs, opened and checked as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import geopandas as gpd
import numpy as np

from geoplan.errors import FaultLog
from geoplan.pack.layers import FAR_M, LAYER_SPECS, TRADE_COLUMNS, WGS84, read_layer
from geoplan.pack.manifest import Manifest, read_manifest

__all__ = ["CityPack"]


@dataclass(frozen=True, slots=True)
class CityPack:
    """Everything that is known about a city before anything is computed.

    All frames are GeoDataFrames in EPSG:4326 with a plain 0..n-1 index; treat them as read-only.

    Parameters
    ----------
    root : pathlib.Path
        The pack folder.
    manifest : Manifest
        What the pack says about itself.
    streets : geopandas.GeoDataFrame
        Street edges with ``u``, ``v``, ``highway`` and OSM tags.
    districts : geopandas.GeoDataFrame
        Polygons with ``district_code`` and ``name``.
    stations : geopandas.GeoDataFrame
        The register: ``station_code``, ``name``, attributes.
    demand : geopandas.GeoDataFrame
        Demand points: ``demand_id``, ``workers`` and per trade ``workers_…``.
    candidates : geopandas.GeoDataFrame
        Candidate sites: ``candidate_id`` and attributes; may be empty.
    towns, key_areas, water, places : geopandas.GeoDataFrame
        Optional layers; empty where the pack has none.
    """

    root: Path
    manifest: Manifest
    streets: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    towns: gpd.GeoDataFrame
    key_areas: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    places: gpd.GeoDataFrame

    @classmethod
    def open(cls, directory: str | Path) -> Self:
        """Open a pack folder and check everything in it.

        Parameters
        ----------
        directory : str or pathlib.Path
            Folder that holds ``pack.toml``.

        Raises
        ------
        InputError
            With all faults of all files.
        """
        root = Path(directory)
        manifest = read_manifest(root)
        log = FaultLog()
        frames: dict[str, gpd.GeoDataFrame] = {}
        for layer, spec in LAYER_SPECS.items():
            entry = manifest.files.get(layer)
            if entry is None:
                columns = [name for name in (spec.key, *spec.required, "lon", "lat") if name]
                frames[layer] = gpd.GeoDataFrame({name: [] for name in columns}, geometry=gpd.GeoSeries([], crs=WGS84))
                continue
            own = FaultLog(entry.path)
            frames[layer] = read_layer(root / entry.path, layer, own)
            log.extend(own.faults)
        if not log.faults:
            _check_together(frames, manifest, log)
        log.raise_if_any()
        _complete(frames)
        return cls(root=root, manifest=manifest, **frames)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the districts, degrees."""
        west, south, east, north = self.districts.total_bounds
        return float(west), float(south), float(east), float(north)

    @property
    def trades(self) -> tuple[str, ...]:
        """Trades that the demand distinguishes, without the ``workers_`` prefix."""
        return tuple(name.removeprefix("workers_") for name in TRADE_COLUMNS if name in self.demand.columns)

    @property
    def total_demand(self) -> float:
        """Sum of the demand, in the pack's demand unit."""
        return float(self.demand["workers"].sum())


def _check_together(frames: dict[str, gpd.GeoDataFrame], manifest: Manifest, log: FaultLog) -> None:
    """Check what only shows between layers: records far from the districts, codes that no district has."""
    districts = frames["districts"]
    area = districts.to_crs(manifest.crs_metric).union_all()
    codes = set(districts["district_code"])
    for layer in ("stations", "demand", "candidates"):
        frame = frames[layer]
        if frame.empty:
            continue
        file = manifest.files[layer].path
        # records inside the districts' rectangle need no distance; GEOS answers for the rest
        west, south, east, north = districts.total_bounds
        lon, lat = frame["lon"].to_numpy(), frame["lat"].to_numpy()
        away = np.flatnonzero((lon < west) | (lon > east) | (lat < south) | (lat > north))
        if len(away):
            distance_m = frame.geometry.iloc[away].to_crs(manifest.crs_metric).distance(area).to_numpy()
            for i, metres in zip(away, distance_m, strict=True):
                if not metres <= FAR_M:
                    _report_far(
                        log, file, int(i), float(lon[i]), float(lat[i]), float(metres), (west, south, east, north)
                    )
        if "district_code" in frame.columns:
            given = frame["district_code"]
            unknown = given.notna() & ~given.isin(codes)
            for i in np.flatnonzero(unknown.to_numpy())[:50]:
                log.add(
                    f"district {given.iloc[i]!r} is not among the districts",
                    f"use one of {', '.join(sorted(codes)[:10])} or leave it empty",
                    file=file,
                    row=int(i) + 2,
                    field="district_code",
                )


def _report_far(
    log: FaultLog, file: str, i: int, lon: float, lat: float, metres: float, bounds: tuple[float, float, float, float]
) -> None:
    west, south, east, north = bounds
    swapped = west <= lat <= east and south <= lon <= north
    how_far = f"{metres / 1000:,.0f} km" if np.isfinite(metres) else "impossibly far"
    log.add(
        f"({lon:.5f}, {lat:.5f}) lies {how_far} from the districts",
        "lon and lat look swapped: exchange them" if swapped else "correct the position or remove the record",
        file=file,
        row=i + 2,
        field="lon, lat",
    )


def _complete(frames: dict[str, gpd.GeoDataFrame]) -> None:
    """Fill what can be derived: total demand from trades, the district that a point lies in."""
    demand = frames["demand"]
    trades = [name for name in TRADE_COLUMNS if name in demand.columns]
    if "workers" not in demand.columns:
        demand["workers"] = demand[trades].sum(axis=1) if trades else 1.0
    stations = frames["stations"]
    if "status" not in stations.columns:
        stations["status"] = "operating"
    stations["status"] = stations["status"].fillna("operating")
    if "opening_hours" not in stations.columns:
        stations["opening_hours"] = None
    for layer in ("stations", "demand", "candidates"):
        frame = frames[layer]
        if "district_code" not in frame.columns:
            frame["district_code"] = None
        missing = frame["district_code"].isna().to_numpy()
        if missing.any():
            found = locate(frame[missing], frames["districts"], "district_code")
            filled = frame["district_code"].astype(object).to_numpy().copy()
            filled[missing] = found
            frame["district_code"] = filled
        if "town_code" not in frame.columns:
            frame["town_code"] = None


def locate(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, code: str) -> np.ndarray:
    """Return the code of the area that each point lies in, None outside all; on a border the first area wins."""
    left = gpd.GeoDataFrame(geometry=points.geometry.reset_index(drop=True))
    joined = gpd.sjoin(left, areas[[code, "geometry"]], predicate="intersects", how="left")
    first = joined[~joined.index.duplicated(keep="first")].sort_index()
    codes: np.ndarray = first[code].astype(object).where(first[code].notna(), None).to_numpy()
    return codes
