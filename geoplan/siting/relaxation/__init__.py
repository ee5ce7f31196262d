"""The linear relaxation of covering: proven bounds, and the sites they settle."""

from geoplan.siting.relaxation.bound import Relaxation, relaxed, settled_by

__all__ = ["Relaxation", "relaxed", "settled_by"]
