"""Options of the command line made from the declared fields of a question, and words read into its values."""

from __future__ import annotations

import datetime as dt
import inspect
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geoplan.errors import Fault, FaultLog, InputError
from geoplan.planning import declarations, read_options
from geoplan.planning.checks import check_range
from geoplan.planning.question import EVERY_MODEL, Declared
from geoplan_api.cli.common import read_polygons

__all__ = ["asks", "read_words"]

_WORDS: Final = {"flag": bool | None, "whole": int | None, "number": float | None}
_SEVERAL: Final = ("texts", "sets", "shares", "bounds")
_UNITS: Final = {"s": "seconds", "m": "metres", "cost": "in the candidates' unit of cost", "cost/min": ""}
_MARKED: Final = re.compile(r"`(\w+)`")
"""A field as the sentences of :mod:`geoplan.planning.checks` name it."""


def asks(question: type[Any], *, only: Collection[str] = ()) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each declared field; the command takes the question as ``asked``.

    Parameters
    ----------
    question : type
        CoverageQuestion or PlanQuestion.
    only : collection of str
        Fields that get an option; all that have one declared without it.

    Returns
    -------
    callable
        A decorator.
    """
    fields = [one for one in declarations(question) if one.option and (not only or one.name in only)]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(command, eval_str=True).parameters.values())
        at = next(i for i, parameter in enumerate(own) if parameter.name == "asked")
        made = [_parameter(one) for one in fields]

        def run(**values: Any) -> None:
            said, log = dict[str, Any](), FaultLog()
            for one in fields:
                try:
                    said[one.name] = read_words(one, values.pop(one.name))
                except InputError as error:
                    log.extend(error.faults)
            log.raise_if_any()
            asked = question(**{name: value for name, value in said.items() if value is not None})
            try:
                command(asked=asked, **values)
            except InputError as error:
                raise InputError(as_typed(error.faults, question, said)) from error

        parameters = [*own[:at], *made, *own[at + 1 :]]
        run.__doc__ = command.__doc__
        run.__name__ = command.__name__
        run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
        )
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def _parameter(one: Declared) -> inspect.Parameter:
    words: Any = list[str] | None if one.kind in _SEVERAL else _WORDS.get(one.kind, str | None)
    option = typer.Option(one.option, help=_help(one))
    return inspect.Parameter(
        one.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[words, option]
    )


def _help(one: Declared) -> str:
    """Return the help of an option: its sentence, unit, range, values, and the models that take it."""
    minutes = one.factor == 60.0
    unit = "minutes" if minutes else _UNITS.get(one.unit, one.unit)
    about = [unit] if unit else []
    if one.kind in ("whole", "number") and one.high is not None and one.low is not None:
        least = f"above {one.low:g}" if one.above else f"{one.low:g}"
        about.append(f"{least} to {one.high / one.factor:g}")
    if one.choices:
        about.append(", ".join(one.choices))
    if one.kind in _SEVERAL:
        about.append("repeatable")
    if one.models:
        others = [name for name in EVERY_MODEL if name not in one.models]
        about.append(f"not {', '.join(others)}" if len(others) < len(one.models) else ", ".join(one.models))
    return one.help + (f" ({'; '.join(about)})" if about else "")  # brackets would be read as markup


def read_words(one: Declared, words: Any) -> Any:
    """Read what was typed for a field; None where nothing was.

    Raises
    ------
    InputError
        The words are none of the kind, naming the option and the word, every one of them.
    """
    if words is None or words == [] or (words is False and one.default is None and "/" not in one.option):
        return None
    read, found, log = _READERS[one.kind], [], FaultLog()
    for word in words if isinstance(words, list) else [words]:
        try:
            found.append(read(one, word))
        except (ValueError, OverflowError) as error:
            if isinstance(error, InputError):
                raise
            wrong, example = _EXAMPLES[one.kind]
            log.add(f"{_spelled(one, words)} {word!r} {wrong}", f"write it like {example}")
    log.raise_if_any()
    if not isinstance(words, list):
        return found[0]
    if one.kind in ("shares", "bounds"):
        return {name: value for pairs in found for name, value in pairs.items()}
    return tuple(found) if one.kind == "sets" else tuple(part for parts in found for part in parts)


def as_typed(faults: Sequence[Fault], question: type[Any], said: dict[str, Any]) -> list[Fault]:
    """Return the faults of a question with options, and numbers in the units of options, where they name fields."""
    known = {one.name: one for one in declarations(question)}
    spelled = {name: _spelled(one, said.get(name)) for name, one in known.items() if one.option}
    told = []
    for fault in faults:
        one, log = known.get(fault.field), FaultLog()
        if one is not None and one.factor != 1.0 and one.kind == "number":
            check_range(one, said.get(one.name), log, typed=True)
        for each in log.faults or (fault,):
            words = [
                _MARKED.sub(lambda mark: spelled.get(mark[1], mark[1]), text) for text in (each.problem, each.todo)
            ]
            option = spelled.get(each.field, "")
            if option and not each.file:  # the option is the place, unless the sentence names it
                each = replace(each, field="", file="" if words[0].startswith("--") else option)
            told.append(replace(each, problem=words[0], todo=words[1]))
    return list(dict.fromkeys(told))


def _spelled(one: Declared, value: Any) -> str:
    """Return an option as it was typed: of a pair such as --reachable/--everybody the one that says the value."""
    yes, _, no = one.option.partition("/")
    return no if no and value is False else yes


def _parts(words: str) -> list[str]:
    return [part.strip() for part in words.replace("，", ",").split(",") if part.strip()]


def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.replace("＝", "=").replace("：", ":").partition("=")
    if not name.strip() or not value.strip():
        raise ValueError
    return name.strip(), value.strip()


def _share(text: str) -> float:
    return float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)


def _bounds(text: str) -> tuple[int, int | None]:
    least, colon, most = text.partition(":")
    if not colon:
        raise ValueError
    return int(least or 0), int(most) if most else None


def _steps(one: Declared, words: str) -> tuple[tuple[float, float], ...]:
    pairs = [part.replace("：", ":").split(":") for part in _parts(words)]
    return tuple((float(reach) * one.factor, float(share)) for reach, share in pairs)


def _instant(_: Declared, words: str) -> dt.datetime:
    return dt.datetime.now(dt.UTC) if words == "now" else dt.datetime.fromisoformat(words)


_READERS: Final[dict[str, Callable[[Declared, Any], Any]]] = {
    "whole": lambda _, words: words,
    "number": lambda one, words: words * one.factor,
    "flag": lambda _, words: words,
    "text": lambda _, words: words,
    "choice": lambda _, words: words,
    "texts": lambda _, words: tuple(_parts(words)),
    "choices": lambda _, words: tuple(_parts(words)),
    "wholes": lambda _, words: tuple(int(part) for part in _parts(words)),
    "numbers": lambda _, words: tuple(float(part) for part in _parts(words)),
    "instant": _instant,
    "day": lambda _, words: dt.date.fromisoformat(words),
    "steps": _steps,
    "shares": lambda _, words: {name: _share(value) for name, value in [_pair(words)]},
    "bounds": lambda _, words: {name: _bounds(value) for name, value in [_pair(words)]},
    "sets": lambda _, words: tuple(_parts(words)),
    "changes": lambda _, words: read_options(Path(words)),
    "areas": lambda _, words: read_polygons(Path(words)),
}
_EXAMPLES: Final = {
    "wholes": ("are no yearly numbers", "30,40,41"),
    "numbers": ("are no yearly numbers", "100,80,60"),
    "instant": ("is not a time", "2026-11-20T12:30, or now"),
    "day": ("is no day", "2026-11-20"),
    "steps": ("are no steps of decay", "8:1,12:0.6,15:0.2"),
    "shares": ("is no floor", "宜兴市=0.9"),
    "bounds": ("is no quota", "宜兴市=5:20"),
}
