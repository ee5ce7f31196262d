"""Options of the command line made from the declared fields of a question, and words read into its values."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from geoplan.errors import InputError
from geoplan.planning import declarations, read_options
from geoplan.planning.question import Declared
from geoplan_api.cli.common import read_polygons

__all__ = ["asks", "read_words"]

_WORDS: Final = {"flag": bool | None, "whole": int | None, "number": float | None}
_SEVERAL: Final = ("texts", "sets", "shares", "bounds")


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
            said = {one.name: read_words(one, values.pop(one.name)) for one in fields}
            asked = question(**{name: value for name, value in said.items() if value is not None})
            command(asked=asked, **values)

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
    """Return the help of an option: its sentence, unit, values, and the models that take it."""
    about = []
    if one.unit:
        about.append("minutes" if one.factor == 60.0 else one.unit)
    if one.choices and one.kind != "choices":
        about.append(", ".join(one.choices))
    if one.kind in _SEVERAL:
        about.append("repeatable")
    if one.models and len(one.models) < 8:
        about.append(", ".join(one.models))
    return one.help + (f" [{'; '.join(about)}]" if about else "")


def read_words(one: Declared, words: Any) -> Any:
    """Read what was typed for a field; None where nothing was.

    Raises
    ------
    InputError
        The words are none of the kind, naming the option.
    """
    if words is None or words == [] or (words is False and one.default is None and "/" not in one.option):
        return None
    try:
        return _READERS[one.kind](one, words)
    except (ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{one.option.split('/')[0]} {words!r} cannot be read; {_EXAMPLES[one.kind]}") from None


def _parts(words: str) -> list[str]:
    return [part.strip() for part in words.replace("，", ",").split(",") if part.strip()]


def _all_parts(_: Declared, words: list[str]) -> tuple[str, ...]:
    return tuple(part for word in words for part in _parts(word))


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    pairs = [word.replace("＝", "=").replace("：", ":").partition("=") for word in words]
    if not all(name.strip() and sign and value.strip() for name, sign, value in pairs):
        raise ValueError
    return [(name.strip(), value.strip()) for name, _, value in pairs]


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
    "texts": _all_parts,
    "choices": lambda _, words: tuple(_parts(words)),
    "wholes": lambda _, words: tuple(int(part) for part in _parts(words)),
    "numbers": lambda _, words: tuple(float(part) for part in _parts(words)),
    "instant": _instant,
    "day": lambda _, words: dt.date.fromisoformat(words),
    "steps": _steps,
    "shares": lambda _, words: {name: _share(value) for name, value in _pairs(words)},
    "bounds": lambda _, words: {name: _bounds(value) for name, value in _pairs(words)},
    "sets": lambda _, words: tuple(tuple(_parts(word)) for word in words),
    "changes": lambda _, words: read_options(Path(words)),
    "areas": lambda _, words: read_polygons(Path(words)),
}
_EXAMPLES: Final = {
    "wholes": "write whole numbers like 30,40,41",
    "numbers": "write numbers like 100,80,60",
    "instant": "write a time like 2026-11-20T12:30, or now",
    "day": "write a day like 2026-11-20",
    "steps": "write minutes and shares like 8:1,12:0.6,15:0.2",
    "shares": "write it like 宜兴市=0.9",
    "bounds": "write it like 宜兴市=5:20",
    "number": "write a number",
}
