"""From the city's frames to tile sets; demand and gaps leave aggregated, so that no small count identifies people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b

import numpy as np
import pandas as pd
from geoplan_maps.tiles import base_layers, candidate_layer, demand_layer, station_layer

from geoplan.crs import project, unproject
from geoplan.pack import CityPack
from geoplan_api.stations import StationSnapshot
from geoplan_api.tilesets import TileSet

__all__ = ["base_makers", "demand_cells", "station_makers"]

Makers = Mapping[str, Callable[[], TileSet]]


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
        return TileSet(
            base_layers(pack.streets, water=pack.water, districts=pack.districts, places=pack.places), version
        )

    def candidates() -> TileSet:
        return TileSet((candidate_layer(pack.candidates),), version)

    return {"base": base, "candidates": candidates}


def station_makers(stations: StationSnapshot) -> Makers:
    """Return the makers of what changes with the register."""

    def make() -> TileSet:
        frame = stations.frame.assign(
            marker_id=stations.frame["marker_id"].to_numpy(),
            facilities=[";".join(codes) for codes in stations.frame["facilities"]],
        )
        return TileSet((station_layer(frame),), f"s{stations.version}")

    return {"stations": make}


def demand_cells(
    demand: pd.DataFrame, columns: Mapping[str, np.ndarray], crs_metric: str, *, cell_m: float, least_workers: float
) -> pd.DataFrame:
    """Sum demand by square cells and leave out the cells whose count is small.

    Parameters
    ----------
    demand : pandas.DataFrame
        ``lon``, ``lat`` and ``workers``.
    columns : mapping of str to numpy.ndarray
        Shares 0..1 of each demand point, averaged by workers within a cell.
    crs_metric : str
        Projection in metres.
    cell_m : float
        Side of a cell, metres.
    least_workers : float
        Cells with fewer workers are left out.

    Returns
    -------
    pandas.DataFrame
        ``lon``, ``lat`` of the cell's centre, ``workers`` rounded to fives, and ``columns`` to two digits.
    """
    xy = project(demand["lon"].to_numpy(), demand["lat"].to_numpy(), crs_metric)
    cells, group = np.unique(np.floor(xy / cell_m).astype(np.int64), axis=0, return_inverse=True)
    group = group.reshape(-1)
    workers = demand["workers"].to_numpy(np.float64)
    total = np.bincount(group, workers, len(cells))
    shown = total >= max(least_workers, 1e-9)
    centre = unproject((cells[shown] + 0.5) * cell_m, crs_metric)
    out = pd.DataFrame({"lon": centre[:, 0], "lat": centre[:, 1], "workers": np.round(total[shown] / 5.0) * 5.0})
    for name, values in columns.items():
        out[name] = np.round(np.bincount(group, values * workers, len(cells))[shown] / total[shown], 2)
    return out


def demand_tileset(cells: pd.DataFrame, version: str) -> TileSet:
    """Return the tile set of aggregated demand."""
    return TileSet((demand_layer(cells),), version)
