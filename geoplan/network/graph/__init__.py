"""The compressed graph and how streets become one."""

from geoplan.network.graph.arrays import Arcs, Flag, Float, Graph, Int, Long
from geoplan.network.graph.boxes import FAN, Walls
from geoplan.network.graph.build import graph_from_edges, graph_from_streets
from geoplan.network.graph.ordering import gathered, grouped, pointers

__all__ = [
    "FAN",
    "Arcs",
    "Flag",
    "Float",
    "Graph",
    "Int",
    "Long",
    "Walls",
    "gathered",
    "graph_from_edges",
    "graph_from_streets",
    "grouped",
    "pointers",
]
