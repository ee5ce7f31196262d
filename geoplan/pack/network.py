"""The street network of a pack, built once for each profile and kept in a cache that opens memory-mapped."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import platformdirs

from geoplan.errors import Fault, InputError
from geoplan.network import PROFILES, Profile, StreetNetwork, Streets
from geoplan.pack.model import CityPack
from geoplan.version import package_version

__all__ = ["network_of", "profile_of"]


def profile_of(pack: CityPack, name: str | None = None) -> Profile:
    """Return a travel profile by name: the pack's own first, then the built-in ones; the pack's default for None.

    Places snap as far as the pack's ``max_snap_m`` says, unless the pack's own profile says otherwise.
    """
    wanted = name or pack.manifest.defaults.profile
    most = pack.manifest.defaults.max_snap_m
    if wanted in pack.manifest.profiles:
        return Profile.from_table({"max_snap_m": most, **pack.manifest.profiles[wanted]}, name=wanted)
    if wanted in PROFILES:
        return replace(PROFILES[wanted], max_snap_m=most)
    known = [*pack.manifest.profiles, *PROFILES]
    raise InputError(
        Fault(
            f"there is no travel profile {wanted!r}",
            f"use one of {', '.join(known)}",
            problem_zh=f"没有出行方式“{wanted}”",
            todo_zh=f"请用 {'、'.join(known)} 之一",
        )
    )


def network_of(pack: CityPack, profile: str | None = None, *, cache: Path | None = None) -> StreetNetwork:
    """Build the street network of a pack, or open it from the cache if the same streets were built before.

    Parameters
    ----------
    pack : CityPack
        The inputs.
    profile : str, optional
        Travel profile; the pack's default without it.
    cache : pathlib.Path, optional
        Folder for built networks; the user's cache folder without it. A folder that cannot be written is no fault.

    Returns
    -------
    StreetNetwork
        The network of that profile.
    """
    who = profile_of(pack, profile)
    entry = pack.manifest.files["streets"]
    digest = hashlib.blake2b((pack.root / entry.path).read_bytes(), digest_size=16)
    water = pack.manifest.files.get("water")
    if water is not None:
        digest.update((pack.root / water.path).read_bytes())
    digest.update(json.dumps([package_version(), who.to_table()], sort_keys=True, default=str).encode())
    folder = cache or Path(platformdirs.user_cache_dir("geoplan")) / "networks"
    path = folder / f"{digest.hexdigest()}.net"
    if path.is_file():
        with contextlib.suppress(InputError, OSError):
            return StreetNetwork.open(path)
    streets = Streets.from_frame(pack.streets, source=entry.source, attribution="; ".join(pack.manifest.attribution))
    # nobody is connected to a street on the other bank
    network = StreetNetwork.from_streets(streets, who, barriers=pack.water if len(pack.water) else None)
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.part")
        network.save(partial)
        partial.replace(path)  # whole or not at all, also when two processes build at once
    return network
