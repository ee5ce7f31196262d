"""What callers may write for a profile, a limit or one place, brought to one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geoplan.errors import InputError
from geoplan.network.profile import PROFILES, Profile

__all__ = ["as_limit", "as_limits", "as_places", "as_profile"]


def as_profile(profile: str | Profile | Mapping[str, Any]) -> Profile:
    """Return a profile given by name, by table or as it is."""
    if isinstance(profile, Profile):
        return profile
    if isinstance(profile, Mapping):
        return Profile.from_table(profile)
    if profile not in PROFILES:
        raise InputError(f"profile {profile!r} is not known; use one of {', '.join(PROFILES)}, or give a Profile")
    return PROFILES[profile]


def as_limit(limit_s: float) -> float:
    """Return a limit in seconds, checked."""
    if not float(limit_s) >= 0:
        raise InputError(f"limit_s is {limit_s!r}; give seconds from 0 up")
    return float(limit_s)


def as_limits(limit_s: float | Sequence[float]) -> list[float]:
    """Return one or several finite limits in seconds, rising."""
    limits = sorted(as_limit(limit) for limit in np.atleast_1d(np.asarray(limit_s, np.float64)))
    if not limits or limits[-1] == float("inf"):
        raise InputError(f"limit_s is {limit_s!r}; a service area needs limits in seconds, each finite")
    return limits


def as_places(place: Any) -> Any:
    """Make a list of one place of a single pair or node number; anything else is handed back."""
    if isinstance(place, (int, np.integer)):
        return np.array([place])
    if isinstance(place, (tuple, list, np.ndarray)):
        array = np.asarray(place)
        if array.shape == (2,) and (array.dtype.kind == "f" or isinstance(place, (tuple, list))):
            return array.astype(np.float64).reshape(1, 2)
    return place
