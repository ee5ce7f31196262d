"""What a job computes: one answer of the library, with progress, a time limit and a way to stop."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from geoplan.pack import CityPack
from geoplan.planning import CubeAnswer, HoursAnswer, Run, answer, hours_document, plan_document, resolve
from geoplan.planning.question import CoverageQuestion, PlanQuestion
from geoplan.registry import Register, head_revision, open_register
from geoplan.siting import SitingPlan
from geoplan_api.asking import FORMS
from geoplan_api.city.register_link import load_snapshot
from geoplan_api.city.searches import Analyst
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.jobs.near_best import solve_near_best
from geoplan_api.jobs.store import JobStore
from geoplan_api.settings import Settings

__all__ = ["Bench", "LatestPlans", "Reporter", "run_task"]

_KEPT: Final = 8  # plans that a worker remembers as starts


class Reporter(Protocol):
    """Takes a piece of news about a job."""

    def __call__(self, **progress: Any) -> None:
        """Take it."""


class LatestPlans:
    """The latest plans by their subject, a few of them: see :class:`geoplan.planning.control.Earlier`."""

    def __init__(self) -> None:
        self._plans: OrderedDict[Hashable, SitingPlan] = OrderedDict()

    def get(self, subject: Hashable) -> SitingPlan | None:
        """Return the latest plan on a subject, or nothing."""
        return self._plans.get(subject)

    def put(self, subject: Hashable, plan: SitingPlan) -> None:
        """Keep a plan as the latest on its subject."""
        self._plans[subject] = plan
        self._plans.move_to_end(subject)
        while len(self._plans) > _KEPT:
            self._plans.popitem(last=False)


@dataclass
class Bench:
    """What a worker keeps between jobs: the city, its networks, the register's stations as last read.

    Parameters
    ----------
    settings : Settings
        The service's settings.
    pack : CityPack
        The city.
    register : Register
        The register, read only.
    analyst : Analyst
        Networks and searches.
    jobs : JobStore
        The list of jobs: some questions are about the answer of another.
    stations : StationSnapshot or None
        The stations as last read.
    earlier : LatestPlans
        Plans found before, where the next search begins.
    """

    settings: Settings
    pack: CityPack
    register: Register
    analyst: Analyst
    jobs: JobStore
    stations: StationSnapshot | None = None
    earlier: LatestPlans = field(default_factory=LatestPlans)

    @classmethod
    def open(cls, settings: Settings, pack: Path, folder: Path) -> Bench:
        """Open the city and its register."""
        city = CityPack.open(pack)
        register = open_register(settings.data.register_url or folder / "register.db", create=False)
        return cls(settings, city, register, Analyst(city, folder / "networks"), JobStore(folder))

    def current_stations(self) -> StationSnapshot:
        """Return the register's stations as they are now."""
        if self.stations is None or self.stations.version != head_revision(self.register):
            self.stations = load_snapshot(self.register, self.pack)
        return self.stations

    def prepare(self) -> None:
        """Load what the first siting question needs, before it is asked."""
        city = self.analyst.city(self.current_stations())
        question = resolve(city.pack, CoverageQuestion())
        assert question.profile is not None
        assert question.limit_s is not None
        city.ways(question.profile, question.limit_s)


def run_task(
    bench: Bench,
    kind: str,
    params: dict[str, Any],
    report: Reporter,
    should_stop: Callable[[], bool],
    time_limit_s: float,
) -> dict[str, Any]:
    """Run one job; raises ``InputError`` for a question that cannot be asked of this city."""
    report(step="loading")
    stations = bench.current_stations()
    city = bench.analyst.city(stations)
    run = Run(tell=report, stop=should_stop, time_limit_s=time_limit_s, earlier=bench.earlier)
    if kind == "near_best":
        return solve_near_best(city, bench.jobs, params, run)
    question = FORMS[kind].read(params)
    if not isinstance(question, PlanQuestion):
        report(step="computing")
        found = answer(city, question)
        assert isinstance(found, CubeAnswer)
        return found.to_dict()
    plan = answer(city, question, run)
    if isinstance(plan, HoursAnswer):
        return hours_document(plan, params)
    document = plan_document(plan)
    if "robust" in document:  # where the desk looks for the list of a plan that holds in every slice
        document["robust"] = {**document["robust"], "projects": document["projects"]}
    return document
