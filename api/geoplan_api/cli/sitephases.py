"""The years asked of ``geoplan site``."""

from __future__ import annotations

from dataclasses import dataclass

from geoplan.errors import InputError

__all__ = ["Years", "years_asked"]


@dataclass(frozen=True, slots=True)
class Years:
    """What is asked: new stations or money of each year, and whether all years are planned together."""

    new: tuple[int, ...] = ()
    budgets: tuple[float, ...] = ()
    joint: bool = False


def years_asked(new: str | None, budgets: str | None, joint: bool) -> Years | None:
    """Read ``--years 30,40,41``, ``--yearly-budget 100,80`` and ``--joint``; None where no years are asked."""
    if new is not None and budgets is not None:
        raise InputError("--years and --yearly-budget exclude each other; give one of them")
    if new is None and budgets is None:
        if joint:
            raise InputError("--joint needs --years or --yearly-budget")
        return None
    numbers = _numbers(new if new is not None else str(budgets), whole=new is not None)
    if new is not None:
        return Years(new=tuple(int(number) for number in numbers), joint=joint)
    return Years(budgets=tuple(numbers), joint=True)


def _numbers(text: str, *, whole: bool) -> list[float]:
    try:
        numbers = [float(int(part)) if whole else float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(0 <= number < float("inf") for number in numbers):
        raise InputError(f"{text!r} are no yearly numbers; write them like 30,40,41")
    return numbers
