"""Set covering alone, no further rule: reductions, prices of rows, local search, proof."""

from geoplan.siting.covering.set_cover.core import Core, core
from geoplan.siting.covering.set_cover.solve import CoverAnswer, cheapest_cover

__all__ = ["Core", "CoverAnswer", "cheapest_cover", "core"]
