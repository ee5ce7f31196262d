"""The compressed graph and how streets become one."""

from geoplan.network.graph.arrays import Arcs, Flag, Float, Graph, Int, Long, Walls
from geoplan.network.graph.build import graph_from_edges, graph_from_streets
from geoplan.network.graph.kernels import group

__all__ = ["Arcs", "Flag", "Float", "Graph", "Int", "Long", "Walls", "graph_from_edges", "graph_from_streets", "group"]
