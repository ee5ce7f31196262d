"""The stations as the service holds them: one frozen snapshot of the register, ready to be filtered and written out.

The part of a station's GeoJSON that does not change with the clock is written once, when the snapshot is made; an
answer joins bytes. Contact persons and their mobiles are left behind here and never reach a public answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import orjson
import pandas as pd

from geoplan.coverage.facilities import FACILITIES
from geoplan.crs import wgs84_to_gcj02
from geoplan.hours import Hours, parse_hours
from geoplan.registry import FIELDS
from geoplan.registry import PUBLIC_FIELDS as REGISTER_FIELDS
from geoplan_api.city.openness import OpeningTable, Openness, openness_at
from geoplan_api.city.text import Names, romanised

__all__ = ["FACILITIES", "PUBLIC_FIELDS", "StationSnapshot", "snapshot_of"]

_LISTS: Final = tuple(spec.name for spec in FIELDS if spec.type == "list" and spec.public)
# What the public may see, in the order in which it is written. Everything else stays on the staff side.
_NOT_SHOWN: Final = ("lon", "lat", "position_state")
PUBLIC_FIELDS: Final = (*(name for name in REGISTER_FIELDS if name not in _NOT_SHOWN), "hours_understood", "h24")


@dataclass(frozen=True)
class StationSnapshot:
    """The public view of the register at one version.

    Parameters
    ----------
    version : int
        Version of the register; grows with every change.
    modified : datetime
        When the register last changed, with its zone.
    frame : pandas.DataFrame
        Public fields, ``marker_id``, ``lon`` and ``lat``, one row a station, index 0..n-1; read-only.
    lon, lat, gcj_lon, gcj_lat : numpy.ndarray of float64
        Positions in degrees, shape (n,).
    facility_bits : numpy.ndarray of int64
        Bit i is set where the station has ``FACILITIES[i]``.
    operating : numpy.ndarray of bool
        Stations whose status is operating.
    opening : OpeningTable
        Hours of every station.
    names : Names
        Text index over names, brands and addresses.
    row_of : mapping of str to int
        Station code to row.
    records : tuple of dict
        The rows of the frame as plain values.
    fragments : mapping of str to tuple of bytes
        Per coordinate system, the GeoJSON feature of each row up to its last static property.
    """

    version: int
    modified: datetime
    frame: pd.DataFrame
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    gcj_lon: npt.NDArray[np.float64]
    gcj_lat: npt.NDArray[np.float64]
    facility_bits: npt.NDArray[np.int64]
    operating: npt.NDArray[np.bool_]
    opening: OpeningTable
    names: Names
    row_of: MappingProxyType[str, int]
    records: tuple[dict[Any, Any], ...]
    fragments: MappingProxyType[str, tuple[bytes, ...]]

    def __len__(self) -> int:
        return len(self.lon)

    def open_mask(self, openness: Openness) -> npt.NDArray[np.bool_]:
        """Tell which stations are certainly open, shape (n,)."""
        by_wording = np.array([state is True for state in openness.is_open], dtype=bool)
        mask: npt.NDArray[np.bool_] = by_wording[self.opening.index] & self.operating
        return mask

    def openness(self, instant: datetime) -> Openness:
        """Return the state of every wording of hours at an instant."""
        return openness_at(self.opening, instant)

    def state_of(self, row: int, openness: Openness) -> tuple[bool | None, str | None, str | None]:
        """Return open now, open until and next open of one station."""
        if not self.operating[row]:
            return False, None, None
        wording = int(self.opening.index[row])
        return openness.is_open[wording], openness.open_until[wording], openness.next_open[wording]

    def to_geo(self) -> gpd.GeoDataFrame:
        """Return the public fields as a city pack holds its stations: EPSG:4326, lists joined by ``;``."""
        joined = {name: [";".join(items) for items in self.frame[name]] for name in _LISTS}
        points = gpd.points_from_xy(self.lon, self.lat, crs="EPSG:4326")
        return gpd.GeoDataFrame(self.frame.assign(**joined), geometry=points)

    def features(
        self,
        rows: Sequence[int] | npt.NDArray[np.int64],
        openness: Openness,
        crs: str = "wgs84",
        extra: Sequence[dict[str, Any]] | None = None,
    ) -> list[bytes]:
        """Write rows as GeoJSON features.

        Parameters
        ----------
        rows : sequence of int
            Rows of the snapshot.
        openness : Openness
            State of the hours at the instant of the answer.
        crs : {"wgs84", "gcj02"}
            System of the positions.
        extra : sequence of dict, optional
            Further properties of each row, such as the walking time.
        """
        static = self.fragments[crs]
        tails = _tails(openness)
        wording = self.opening.index
        out = []
        for place, row in enumerate(rows):
            tail = tails[wording[row]] if self.operating[row] else _CLOSED_TAIL
            more = b"" if extra is None else b"," + orjson.dumps(extra[place])[1:-1]
            out.append(static[row] + tail + more + b"}}")
        return out


_CLOSED_TAIL: Final = b',"open_now":false,"open_until":null,"next_open":null'


@lru_cache(maxsize=64)
def _tails(openness: Openness) -> list[bytes]:
    return [
        b"," + orjson.dumps({"open_now": now, "open_until": until, "next_open": following})[1:-1]
        for now, until, following in zip(openness.is_open, openness.open_until, openness.next_open, strict=True)
    ]


def snapshot_of(
    stations: pd.DataFrame,
    *,
    version: int,
    modified: datetime,
    zone: str,
    district_names: dict[str, str],
    town_names: dict[str, str],
) -> StationSnapshot:
    """Make the public snapshot of a register's frame.

    Parameters
    ----------
    stations : pandas.DataFrame
        Records with ``station_code``, ``name``, ``lon``, ``lat`` (WGS-84) and whatever else the register has; lists are
        joined by ``;``.
    version : int
        Version of the register.
    modified : datetime
        When it last changed.
    zone : str
        IANA name of the city's time zone.
    district_names, town_names : dict
        Code to name, put beside the codes.

    Returns
    -------
    StationSnapshot
        Stations without a position are left out: they cannot be shown on a map.
    """
    placed = stations[stations["lon"].notna() & stations["lat"].notna()].reset_index(drop=True)
    frame = pd.DataFrame(index=placed.index)
    for name in PUBLIC_FIELDS:
        if name in placed.columns:
            values = placed[name].astype(object)
            frame[name] = values.where(values.notna() & (values != ""), None)
        else:
            frame[name] = pd.Series([None] * len(placed), dtype=object)
    for name in _LISTS:
        if name in frame.columns:
            frame[name] = pd.Series([split_list(value) for value in frame[name]], dtype=object)
    for name, codes, names in (("district", "district_code", district_names), ("town", "town_code", town_names)):
        known = frame[codes].map(names.get).astype(object)
        frame[name] = known.where(known.notna(), frame[name].map(lambda text: text or None))
    frame["station_kind"] = frame["station_kind"].map(lambda kind: kind or "outdoor")
    frame["status"] = frame["status"].map(lambda status: status or "operating")
    wordings, index = np.unique(frame["opening_hours"].map(lambda text: text or "").to_numpy(str), return_inverse=True)
    hours = tuple(parse_hours(str(text)) for text in wordings)
    understood = np.array([isinstance(value, Hours) for value in hours], dtype=bool)
    frame["hours_understood"] = understood[index].astype(object)
    around_clock = np.array([_always_open(value) for value in hours], dtype=bool)
    frame["h24"] = around_clock[index].astype(object)
    frame["marker_id"] = _marker_ids(placed)
    lon, lat = placed["lon"].to_numpy(np.float64), placed["lat"].to_numpy(np.float64)
    gcj_lon, gcj_lat = wgs84_to_gcj02(lon, lat)
    frame["lon"], frame["lat"] = lon, lat
    properties = frame[[*PUBLIC_FIELDS]].to_dict("records")
    ids = frame["marker_id"].to_numpy(np.int64)
    return StationSnapshot(
        version=version,
        modified=modified,
        frame=frame,
        lon=lon,
        lat=lat,
        gcj_lon=gcj_lon,
        gcj_lat=gcj_lat,
        facility_bits=np.array([facility_mask(have) for have in frame["facilities"]], np.int64),
        operating=(frame["status"] == "operating").to_numpy(bool),
        opening=OpeningTable(hours, index.astype(np.int32), ZoneInfo(zone)),
        names=Names.of([_words(record) for record in properties]),
        row_of=MappingProxyType({str(code): row for row, code in enumerate(frame["station_code"])}),
        records=tuple(frame.to_dict("records")),
        fragments=MappingProxyType(
            {
                "wgs84": _fragments(ids, lon, lat, index, properties),
                "gcj02": _fragments(ids, gcj_lon, gcj_lat, index, properties),
            }
        ),
    )


def split_list(value: Any) -> list[str]:
    """Split a register's list; already split lists pass."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.replace("；", ";").split(";") if part.strip()]
    return [str(part) for part in value]


