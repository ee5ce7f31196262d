"""Covering models: maximal, set, backup and gradual covering."""

from geoplan.siting.covering.mclp import solve_mclp

__all__ = ["solve_mclp"]
