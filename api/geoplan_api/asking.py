"""The questions of :mod:`geoplan.planning` as the service takes them: forms made from their declarations, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from geoplan.errors import Fault
from geoplan.hours.slices import SLICES
from geoplan.planning.question import (
    HOURS,
    CoverageQuestion,
    CubeQuestion,
    Declared,
    HourOption,
    PlanQuestion,
    declarations,
)
from geoplan.siting import MODELS
from geoplan_api.settings import LimitSettings

__all__ = ["COVERAGE", "CUBE", "FORMS", "Form", "beyond"]

Question = CoverageQuestion | CubeQuestion | PlanQuestion

_LONGEST: Final = 100  # characters of a name
_MOST_RULES: Final = 500  # districts that a rule may name
# Bounded by the service's own settings, which say less or more than the library takes: field -> setting.
_OWN_BOUND: Final[Mapping[str, str]] = {
    "limit_s": "max_limit_s",
    "limits_s": "max_limit_s",
    "farthest_s": "max_limit_s",
    "decay": "max_limit_s",
    "new_sites": "max_new_sites",
}


class HourOptionForm(BaseModel):
    """One thing that may be done at a site."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: str = Field(max_length=_LONGEST)
    option: str = Field(max_length=_LONGEST)
    slices: list[Literal[(*SLICES, "all")]] = Field(min_length=1)  # type: ignore[valid-type]
    cost: float = Field(ge=0, allow_inf_nan=False)


def _now(value: Any) -> Any:
    return datetime.now(UTC).replace(second=0, microsecond=0) if value == "now" else value


def type_of(one: Declared) -> Any:
    """Return the type of a declared field's values, with their bounds."""
    high = None if one.name in _OWN_BOUND and one.kind != "whole" else one.high
    bounds = {"gt" if one.above else "ge": one.low, "le": high}
    number = Annotated[float, Field(allow_inf_nan=False, **bounds)]
    whole = Annotated[int, Field(**bounds)]
    text = Annotated[str, Field(max_length=_LONGEST)]
    word: Any = Literal[one.choices] if one.choices else text
    many = Field(max_length=one.most)
    kinds: dict[str, Any] = {
        "whole": whole,
        "number": number,
        "flag": bool,
        "text": text,
        "choice": word,
        "instant": Annotated[datetime, BeforeValidator(_now)],
        "day": date,
        "texts": Annotated[list[text], many],
        "choices": Annotated[list[word], many],
        "wholes": Annotated[list[whole], many],
        "numbers": Annotated[list[number], many],
        "steps": Annotated[list[tuple[number, number]], many],
        "sets": Annotated[list[list[text]], many],
        "changes": Annotated[list[HourOptionForm], many],
        "shares": Annotated[dict[text, number], Field(max_length=_MOST_RULES)],
        "bounds": Annotated[
            dict[text, tuple[whole, whole | None]],
            Field(max_length=_MOST_RULES),
        ],
    }
    return kinds[one.kind]


def words_of(one: Declared) -> str:
    """Return the description of a field."""
    return f"{one.en}{f' ({one.unit})' if one.unit else ''}: {one.help}"


@dataclass(frozen=True)
class Form:
    """What may be asked through one door of the service.

    Parameters
    ----------
    title, doc : str
        Name of its schema, and what is asked.
    question : type
        What a filled-in form becomes.
    declared : tuple of Declared
        Its fields, by the names that callers know.
    names : mapping
        Name on the form -> field of the question, where they differ.
    fixed : mapping
        Fields of the question that the door itself says.
    """

    title: str
    doc: str
    question: type[Question]
    declared: tuple[Declared, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    model: type[BaseModel] = field(init=False)

    def __post_init__(self) -> None:
        fields: dict[str, Any] = {}
        for one in self.declared:
            asked, default = type_of(one), _listed(one.default)
            described = Field(default=default, description=words_of(one))
            fields[one.name] = (asked | None if default is None else asked, described)
        config = ConfigDict(extra="forbid", frozen=True)
        made = create_model(self.title, __config__=config, __doc__=self.doc, **fields)
        object.__setattr__(self, "model", made)

    def read(self, values: Mapping[str, Any]) -> Any:
        """Return the question of a filled-in form; raises pydantic's ``ValidationError``."""
        return self.asked(self.model.model_validate(values))

    def asked(self, filled: BaseModel) -> Any:
        """Return the question of a checked form."""
        said = {name: _frozen(getattr(filled, name)) for name in filled.model_fields_set}
        given = {self.names.get(name, name): value for name, value in said.items() if value is not None}
        return self.question(**self.fixed, **given)

    def name_of(self, one: str) -> str:
        """Return the name on the form of a field of the question."""
        return next((name for name, meant in self.names.items() if meant == one), one)


def _listed(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


def _frozen(value: Any) -> Any:
    if isinstance(value, HourOptionForm):
        return HourOption(value.site, value.option, tuple(value.slices), value.cost)
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    return value


def _public(question: type[Any]) -> tuple[Declared, ...]:
    return tuple(one for one in declarations(question) if not one.private)


def _siting() -> tuple[Declared, ...]:
    fields = (one for one in _public(PlanQuestion) if not one.models or set(one.models) & set(MODELS))
    return tuple(replace(one, choices=tuple(MODELS)) if one.name == "model" else one for one in fields)


def _hours() -> tuple[Declared, ...]:
    fields = (one for one in _public(PlanQuestion) if not one.models or HOURS in one.models)
    kept = (one for one in fields if one.name not in ("model", "at", "slice"))  # a plan of hours is of a day
    return tuple(replace(one, name="new_sites") if one.name == "build" else one for one in kept)


COVERAGE: Final = Form("CoverageQuestion", "Is the circle met?", CoverageQuestion, _public(CoverageQuestion))
CUBE: Final = Form("CubeQuestion", "Every area, slice, bundle and trade at once.", CubeQuestion, _public(CubeQuestion))
FORMS: Final[Mapping[str, Form]] = {
    "siting": Form("SitingQuestion", "Where the next stations should go.", PlanQuestion, _siting()),
    "hours": Form(
        "HoursQuestion",
        "Which stations should open longer, and which be built.",
        PlanQuestion,
        _hours(),
        names={"new_sites": "build"},
        fixed={"model": HOURS},
    ),
    "coverage": CUBE,
}
"""Forms of the jobs, by their kind."""


def beyond(form: Form, question: Question, limits: LimitSettings) -> list[Fault]:
    """Return what exceeds the service's own bounds, each as a fault."""
    faults = []
    for one in form.declared:
        asked = getattr(question, form.names.get(one.name, one.name))
        if one.name not in _OWN_BOUND or isinstance(asked, bool) or not asked:
            continue
        most = float(getattr(limits, _OWN_BOUND[one.name]))
        if one.kind == "steps":
            largest = max(step[0] for step in asked)
        else:
            largest = max(asked) if isinstance(asked, tuple) else asked
        if largest > most:
            faults.append(
                Fault(
                    f"{one.name} is {largest:g}",
                    f"this service takes at most {most:g}{f' {one.unit}' if one.unit else ''}",
                    field=one.name,
                    problem_zh=f"{one.zh}是 {largest:g}",
                    todo_zh=f"不能大于 {most:g}",
                )
            )
    return faults
