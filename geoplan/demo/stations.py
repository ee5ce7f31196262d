"""Stations and candidate sites: where unions put them, and what they offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geoplan import facts
from geoplan.demo import kernels
from geoplan.demo.ground import Ground
from geoplan.demo.hosts import HOSTS
from geoplan.demo.people import Frontage, nearest_town, sites_along
from geoplan.demo.plane import stream, to_lonlat
from geoplan.demo.sampling import shares_to_counts, spread

__all__ = ["Sites", "candidate_table", "choose_candidates", "choose_stations", "station_table"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

_POOL_PER_SITE: Final = 30
_BRANDS: Final = ("工会驿站", "工会驿站", "户外劳动者服务站点", "安康·爱心驿站", "小蜜蜂驿站", "便民暖屋")
_FACILITIES: Final = {
    "microwave": 0.9, "seats": 0.97, "charging": 0.95, "first_aid": 0.9, "air_conditioning": 0.75, "fridge": 0.35,
    "wifi": 0.5, "books": 0.4, "umbrella": 0.5, "pump": 0.25, "battery_swap": 0.08, "aed": 0.1, "blood_pressure": 0.15,
    "nursing_room": 0.06, "shower": 0.03,
}  # fmt: skip
# how strongly each district has built so far, by name: the county-level cities' outlying towns lag (assumption)
_BUILT: Final = {
    "梁溪区": 1.25,
    "滨湖区": 1.1,
    "新吴区": 1.1,
    "锡山区": 1.0,
    "惠山区": 1.0,
    "江阴市": 0.8,
    "宜兴市": 0.7,
}


@dataclass(frozen=True, slots=True)
class Sites:
    """Places beside streets.

    Parameters
    ----------
    xy : numpy.ndarray of float64
        Metres of the drawing plane, shape (n, 2).
    piece : numpy.ndarray of int64
        Street piece of the frontage, shape (n,).
    district : numpy.ndarray of int8
        Position in ``ground.districts``.
    town : numpy.ndarray of int64
        Position in ``ground.towns``, -1 for none.
    """

    xy: Float
    piece: Int
    district: npt.NDArray[np.int8]
    town: Int


def _pool(ground: Ground, front: Frontage, weight: Float, n: int, rng: np.random.Generator) -> Sites:
    pieces = np.repeat(np.arange(len(weight)), spread(weight, n, rng.random()))
    xy = sites_along(ground, front, pieces, rng, (6.0, 22.0))
    district = front.district[pieces]
    return Sites(xy, pieces, district, nearest_town(ground, xy, district))


def _take(sites: Sites, rows: Int) -> Sites:
    return Sites(sites.xy[rows], sites.piece[rows], sites.district[rows], sites.town[rows])


def _weight(ground: Ground, front: Frontage, power: float) -> Float:
    """Return the attraction of street pieces for a station: work, larger streets, not inside estates, on land."""
    built = np.array([_BUILT.get(str(name).split("（")[0], 1.0) for name in ground.districts["name"]] + [0.0])
    street = np.array([0.3, 1.0, 1.4, 1.5, 0.9, 0.0, 0.0])[front.rank]
    return np.asarray(front.work * street * built[front.district] ** power)


def choose_stations(ground: Ground, front: Frontage, n: int, seed: int, copy: int) -> Sites:
    """Choose station sites as unions have: first in every town's centre, then where work is, at some distance apart.

    The order is sequential Poisson sampling (Ohlsson 1998): rank by a uniform draw over the weight.
    """
    rng = stream(seed, "station sites", copy)
    pool = _pool(ground, front, _weight(ground, front, 1.0), n * _POOL_PER_SITE, rng)
    order = rng.random(len(pool.xy)).argsort(kind="stable")
    if len(ground.towns):
        _, central = cKDTree(pool.xy).query(ground.towns[["x", "y"]].to_numpy())
        central = np.unique(central)
        order = np.concatenate([central, order[~np.isin(order, central)]])
    # dense places have closer stations: the distance follows the local spacing of the pool
    gap, _ = cKDTree(pool.xy).query(pool.xy, k=min(40, len(pool.xy)))
    radius = np.clip(1.15 * gap[:, -1], 260.0, 1100.0)
    rows = np.empty(0, np.int64)
    for _ in range(12):
        rows = kernels.spaced(pool.xy, order.astype(np.int64), radius, n, 600.0)
        if len(rows) == n:
            break
        radius = radius * 0.85
    return _take(pool, np.sort(rows))


def choose_candidates(ground: Ground, front: Frontage, n: int, seed: int, copy: int) -> Sites:
    """Choose candidate sites: spread over all districts alike, closer where there is more work."""
    rng = stream(seed, "candidate sites", copy)
    weight = _weight(ground, front, 0.0)
    root = np.sqrt(np.maximum(weight, 0.0))
    return _pool(ground, front, np.sqrt(root) * root * np.sqrt(np.maximum(front.length_m, 1.0)), n, rng)


def _hosts(n: int, rng: np.random.Generator) -> Int:
    counts = shares_to_counts([h.weight for h in HOSTS], n)
    return rng.permutation(np.repeat(np.arange(len(HOSTS)), counts))


def _mark(
    share: float, inclination: Float, free: npt.NDArray[np.bool_], rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Mark exactly the given share of all rows, among the free ones, in order of inclination over a uniform draw."""
    score = np.where(free & (inclination > 0), inclination / np.maximum(rng.random(len(free)), 1e-9), -1.0)
    chosen = np.zeros(len(free), bool)
    best = np.lexsort((np.arange(len(score)), -score))[: round(share * len(free))]
    chosen[best] = score[best] > 0
    return chosen


