"""What a reader of published instances returns."""

from __future__ import annotations

from dataclasses import dataclass

from geoplan.siting.problem import SitingProblem

__all__ = ["Instance"]


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One published instance.

    Parameters
    ----------
    name : str
        File name without its endings.
    problem : SitingProblem
        The instance as a siting problem.
    p : int or None
        Number of sites the file asks for, where its format has one.
    published : float or None
        Best known value that the file states, where its format has one.
    """

    name: str
    problem: SitingProblem
    p: int | None = None
    published: float | None = None
