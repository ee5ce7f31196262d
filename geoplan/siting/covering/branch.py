"""Branch and bound for covering under one budget: bounds from the relaxation, sites settled by reduced cost.

The search keeps a tree of subproblems, best bound first with short dives. At each node the relaxation gives a bound,
settles most sites, and its shares are rounded and climbed to a plan. Subproblems are rebuilt smaller as sites settle.
Where shares are spread thinly over many sites, the tree splits on a cluster of similar sites ("none of these" against
"at least one of these") instead of a single one, which moves the bound far more.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from geoplan.siting.cover import CoverRows, settle
from geoplan.siting.covering.search import Neighbourhood, climb
from geoplan.siting.relaxation.bound import Relaxation, first_prices, relaxed, settled_by

__all__ = ["BranchResult", "branch"]

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Fixed = npt.NDArray[np.int8]

ROOT_ROUNDS = 1500
NODE_ROUNDS = 300
REBUILD_SHARE = 0.15  # of sites settled since the last rebuild, above which a smaller problem is built
CLUSTER_MASS = 0.5  # summed shares at which a cluster splits the relaxation evenly


@dataclass(frozen=True, slots=True, eq=False)
class BranchResult:
    """Outcome of a tree search.

    Parameters
    ----------
    opened : numpy.ndarray of bool or None
        The best set of columns, if one better than the given incumbent was found.
    objective : float
        Its gain, or the incumbent's.
    bound : float
        No set earns more.
    nodes : int
        Nodes looked at.
    """

    opened: Mask | None
    objective: float
    bound: float
    nodes: int


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """A subproblem: rows over the columns ``columns`` of the root, what is open, and the budget left."""

    rows: CoverRows
    columns: Int
    opened: Int
    cost: Float
    budget: float


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    bound: float
    problem: _Problem
    fixed: Fixed
    clusters: tuple[Int, ...]
    start: Relaxation | None


class _Tree:
    """The state of one search."""

    def __init__(self, place: Neighbourhood, cost: Float, budget: float, incumbent: float, step: float) -> None:
        self.place = place
        self.step = step
        self.objective = incumbent
        self.best: Mask | None = None
        self.nodes = 0
        self.settled_bound = -np.inf  # of nodes given up for lack of a decision
        # A cluster that must hold an open site is a row whose gain no plan can afford to miss.
        per_column = np.bincount(
            place.rows.row_cols,
            weights=np.repeat(place.rows.gains.sum(axis=0), np.diff(place.rows.row_ptr)),
            minlength=1,
        )
        self.duty = float(per_column.max(initial=1.0))
        problem = _Problem(place.rows, np.arange(place.rows.n_columns), np.zeros(0, dtype=np.int64), cost, budget)
        self.heap: list[tuple[float, int, _Node]] = []
        self.pushed = 0
        self.push(_Node(np.inf, problem, np.full(place.rows.n_columns, -1, dtype=np.int8), (), None))

    @property
    def target(self) -> float:
        """A node whose bound is below this holds nothing better than the best plan known."""
        return self.objective + self.step

    @property
    def bound(self) -> float:
        """No set earns more."""
        return max(self.objective, self.settled_bound, -self.heap[0][0] if self.heap else -np.inf)

    def push(self, node: _Node) -> None:
        self.pushed += 1
        heapq.heappush(self.heap, (-node.bound, self.pushed, node))

    def offer(self, opened: Mask) -> None:
        """Take a set of root columns as the best plan, if it is."""
        value = self.place.rows.value(opened)
        if value > self.objective:
            self.objective, self.best = value, opened

    def expand(self, node: _Node) -> tuple[_Node, _Node] | None:
        """Bound a node; return its two children, the more promising one first, or None where it is done with."""
        alive = _propagate(node)
        if alive is None:
            return None
        node = _rebuilt(alive)
        problem = node.problem
        if not len(problem.columns) or problem.budget <= 0:
            self.round(node, np.zeros(len(problem.columns)))
            return None
        answer = self.relax(node)
        bound = min(answer.bound, node.bound)
        if bound < self.target:
            return None
        if self.nodes % 4 == 1:
            self.round(node, answer.shares)
            if bound < self.target:
                return None
        fixed = settled_by(answer, problem.cost, self.target, node.fixed)
        undecided = fixed < 0
        if (
            not undecided.any()
            or problem.cost[fixed == 1].sum() + problem.cost[undecided].min() > problem.budget + 1e-9
        ):
            self.round(replace(node, fixed=fixed), answer.shares)
            return None
        return _split(replace(node, bound=bound, fixed=fixed, start=answer))

    def relax(self, node: _Node) -> Relaxation:
        """Relax a node with its clusters as rows of their own."""
        problem, start = node.problem, node.start
        rows = problem.rows
        price = first_prices(rows) if start is None else start.price
        extra = len(node.clusters)
        if extra:
            sizes = np.array([len(cluster) for cluster in node.clusters])
            rows = CoverRows(
                np.concatenate((rows.row_ptr, rows.row_ptr[-1] + np.cumsum(sizes))),
                np.concatenate((rows.row_cols, *node.clusters)).astype(np.int32),
                np.concatenate((rows.gains, np.zeros((len(rows.gains), extra))), axis=1),
                rows.n_columns,
                rows.base - extra * self.duty,
            )
            rows.gains[0, -extra:] = self.duty
        held = price[: problem.rows.n_rows + extra]
        price = np.concatenate((held, np.zeros(problem.rows.n_rows + extra - len(held))))
        return relaxed(
            rows,
            problem.cost,
            problem.budget,
            cutoff=self.target - 0.5 * self.step,
            rounds=ROOT_ROUNDS if start is None else NODE_ROUNDS,
            tolerance=0.1,
            fixed=node.fixed,
            price=price,
            shares=None if start is None else start.shares,
            weight=30.0 if start is None else start.weight,
        )

    def round(self, node: _Node, shares: Float) -> None:
        """Turn shares into a plan: the largest that fit the budget, then local search over all columns."""
        problem = node.problem
        opened = np.zeros(self.place.rows.n_columns, dtype=bool)
        opened[problem.opened] = True
        left = problem.budget
        for k in np.argsort(-np.where(node.fixed >= 0, 3.0 * node.fixed - 1.0, shares), kind="stable"):
            if node.fixed[k] == 0 or (shares[k] <= 0 and node.fixed[k] < 1):
                continue
            if problem.cost[k] <= left + 1e-9:
                opened[problem.columns[k]] = True
                left -= problem.cost[k]
        climbed = climb(self.place, opened)
        if climbed is not None:
            self.offer(climbed)


def branch(
    place: Neighbourhood,
    cost: Float,
    budget: float,
    incumbent: float,
    *,
    step: float,
    stop: Callable[[], bool],
    report: Callable[[float, float], object] | None = None,
    most_nodes: int | None = None,
    stop_bound: float = -np.inf,
) -> BranchResult:
    """Search for the set of columns with the largest gain under ``cost @ open <= budget``.

    Parameters
    ----------
    place : Neighbourhood
        The problem. Its rules must say nothing beyond the budget.
    cost, budget
        The one limit.
    incumbent : float
        Gain of the best set known.
    step : float
        Least difference between two gains that counts (just under 1 for whole gains).
    stop : callable
        Asked at every node.
    report : callable, optional
        Called with (best gain, bound) now and then.
    most_nodes : int, optional
        Give up after so many nodes.
    stop_bound : float
        Give up once the bound is no larger than this: the caller has no use for a smaller one.

    Returns
    -------
    BranchResult
        With ``bound == objective`` where the search was finished.
    """
    tree = _Tree(place, cost, budget, incumbent, step)
    dive: _Node | None = None
    while tree.heap or dive is not None:
        node = heapq.heappop(tree.heap)[2] if dive is None else dive
        dive = None
        if node.bound < tree.target:
            continue
        if stop() or (most_nodes is not None and tree.nodes >= most_nodes) or max(node.bound, tree.bound) <= stop_bound:
            tree.push(node)
            break
        tree.nodes += 1
        children = tree.expand(node)
        if children is not None:
            likely, other = children
            tree.push(other)
            if tree.nodes % 4:
                dive = likely
            else:
                tree.push(likely)
        if report is not None and dive is None:
            report(tree.objective, tree.bound)
    return BranchResult(tree.best, tree.objective, tree.bound, tree.nodes)


def _propagate(node: _Node) -> _Node | None:
    """Draw the clusters' conclusions; None where one cannot be served or the budget is spent twice."""
    fixed, live = node.fixed.copy(), []
    for cluster in node.clusters:
        if (fixed[cluster] == 1).any():
            continue
        left = cluster[fixed[cluster] < 0]
        if not len(left):
            return None
        if len(left) == 1:
            fixed[left[0]] = 1
        else:
            live.append(left)
    if node.problem.cost[fixed == 1].sum() > node.problem.budget + 1e-9:
        return None
    return replace(node, fixed=fixed, clusters=tuple(live))


