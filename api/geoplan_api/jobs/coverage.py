"""The coverage job: the whole cube for the desk - areas, slices, facilities, trades - as tidy columns."""

from __future__ import annotations

from typing import Any

from geoplan_api.city.cubes import CubeQuestion, cube_answer
from geoplan_api.city.searches import Analyst
from geoplan_api.city.stations import StationSnapshot

__all__ = ["solve_coverage"]


def solve_coverage(analyst: Analyst, stations: StationSnapshot, params: dict[str, Any], report: Any) -> dict[str, Any]:
    """Compute a cube with the parameters of :class:`geoplan_api.city.cubes.CubeQuestion`."""
    question = CubeQuestion.model_validate(params)
    report(step="computing")
    return cube_answer(analyst, stations, question)
