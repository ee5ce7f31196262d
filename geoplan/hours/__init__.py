"""Opening hours: from a register's words to open or closed at an instant, in the city's time."""

from geoplan.hours.holidays import calendar_years
from geoplan.hours.model import Hours, Rule, Unparsed
from geoplan.hours.parse import parse_hours
from geoplan.hours.slices import SLICES, open_share, slice_hours, slice_state
from geoplan.hours.state import day_states, is_open, local_time, state_at
from geoplan.hours.stations import OpenStations, open_mask, operating_mask
from geoplan.hours.timetable import Timetable, timetable

__all__ = [
    "SLICES",
    "Hours",
    "OpenStations",
    "Rule",
    "Timetable",
    "Unparsed",
    "calendar_years",
    "day_states",
    "is_open",
    "local_time",
    "open_mask",
    "open_share",
    "operating_mask",
    "parse_hours",
    "slice_hours",
    "slice_state",
    "state_at",
    "timetable",
]
