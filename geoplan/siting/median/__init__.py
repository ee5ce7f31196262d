"""The p-median: least demand-weighted cost."""

from geoplan.siting.median.solve import solve_pmedian

__all__ = ["solve_pmedian"]
