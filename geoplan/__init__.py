"""geoplan: is the 15-minute service circle met, where is it not, and where should the next stations go."""

from geoplan.coverage import Coverage, coverage_of
from geoplan.network import StreetNetwork, Streets, TravelTimes
from geoplan.pack import CityPack, network_of
from geoplan.siting import SitingPlan, SitingProblem

__all__ = [
    "CityPack",
    "Coverage",
    "SitingPlan",
    "SitingProblem",
    "StreetNetwork",
    "Streets",
    "TravelTimes",
    "coverage_of",
    "network_of",
]
