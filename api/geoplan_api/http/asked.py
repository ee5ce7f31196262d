"""Questions of the library as query parameters: their names, types and words come from the declarations."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Query
from pydantic import ValidationError

from geoplan.errors import InputError
from geoplan.planning import CoverageQuestion, CubeQuestion, resolve
from geoplan.planning.question import Declared
from geoplan_api.asking import COVERAGE, CUBE, Form, beyond, type_of, words_of
from geoplan_api.http.parameters import State, parse_instant
from geoplan_api.problems import ProblemError
from geoplan_api.validation import fault_of

__all__ = ["AskedCoverage", "AskedCube"]

_LISTS: Final = ("texts", "choices", "wholes", "numbers")
_LONGEST: Final = 300  # characters of a list


def query_of(form: Form) -> Callable[..., Awaitable[Any]]:
    """Return a dependency that reads a form from the query and fills in what was not said.

    Lists are joined by commas; an empty parameter is one that was not given.
    """

    async def read(state: State, **given: Any) -> Any:
        values = {name: value for name, value in given.items() if value not in (None, "")}
        for one in form.declared:
            if one.name not in values:
                continue
            text = values[one.name]
            if one.kind in _LISTS:
                values[one.name] = [part.strip() for part in text.split(",") if part.strip()]
            elif one.kind == "instant":
                values[one.name] = parse_instant(text, state.zone)
        try:
            question = form.read(values)
        except ValidationError as error:
            raise InputError([fault_of(item) for item in error.errors()[:20]]) from None
        faults = beyond(form, question, state.settings.limits)
        if faults:
            raise ProblemError("bad-request", faults[0].sentence(), faults[0].sentence("zh"))
        return resolve(state.city.pack, question)

    first = inspect.Parameter("state", inspect.Parameter.KEYWORD_ONLY, annotation=State)
    read.__signature__ = inspect.Signature([first, *map(_parameter, form.declared)])  # type: ignore[attr-defined]
    return read


def _parameter(one: Declared) -> inspect.Parameter:
    joined = one.kind in _LISTS
    of = f" Joined by commas{': ' + ', '.join(one.choices) if one.choices else ''}." if joined else ""
    text = joined or one.kind == "instant"
    words = Query(description=words_of(one) + of, max_length=_LONGEST if text else None)
    kind = str if text else type_of(one)
    return inspect.Parameter(
        one.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, words]
    )


AskedCoverage = Annotated[CoverageQuestion, Depends(query_of(COVERAGE))]
"""A coverage question with nothing left unsaid, from the query."""
AskedCube = Annotated[CubeQuestion, Depends(query_of(CUBE))]
"""A question about every cell with nothing left unsaid, from the query."""
