"""The standing table of siting: the same questions to geoplan, to plain HiGHS and to spopt, in one run."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geoplan.bench.peers import PeerRun, have_spopt, plain_highs, spopt_highs, worth
from geoplan.bench.siting import SitingCase
from geoplan.errors import InputError
from geoplan.siting import SitingProblem

__all__ = ["QUESTIONS", "QUICK", "Question", "Row", "parse_generated", "run_standing"]

Float = npt.NDArray[np.float64]
_GENERATED = re.compile(r"^uniform100:(\d+)x(\d+)$")


@dataclass(frozen=True, slots=True)
class Question:
    """A question about points drawn uniformly on a square: demand points, then sites, then whole weights 1 to 100.

    Parameters
    ----------
    name, model : str
        How the table calls it; the model asked.
    n_demand, n_sites : int
        Size.
    p : int or None
        Sites to open; None for set covering.
    side, radius : float
        Side of the square and covering radius, in one unit.
    """

    name: str
    model: str
    n_demand: int
    n_sites: int
    p: int | None
    side: float
    radius: float = 0.0


QUESTIONS: Final = (
    Question("mclp 20,000 x 1,000", "mclp", 20_000, 1_000, 60, 20_000.0, 1_000.0),
    Question("uniform100 10,000 x 500", "mclp", 10_000, 500, 25, 100.0, float(np.sqrt(0.7e4 / (np.pi * 25)))),
    Question("lscp 5,000 x 400", "lscp", 5_000, 400, None, 100.0, 14.0),
    Question("p-median 400 x 400", "pmedian", 400, 400, 40, 100.0),
    Question("p-center 500 x 100", "pcenter", 500, 100, 10, 20_000.0),
)
QUICK: Final = (
    Question("mclp 1,000 x 100", "mclp", 1_000, 100, 10, 100.0, 12.0),
    Question("lscp 500 x 80", "lscp", 500, 80, None, 100.0, 30.0),
    Question("p-median 60 x 60", "pmedian", 60, 60, 6, 100.0),
    Question("p-center 60 x 20", "pcenter", 60, 20, 4, 100.0),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One solver's answer to one question.

    Parameters
    ----------
    question, solver, claim : str
        The question, who answers, and the solver's own word for the outcome.
    objective, bound : float or None
        Objective recomputed from the costs; bound where the solver tells one.
    seconds : float
        Building and solving, wall clock.
    ratio : float
        Seconds as a multiple of geoplan's.
    """

    question: str
    solver: str
    claim: str
    objective: float | None
    bound: float | None
    seconds: float
    ratio: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON holds them."""
        return asdict(self)


def run_standing(
    questions: Sequence[Question] = QUESTIONS,
    *,
    peers: bool = True,
    peer_limit_s: float = 120.0,
    time_limit_s: float = 60.0,
    seed: int = 1,
    progress: Callable[[str], None] | None = None,
) -> tuple[list[Row], tuple[str, ...]]:
    """Ask every solver every question.

    Parameters
    ----------
    questions : sequence of Question
        What is asked.
    peers : bool
        Whether the peers are asked too.
    peer_limit_s, time_limit_s : float
        Seconds of solving for each peer and for geoplan; building the model comes on top.
    seed : int
        Seed of the points.
    progress : callable, optional
        Told the question and the solver as each begins.

    Returns
    -------
    rows : list of Row
        One for each solver and question.
    absent : tuple of str
        Peers that are not installed.
    """
    say = progress or (lambda _: None)
    others: dict[str, Callable[..., PeerRun]] = {"plain HiGHS": plain_highs} if peers else {}
    if peers and have_spopt():
        others["spopt + HiGHS"] = spopt_highs
    rows: list[Row] = []
    for question in questions:
        cost, demand = _points(question, seed)
        say(f"{question.name}: geoplan")
        asked: dict[str, Any] = {"p": question.p} if question.p is not None else {}
        asked |= {"radius": question.radius} if question.radius else {}
        began = time.perf_counter()
        plan = SitingProblem.from_matrix(cost, demand).solve(question.model, time_limit_s=time_limit_s, **asked)
        seconds = time.perf_counter() - began
        rows.append(
            Row(
                question.name, "geoplan", plan.status,
                _worth(question, cost, demand, None if plan.objective is None else plan.open_positions),
                plan.bound, seconds, 1.0,
            )
        )  # fmt: skip
        for name, ask in others.items():
            say(f"{question.name}: {name}")
            run = ask(question.model, cost, demand, question.p, question.radius, peer_limit_s)
            found = _worth(question, cost, demand, run.opened)
            rows.append(Row(question.name, name, run.claim, found, run.bound, run.seconds, run.seconds / seconds))
    return rows, () if not peers or have_spopt() else ("spopt",)


def parse_generated(
    name: str, model: str | None = None, p: int | None = None, radius: float | None = None
) -> SitingCase | None:
    """Return the generated instance that ``uniform100:50000x1000`` names (demand x sites); None for other names.

    Parameters
    ----------
    name : str
        The name.
    model : {"mclp", "lscp", "pmedian", "pcenter"}, optional
        The question; mclp without it.
    p : int, optional
        Number of sites; a twentieth of the sites without it.
    radius : float, optional
        Covering radius; without it that at which p discs have 70 % of the square.

    Raises
    ------
    InputError
        If the name is misspelt, the size too small, or the model none that can be generated.
    """
    if not name.startswith("uniform100:"):
        return None
    found = _GENERATED.match(name)
    if found is None:
        raise InputError(f"{name!r} is not a generated instance; write uniform100:50000x1000 (demand x sites)")
    if model not in (None, "mclp", "lscp", "pmedian", "pcenter"):
        raise InputError(f"generated instances are of mclp, lscp, pmedian or pcenter, not of {model!r}")
    n_demand, n_sites = int(found.group(1)), int(found.group(2))
    p = n_sites // 20 if p is None else p
    if not n_demand or not 0 < p <= n_sites:
        raise InputError(f"{name!r} is too small; give at least one demand point, and 20 sites or --p")
    radius = float(np.sqrt(0.7e4 / (np.pi * p))) if radius is None else radius
    return SitingCase(name, n_demand, n_sites, p, 100.0, radius, model or "mclp")


def _points(question: Question, seed: int) -> tuple[Float, Float]:
    rng = np.random.default_rng(seed)
    demand = rng.uniform(0, question.side, (question.n_demand, 2))
    sites = rng.uniform(0, question.side, (question.n_sites, 2))
    weights = rng.integers(1, 101, question.n_demand).astype(np.float64)
    cost = np.hypot(demand[:, None, 0] - sites[None, :, 0], demand[:, None, 1] - sites[None, :, 1])
    return cost, weights


def _worth(question: Question, cost: Float, demand: Float, opened: npt.NDArray[np.int64] | None) -> float | None:
    return None if opened is None else worth(question.model, cost, demand, opened, question.radius)
