"""A city as its questions see it: the pack, and the networks and searches that its answers are made from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final, Protocol

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy import sparse

from geoplan.coverage.areas import Areas
from geoplan.coverage.city import areas_of, circle_reach, network_reach
from geoplan.coverage.reach import Reach
from geoplan.network import StreetNetwork
from geoplan.pack import CityPack, network_of
from geoplan.planning.sites import all_sites

__all__ = ["City", "Keep"]

_BEYOND: Final = 1.0 + 1e-6
"""A search goes this much beyond its limit: float32 times are then compared with the limit, in every question alike."""


class Keep(Protocol):
    """Remembers what was made under a key."""

    def __call__(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what was made under the key, making it if nobody has."""


class City:
    """A pack with the networks and searches that its answers share.

    Parameters
    ----------
    pack : CityPack
        The inputs; a service puts its register's stations in place of the pack's.
    keep : callable, optional
        Where networks and searches are remembered; by default for as long as this value lives.
    networks : callable, optional
        Returns the street network of a profile; by default it is built from the pack, or opened from the user's cache.
    least_s, least_m : float
        Searches go this far at least, so that shorter limits need no other.
    version : str
        What the data are called in every answer; a digest of the pack's files without it.
    """

    def __init__(
        self,
        pack: CityPack,
        *,
        keep: Keep | None = None,
        networks: Callable[[str], StreetNetwork] | None = None,
        least_s: float = 0.0,
        least_m: float = 0.0,
        version: str = "",
    ) -> None:
        self.pack = pack
        self._kept: dict[Hashable, Any] = {}
        self._keep: Keep = keep or self._remember
        self._networks = networks or (lambda profile: network_of(pack, profile))
        self._least_s, self._least_m = least_s, least_m
        self._version = version

    def _remember(self, key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    @cached_property
    def version(self) -> str:
        """What the data are called: changes with the pack's files."""
        if self._version:
            return self._version
        digest = blake2b(digest_size=5)
        for name in sorted({entry.path for entry in self.pack.manifest.files.values()}):
            path = self.pack.root / name
            digest.update(path.read_bytes() if path.is_file() else b"")
        return digest.hexdigest()

    @property
    def zone(self) -> str:
        """Time zone of the city."""
        return self.pack.manifest.timezone

    def network(self, profile: str) -> StreetNetwork:
        """Return the street network of a travel profile."""
        found: StreetNetwork = self._keep(("network", profile), lambda: self._networks(profile))
        return found

    def areas(self) -> tuple[Areas, ...]:
        """Return the levels that figures are reported by."""
        found: tuple[Areas, ...] = self._keep("areas", lambda: areas_of(self.pack))
        return found

    def reach(self, profile: str, limit_s: float) -> Reach:
        """Return the stations that each demand point reaches along streets, at least up to a limit, seconds."""
        bound = max(limit_s * _BEYOND, self._least_s)
        found: Reach = self._keep(
            ("reach", profile, bound), lambda: network_reach(self.pack, self.network(profile), bound)
        )
        return found

    def circle(self, radius_m: float) -> Reach:
        """Return the stations around each demand point as the crow flies, at least up to a radius, metres."""
        bound = max(radius_m * _BEYOND, self._least_m)
        found: Reach = self._keep(("circle", bound), lambda: circle_reach(self.pack, bound))
        return found

    def sites(self) -> gpd.GeoDataFrame:
        """Return operating stations, then candidates; see :func:`geoplan.planning.all_sites`."""
        found: gpd.GeoDataFrame = self._keep("sites", lambda: all_sites(self.pack))
        return found

    def ways(self, profile: str, limit_s: float) -> sparse.csr_array:
        """Return the seconds from each demand point to each site within a limit; people travel to the site.

        Returns
        -------
        scipy.sparse.csr_array of float32
            Rows in the order of the pack's demand, columns in the order of :meth:`sites`; a stored 0 is a real zero.
        """
        every = np.arange(len(self.pack.demand))
        found: sparse.csr_array = self._keep(
            ("ways", profile, limit_s), lambda: self.ways_from(every, profile, limit_s)
        )
        return found

    def ways_from(self, points: npt.NDArray[np.int64], profile: str, limit_s: float) -> sparse.csr_array:
        """Return the ways of some demand points, by their positions; nothing is kept."""
        demand = self.pack.demand.iloc[points].set_index("demand_id")
        times = self.network(profile).travel_times(demand, self.sites(), limit_s=limit_s * _BEYOND)
        return within(times.to_csr(), limit_s)


def within(ways: sparse.csr_array, limit: float) -> sparse.csr_array:
    """Return the stored pairs up to a limit, compared as the times are stored (float32)."""
    kept: npt.NDArray[np.bool_] = ways.data <= np.float32(limit)
    return keep_pairs(ways, kept)


def keep_pairs(pairs: sparse.csr_array, kept: npt.NDArray[np.bool_]) -> sparse.csr_array:
    """Return some of the stored pairs, by a mask over them; stored zeros stay stored."""
    before = np.concatenate([[0], np.cumsum(kept)])
    indptr = before[pairs.indptr]
    return sparse.csr_array((pairs.data[kept], pairs.indices[kept], indptr), shape=pairs.shape)
