"""Builders of demand surfaces, one a kind of source; each states what it assumes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geoplan.crs import metric_crs, unproject
from geoplan.demand.surface import Surface, uniform_trades
from geoplan.errors import Fault, InputError
from geoplan.sources.hexagons import read_hexagons
from geoplan.sources.pois import Pois, read_pois
from geoplan.sources.raster import read_raster
from geoplan.trades import TRADES

__all__ = [
    "POI_WEIGHTS",
    "STREET_WEIGHTS",
    "surface_from_hexagons",
    "surface_from_poi_file",
    "surface_from_pois",
    "surface_from_raster",
    "surface_from_streets",
]

Bounds = tuple[float, float, float, float]

_FOOD, _PARCEL, _RIDE, _SWEEP, _POLICE, _BUILD, _OTHER = range(len(TRADES))


def _pull(**pulls: float) -> tuple[float, ...]:
    return tuple(pulls.get(trade, 0.0) for trade in TRADES)


POI_WEIGHTS: Final[Mapping[tuple[str, str], tuple[float, ...]]] = MappingProxyType(
    {
        ("amenity", "restaurant"): _pull(food_rider=1.0, ride_hail=0.2),
        ("amenity", "fast_food"): _pull(food_rider=1.5),
        ("amenity", "cafe"): _pull(food_rider=0.8, ride_hail=0.1),
        ("amenity", "food_court"): _pull(food_rider=4.0),
        ("amenity", "ice_cream"): _pull(food_rider=0.8),
        ("amenity", "bar"): _pull(food_rider=0.3, ride_hail=0.5),
        ("amenity", "pharmacy"): _pull(food_rider=0.3),
        ("amenity", "marketplace"): _pull(food_rider=2.0, courier=1.0, sanitation=1.0, other=2.0),
        ("amenity", "hospital"): _pull(food_rider=1.0, courier=0.5, ride_hail=3.0),
        ("amenity", "university"): _pull(food_rider=3.0, courier=3.0, ride_hail=1.0),
        ("amenity", "school"): _pull(courier=0.3),
        ("amenity", "post_office"): _pull(courier=2.0),
        ("amenity", "post_depot"): _pull(courier=5.0),
        ("amenity", "parcel_locker"): _pull(courier=1.0),
        ("amenity", "bank"): _pull(courier=0.3),
        ("amenity", "townhall"): _pull(courier=0.5),
        ("amenity", "bus_station"): _pull(ride_hail=5.0, traffic_police=1.0, other=1.0),
        ("amenity", "taxi"): _pull(ride_hail=4.0),
        ("amenity", "fuel"): _pull(ride_hail=1.0),
        ("amenity", "charging_station"): _pull(ride_hail=1.5),
        ("amenity", "cinema"): _pull(food_rider=1.0, ride_hail=1.0),
        ("shop", "mall"): _pull(food_rider=6.0, courier=2.0, ride_hail=3.0),
        ("shop", "supermarket"): _pull(food_rider=2.0, courier=1.0),
        ("shop", "convenience"): _pull(food_rider=0.5),
        ("shop", "*"): _pull(food_rider=0.1, courier=0.3),
        ("office", "*"): _pull(food_rider=0.3, courier=1.0),
        ("building", "office"): _pull(food_rider=0.5, courier=1.5),
        ("building", "construction"): _pull(construction=3.0),
        ("landuse", "construction"): _pull(construction=5.0),
        ("railway", "station"): _pull(food_rider=0.5, ride_hail=4.0, traffic_police=1.0),
        ("railway", "subway_entrance"): _pull(food_rider=0.3, ride_hail=0.5),
        ("public_transport", "station"): _pull(ride_hail=2.0, traffic_police=0.5),
        ("aeroway", "terminal"): _pull(ride_hail=20.0),
        ("tourism", "hotel"): _pull(food_rider=0.5, ride_hail=1.5),
        ("tourism", "attraction"): _pull(ride_hail=1.0, sanitation=0.5),
        ("leisure", "park"): _pull(sanitation=1.0),
        ("highway", "traffic_signals"): _pull(traffic_police=1.0),
    }
)
"""Pull of a kind of place on each trade, relative to a restaurant's on riders: assumptions, all of them."""

STREET_WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "trunk": 0.6, "primary": 1.0, "secondary": 1.0, "tertiary": 0.8, "unclassified": 0.4, "residential": 0.5,
        "living_street": 0.6, "pedestrian": 1.2, "service": 0.1, "footway": 0.1,
    }
)  # fmt: skip
"""Sanitation workers for a metre of street of each class, relative to a primary road: an assumption."""


