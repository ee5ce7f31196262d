"""Siting: which sites to open, how good that is, and how close to the best possible."""

from geoplan.siting.control import Progress
from geoplan.siting.plan import Certificate, SitingPlan
from geoplan.siting.problem import SitingProblem
from geoplan.siting.question import MODELS, Question, linear_decay
from geoplan.siting.rules import Floor, Quota

__all__ = [
    "MODELS",
    "Certificate",
    "Floor",
    "Progress",
    "Question",
    "Quota",
    "SitingPlan",
    "SitingProblem",
    "linear_decay",
]
