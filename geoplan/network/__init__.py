"""Travel times over streets: profiles, street networks, exact bounded search, service areas."""

from geoplan.network.components import Components
from geoplan.network.network import StreetNetwork
from geoplan.network.profile import PROFILES, Profile
from geoplan.network.route import Route
from geoplan.network.search import Nearest
from geoplan.network.snapping import Snapped
from geoplan.network.times import TravelTimes
from geoplan.network.warm import warm_up
from geoplan.sources.streets import Streets, StreetsReport

__all__ = [
    "PROFILES",
    "Components",
    "Nearest",
    "Profile",
    "Route",
    "Snapped",
    "StreetNetwork",
    "Streets",
    "StreetsReport",
    "TravelTimes",
    "warm_up",
]
