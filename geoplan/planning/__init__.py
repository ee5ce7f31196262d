"""From a question to a plan: sites, rules, hours, phases, front, robust plans, reasons, project list (项目清单)."""

from geoplan.planning.explain import SiteReason, WithoutSite, explain, without_site
from geoplan.planning.facts import plan_facts
from geoplan.planning.floor_price import FloorPrice, price_of_floors
from geoplan.planning.front import FrontPoint, ParetoFront, pareto_front
from geoplan.planning.hours import HoursPlan, Option, solve_hours
from geoplan.planning.joint_phases import JointPhases, solve_phases_jointly
from geoplan.planning.lexicographic import Goal, OrderedPlan, solve_in_order
from geoplan.planning.options import OptionTable, RankedOptions, hours_facts, rank_options, read_options, worker_hours
from geoplan.planning.phases import Phase, PhasedPlan, solve_phases
from geoplan.planning.projects import covered_before, project_list, reach_facts, write_projects
from geoplan.planning.reachable import without_unreachable
from geoplan.planning.robust import RobustPlan, solve_robust
from geoplan.planning.scenarios import robust_facts, scenarios_of
from geoplan.planning.sites import all_sites, site_costs, site_times, siting_problem, suggested_new_sites
from geoplan.planning.workbook import write_hours_workbook, write_project_workbook

__all__ = [
    "FloorPrice",
    "FrontPoint",
    "Goal",
    "HoursPlan",
    "JointPhases",
    "Option",
    "OptionTable",
    "OrderedPlan",
    "ParetoFront",
    "Phase",
    "PhasedPlan",
    "RankedOptions",
    "RobustPlan",
    "SiteReason",
    "WithoutSite",
    "all_sites",
    "covered_before",
    "explain",
    "hours_facts",
    "pareto_front",
    "plan_facts",
    "price_of_floors",
    "project_list",
    "rank_options",
    "reach_facts",
    "read_options",
    "robust_facts",
    "scenarios_of",
    "site_costs",
    "site_times",
    "siting_problem",
    "solve_hours",
    "solve_in_order",
    "solve_phases",
    "solve_phases_jointly",
    "solve_robust",
    "suggested_new_sites",
    "without_site",
    "without_unreachable",
    "worker_hours",
    "write_hours_workbook",
    "write_project_workbook",
    "write_projects",
]
