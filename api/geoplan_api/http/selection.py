"""Choosing rows of a station snapshot: filters, rectangle, nearness; masks over arrays, no loop over records."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geoplan.crs import ellipsoid_length_m
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.http.parameters import BBox, Point, StationQuery

__all__ = ["mask_of", "nearest_first", "within"]

Mask = npt.NDArray[np.bool_]


def within(snapshot: StationSnapshot, bbox: BBox | None) -> Mask:
    """Tell which stations lie in a rectangle, edges included; all of them without one."""
    if bbox is None:
        return np.ones(len(snapshot), bool)
    west, south, east, north = bbox
    lon, lat = snapshot.lon, snapshot.lat
    mask: Mask = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return mask


def mask_of(snapshot: StationSnapshot, query: StationQuery) -> Mask:
    """Tell which stations meet every condition of a query, shape (n,)."""
    mask = np.ones(len(snapshot), bool)
    if query.open_at is not None:
        mask &= snapshot.open_mask(snapshot.openness(query.open_at))
    if query.facility_bits:
        mask &= (snapshot.facility_bits & query.facility_bits) == query.facility_bits
    frame = snapshot.frame
    for column, wanted in (
        ("station_kind", query.kind),
        ("district_code", query.district),
        ("access", query.access),
        ("station_class", query.station_class),
        ("status", query.status),
    ):
        if wanted is not None:
            mask &= frame[column].to_numpy() == wanted
    if query.h24 is not None:
        mask &= frame["h24"].to_numpy(bool) == query.h24
    if query.services:
        mask &= np.array([query.services.issubset(have) for have in frame["services"]], bool)
    if query.trade is not None:
        mask &= np.array([not groups or query.trade in groups for groups in frame["worker_groups"]], bool)
    if query.text:
        found = np.zeros(len(snapshot), bool)
        found[[row for _, row in snapshot.names.rank(query.text)]] = True
        mask &= found
    return mask


def nearest_first(snapshot: StationSnapshot, rows: npt.NDArray[np.int64], point: Point) -> npt.NDArray[np.int64]:
    """Order rows by their distance from a point as the crow flies."""
    distance_m = ellipsoid_length_m(point.lon, point.lat, snapshot.lon[rows], snapshot.lat[rows])
    ordered: npt.NDArray[np.int64] = rows[np.argsort(distance_m, kind="stable")]
    return ordered
