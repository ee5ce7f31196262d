"""Tables of published optima: the one value that answers a question, if there is one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geoplan.bench.text import Records, is_number, records_of, text_fault
from geoplan.errors import InputError

__all__ = ["published_questions", "published_value"]


def published_value(
    table: str | Path, instance: str, question: Mapping[str, Any], *, unit: bool, maximise: bool
) -> float | None:
    """Look the optimum of a question up.

    Parameters
    ----------
    table : str or pathlib.Path
        CSV with the column ``instance``, any of ``p``, ``radius``, ``variant`` (weighted or unicost) that tell the
        questions of an instance apart, and a value: ``optimum``, ``solved`` or ``published``. Where ``status`` is
        there and is not ``Optimal``, the values are the best known ones and the best of them counts.
    instance : str
        The instance's name.
    question : mapping
        ``p``, ``radius``, ``by_cost`` as asked, where they are.
    unit : bool
        Whether every site costs 1, which makes the cheapest cover the smallest, whatever the table calls it.
    maximise : bool
        Which of several values is the best.

    Returns
    -------
    float or None
        The value; None where the table has none for this question, or cannot be read.
    """
    try:
        records = records_of(table)
    except InputError:
        return None  # a table beside an instance that is something else says nothing of it
    if not records.has("instance"):
        return None
    for at, name in enumerate(records.texts("instance")):
        if name == instance and _fits(records, at, question, unit):
            return _value(records, at, maximise)
    return None


def published_questions(table: str | Path, instance: str) -> list[dict[str, Any]]:
    """Return ``p`` and ``radius`` of every question that a table has for an instance, where it has such columns.

    Raises
    ------
    InputError
        If the table cannot be read, or has nothing for the instance.
    """
    records = records_of(table)
    questions: list[dict[str, Any]] = []
    for at, name in enumerate(records.texts("instance")):
        if name == instance:
            p, radius = _cell(records, at, "p"), _cell(records, at, "radius")
            question: dict[str, Any] = {"p": int(float(p))} if is_number(p) else {}
            questions.append(question | ({"radius": float(radius)} if is_number(radius) else {}))
    if not questions:
        raise text_fault(Path(table), f"there is no question of {instance}", "give the table of this instance")
    return questions


def _cell(records: Records, at: int, name: str) -> str:
    return records.texts(name)[at] if records.has(name) else ""


def _fits(records: Records, at: int, question: Mapping[str, Any], unit: bool) -> bool:
    for key in ("p", "radius"):
        said, asked = _cell(records, at, key), question.get(key)
        if is_number(said) and asked is not None and float(said) != float(asked):
            return False
    variant = _cell(records, at, "variant")
    return not variant or (variant == "weighted" and not unit) == bool(question.get("by_cost"))


def _value(records: Records, at: int, maximise: bool) -> float | None:
    said = [_cell(records, at, name) for name in ("optimum", "solved", "published")]
    values = [float(text) for text in said if is_number(text)]
    if not values:
        return None
    if _cell(records, at, "status") in ("", "Optimal"):
        return values[0]
    return max(values) if maximise else min(values)
