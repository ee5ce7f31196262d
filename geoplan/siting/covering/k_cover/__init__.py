"""Cross coverage: demand that several open sites reach, and gains that rise with the second site."""

from geoplan.siting.covering.k_cover.solve import solve_cross
from geoplan.siting.covering.k_cover.start import rising_plan

__all__ = ["rising_plan", "solve_cross"]