def _hours(day: str, smart: bool, weekdays: bool, noon: bool) -> str:
    if smart:
        return "24/7"
    opens, closes = day.split("-")
    return ("Mo-Fr " if weekdays else "Mo-Su ") + (f"{opens}-11:30,13:30-{closes}" if noon else day)


def _days(rng: np.random.Generator, first: str, last: str, n: int) -> list[str]:
    start, span = np.datetime64(first), int((np.datetime64(last) - np.datetime64(first)).astype(int))
    return [str(d) for d in start + rng.integers(0, span + 1, n)]


def _places(ground: Ground, sites: Sites) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return town and district of each site as tables aligned with it."""
    none = pd.DataFrame({"town_code": [""], "name": [""], "union_unit": [""]})
    towns = pd.concat([ground.towns[["town_code", "name", "union_unit"]], none], ignore_index=True)
    return towns.iloc[sites.town].reset_index(drop=True), ground.districts.iloc[sites.district].reset_index(drop=True)


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}（{seen[name]}）")
    return out


def station_table(ground: Ground, sites: Sites, street: npt.NDArray[np.object_], seed: int, copy: int) -> pd.DataFrame:
    """Return the register of the stations, with shares that follow ``figures.csv`` exactly (to the nearest station).

    Parameters
    ----------
    ground, sites
        Where they are.
    street : numpy.ndarray of object
        Name of each site's street, never None.
    seed, copy : int
    """
    rng = stream(seed, "stations", copy)
    n = len(sites.xy)
    host = _hosts(n, rng)
    town, district = _places(ground, sites)
    lean = {key: np.array([getattr(h, key) for h in HOSTS])[host] for key in ("night", "weekdays_only", "noon")}
    free = np.ones(n, bool)
    smart = _mark(facts.figure("share_smart24h"), lean["night"], free, rng)
    mobile = _mark(facts.figure("share_mobile"), np.ones(n), ~smart, rng)
    micro = _mark(facts.figure("share_micro"), np.ones(n), ~smart & ~mobile, rng)
    weekdays = _mark(facts.figure("share_weekday_only"), lean["weekdays_only"], ~smart, rng)
    noon = _mark(facts.figure("share_noon_closed"), lean["noon"], ~smart, rng)
    partner = _mark(facts.figure("share_partner_hosted"), np.ones(n), free, rng)
    toilet = _mark(
        facts.figure("share_toilet"),
        np.where([("toilet" in HOSTS[h].facilities) for h in host], 4.0, 1.0),
        ~mobile,
        rng,
    )
    closed = _mark(facts.figure("share_suspended"), np.ones(n), ~smart, rng)
    station_class = np.select([smart, mobile, micro], ["smart24h", "mobile", "micro"], "standard")
    which = rng.integers(0, 2, n)
    hours = [_hours(HOSTS[h].day[w], s, d, m) for h, w, s, d, m in zip(host, which, smart, weekdays, noon, strict=True)]
    area = np.round(np.select([micro, mobile, smart], [2.5 + 2.4 * rng.random(n), 6.0, 8.0 + 8.0 * rng.random(n)],
                              8.0 + 32.0 * rng.random(n) ** 2), 1)  # fmt: skip
    roll = rng.random((n, len(_FACILITIES)))
    water = rng.random(n) < 0.98
    facilities = []
    for k in range(n):
        extra = HOSTS[host[k]].facilities
        has = ["water"] if water[k] else []
        has += [
            f for j, (f, p) in enumerate(_FACILITIES.items()) if roll[k, j] < (min(1.0, p + 0.4) if f in extra else p)
        ]
        facilities.append(";".join([*has, "toilet"] if toilet[k] else has))
    best = _mark(facts.figure("stations_national_honour") / facts.figure("stations_2023"), np.ones(n), free, rng)
    good = _mark(facts.figure("stations_provincial_honour") / facts.figure("stations_2023"), np.ones(n), ~best, rng)
    honours = np.select([best, good], ["全国最美站点", "省级最美站点"], "")
    brand = np.asarray(_BRANDS, dtype=object)[rng.integers(0, len(_BRANDS), n)]
    lonlat = to_lonlat(sites.xy)
    number = rng.integers(1, 400, n)
    union = town["union_unit"].where(town["union_unit"] != "", district["name"])
    names = [f"示例·{t}{s}{b}" for t, s, b in zip(town["name"], street, brand, strict=True)]
    prefix = "DEMO" if copy == 0 else f"DEMO{copy:02d}"
    return pd.DataFrame(
        {
            "station_code": [f"{prefix}-{k:05d}" for k in range(1, n + 1)],
            "name": _unique(names),
            "brand": brand,
            "station_class": station_class,
            "build_mode": np.where(~partner, "own", np.where(rng.random(n) < 0.5, "joint", "shared")),
            "host_type": [HOSTS[h].kind for h in host],
            "host_name": [
                "示例·" + HOSTS[h].pattern.format(town=t, street=s)
                for h, t, s in zip(host, town["name"], street, strict=True)
            ],
            "union_unit": union.to_numpy(),
            "district_code": district["district_code"].to_numpy(),
            "town_code": town["town_code"].to_numpy(),
            "address": [
                f"{d}{t}{s}{k}号（示例）"
                for d, t, s, k in zip(district["name"], town["name"], street, number, strict=True)
            ],
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "source_crs": "wgs84",
            "located_by": "generated",
            "verified_on": _days(rng, "2022-06-01", "2024-12-31", n),
            "entrance_note": np.where(rng.random(n) < 0.15, "门在院内，进门右转", ""),
            "street_facing": np.where(rng.random(n) < 0.85, "yes", "no"),
            "area_m2": area,
            "opening_hours": hours,
            "access": np.where(smart, "scan", np.where(rng.random(n) < 0.07, "register", "open")),
            "facilities": facilities,
            "services": np.where(rng.random(n) < 0.3, "policy;legal", ""),
            "worker_groups": "food_rider;courier;ride_hail;sanitation",
            "honours": honours,
            "public_phone": "",
            "status": np.where(closed, "suspended", "operating"),
            "opened_on": _days(rng, "2016-01-01", "2023-12-20", n),
            "origin": "demonstration",
        }
    )


def candidate_table(
    ground: Ground, sites: Sites, street: npt.NDArray[np.object_], seed: int, copy: int
) -> pd.DataFrame:
    """Return candidate sites: ``candidate_id, name, host_type, host_name, union_unit, …, cost`` (10,000 yuan)."""
    rng = stream(seed, "candidates", copy)
    n = len(sites.xy)
    host = _hosts(n, rng)
    town, district = _places(ground, sites)
    lonlat = to_lonlat(sites.xy)
    kind = np.where(rng.random(n) < 0.1, "smart24h", np.where(rng.random(n) < 0.2, "micro", "standard"))
    base = np.array([h.cost for h in HOSTS])[host]
    hosts = [HOSTS[h].pattern.format(town=t, street=s) for h, t, s in zip(host, town["name"], street, strict=True)]
    prefix = "C" if copy == 0 else f"C{copy:02d}-"
    return pd.DataFrame(
        {
            "candidate_id": [f"{prefix}{k:05d}" for k in range(1, n + 1)],
            "name": _unique(
                [f"示例候选·{t}{s}{HOSTS[h].kind}" for h, t, s in zip(host, town["name"], street, strict=True)]
            ),
            "host_type": [HOSTS[h].kind for h in host],
            "host_name": ["示例·" + name for name in hosts],
            "union_unit": town["union_unit"].where(town["union_unit"] != "", district["name"]).to_numpy(),
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "district_code": district["district_code"].to_numpy(),
            "town_code": town["town_code"].to_numpy(),
            "station_class": kind,
            "cost": base + np.select([kind == "smart24h", kind == "micro"], [8.0, -0.5], 0.0),
            "origin": "demonstration",
        }
    )
