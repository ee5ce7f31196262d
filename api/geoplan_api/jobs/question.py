"""The siting question: what a planner may ask for, and what the models of the library are given of it."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from geoplan_api.validation import refusal

__all__ = ["SitingQuestion", "Slice", "parameters"]

Model = Literal[
    "mclp", "lscp", "pscp", "pmedian", "pcenter", "bacop1", "bacop2", "cmclp", "cpmedian", "cflp"
]  # fmt: skip
Slice = Literal["04-06", "06-12", "12-15", "15-18", "18-22", "22-06"]


class SitingQuestion(BaseModel):
    """What a planner asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Model = Field(default="mclp", description="What is best: see `/v1/meta`, models")
    new_sites: int | None = Field(default=None, ge=0, le=5000, description="Number of new sites")
    budget: float | None = Field(default=None, ge=0, description="Upper limit of the summed cost of the new sites")
    share: float | None = Field(default=None, gt=0, le=1, description="Share of demand to reach (partial covering)")
    profile: str | None = Field(default=None, max_length=40, description="Travel profile")
    limit_s: float = Field(default=900.0, gt=0, le=3600, description="Longest way, seconds")
    slice: Slice | None = Field(default=None, description="Only stations open, and workers out, in this slice")
    day: date | None = Field(default=None, description="Day of the slice; today if not given")
    trade: str | None = Field(default=None, max_length=40, description="Only workers of this trade")
    area: str | None = Field(default=None, max_length=40, description="Only demand of this district")
    cover_times: int = Field(default=1, ge=1, le=5, description="Open stations within reach to count as covered")
    spacing_m: float = Field(default=0.0, ge=0, le=5000, description="Least distance between new sites, metres")
    quotas: dict[str, tuple[int, int | None]] = Field(default={}, description="District → least and most new sites")
    floors: dict[str, float] = Field(default={}, description="District (`*`: all demand in one) → least share covered")
    veto: list[str] = Field(default=[], max_length=5000, description="Candidates that must not be chosen")
    force: list[str] = Field(default=[], max_length=5000, description="Candidates that must be chosen")
    backup_weight: float | None = Field(default=None, ge=0, le=1, description="Weight of cross coverage (bacop2)")
    weighted: bool | None = Field(default=None, description="Weigh the longest way by demand (pcenter)")
    by_cost: bool | None = Field(default=None, description="Least cost instead of fewest sites (lscp, pscp)")
    capacity_workers: float | None = Field(
        default=None, gt=0, description="Workers that a site can serve (cmclp, cpmedian, cflp)"
    )
    single_source: bool | None = Field(default=None, description="All of a point's workers at one site (capacities)")
    years: list[int] = Field(
        default=[], max_length=20, description="New sites of each year; in all, `new_sites` (mclp)"
    )
    yearly_budgets: list[float] = Field(
        default=[], max_length=20, description="Money of each year instead; what a year leaves goes to the next (mclp)"
    )
    joint: bool = Field(
        default=False, description="Plan all years in one model, with its bound; years by money always are (mclp)"
    )
    year_weights: list[float] = Field(
        default=[], max_length=20, description="What a worker covered is worth in each year, where planned jointly"
    )
    explain: bool = Field(default=False, description="Say why each site is in the plan (mclp)")
    price_floors: bool = Field(default=False, description="Say what the floors cost (mclp)")
    robust: list[Slice] = Field(
        default=[], max_length=6, description="Slices in each of which the plan should hold (mclp)"
    )
    time_limit_s: float = Field(default=60.0, gt=0, le=3600, description="Longest search, seconds")
    stop_gap: float = Field(default=0.0, ge=0, lt=1, description="Gap at which to be content; 0 for the proof")

    @model_validator(mode="after")
    def _of_one_kind(self) -> SitingQuestion:
        if self.model != "mclp" and (self.in_years or self.explain or self.price_floors or self.robust):
            raise refusal(
                "years, yearly_budgets, explain, price_floors and robust are asked of the model mclp",
                "只有“覆盖的人最多”才能分年、说明理由、计算最低覆盖率的代价或兼顾各时段",
            )
        if self.years and self.new_sites not in (None, sum(self.years)):
            raise refusal(
                "the years' new sites must add up to new_sites",
                "各年新增站点数之和应等于新增站点总数",
            )
        if any(new < 0 for new in (*self.years, *self.yearly_budgets)):
            raise refusal(
                "years and yearly_budgets: give 0 or more a year",
                "各年的数量或预算不能小于 0",
            )
        if self.yearly_budgets and (self.years or self.new_sites is not None or self.budget is not None):
            raise refusal(
                "yearly_budgets say how much is built; leave years, new_sites and budget out",
                "各年预算已经决定建多少，请不要再填各年数量、新增站点数或总费用",
            )
        if (self.joint or self.year_weights) and not self.in_years:
            raise refusal(
                "joint and year_weights need years or yearly_budgets",
                "各年一起优化，需要先给出各年的数量或预算",
            )
        if self.year_weights and not self.jointly:
            raise refusal(
                "year_weights are for years planned jointly; set joint",
                "各年权重只用于各年一起优化",
            )
        if self.year_weights and (len(self.year_weights) != self.in_years or min(self.year_weights) <= 0):
            raise refusal(
                "year_weights: give one number above 0 for each year",
                "请给每年填一个大于 0 的权重",
            )
        if self.price_floors and not self.floors:
            raise refusal(
                "price_floors: give floors",
                "请先给出各区县的最低覆盖率",
            )
        return self

    @property
    def in_years(self) -> int:
        """Number of years asked for; 0 for all at once."""
        return len(self.years or self.yearly_budgets)

    @property
    def jointly(self) -> bool:
        """Whether all years are planned in one model."""
        return self.joint or bool(self.yearly_budgets)

    @property
    def priced(self) -> bool:
        """Whether the candidates' costs are needed."""
        return self.budget is not None or bool(self.yearly_budgets or self.by_cost) or self.model == "cflp"

    @property
    def subject(self) -> tuple[Any, ...]:
        """What must be equal for one plan to be a good start for another."""
        return (self.model, self.profile, self.limit_s, self.slice, self.day, self.trade, self.area)


def parameters(question: SitingQuestion) -> dict[str, Any]:
    """Return what the model takes; a question that does not fit its model is refused by the library."""
    given: dict[str, Any] = {
        "p": sum(question.years) if question.years else question.new_sites,
        "budget": sum(question.yearly_budgets) if question.yearly_budgets else question.budget,
        "share": question.share,
        "cover_times": question.cover_times if question.cover_times > 1 else None,
        "backup_weight": question.backup_weight,
        "weighted": question.weighted,
        "by_cost": question.by_cost,
        "single_source": question.single_source,
    }
    return {name: value for name, value in given.items() if value is not None}
