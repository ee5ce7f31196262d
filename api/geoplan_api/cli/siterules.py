"""The rules of a siting question as words on the command line: districts by name, shares, least and most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd

from geoplan import CityPack
from geoplan.errors import InputError

__all__ = ["rules_of"]


def rules_of(
    pack: CityPack,
    sites: gpd.GeoDataFrame,
    *,
    require: Sequence[str],
    forbid: Sequence[str],
    floors: Sequence[str],
    quotas: Sequence[str],
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

    Raises
    ------
    InputError
        A site or district is not known, or a number is not one.
    """
    rules: dict[str, Any] = {}
    candidates = set(sites.index[~sites["existing"].to_numpy(bool)])
    for name, wanted in (("required", require), ("forbidden", forbid)):
        unknown = [site for site in wanted if site not in candidates]
        if unknown:
            raise InputError(f"there is no candidate site {unknown[0]!r} in the pack")
        if wanted:
            rules[name] = list(wanted)
    if floors:
        rules["demand_group"] = pack.demand["district_code"].fillna("").to_numpy(str)
        rules["coverage_floors"] = {district_of(pack, text): share_of(text) for text in floors}
    if quotas:
        rules["site_group"] = sites["district_code"].fillna("").to_numpy(str)
        rules["quotas"] = {district_of(pack, text): bounds_of(text) for text in quotas}
    return rules


def district_of(pack: CityPack, text: str) -> str:
    """Return the code of the district named before ``=``."""
    wanted = text.partition("=")[0].strip()
    known = dict(zip(pack.districts["name"], pack.districts["district_code"], strict=True))
    if wanted in known:
        return str(known[wanted])
    if wanted in set(known.values()):
        return wanted
    raise InputError(f"there is no district {wanted!r}; use one of {', '.join(known)}")


def share_of(text: str) -> float:
    """Return the share after ``=``: 0.9 or 90%."""
    number = text.partition("=")[2].strip()
    try:
        share = float(number.removesuffix("%")) / (100.0 if number.endswith("%") else 1.0)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise InputError(f"{text!r} is no floor; write it like 宜兴市=0.9")
    return share


def bounds_of(text: str) -> tuple[int, int | None]:
    """Return least and most after ``=``: 5:20, 5: or :20."""
    least, colon, most = text.partition("=")[2].partition(":")
    try:
        bounds = (int(least or 0), int(most) if most else None)
    except ValueError:
        bounds = (-1, None)
    if not colon or bounds[0] < 0:
        raise InputError(f"{text!r} is no quota; write it like 宜兴市=5:20")
    return bounds
