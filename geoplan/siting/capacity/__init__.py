"""Location with capacities: maximal covering, p-median and fixed charges, demand split or single-source."""

from geoplan.siting.capacity.solve import solve_capacitated

__all__ = ["solve_capacitated"]
