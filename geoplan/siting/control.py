"""How a solve is watched and stopped: deadline, cancellation, progress."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

from numba.core.event import install_recorder

__all__ = ["Control", "Progress", "StopReason", "relative_gap", "uncounted_compilation"]

StopReason = Literal["", "time_limit", "cancelled", "gap"]


class Progress(NamedTuple):
    """What is known at one moment of a solve.

    Parameters
    ----------
    best : float or None
        Objective of the best plan found so far; None before the first one.
    bound : float or None
        Proven bound on the objective; None before the first one.
    gap : float
        ``|bound - best| / |best|``; infinite while either is missing.
    elapsed_s : float
        Seconds since the solve began.
    """

    best: float | None
    bound: float | None
    gap: float
    elapsed_s: float


def relative_gap(objective: float | None, bound: float | None) -> float:
    """Return ``|bound - objective| / |objective|``; 0 where both are equal, infinite where either is unknown."""
    if objective is None or bound is None or not (math.isfinite(objective) and math.isfinite(bound)):
        return math.inf
    difference = abs(bound - objective)
    if difference == 0.0:
        return 0.0
    return difference / abs(objective) if objective else math.inf


class Control:
    """Clock of one solve: knows the deadline, asks the caller whether to stop, reports progress.

    Parameters
    ----------
    time_limit_s : float, optional
        Seconds from construction to the deadline; no limit when None.
    progress : callable, optional
        Called with a :class:`Progress` each time the best plan or the bound changes.
    cancel : callable, optional
        Asked now and then; a true answer stops the solve with the best plan so far.
    stop_gap : float
        Relative gap at which the caller is content.
    maximise : bool
        Direction of the objective, which tells a better bound from a worse one.
    """

    def __init__(
        self,
        time_limit_s: float | None = None,
        progress: Callable[[Progress], object] | None = None,
        cancel: Callable[[], bool] | None = None,
        stop_gap: float = 0.0,
        maximise: bool = True,
    ) -> None:
        self.start = time.perf_counter()
        self.deadline = math.inf if time_limit_s is None else self.start + time_limit_s
        self.compilations: list[tuple[float, Any]] = []  # when one began or ended, filled by the compiler's recorder
        self.stop_gap = stop_gap
        self.maximise = maximise
        self.per_unit = 1  # how many units of what is reported make up one unit of the objective
        self.best: float | None = None
        self.bound: float | None = None
        self._progress = progress
        self._cancel = cancel
        self._cancelled = False
        self._timed_out = False

    @property
    def elapsed_s(self) -> float:
        """Seconds since the solve began."""
        return time.perf_counter() - self.start

    @property
    def remaining_s(self) -> float:
        """Seconds left before the deadline, never negative; infinite without one. Compilation is not counted."""
        return max(0.0, self.deadline + self._compiled_s() - time.perf_counter())

    def _compiled_s(self) -> float:
        """Seconds in which something was being compiled; a loop called by another compiles within the other's time."""
        total, depth, began = 0.0, 0, 0.0
        for at, event in self.compilations:
            if event.is_start:
                began = at if depth == 0 else began
                depth += 1
            else:
                depth -= 1
                total += at - began if depth == 0 else 0.0
        return total + (time.time() - began if depth else 0.0)

    def stop(self) -> bool:
        """Return whether the solve should end now with what it has."""
        if not self._cancelled and self._cancel is not None and self._cancel():
            self._cancelled = True
        if self.remaining_s <= 0.0:
            self._timed_out = True
        return self._cancelled or self._timed_out or self.content()

    def expire(self) -> None:
        """Note that the time is up, as a solver with a clock of its own found a moment before this one."""
        self._timed_out = True

    def content(self) -> bool:
        """Return whether the gap the caller asked for is reached."""
        return self.stop_gap > 0 and relative_gap(self.best, self.bound) <= self.stop_gap

    @property
    def stopped(self) -> StopReason:
        """Why the solve was stopped early, or an empty string."""
        if self._cancelled:
            return "cancelled"
        if self._timed_out:
            return "time_limit"
        return "gap" if self.content() else ""

    def report(self, best: float | None = None, bound: float | None = None) -> None:
        """Take note of a plan's objective or of a bound; tell the caller when either improved."""
        sign = 1.0 if self.maximise else -1.0
        changed = False
        best, bound = (None if value is None else value / self.per_unit for value in (best, bound))
        if best is not None and math.isfinite(best) and (self.best is None or sign * best > sign * self.best):
            self.best, changed = best, True
        if bound is not None and math.isfinite(bound) and (self.bound is None or sign * bound < sign * self.bound):
            self.bound, changed = bound, True
        if changed and self._progress is not None:
            self._progress(Progress(self.best, self.bound, relative_gap(self.best, self.bound), self.elapsed_s))


@contextmanager
def uncounted_compilation(control: Control) -> Iterator[None]:
    """Keep the compilation of loops out of the time limit: it comes once after an installation, not with the problem.

    Parameters
    ----------
    control : Control
        Clock of the solve done inside.
    """
    with install_recorder("numba:compile") as recorder:
        control.compilations = recorder.buffer
        yield
