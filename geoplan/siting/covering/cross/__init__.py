"""Cross coverage: demand that several open sites reach, and gains that rise with the second site."""

from geoplan.siting.covering.cross.solve import solve_cross
from geoplan.siting.covering.cross.start import rising_plan

__all__ = ["rising_plan", "solve_cross"]