def facility_mask(codes: Sequence[str]) -> int:
    """Return the bits of facility codes; unknown ones have no bit."""
    return sum(1 << FACILITIES.index(code) for code in set(codes) if code in FACILITIES)


def _always_open(hours: Any) -> bool:
    if not isinstance(hours, Hours) or len(hours.rules) != 1:
        return False
    rule = hours.rules[0]
    every_day = rule.days.weekdays == frozenset(range(7)) and not rule.seasons and rule.state == "open"
    return every_day and (not rule.spans or rule.spans == ((0, 1440),))


def _marker_ids(stations: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the register's integer ids; a pack's own stations are counted from 1."""
    for name in ("station_id", "marker_id", "id"):
        if name in stations.columns:
            return stations[name].to_numpy(np.int64)
    return np.arange(1, len(stations) + 1, dtype=np.int64)


def _words(record: dict[Any, Any]) -> list[str]:
    return [str(record[name]) for name in ("name", "brand", "address", "host_name", "station_code") if record[name]] + [
        romanised(record["name"])
    ]


def _fragments(
    ids: npt.NDArray[np.int64],
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    wording: npt.NDArray[np.integer[Any]],
    properties: list[dict[Any, Any]],
) -> tuple[bytes, ...]:
    out = []
    columns = (ids.tolist(), lon.tolist(), lat.tolist(), wording.tolist(), properties)
    for number, x, y, hours, record in zip(*columns, strict=True):
        own = {"marker_id": number, "timetable": hours, "name_latin": romanised(record["name"])}
        head = b'{"type":"Feature","id":%d,"geometry":{"type":"Point","coordinates":[%.6f,%.6f]},"properties":'
        written = orjson.dumps({**own, **record}, option=orjson.OPT_SERIALIZE_NUMPY, default=str)
        out.append(head % (number, x, y) + written[:-1])
    return tuple(out)
