"""The nearest stations of any position, with the way there, in microseconds: for a service that is asked all day."""

from geoplan.network.nearest.index import Found, NearestIndex, Way
from geoplan.network.nearest.rounds import visiting_order

__all__ = ["Found", "NearestIndex", "Way", "visiting_order"]
