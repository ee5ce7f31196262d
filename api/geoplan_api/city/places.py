"""Places that people search for: metro stations, towns, districts, streets and the stations themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from rapidfuzz import fuzz, process

from geoplan.pack import CityPack
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.city.text import Names, fold, romanised

__all__ = ["PlaceIndex", "place_index"]

# Who searches for a word most often means the first of these that fits.
_KIND_ORDER = ("metro", "place", "town", "district", "street")


@dataclass(frozen=True, slots=True)
class PlaceIndex:
    """Named places of the city with their positions.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``name``, ``name_en``, ``kind``, ``lon``, ``lat``, ``district``, ``district_en``; index 0..n-1.
    names : Names
        Text index over the frame.
    """

    frame: pd.DataFrame
    names: Names

    def search(self, query: str, stations: StationSnapshot, limit: int) -> list[dict[str, Any]]:
        """Return the best matches: kind, name and ``name_en``, position, district and, for a station, its code.

        A query that nothing matches is tried again for spelling mistakes.
        """
        kinds = self.frame["kind"].to_numpy()
        hits: list[tuple[int, int, int, bool]] = [
            (rank, _KIND_ORDER.index(kinds[row]), row, False) for rank, row in self.names.rank(query)
        ]
        hits += [(rank, 1, row, True) for rank, row in stations.names.rank(query)]
        if not hits:
            hits = [(9, 0, row, False) for row in self._near_spelling(query, limit)]
        hits.sort(key=lambda hit: hit[:3])
        return [self._station(stations, row) if own else self._place(row) for _, _, row, own in hits[:limit]]

    def _near_spelling(self, query: str, limit: int) -> list[int]:
        found = process.extract(fold(query), self.names.folded, scorer=fuzz.WRatio, limit=limit, score_cutoff=75)
        return [int(row) for _, _, row in found]

    def _place(self, row: int) -> dict[str, Any]:
        record = self.frame.iloc[row]
        return {
            "kind": record["kind"],
            "name": record["name"],
            "name_en": record["name_en"],
            "lon": round(float(record["lon"]), 6),
            "lat": round(float(record["lat"]), 6),
            "district": record["district"],
            "district_en": record["district_en"],
            "station_code": None,
        }

    @staticmethod
    def _station(stations: StationSnapshot, row: int) -> dict[str, Any]:
        record = stations.frame.iloc[row]
        return {
            "kind": "station",
            "name": record["name"],
            "name_en": romanised(record["name"]),
            "lon": round(float(stations.lon[row]), 6),
            "lat": round(float(stations.lat[row]), 6),
            "district": record["district"],
            "district_en": None,
            "station_code": record["station_code"],
        }


def place_index(pack: CityPack) -> PlaceIndex:
    """Gather the named places of a pack; a street stands at the middle of its longest piece."""
    parts: list[pd.DataFrame] = []
    if len(pack.places):
        places = pack.places
        kind = places["kind"] if "kind" in places else pd.Series("place", index=places.index)
        known = kind.where(kind.isin(["metro", "town", "district"]), "place")
        parts.append(_table(places["name"], _column(places, "name_en"), known, *_middle(places)))
    if len(pack.towns):
        parts.append(_table(pack.towns["name"], _column(pack.towns, "name_en"), "town", *_middle(pack.towns)))
    districts = pack.districts
    parts.append(_table(districts["name"], _column(districts, "name_en"), "district", *_middle(districts)))
    if "name" in pack.streets:
        named = pack.streets[pack.streets["name"].notna()]
        if len(named):
            within = _districts(pack, *_middle(named))
            length = pd.Series(shapely.length(named.geometry.to_numpy()), index=named.index)
            # a road of this name in each district: people who search for it mean the one near them
            chosen = named.loc[length.groupby([named["name"], within["name"].to_numpy()], dropna=False).idxmax()]
            parts.append(_table(chosen["name"], _column(chosen, "name_en"), "street", *_middle(chosen)))
    frame = pd.concat(parts, ignore_index=True)
    within = _districts(pack, frame["lon"].to_numpy(np.float64), frame["lat"].to_numpy(np.float64))
    frame["district"], frame["district_en"] = within["name"].to_numpy(object), within["name_en"].to_numpy(object)
    frame = frame.drop_duplicates(["name", "kind", "district"], keep="first").reset_index(drop=True)
    # joining parts turns None into NaN where a part has no English names at all
    english = [name if isinstance(name, str) and name else None for name in frame["name_en"]]
    frame["name_en"] = pd.Series(english, index=frame.index, dtype=object)
    words = [[str(name), *([other] if other else [])] for name, other in zip(frame["name"], english, strict=True)]
    return PlaceIndex(frame, Names.of(words))


def _districts(pack: CityPack, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Return ``name`` and ``name_en`` of the district that each point lies in, None in none."""
    districts = pack.districts
    known = pd.DataFrame(
        {"name": districts["name"].to_numpy(object), "name_en": _column(districts, "name_en").to_numpy()}
    )
    tree = shapely.STRtree(districts.geometry.to_numpy())
    point, district = tree.query(shapely.points(lon, lat), predicate="within")
    row = np.full(len(lon), -1)
    row[point] = district
    found = known.reindex(row).reset_index(drop=True).astype(object)
    return found.where(found.notna(), None)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame:
        return pd.Series([None] * len(frame), index=frame.index, dtype=object)
    return frame[name].astype(object).where(frame[name].notna(), None)


def _middle(frame: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    points = frame.geometry.representative_point()
    return points.x.to_numpy(np.float64), points.y.to_numpy(np.float64)


def _table(name: pd.Series, english: pd.Series, kind: Any, lon: Any, lat: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": name.to_numpy(object),
            "name_en": english.to_numpy(object),
            "kind": kind.to_numpy(object) if isinstance(kind, pd.Series) else kind,
            "lon": lon,
            "lat": lat,
        }
    )
