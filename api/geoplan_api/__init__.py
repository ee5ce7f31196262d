"""The service over HTTP: the public map's data, the planner's desk, the mini-program's feed."""

from geoplan_api.app import create_app
from geoplan_api.settings import Settings

__all__ = ["Settings", "create_app"]
