"""Streets from the internet: OSMnx asks the Overpass API and keeps the answers, this project reads them.

OSMnx knows how to be a good client - it geocodes, splits large areas, waits for its turn and caches every answer. Its
answers are read here like any saved Overpass answer, so that a download and a file give the same streets, and the
folder of answers is the record from which the same streets can be read again without the internet.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
import osmnx
import requests
import shapely
from osmnx._errors import CacheOnlyInterruptError, InsufficientResponseError, ResponseStatusCodeError

from geoplan.crs import metric_crs
from geoplan.errors import Fault, InputError
from geoplan.sources.overpass import edges_from_elements
from geoplan.sources.streets import Streets

__all__ = ["fetch_streets"]


@contextmanager
def _settings(**wanted: Any) -> Iterator[None]:
    """Set OSMnx's global settings for one request and put them back."""
    before = {name: getattr(osmnx.settings, name) for name in wanted}
    try:
        for name, value in wanted.items():
            setattr(osmnx.settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(osmnx.settings, name, value)


def _area(where: str | shapely.Geometry | tuple[float, float, float, float], margin_m: float) -> Any:
    if isinstance(where, str):
        shape = osmnx.geocode_to_gdf(where).geometry.union_all()
    else:
        shape = where if isinstance(where, shapely.Geometry) else shapely.box(*where)
    middle = shape.representative_point()
    series = gpd.GeoSeries([shape], crs="EPSG:4326").to_crs(metric_crs(middle.x, middle.y))
    return series.buffer(margin_m).to_crs("EPSG:4326").iloc[0]


def fetch_streets(
    where: str | shapely.Geometry | tuple[float, float, float, float], folder: str | Path, *, margin_m: float = 2000.0
) -> Streets:
    """Download the streets of an area from OpenStreetMap.

    Parameters
    ----------
    where : str, shapely polygon or (west, south, east, north)
        Name of a place, such as ``"无锡市"``, or an area in WGS-84 degrees.
    folder : str or Path
        Folder that keeps the answers, in OSMnx's cache format; one folder for each area. An answer that is there
        already is not asked for again, so a second call needs no internet.
    margin_m : float
        Width of the margin around the area, metres.

    Returns
    -------
    Streets
        All streets open to anybody, private ones included, with their tags.

    Raises
    ------
    InputError
        If the place is not found, the internet or the server does not answer, or the area holds no street.
    """
    store = Path(folder)
    store.mkdir(parents=True, exist_ok=True)
    name = where if isinstance(where, str) else "the area"
    with _settings(cache_folder=str(store), use_cache=True, cache_only_mode=True):
        try:
            osmnx.graph_from_polygon(_area(where, margin_m), network_type="all", simplify=False, retain_all=True)
        except CacheOnlyInterruptError:
            pass  # as asked: every answer lies in the folder now
        except (InsufficientResponseError, ResponseStatusCodeError, requests.RequestException, TypeError) as error:
            raise InputError(
                Fault(
                    f"the streets of {name!r} could not be fetched ({type(error).__name__})",
                    "check the name and the connection, or read a downloaded file instead",
                    problem_zh=f"无法下载“{name}”的道路",
                    todo_zh="请检查地名和网络连接，或改用已下载的文件",
                )
            ) from error
    answers = [orjson.loads(path.read_bytes()) for path in sorted(store.glob("*.json"))]
    elements = [answer["elements"] for answer in answers if isinstance(answer, dict) and "elements" in answer]
    edges = edges_from_elements(elements, f"OpenStreetMap, {name}")
    return Streets(edges.edges, edges.report, f"OpenStreetMap, {name}", edges.attribution)
