"""OGC API - Features: collections that QGIS and GDAL open by an address, with CQL2 filters."""

from geoplan_api.http.ogc.collections import COLLECTIONS, Collection
from geoplan_api.http.ogc.cql import evaluate, parse_filter

__all__ = ["COLLECTIONS", "Collection", "evaluate", "parse_filter"]
