"""The rules of a siting question as words on the command line: districts by name, shares, least and most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geoplan import CityPack
from geoplan.errors import FaultLog

__all__ = ["rules_of"]


def rules_of(
    pack: CityPack,
    sites: gpd.GeoDataFrame,
    *,
    require: Sequence[str],
    forbid: Sequence[str],
    floors: Sequence[str],
    quotas: Sequence[str],
    exclusive: Sequence[str] = (),
) -> dict[str, Any]:
    """Turn words into rules of :meth:`geoplan.siting.SitingProblem.from_matrix`.

    Parameters
    ----------
    pack : CityPack
        Names the districts.
    sites : geopandas.GeoDataFrame
        All sites; those required or forbidden must be among the candidates.
    require, forbid : sequence of str
        Candidate ids.
    floors : sequence of str
        ``DISTRICT=SHARE``: at least that share of the district's demand must be covered.
    quotas : sequence of str
        ``DISTRICT=LEAST:MOST`` new sites; either may be empty.
    exclusive : sequence of str
        ``ID,ID,…``: at most one of these sites may be open.

    Raises
    ------
    InputError
        With every fault: a site or district that is not known, a number that is none.
    """
    log = FaultLog()
    rules: dict[str, Any] = {}
    candidates = set(sites.index[~sites["existing"].to_numpy(bool)])
    for name, wanted in (("required", require), ("forbidden", forbid)):
        for site in wanted:
            if site not in candidates:
                log.add(f"there is no candidate site {site!r} in the pack")
        if wanted:
            rules[name] = list(wanted)
    names = district_names(pack)
    if floors:
        rules["demand_group"] = grouped(pack.demand, names)
        rules["coverage_floors"] = {district_of(names, text, log): share_of(text, log) for text in floors}
    if quotas:
        rules["site_group"] = grouped(sites, names)
        rules["quotas"] = {district_of(names, text, log): bounds_of(text, log) for text in quotas}
    if exclusive:
        rules["exclusive"] = [exclusive_of(text, set(sites.index), log) for text in exclusive]
    log.raise_if_any()
    return rules


def district_names(pack: CityPack) -> dict[str, str]:
    """Return code → what a district is called in rules: its name, or its code where two share a name."""
    districts = pack.districts
    twice = districts["name"].duplicated(keep=False)
    called = districts["name"].where(~twice, districts["district_code"])
    return dict(zip(districts["district_code"].astype(str), called.astype(str), strict=True))


def grouped(records: gpd.GeoDataFrame, names: dict[str, str]) -> npt.NDArray[np.str_]:
    """Return the district of each record as rules call it."""
    return np.asarray(records["district_code"].map(names).fillna(""), dtype=str)


def district_of(names: dict[str, str], text: str, log: FaultLog) -> str:
    """Return what rules call the district named before ``=`` by name or code."""
    wanted = text.partition("=")[0].strip()
    if wanted not in names and wanted not in names.values():
        log.add(f"there is no district {wanted!r}", f"use one of {', '.join(names.values())}")
    return names.get(wanted, wanted)


def share_of(text: str, log: FaultLog) -> float:
    """Return the share after ``=``: 0.9 or 90%."""
    number = text.partition("=")[2].strip()
    try:
        share = float(number.removesuffix("%")) / (100.0 if number.endswith("%") else 1.0)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        log.add(f"{text!r} is no floor", "write it like 宜兴市=0.9")
        return 0.0
    return share


def bounds_of(text: str, log: FaultLog) -> tuple[int, int | None]:
    """Return least and most after ``=``: 5:20, 5: or :20."""
    least, colon, most = text.partition("=")[2].partition(":")
    try:
        bounds = (int(least or 0), int(most) if most else None)
    except ValueError:
        bounds = (-1, None)
    if not colon or bounds[0] < 0 or (bounds[1] is not None and bounds[1] < bounds[0]):
        log.add(f"{text!r} is no quota", "write it like 宜兴市=5:20")
        return (0, None)
    return bounds


def exclusive_of(text: str, known: set[str], log: FaultLog) -> list[str]:
    """Return the sites of a set, ``C1,C2,C3``."""
    names = list(dict.fromkeys(name.strip() for name in text.replace("，", ",").split(",") if name.strip()))
    for name in names:
        if name not in known:
            log.add(f"there is no site {name!r} in the pack", "name candidates in --exclusive")
    if len(names) < 2:
        log.add(f"{text!r} names fewer than two sites", "write --exclusive C1,C2")
    return [name for name in names if name in known]
