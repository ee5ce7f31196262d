"""From a pack and travel times to a siting problem, and from a plan to the project list (项目清单)."""

from geoplan.planning.facts import plan_facts
from geoplan.planning.projects import project_list, write_projects
from geoplan.planning.sites import all_sites, site_times, siting_problem
from geoplan.planning.workbook import write_project_workbook

__all__ = [
    "all_sites",
    "plan_facts",
    "project_list",
    "site_times",
    "siting_problem",
    "write_project_workbook",
    "write_projects",
]
