"""Covering models: maximal, set, backup and gradual covering."""

from geoplan.siting.covering.backup import solve_backup
from geoplan.siting.covering.cheapest_cover import solve_set_cover
from geoplan.siting.covering.mclp import solve_mclp

__all__ = ["solve_backup", "solve_mclp", "solve_set_cover"]
