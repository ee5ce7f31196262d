"""Hosts and names of generated sites."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from geoplan.demo.ground import Ground
from geoplan.demo.hosts import HOSTS, METRO
from geoplan.demo.sampling import shares_to_counts
from geoplan.demo.sites import Sites

__all__ = ["draw_hosts", "host_names", "places_of", "unique_names"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Text = npt.NDArray[np.object_]


def draw_hosts(ground: Ground, xy: Float, rng: np.random.Generator) -> Int:
    """Give each site a kind of host by the kinds' shares; metro hosts go to the sites nearest to a metro station."""
    counts = shares_to_counts([h.weight for h in HOSTS], len(xy))
    host = rng.permutation(np.repeat(np.arange(len(HOSTS)), counts))
    metro = next(k for k, h in enumerate(HOSTS) if h.kind == METRO)
    if len(ground.metro):
        away, _ = cKDTree(ground.metro[["x", "y"]].to_numpy()).query(xy)
        near = np.lexsort((np.arange(len(xy)), away))[: counts[metro]]
        have, lack = np.setdiff1d(np.flatnonzero(host == metro), near), near[host[near] != metro]
        host[have] = host[lack]
        host[lack] = metro
    return host


def host_names(ground: Ground, xy: Float, host: Int, town: pd.Series, street: Text) -> list[str]:
    """Name each host after its town, street or metro station, by its kind's pattern."""
    stop = np.full(len(xy), "", dtype=object)
    if len(ground.metro):
        _, nearest = cKDTree(ground.metro[["x", "y"]].to_numpy()).query(xy)
        stop = ground.metro["name"].to_numpy(dtype=object)[nearest]
    return [
        "示例·" + HOSTS[h].pattern.format(town=t, street=s, metro=m)
        for h, t, s, m in zip(host, town, street, stop, strict=True)
    ]


def unique_names(names: list[str]) -> list[str]:
    """Tell bearers of the same name apart by a number behind the second and later ones."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}（{seen[name]}）")
    return out


def places_of(ground: Ground, sites: Sites) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return town and district of each site as tables aligned with it."""
    none = pd.DataFrame({"town_code": [""], "name": [""], "union_unit": [""]})
    towns = pd.concat([ground.towns[["town_code", "name", "union_unit"]], none], ignore_index=True)
    return towns.iloc[sites.town].reset_index(drop=True), ground.districts.iloc[sites.district].reset_index(drop=True)
