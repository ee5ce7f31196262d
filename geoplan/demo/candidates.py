"""The list of candidate sites."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from geoplan.demo.ground import Ground
from geoplan.demo.hosts import ALL_DAY_COST, HOSTS
from geoplan.demo.naming import draw_hosts, host_names, places_of, unique_names
from geoplan.demo.plane import stream, to_lonlat
from geoplan.demo.sites import Sites

__all__ = ["candidate_table"]

Text = npt.NDArray[np.object_]


def candidate_table(ground: Ground, sites: Sites, street: Text, seed: int, copy: int) -> pd.DataFrame:
    """Return candidate sites: ``candidate_id, name, host_type, host_name, union_unit, …, cost`` (10,000 yuan)."""
    rng = stream(seed, "candidates", copy)
    n = len(sites.xy)
    host = draw_hosts(ground, sites.xy, rng)
    town, district = places_of(ground, sites)
    lonlat = to_lonlat(sites.xy)
    kind = np.where(rng.random(n) < 0.1, "smart24h", np.where(rng.random(n) < 0.2, "micro", "standard"))
    base = np.array([h.cost for h in HOSTS])[host]
    prefix = "C" if copy == 0 else f"C{copy:02d}-"
    return pd.DataFrame(
        {
            "candidate_id": [f"{prefix}{k:05d}" for k in range(1, n + 1)],
            "name": unique_names(
                [f"示例候选·{t}{s}{HOSTS[h].kind}" for h, t, s in zip(host, town["name"], street, strict=True)]
            ),
            "host_type": [HOSTS[h].kind for h in host],
            "host_name": host_names(ground, sites.xy, host, town["name"], street),
            "union_unit": town["union_unit"].where(town["union_unit"] != "", district["name"]).to_numpy(),
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "district_code": district["district_code"].to_numpy(),
            "town_code": town["town_code"].to_numpy(),
            "station_class": kind,
            "cost": base + np.select([kind == "smart24h", kind == "micro"], [ALL_DAY_COST, -0.5], 0.0),
            "origin": "demonstration",
        }
    )
