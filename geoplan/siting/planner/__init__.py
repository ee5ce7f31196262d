"""Questions a planner asks around one plan: hours, phases, floors and their price, explanation, robustness."""

from geoplan.siting.planner.equity import FloorPrice, price_of_floors
from geoplan.siting.planner.explain import SiteReason, explain
from geoplan.siting.planner.hours import HoursPlan, Option, solve_hours
from geoplan.siting.planner.phases import Phase, PhasedPlan, solve_phases
from geoplan.siting.planner.robust import RobustPlan, solve_robust

__all__ = [
    "FloorPrice",
    "HoursPlan",
    "Option",
    "Phase",
    "PhasedPlan",
    "RobustPlan",
    "SiteReason",
    "explain",
    "price_of_floors",
    "solve_hours",
    "solve_phases",
    "solve_robust",
]
