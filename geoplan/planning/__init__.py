"""From a question to its answer: sites, rules, hours, phases, front, robust plans, reasons, project list (项目清单)."""

from geoplan.planning.answer import answer
from geoplan.planning.city import City
from geoplan.planning.control import Run
from geoplan.planning.coverage_answer import CoverageAnswer, CubeAnswer, GapsAnswer, KeyStationsAnswer, gaps_of
from geoplan.planning.explain import SiteReason, WithoutSite, explain, without_site
from geoplan.planning.facts import hours_document, hours_facts, plan_document, plan_facts
from geoplan.planning.floor_price import FloorPrice, price_of_floors
from geoplan.planning.front import FrontPoint, ParetoFront, pareto_front
from geoplan.planning.hours import HoursPlan, Option, solve_hours
from geoplan.planning.hours_answer import HoursAnswer
from geoplan.planning.joint_phases import JointPhases, solve_phases_jointly
from geoplan.planning.lexicographic import Goal, OrderedPlan, solve_in_order
from geoplan.planning.options import read_options
from geoplan.planning.phases import Phase, PhasedPlan, solve_phases
from geoplan.planning.plan_answer import PlanAnswer
from geoplan.planning.projects import project_list, write_projects
from geoplan.planning.question import CoverageQuestion, CubeQuestion, HourOption, PlanQuestion, declarations, given
from geoplan.planning.reachable import without_unreachable
from geoplan.planning.resolve import resolve, suggested_new_sites
from geoplan.planning.robust import RobustPlan, solve_robust
from geoplan.planning.scenarios import read_scenarios
from geoplan.planning.sites import all_sites, site_costs
from geoplan.planning.workbook import write_hours_workbook, write_project_workbook

__all__ = [
    "City",
    "CoverageAnswer",
    "CoverageQuestion",
    "CubeAnswer",
    "CubeQuestion",
    "FloorPrice",
    "FrontPoint",
    "GapsAnswer",
    "Goal",
    "HourOption",
    "HoursAnswer",
    "HoursPlan",
    "JointPhases",
    "KeyStationsAnswer",
    "Option",
    "OrderedPlan",
    "ParetoFront",
    "Phase",
    "PhasedPlan",
    "PlanAnswer",
    "PlanQuestion",
    "RobustPlan",
    "Run",
    "SiteReason",
    "WithoutSite",
    "all_sites",
    "answer",
    "declarations",
    "explain",
    "gaps_of",
    "given",
    "hours_document",
    "hours_facts",
    "pareto_front",
    "plan_document",
    "plan_facts",
    "price_of_floors",
    "project_list",
    "read_options",
    "read_scenarios",
    "resolve",
    "site_costs",
    "solve_hours",
    "solve_in_order",
    "solve_phases",
    "solve_phases_jointly",
    "solve_robust",
    "suggested_new_sites",
    "without_site",
    "without_unreachable",
    "write_hours_workbook",
    "write_project_workbook",
    "write_projects",
]
