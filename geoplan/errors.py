"""Errors that a person can act on: every fault names its file, row and field, and says what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Cancelled", "Fault", "FaultLog", "GeoplanError", "InputError", "MissingExtraError"]


class GeoplanError(Exception):
    """Root of every error that geoplan raises on purpose."""


class MissingExtraError(GeoplanError, ImportError):
    """An optional library is needed for this call and is not installed."""


class Cancelled(GeoplanError):  # noqa: N818 - a request that was granted, not a failure
    """The caller asked a long computation to stop."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input.

    Parameters
    ----------
    problem : str
        What is wrong, in English, one clause.
    todo : str
        What the user can do about it, in English, one clause.
    file : str, optional
        Name of the file, as the user gave it.
    row : int, optional
        Row as a spreadsheet counts: the header is row 1, the first record row 2.
    field : str, optional
        Column or key.
    problem_zh, todo_zh : str, optional
        The same in Chinese, where the reader is a planner.
    """

    problem: str
    todo: str = ""
    file: str = ""
    row: int | None = None
    field: str = ""
    problem_zh: str = ""
    todo_zh: str = ""

    def sentence(self, language: str = "en") -> str:
        """Return the fault as one sentence in ``language`` (``"en"`` or ``"zh"``)."""
        if language == "zh" and self.problem_zh:
            where = [self.file] if self.file else []
            if self.row is not None:
                where.append(f"第 {self.row} 行")
            if self.field:
                where.append(f"字段“{self.field}”")
            place = "，".join(where)
            tail = f"；{self.todo_zh}" if self.todo_zh else ""
            return f"{place + '：' if place else ''}{self.problem_zh}{tail}。"
        where = [self.file] if self.file else []
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.field:
            where.append(f"field {self.field!r}")
        place = ", ".join(where)
        tail = f"; {self.todo}" if self.todo else ""
        return f"{place + ': ' if place else ''}{self.problem}{tail}."


class InputError(GeoplanError, ValueError):
    """An input is unusable; carries every fault found, not only the first.

    Parameters
    ----------
    faults : sequence of Fault or str
        What is wrong. A plain string stands for a fault without a place.
    """

    def __init__(self, faults: Sequence[Fault] | Fault | str) -> None:
        if isinstance(faults, str):
            faults = [Fault(faults.rstrip("."))]
        elif isinstance(faults, Fault):
            faults = [faults]
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(self.message())

    def message(self, language: str = "en", most: int = 20) -> str:
        """Return all faults as text, one line each, at most ``most`` lines."""
        lines = [fault.sentence(language) for fault in self.faults[:most]]
        left = len(self.faults) - most
        if left > 0:
            lines.append(f"… 另有 {left} 处。" if language == "zh" else f"… and {left} more.")
        return "\n".join(lines)


class FaultLog:
    """Collects faults so that a file's problems are reported together, once.

    Parameters
    ----------
    file : str
        Name that every fault added here carries unless it names another.
    """

    def __init__(self, file: str = "") -> None:
        self.file = file
        self._faults: list[Fault] = []

    def add(
        self,
        problem: str,
        todo: str = "",
        *,
        row: int | None = None,
        field: str = "",
        file: str | None = None,
        zh: tuple[str, str] = ("", ""),
    ) -> None:
        """Record one fault; ``zh`` is the pair (problem, what to do) in Chinese."""
        self._faults.append(Fault(problem, todo, self.file if file is None else file, row, field, zh[0], zh[1]))

    def extend(self, faults: Iterable[Fault]) -> None:
        """Record faults found elsewhere."""
        self._faults.extend(faults)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Faults recorded so far, in order."""
        return tuple(self._faults)

    def raise_if_any(self) -> None:
        """Raise one :class:`InputError` with all faults, if there is any."""
        if self._faults:
            raise InputError(self._faults)
