"""How an answer in the making is watched, stopped and helped."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from geoplan.errors import Cancelled
from geoplan.siting import Progress, SitingPlan

__all__ = ["Earlier", "Run"]


class Earlier(Protocol):
    """Plans found before, by what they are about: where the next search begins."""

    def get(self, subject: Hashable) -> SitingPlan | None:
        """Return the latest plan on a subject, or nothing."""

    def put(self, subject: Hashable, plan: SitingPlan) -> None:
        """Keep a plan as the latest on its subject."""


def _silent(**_: Any) -> None:
    return None


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Run:
    """One computation, as its caller sees it.

    Parameters
    ----------
    tell : callable
        Takes ``step`` (words) and, while solving, ``best``, ``bound``, ``gap``.
    stop : callable
        Asked now and then; a true answer ends the search with the best plan so far.
    time_limit_s : float or None
        What the caller allows at most, seconds; the question's own limit holds besides.
    earlier : Earlier or None
        Plans found before.
    """

    tell: Callable[..., None] = _silent
    stop: Callable[[], bool] = _never
    time_limit_s: float | None = None
    earlier: Earlier | None = None

    def limit(self, asked_s: float) -> float:
        """Return how long a search may take, seconds."""
        return asked_s if self.time_limit_s is None else min(asked_s, self.time_limit_s)

    def progress(self, now: Progress) -> None:
        """Pass on what a search knows."""
        self.tell(step="solving", best=now.best, bound=now.bound, gap=now.gap if np.isfinite(now.gap) else None)

    def check(self, step: str) -> None:
        """Begin a step; raises ``Cancelled`` where the caller has asked to stop."""
        self.tell(step=step)
        if self.stop():
            raise Cancelled("the caller asked to stop")
