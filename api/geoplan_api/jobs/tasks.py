"""What a job computes: the same functions as the routes call, with progress, a time limit and a way to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from geoplan.pack import CityPack
from geoplan.registry import Register, head_revision, open_register
from geoplan_api.city.register_link import load_snapshot
from geoplan_api.city.searches import Analyst
from geoplan_api.city.stations import StationSnapshot
from geoplan_api.jobs.coverage import solve_coverage
from geoplan_api.jobs.hours import solve_hours_job
from geoplan_api.jobs.nearbest import solve_near_best
from geoplan_api.jobs.siting import Earlier, solve_siting
from geoplan_api.jobs.store import JobStore
from geoplan_api.settings import Settings

__all__ = ["Bench", "Reporter", "run_task"]


class Reporter(Protocol):
    """Takes a piece of news about a job."""

    def __call__(self, **progress: Any) -> None:
        """Take it."""


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
    earlier : Earlier
        Plans found before, where the next search begins.
    """

    settings: Settings
    pack: CityPack
    register: Register
    analyst: Analyst
    jobs: JobStore
    stations: StationSnapshot | None = None
    earlier: Earlier = field(default_factory=Earlier)

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
        defaults = self.pack.manifest.defaults
        self.analyst.site_search(self.current_stations(), defaults.profile, self.settings.analysis.limit_s)


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
    if kind == "siting":
        return solve_siting(bench.analyst, stations, params, report, should_stop, time_limit_s, bench.earlier)
    if kind == "hours":
        return solve_hours_job(bench.analyst, stations, params, report, should_stop, time_limit_s)
    if kind == "near_best":
        return solve_near_best(bench.analyst, stations, bench.jobs, params, report, should_stop, bench.earlier)
    return solve_coverage(bench.analyst, stations, params, report)
