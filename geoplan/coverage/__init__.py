"""Coverage: where, when and for whom the service circle is met."""

from geoplan.coverage.areas import NOWHERE, Areas, areas_by_code, areas_by_polygon, whole_city
from geoplan.coverage.city import areas_of, circle_reach, coverage_of, network_reach
from geoplan.coverage.reach import Reach
from geoplan.coverage.standard import Coverage, Subject, cover

__all__ = [
    "NOWHERE",
    "Areas",
    "Coverage",
    "Reach",
    "Subject",
    "areas_by_code",
    "areas_by_polygon",
    "areas_of",
    "circle_reach",
    "cover",
    "coverage_of",
    "network_reach",
    "whole_city",
]
