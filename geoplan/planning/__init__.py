"""From a pack and travel times to a siting problem, and from a plan to the project list (项目清单)."""

from geoplan.planning.facts import plan_facts
from geoplan.planning.options import OptionTable, RankedOptions, hours_facts, rank_options, read_options, worker_hours
from geoplan.planning.projects import covered_before, project_list, reach_facts, write_projects
from geoplan.planning.reachable import without_unreachable
from geoplan.planning.scenarios import robust_facts, scenarios_of
from geoplan.planning.sites import all_sites, site_costs, site_times, siting_problem, suggested_new_sites
from geoplan.planning.workbook import write_hours_workbook, write_project_workbook

__all__ = [
    "OptionTable",
    "RankedOptions",
    "all_sites",
    "covered_before",
    "hours_facts",
    "plan_facts",
    "project_list",
    "rank_options",
    "reach_facts",
    "read_options",
    "robust_facts",
    "scenarios_of",
    "site_costs",
    "site_times",
    "siting_problem",
    "suggested_new_sites",
    "without_unreachable",
    "worker_hours",
    "write_hours_workbook",
    "write_project_workbook",
    "write_projects",
]
