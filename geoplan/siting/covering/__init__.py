"""Covering models: maximal, set, backup and gradual covering."""

from geoplan.siting.covering.mclp import solve_mclp
from geoplan.siting.covering.setcover import solve_backup, solve_set_cover

__all__ = ["solve_backup", "solve_mclp", "solve_set_cover"]