def surface_from_raster(path: Path, bounds: Bounds, band: int = 1) -> Surface:
    """Make a surface of a population raster: every trade in proportion to residents."""
    cells = read_raster(path, bounds, band)
    note = (
        f"{path.name}: workers are taken to be where residents are, cell by cell (cells of about {cells.cell_m:.0f} m)"
    )
    return Surface("population raster", cells.lonlat, uniform_trades(cells.value), (note,), cells.faults)


def surface_from_hexagons(path: Path, bounds: Bounds, *, value: str = "", cell: str = "") -> Surface:
    """Make a surface of population hexagons: every trade in proportion to residents."""
    hexagons = read_hexagons(path, bounds, value=value, cell=cell)
    note = f"{path.name}: workers are taken to be where residents are, hexagon by hexagon"
    weights = uniform_trades(hexagons.value)
    return Surface("hexagons", hexagons.lonlat, weights, (note,), hexagons.faults, (hexagons.rejected,))


def surface_from_pois(
    pois: Pois, name: str = "points of interest", weights: Mapping[tuple[str, str], tuple[float, ...]] = POI_WEIGHTS
) -> Surface:
    """Make a surface of points of interest.

    Parameters
    ----------
    pois : Pois
        Places with tags.
    name : str
        What to call the source.
    weights : mapping of (key, value) to tuple of float
        Pull of a kind of place on each trade in the order of ``TRADES``; the value ``"*"`` stands for any other.

    Returns
    -------
    Surface
        One point a place that pulls at least one trade; how many kinds had no weight is among the assumptions.
    """
    pull = np.zeros((len(pois.lonlat), len(TRADES)))
    for key in pois.tags.columns:
        for value in pois.tags[key].unique():
            found = weights.get((key, value), weights.get((key, "*")) if value else None)
            if found is not None:
                pull[(pois.tags[key] == value).to_numpy()] += found
    drawn = pull.sum(axis=1) > 0
    if not drawn.any():
        todo = "check that the tags are OSM's, or give weights for these kinds"
        raise InputError(Fault(f"no place of {name} is of a kind that has a weight", todo, name))
    assumed = "places pull workers by kind (restaurants and malls riders, offices couriers, stations drivers)"
    notes = (
        f"{name}: {assumed}; the weights are assumptions",
        f"{name}: {int(drawn.sum())} of {len(drawn)} places are of a kind that has a weight",
    )
    return Surface(name, pois.lonlat[drawn], pull[drawn], notes, pois.faults, (pois.rejected,))


def surface_from_poi_file(path: Path, source_crs: str = "") -> Surface:
    """Make a surface of a file of points of interest (see :func:`geoplan.sources.pois.read_pois`)."""
    return surface_from_pois(read_pois(path, source_crs), path.name)


def surface_from_streets(
    streets: gpd.GeoDataFrame, step_m: float = 100.0, weights: Mapping[str, float] = STREET_WEIGHTS
) -> Surface:
    """Make a surface of street length by class, for sanitation.

    Parameters
    ----------
    streets : geopandas.GeoDataFrame
        Lines with a stated CRS and the column ``highway``.
    step_m : float
        A street is represented by points at most this far apart, metres.
    weights : mapping of str to float
        Workers for a metre of each class, relative to one another; other classes have none.
    """
    if streets.crs is None:
        raise InputError(Fault("the streets do not state their CRS", "state it, e.g. EPSG:4326", field="crs"))
    degrees = streets.to_crs("EPSG:4326")
    west, south, east, north = degrees.total_bounds
    crs = metric_crs((west + east) / 2, (south + north) / 2)
    per_m = streets["highway"].astype("string").str.removesuffix("_link").map(weights).fillna(0.0).to_numpy(np.float64)
    lines = degrees.to_crs(crs).geometry[per_m > 0]
    per_m = per_m[per_m > 0]
    length_m = lines.length.to_numpy()
    pieces = np.maximum(np.ceil(length_m / step_m), 1).astype(np.int64)
    which = np.repeat(np.arange(len(lines)), pieces)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    at = (nth + 0.5) / pieces[which]
    points = lines.iloc[which].interpolate(at, normalized=True)
    xy = np.column_stack([points.x, points.y])
    weight: npt.NDArray[np.float64] = np.zeros((len(which), len(TRADES)))
    weight[:, _SWEEP] = (length_m * per_m / pieces)[which]
    note = f"street length by class, a point every {step_m:g} m: sanitation workers are taken to follow it"
    return Surface("streets", unproject(xy, crs) if len(xy) else np.empty((0, 2)), weight, (note,))
