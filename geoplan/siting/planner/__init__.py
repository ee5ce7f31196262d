"""Questions a planner asks around one plan: hours, phases, floors, goals in order, cost against coverage, reasons."""

from geoplan.siting.planner.equity import FloorPrice, price_of_floors
from geoplan.siting.planner.explain import SiteReason, WithoutSite, explain, without_site
from geoplan.siting.planner.hours import HoursPlan, Option, solve_hours
from geoplan.siting.planner.joint_phases import JointPhases, solve_phases_jointly
from geoplan.siting.planner.order import Goal, OrderedPlan, solve_in_order
from geoplan.siting.planner.pareto import FrontPoint, ParetoFront, pareto_front
from geoplan.siting.planner.phases import Phase, PhasedPlan, solve_phases
from geoplan.siting.planner.robust import RobustPlan, solve_robust

__all__ = [
    "FloorPrice",
    "FrontPoint",
    "Goal",
    "HoursPlan",
    "JointPhases",
    "Option",
    "OrderedPlan",
    "ParetoFront",
    "Phase",
    "PhasedPlan",
    "RobustPlan",
    "SiteReason",
    "WithoutSite",
    "explain",
    "pareto_front",
    "price_of_floors",
    "solve_hours",
    "solve_in_order",
    "solve_phases",
    "solve_phases_jointly",
    "solve_robust",
    "without_site",
]
