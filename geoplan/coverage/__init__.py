"""Coverage: where, when and for whom the service circle is met."""

from geoplan.coverage.accessibility import accessibility
from geoplan.coverage.analysis import Analysis, analyse, reach_at_speed
from geoplan.coverage.areas import NOWHERE, Areas, areas_by_code, areas_by_polygon, whole_city
from geoplan.coverage.city import areas_of, circle_reach, coverage_of, network_reach
from geoplan.coverage.compare import compare
from geoplan.coverage.criticality import criticality, hours_criticality
from geoplan.coverage.cube import Cube, coverage_cube
from geoplan.coverage.distribution import time_distribution, time_histogram
from geoplan.coverage.equity import gini, lorenz, worst_served
from geoplan.coverage.facilities import BUNDLES, FACILITIES
from geoplan.coverage.gaps import Gaps, find_gaps
from geoplan.coverage.inputs import InputReport, check_areas, check_demand, check_hours, check_pack_inputs
from geoplan.coverage.moments import Moment, any_time, hours_of, instant, slices_of, week_of
from geoplan.coverage.overlap import overlap_pairs, stations_in_reach
from geoplan.coverage.reach import Reach
from geoplan.coverage.sensitivity import open_chance_interval, speed_and_limit
from geoplan.coverage.standard import Coverage, Subject, cover
from geoplan.coverage.trust import Expected, chance_open, expected_coverage
from geoplan.coverage.uncovered import uncovered_hours

__all__ = [
    "BUNDLES",
    "FACILITIES",
    "NOWHERE",
    "Analysis",
    "Areas",
    "Coverage",
    "Cube",
    "Expected",
    "Gaps",
    "InputReport",
    "Moment",
    "Reach",
    "Subject",
    "accessibility",
    "analyse",
    "any_time",
    "areas_by_code",
    "areas_by_polygon",
    "areas_of",
    "chance_open",
    "check_areas",
    "check_demand",
    "check_hours",
    "check_pack_inputs",
    "circle_reach",
    "compare",
    "cover",
    "coverage_cube",
    "coverage_of",
    "criticality",
    "expected_coverage",
    "find_gaps",
    "gini",
    "hours_criticality",
    "hours_of",
    "instant",
    "lorenz",
    "network_reach",
    "open_chance_interval",
    "overlap_pairs",
    "reach_at_speed",
    "slices_of",
    "speed_and_limit",
    "stations_in_reach",
    "time_distribution",
    "time_histogram",
    "uncovered_hours",
    "week_of",
    "whole_city",
    "worst_served",
]