def _rebuilt(node: _Node) -> _Node:
    """Return the node with settled sites taken out of its problem, where enough of them are."""
    problem, fixed = node.problem, node.fixed
    free = fixed < 0
    if free.sum() > (1.0 - REBUILD_SHARE) * len(fixed):
        return node
    opened = fixed == 1
    rows, group = settle(problem.rows, opened, free)
    start = node.start
    if start is not None:
        price = np.bincount(group[group >= 0], weights=start.price[: len(group)][group >= 0], minlength=rows.n_rows)
        held = np.minimum(price, rows.gains[0]).astype(np.float64)
        start = replace(start, price=held, shares=start.shares[free])
    place = np.cumsum(free) - 1
    smaller = _Problem(
        rows,
        problem.columns[free],
        np.concatenate((problem.opened, problem.columns[opened])),
        problem.cost[free],
        problem.budget - float(problem.cost[opened].sum()),
    )
    clusters = tuple(place[cluster] for cluster in node.clusters)
    return replace(
        node, problem=smaller, fixed=np.full(len(smaller.columns), -1, dtype=np.int8), clusters=clusters, start=start
    )


def _split(node: _Node) -> tuple[_Node, _Node]:
    """Return two children that share out the node's sets, the one that agrees with the relaxation first."""
    assert node.start is not None
    rows, fixed, shares = node.problem.rows, node.fixed, node.start.shares
    size = np.bincount(rows.row_cols, weights=np.repeat(rows.gains[0], np.diff(rows.row_ptr)), minlength=len(fixed))
    undecided = fixed < 0
    seed = int(np.argmax(np.where(undecided, shares * (shares < 0.999) * size, -1.0)))
    if shares[seed] >= 0.7 * CLUSTER_MASS or shares[seed] <= 1e-6:
        site = int(np.argmax(np.where(undecided, np.minimum(shares, 1.0 - shares) * size + 1e-12 * size, -1.0)))
        cluster = np.array([site])
    else:
        cluster = _cluster(rows, seed, np.where(undecided, shares, -1.0), size.astype(np.float64))
    without, within = fixed.copy(), fixed.copy()
    without[cluster] = 0
    clusters = node.clusters
    if len(cluster) == 1:
        within[cluster] = 1
    else:
        clusters = (*clusters, cluster)
    none, some = replace(node, fixed=without), replace(node, fixed=within, clusters=clusters)
    return (some, none) if shares[cluster].sum() >= CLUSTER_MASS else (none, some)


def _cluster(rows: CoverRows, seed: int, shares: Float, size: Float) -> Int:
    """Return undecided columns most similar to ``seed`` whose shares sum up to about the cluster mass."""
    row = np.repeat(np.arange(rows.n_rows), np.diff(rows.row_ptr))
    mine = np.zeros(rows.n_rows, dtype=bool)
    mine[row[rows.row_cols == seed]] = True
    common = mine[row]
    overlap = np.bincount(rows.row_cols[common], weights=rows.gains[0][row[common]], minlength=len(size))
    likeness = np.where(shares >= 0, overlap / np.maximum(size[seed] + size - overlap, 1e-300), -1.0)
    likeness[seed] = 2.0
    order = np.argsort(-likeness, kind="stable")
    order = order[likeness[order] > 0]
    mass = np.cumsum(shares[order])
    return np.sort(order[: max(1, int(np.argmin(np.abs(mass - CLUSTER_MASS))) + 1)])
