"""Many cities side by side: the scale test beyond one city."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geoplan.demo.barriers import CutPlan
from geoplan.demo.ground import Ground
from geoplan.demo.streets import Courses, one_edge, stack

__all__ = ["offsets", "trunk_links"]

_GAP_M: Final = 4000.0


def offsets(ground: Ground, copies: int) -> list[tuple[float, float]]:
    """Return where each copy of a ground lies, in metres east and north of the first.

    Copies fill rows of a nearly square block that grows south and to both sides, so that the projection stays true.
    """
    x0, y0, x1, y1 = shapely.total_bounds(ground.districts.geometry.to_numpy())
    columns = 1
    while columns * columns < copies:
        columns += 1
    sides = [(k + 1) // 2 * (1 if k % 2 else -1) for k in range(columns)]
    step_x, step_y = float(x1 - x0) + _GAP_M, float(y1 - y0) + _GAP_M
    return [(sides[k % columns] * step_x, -(k // columns) * step_y) for k in range(copies)]


def trunk_links(plans: list[CutPlan], first_id: npt.NDArray[np.int64]) -> Courses:
    """Link every city to the nearest one before it by a straight trunk road between their closest larger roads.

    Parameters
    ----------
    plans : list of CutPlan
    first_id : numpy.ndarray of int64
        Number that node 0 of each plan has in the whole, shape (len(plans) + 1,).
    """
    majors = [_ends_of_larger_roads(plan) for plan in plans]
    middle = np.array([plan.xy[m].mean(axis=0) for plan, m in zip(plans, majors, strict=True)])
    links = []
    for k in range(1, len(plans)):
        away = ((middle[:k] - middle[k]) ** 2).sum(axis=1)
        j = int(np.argmin(away))
        mine = majors[k][_closest(plans[k].xy[majors[k]], middle[j])]
        theirs = majors[j][_closest(plans[j].xy[majors[j]], plans[k].xy[mine])]
        line = np.linspace(plans[k].xy[mine], plans[j].xy[theirs], 20)
        links.append(one_edge(int(first_id[k] + mine), int(first_id[j] + theirs), line, "trunk", "示例省道"))
    return stack(links)


def _ends_of_larger_roads(plan: CutPlan) -> npt.NDArray[np.int64]:
    larger = plan.rank[plan.cut] <= 2
    return np.unique(np.concatenate([plan.u[larger], plan.v[larger]])).astype(np.int64)


def _closest(xy: npt.NDArray[np.float64], to: npt.NDArray[np.float64]) -> int:
    return int(np.argmin(((xy - to) ** 2).sum(axis=1)))
