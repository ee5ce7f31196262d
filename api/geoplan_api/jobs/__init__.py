"""Long computations: kept in a file of their own, run by worker processes, watched, cancelled and found again."""

from geoplan_api.jobs.store import JOB_KINDS, Job, JobStore
from geoplan_api.jobs.supervisor import Supervisor

__all__ = ["JOB_KINDS", "Job", "JobStore", "Supervisor"]
