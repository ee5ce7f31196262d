"""Parts of a network that no street joins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geoplan.network.graph import Float, Graph, Int, Long

__all__ = ["Components", "components_of"]


@dataclass(frozen=True, slots=True)
class Components:
    """Parts of a network that no street joins.

    Parameters
    ----------
    of_node : numpy.ndarray of int32
        Component of each node in the caller's numbering; 0 is the one with the most street length.
    length_m : numpy.ndarray of float64
        Street length of each component, metres, falling.
    n_nodes : numpy.ndarray of int64
        Nodes of each component.
    """

    of_node: Int
    length_m: Float
    n_nodes: Long

    def __len__(self) -> int:
        return len(self.length_m)

    @property
    def largest_share(self) -> float:
        """Share of all street length that lies in the largest component, 0 to 1."""
        total = float(self.length_m.sum())
        return float(self.length_m[0]) / total if total > 0 else 1.0


def components_of(graph: Graph) -> Components:
    """Return the components of a graph, the longest first."""
    count = int(graph.node_component.max()) + 1
    of_edge = graph.node_component[graph.edge_u]
    length = np.asarray(np.bincount(of_edge, weights=graph.edge_length_m, minlength=count), np.float64)
    nodes = np.bincount(graph.node_component, minlength=count).astype(np.int64)
    return Components(graph.node_component[graph.node_rank], length, nodes)
