"""Planner maps as single HTML files that open with no internet and can be mailed."""

from geoplan_maps.planner_map.maps import coverage_map, criticality_map, gaps_map, plan_map
from geoplan_maps.planner_map.scene import Scene

__all__ = ["Scene", "coverage_map", "criticality_map", "gaps_map", "plan_map"]
