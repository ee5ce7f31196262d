"""The register of stations: what each offers, and when."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan import facts
from geoplan.demo.ground import Ground
from geoplan.demo.hosts import HOSTS
from geoplan.demo.naming import draw_hosts, host_names, places_of, unique_names
from geoplan.demo.plane import stream, to_lonlat
from geoplan.demo.sites import Sites

__all__ = ["station_table"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Text = npt.NDArray[np.object_]

_BRANDS: Final = ("工会驿站", "工会驿站", "户外劳动者服务站点", "安康·爱心驿站", "小蜜蜂驿站", "便民暖屋")
_FACILITIES: Final = {
    "microwave": 0.9, "seats": 0.97, "charging": 0.95, "first_aid": 0.9, "air_conditioning": 0.75, "fridge": 0.35,
    "wifi": 0.5, "books": 0.4, "umbrella": 0.5, "pump": 0.25, "battery_swap": 0.08, "aed": 0.1, "blood_pressure": 0.15,
    "nursing_room": 0.06, "shower": 0.03,
}  # fmt: skip


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


def _days(rng: np.random.Generator, first: npt.NDArray[np.datetime64], last: str) -> npt.NDArray[np.datetime64]:
    """Draw one day for each row, from its first day to a common last, both included."""
    span = (np.datetime64(last) - first).astype(np.int64) + 1
    return np.asarray(first + (rng.random(len(first)) * span).astype(np.int64))


def station_table(ground: Ground, sites: Sites, street: Text, seed: int, copy: int) -> pd.DataFrame:
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
    host = draw_hosts(ground, sites.xy, rng)
    town, district = places_of(ground, sites)
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
    opened = _days(rng, np.full(n, np.datetime64("2016-01-01")), "2023-12-20")
    verified = _days(rng, np.maximum(opened, np.datetime64("2022-06-01")), "2024-12-31")
    brand = np.asarray(_BRANDS, dtype=object)[rng.integers(0, len(_BRANDS), n)]
    lonlat = to_lonlat(sites.xy)
    number = rng.integers(1, 400, n)
    union = town["union_unit"].where(town["union_unit"] != "", district["name"])
    names = [f"示例·{t}{s}{b}" for t, s, b in zip(town["name"], street, brand, strict=True)]
    prefix = "DEMO" if copy == 0 else f"DEMO{copy:02d}"
    return pd.DataFrame(
        {
            "station_code": [f"{prefix}-{k:05d}" for k in range(1, n + 1)],
            "name": unique_names(names),
            "brand": brand,
            "station_class": station_class,
            "build_mode": np.where(~partner, "own", np.where(rng.random(n) < 0.5, "joint", "shared")),
            "host_type": [HOSTS[h].kind for h in host],
            "host_name": host_names(ground, sites.xy, host, town["name"], street),
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
            "verified_on": verified.astype(str),
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
            "opened_on": opened.astype(str),
            "origin": "demonstration",
        }
    )
