"""The plan that the city starts with, found once for each version of the register."""

from __future__ import annotations

from typing import Any

from geoplan.planning import PlanAnswer, PlanQuestion, answer, plan_document
from geoplan_api.city.searches import Analyst
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.settings import AnalysisSettings

__all__ = ["ready_plan"]


def ready_plan(analyst: Analyst, stations: StationSnapshot, settings: AnalysisSettings) -> dict[str, Any]:
    """Answer the empty question: what the pack, then the standard, says where nobody has said anything."""

    def make() -> dict[str, Any]:
        found = answer(analyst.city(stations), PlanQuestion(time_limit_s=settings.plan_time_limit_s))
        assert isinstance(found, PlanAnswer)
        return plan_document(found)

    return analyst.keep(("plan", stations.version), make)
