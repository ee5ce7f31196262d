"""A recipe for demand, as pack.toml or a file of its own states it: sources, weights and control totals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd

from geoplan.demand.build import Demand, build_demand
from geoplan.demand.builders import (
    surface_from_hexagons,
    surface_from_poi_file,
    surface_from_raster,
    surface_from_streets,
)
from geoplan.demand.surface import Surface
from geoplan.demand.totals import Totals, read_counts, totals_from_population
from geoplan.errors import FaultLog, InputError
from geoplan.facts import figure, trade_shares

__all__ = ["demand_from_recipe"]

_KINDS = ("raster", "hexagons", "pois", "streets")
_KEYS = frozenset({"sources", "counts", "population", "rate", "trade_shares", "cell_m"})
_SOURCE_KEYS = frozenset({"kind", "path", "weight", "trades", "band", "value", "cell", "source_crs", "step_m"})


def demand_from_recipe(
    recipe: Mapping[str, Any],
    folder: Path,
    districts: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame | None = None,
    *,
    origin: str = "user",
) -> Demand:
    """Build demand as a recipe says.

    ::

        [demand_recipe]
        counts = "workers_by_district.xlsx"      # or: population = {"320213" = 985000, …} with rate = 0.011
        cell_m = 200
        [[demand_recipe.sources]]
        kind = "raster"                          # raster, hexagons, pois or streets
        path = "worldpop.tif"
        weight = 1.0
        [[demand_recipe.sources]]
        kind = "streets"
        weight = 1.0
        trades = ["sanitation"]

    Parameters
    ----------
    recipe : mapping
        The table.
    folder : pathlib.Path
        Where relative paths start.
    districts : geopandas.GeoDataFrame
        Polygons with ``district_code`` and ``name``.
    streets : geopandas.GeoDataFrame, optional
        Needed for a source of kind ``"streets"``.
    origin : str
        Written on every record.

    Raises
    ------
    InputError
        With all faults of the recipe, or those of its files.
    """
    log = FaultLog("demand_recipe")
    sources = recipe.get("sources", [])
    for key in sorted(set(recipe) - _KEYS):
        log.add("the key is not known", f"use some of {', '.join(sorted(_KEYS))}", field=key)
    if not isinstance(sources, list) or not sources:
        log.add("no source is given", "add [[demand_recipe.sources]]", field="sources")
        sources = []
    for i, source in enumerate(sources):
        _check_source(source, i, folder, streets, log)
    if ("counts" in recipe) == ("population" in recipe):
        log.add("give control totals once", "give either counts or population", field="counts, population")
    log.raise_if_any()
    west, south, east, north = districts.to_crs("EPSG:4326").total_bounds
    bounds = (float(west), float(south), float(east), float(north))
    surfaces = [(_surface(source, folder, bounds, streets), float(source.get("weight", 1.0))) for source in sources]
    totals = _totals(recipe, folder, districts)
    return build_demand(surfaces, totals, districts, cell_m=float(recipe.get("cell_m", 200.0)), origin=origin)


def _check_source(source: Any, i: int, folder: Path, streets: gpd.GeoDataFrame | None, log: FaultLog) -> None:
    where = f"sources[{i}]"
    if not isinstance(source, Mapping) or source.get("kind") not in _KINDS:
        log.add("the kind is not known", f"use one of {', '.join(_KINDS)}", field=f"{where}.kind")
        return
    for key in sorted(set(source) - _SOURCE_KEYS):
        log.add("the key is not known", f"use some of {', '.join(sorted(_SOURCE_KEYS))}", field=f"{where}.{key}")
    weight = source.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight > 0:
        log.add(f"{weight!r} is not a weight above zero", "write for example weight = 1.0", field=f"{where}.weight")
    if source["kind"] == "streets":
        if streets is None:
            log.add("there are no streets to measure", "give the pack's streets", field=where)
    elif not (folder / str(source.get("path", ""))).is_file():
        log.add(f"the file {source.get('path')!r} is not there", "correct the path", field=f"{where}.path")


def _surface(
    source: Mapping[str, Any],
    folder: Path,
    bounds: tuple[float, float, float, float],
    streets: gpd.GeoDataFrame | None,
) -> Surface:
    path = folder / str(source.get("path", ""))
    if source["kind"] == "raster":
        surface = surface_from_raster(path, bounds, int(source.get("band", 1)))
    elif source["kind"] == "hexagons":
        surface = surface_from_hexagons(path, bounds, value=source.get("value", ""), cell=source.get("cell", ""))
    elif source["kind"] == "pois":
        surface = surface_from_poi_file(path, source.get("source_crs", ""))
    else:
        assert streets is not None
        surface = surface_from_streets(streets, float(source.get("step_m", 100.0)))
    return surface.only(source["trades"]) if "trades" in source else surface


def _totals(recipe: Mapping[str, Any], folder: Path, districts: gpd.GeoDataFrame) -> Totals:
    names = dict(zip(districts["district_code"].astype(str), districts["name"].astype(str), strict=True))
    shares = recipe.get("trade_shares") or dict(
        zip(trade_shares()["trade"], trade_shares()["share"].astype(float), strict=True)
    )
    if "counts" in recipe:
        return read_counts(folder / str(recipe["counts"]), names, shares)
    population = {str(code): float(people) for code, people in recipe["population"].items()}
    unknown = sorted(set(population) - set(names))
    if unknown:
        raise InputError(f"demand_recipe: districts {', '.join(unknown)} are not among the pack's districts")
    return totals_from_population(population, float(recipe.get("rate", figure("outdoor_worker_share"))), shares)
