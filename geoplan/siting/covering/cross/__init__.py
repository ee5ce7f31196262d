"""Cross coverage: demand that several open sites reach."""

from geoplan.siting.covering.cross.solve import solve_cross

__all__ = ["solve_cross"]
