"""The demand of a city pack, built as its pack.toml says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from geoplan.demand.build import Demand
from geoplan.demand.recipe import demand_from_recipe
from geoplan.errors import Fault, InputError
from geoplan.pack import CityPack, FileEntry, write_manifest

__all__ = ["build_pack_demand"]

FILE: Final = "demand_built.parquet"


def build_pack_demand(folder: Path) -> Demand:
    """Build the demand that ``[demand_recipe]`` of a pack asks for, and make it the pack's demand.

    The file is written into the pack beside the others; ``pack.toml`` then names it, with what was assumed among the
    pack's notes. The demand file that was there before stays where it is. Rows that were left out are written beside
    the files they came from.

    Parameters
    ----------
    folder : pathlib.Path
        The pack folder; its ``pack.toml`` has a table ``[demand_recipe]`` (see
        :func:`geoplan.demand.recipe.demand_from_recipe`).

    Returns
    -------
    Demand
        What was built.

    Raises
    ------
    InputError
        The pack or the recipe is faulty, or there is no recipe.
    """
    pack = CityPack.open(folder)
    manifest = pack.manifest
    if not manifest.demand_recipe:
        todo = "add [demand_recipe] with sources and control totals"
        raise InputError(Fault("there is no recipe for the demand", todo, "pack.toml", field="demand_recipe"))
    demand = demand_from_recipe(manifest.demand_recipe, pack.root, pack.districts, pack.streets, origin=manifest.origin)
    demand.frame.to_parquet(pack.root / FILE)
    for rows in demand.rejected:
        rows.write()
    kinds = ", ".join(str(source["kind"]) for source in manifest.demand_recipe["sources"])
    entry = FileEntry(FILE, f"built from {kinds}", "", "as its sources", demand.assumptions)
    before = manifest.files["demand"].defects
    notes = [note for note in manifest.notes if note not in before]
    updated = replace(
        manifest,
        demand_unit="workers",
        notes=tuple(dict.fromkeys((*notes, *demand.assumptions))),
        files=MappingProxyType({**manifest.files, "demand": entry}),
    )
    write_manifest(updated, pack.root)
    return demand
