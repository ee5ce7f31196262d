"""What may be asked of a city: every field declared once, with its unit, range, labels and the models that take it.

The doors (command line, service, desk, notebook) make their options from these declarations and parse into these
values; :func:`geoplan.planning.resolve` fills in what was not said, and :func:`geoplan.planning.answer` answers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from geoplan.coverage.facilities import BUNDLES
from geoplan.hours.slices import SLICES
from geoplan.siting.question import MODELS

__all__ = [
    "HOURS",
    "MUST_SERVE",
    "TITLES",
    "CoverageQuestion",
    "CubeQuestion",
    "Declared",
    "HourOption",
    "PlanQuestion",
    "declarations",
    "given",
]

Kind = Literal[
    "whole", "number", "flag", "text", "texts", "wholes", "numbers", "choice", "choices", "instant", "day", "steps",
    "bounds", "shares", "sets", "changes", "weights", "areas",
]  # fmt: skip

HOURS: Final = "hours"
"""The model of sites and opening hours together, beside the location models of :data:`geoplan.siting.MODELS`."""
EVERY_MODEL: Final = (*MODELS, HOURS)
TITLES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {name: (spec.title_zh, spec.title) for name, spec in MODELS.items()}
    | {HOURS: ("站点与开放时间一起", "stations and opening hours together")}
)
"""What every model is called, in Chinese and English."""
MUST_SERVE: Final = ("lscp", "bacop1", "pmedian", "pcenter", "cpmedian", "cflp")  # a plan leaves nobody out
CAPACITATED: Final = ("cmclp", "cpmedian", "cflp")
LOCATION: Final = tuple(MODELS)
COUNTED: Final = tuple(  # models that take a number of new sites
    name for name, spec in MODELS.items() if "p" in (*spec.takes, *"|".join(spec.needs).split("|"))
)


@dataclass(frozen=True, slots=True)
class Declared:
    """One field of a question.

    Parameters
    ----------
    name : str
        Name of the field, in Python and in JSON.
    kind : str
        What its values are: see :data:`Kind`.
    zh, en : str
        Label.
    help, help_zh : str
        One sentence, in English and in Chinese.
    unit : str
        Unit of a number; empty where it has none.
    low, high : float or None
        Range of a number, or of each of several.
    above : bool
        Whether ``low`` itself is excluded.
    most : int or None
        Largest number of elements of a list.
    choices : tuple of str
        Values of a closed vocabulary.
    models : tuple of str
        Models that take it; empty for a question of coverage, or where all do.
    option : str
        Name on the command line.
    factor : float
        What a number on the command line is multiplied by (60 where it is said in minutes).
    default : Any
        Value where nothing was said; None where :func:`geoplan.planning.resolve` finds it.
    private : bool
        Whether the service does not take it (a frame or a file of the caller's own).
    """

    name: str
    kind: Kind
    zh: str
    en: str
    help: str
    help_zh: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    above: bool = False
    most: int | None = None
    choices: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    option: str = ""
    factor: float = 1.0
    default: Any = None
    private: bool = False


def _ask(kind: Kind, zh: str, en: str, help_: str, help_zh: str, *, default: Any = None, **about: Any) -> Any:
    """Declare a field; ``about`` as in :class:`Declared`."""
    return dataclasses.field(
        default=default,
        metadata={"declared": {"kind": kind, "zh": zh, "en": en, "help": help_, "help_zh": help_zh, **about}},
    )


@dataclass(frozen=True, slots=True)
class HourOption:
    """One thing that may be done at a site: a row of the table of options.

    Parameters
    ----------
    site : str
        Code of a station or candidate.
    option : str
        What it is called.
    slices : tuple of str
        Slices of the day in which the site is then open besides.
    cost : float
        In the pack's unit of cost.
    file : str
        Table that it was read from, as faults name it; empty where a program gave it.
    row : int or None
        Its row there, the header being row 1.
    """

    site: str
    option: str
    slices: tuple[str, ...]
    cost: float
    file: str = dataclasses.field(default="", compare=False)
    row: int | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Yardstick:
    """What every figure is measured by: how people travel, how far, when, and who counts."""

    profile: str | None = _ask(
        "text", "出行方式", "Travel profile", "How people travel to a station.",
        "到站点的出行方式。",
        option="--profile",
    )  # fmt: skip
    limit_s: float | None = _ask(
        "number", "时限", "Limit", "Longest way to a station.",
        "到站点最长走多久。",
        unit="s", low=0, above=True, high=14400,
        option="--limit-min", factor=60.0,
    )  # fmt: skip
    at: datetime | None = _ask(
        "instant", "时刻", "Instant", "An instant on the city's clock: 2026-11-20T12:30, or now.",
        "城市当地的某个时刻，如 2026-11-20T12:30，或 now。",
        option="--at",
    )  # fmt: skip
    slice: str | None = _ask(
        "choice", "时段", "Time slice", "A time slice of the day, instead of an instant.",
        "一天里的一个时段，与时刻二选一。",
        choices=tuple(SLICES),
        option="--slice",
    )  # fmt: skip
    day: date | None = _ask(
        "day", "日期", "Day", "Day of the slice or slices, e.g. 2026-11-20; today without it.",
        "时段所在的日期，如 2026-11-20；不填为今天。", option="--day",
    )  # fmt: skip
    time_rule: str = _ask(
        "choice", "时段口径", "Time rule",
        "mean: the worker-time mean over the slice; whole: only stations open all through it count.",
        "mean：按时段内每分钟平均；whole：只算整段都开放的站点。",
        default="mean", choices=("mean", "whole"), option="--time-rule",
    )  # fmt: skip
    trade: str | None = _ask(
        "text", "行业", "Trade", "Only workers of this trade, e.g. courier.",
        "只计这个行业，如 courier。",
        option="--trade",
    )  # fmt: skip
    facilities: tuple[str, ...] = _ask(
        "texts", "设施", "Facilities", "Facilities that must all be within reach, e.g. toilet,microwave.",
        "这些设施都要在可达范围内，如 toilet,microwave。",
        default=(),
        most=20, option="--facilities",
    )  # fmt: skip
    area: str | None = _ask(
        "text", "范围", "Area", "One district, by name or code.",
        "一个区县，填名称或代码。",
        option="--area",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverageQuestion(Yardstick):
    """Is the circle met, where is it not, and which stations carry it."""

    radius_m: float | None = _ask(
        "number", "圆半径", "Radius", "Radius of the circle test.",
        "圆检验的半径。",
        unit="m", low=0, above=True, high=20000,
        option="--radius-m",
    )  # fmt: skip
    k: int | None = _ask(
        "whole", "交叉覆盖站数", "Cross coverage", "Stations within reach that cross coverage asks for.",
        "交叉覆盖要求可达的站点数。",
        low=2, high=9,
        option="--k",
    )  # fmt: skip
    polygon: gpd.GeoDataFrame | None = _ask(
        "areas", "自绘区域", "Drawn areas", "Further areas to report: a file of polygons.",
        "另外报告的区域：一个多边形文件。",
        option="--polygon",
        private=True,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class CubeQuestion:
    """Every area, slice, bundle of facilities and trade at once."""

    profiles: tuple[str, ...] = _ask(
        "texts", "出行方式", "Travel profiles", "Travel profiles; the pack's own without any.",
        "出行方式；不填用数据包的。",
        default=(), most=4,
    )  # fmt: skip
    day: date | None = _ask(
        "day", "日期", "Day", "Day of the slices; today without it.",
        "时段或现有开放时间所在的日期，如 2026-11-20；不填为今天。",
    )  # fmt: skip
    moments: str = _ask(
        "choice", "时间", "Moments", "Slices of the day, or the hours of its week.",
        "一天的时段，或一周的每小时。",
        default="day",
        choices=("day", "week"),
    )  # fmt: skip
    bundles: tuple[str, ...] = _ask(
        "choices", "设施组合", "Bundles", "Bundles of facilities.",
        "设施组合。",
        default=("any",), choices=tuple(BUNDLES), most=8,
    )  # fmt: skip
    trades: tuple[str, ...] = _ask(
        "texts", "行业", "Trades", "Trades; all for all workers.",
        "行业；all 为全部。",
        default=("all",), most=8,
    )  # fmt: skip
    k: int | None = _ask(
        "whole", "交叉覆盖站数", "Cross coverage", "Counted for 1 … k stations.",
        "交叉覆盖要求可达的站点数。",
        low=1, high=5,
    )  # fmt: skip
    limits_s: tuple[float, ...] = _ask(
        "numbers", "时限", "Limits", "Limits of the network test; the pack's own without any.",
        "路网检验的时限；不填用数据包的。",
        default=(), unit="s",
        low=0, above=True, high=14400, most=6,
    )  # fmt: skip
    levels: tuple[str, ...] = _ask(
        "choices", "层级", "Levels", "Levels of area.",
        "区域的层级。",
        default=("city", "district"),
        choices=("city", "district", "town", "key_area"), most=4,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanQuestion(Yardstick):
    """Where the next stations should go, and how good that is."""

    model: str = _ask(
        "choice", "目标", "Aim", "What is best.",
        "什么算最好。",
        default="mclp", choices=EVERY_MODEL, option="--model",
    )  # fmt: skip
    new_sites: int | None = _ask(
        "whole", "新增站点数", "New stations", "Number of new stations; an eighth of those there are without it.",
        "新增站点的数量；不填为现有站点的八分之一。",
        low=0, high=100000, models=COUNTED, option="--new",
    )  # fmt: skip
    budget: float | None = _ask(
        "number", "预算", "Budget", "Upper limit of the summed cost.",
        "费用合计的上限。",
        unit="cost", low=0, option="--budget",
    )  # fmt: skip
    share: float | None = _ask(
        "number", "要达到的比例", "Share", "Share of demand to reach.",
        "要覆盖的需求比例。",
        low=0, high=1, above=True, models=("pscp",),
        option="--share",
    )  # fmt: skip
    by_cost: bool | None = _ask(
        "flag", "按费用最少", "By cost", "Least cost instead of fewest stations.",
        "按费用最少，而不是站点最少。",
        models=("lscp", "pscp"),
        option="--by-cost",
    )  # fmt: skip
    cover_times: int | None = _ask(
        "whole", "所需站数", "Cover times", "Open stations within reach for a worker to count as covered.",
        "可达几个开放站点才算覆盖。",
        low=1,
        high=9, models=("mclp", "lscp", "pscp"), option="--cross",
    )  # fmt: skip
    decay: tuple[tuple[float, float], ...] = _ask(
        "steps", "递减覆盖", "Gradual cover", "Minutes and the shares that count up to there, 8:1,12:0.6,15:0.2.",
        "分钟数和到此为止计入的比例，如 8:1,12:0.6,15:0.2。",
        default=(), unit="s", models=("mclp",), option="--decay", factor=60.0, most=20,
    )  # fmt: skip
    open_probability: float | None = _ask(
        "number", "开门概率", "Open probability", "Chance that a station is open: expected cover.",
        "站点开门的概率：按期望覆盖计。",
        low=0, high=1,
        above=True, models=("mclp",), option="--open-probability",
    )  # fmt: skip
    backup_weight: float | None = _ask(
        "number", "交叉覆盖权重", "Backup weight", "Weight of cross cover against first cover.",
        "交叉覆盖相对首次覆盖的权重。",
        low=0, high=1,
        models=("bacop2",), option="--backup-weight",
    )  # fmt: skip
    weighted: bool | None = _ask(
        "flag", "按人数加权", "Weighted", "The longest way times demand.",
        "最远路程乘以人数。",
        models=("pcenter",), option="--weighted",
    )  # fmt: skip
    capacity_workers: float | None = _ask(
        "number", "站点容量", "Capacity", "Workers that a site can serve, where no column 'capacity' says.",
        "一个站点能服务的人数；候选点清单有容量列的以清单为准。",
        unit="workers", low=0, models=CAPACITATED, option="--capacity",
    )  # fmt: skip
    single_source: bool | None = _ask(
        "flag", "一点一站", "Single source", "All of a demand point's workers at one site.",
        "一个需求点的人都到同一个站点。",
        models=CAPACITATED,
        option="--single-source",
    )  # fmt: skip
    minute_cost: float | None = _ask(
        "number", "每分钟路程费用", "Cost of a minute",
        "What a worker's minute of way costs, in the unit of the candidates' costs.",
        "一名劳动者每走一分钟值多少，单位与候选点费用相同。",
        unit="cost/min", low=0,
        above=True, models=("cflp",), option="--way-cost",
    )  # fmt: skip
    farthest_s: float | None = _ask(
        "number", "最远可到", "Farthest",
        "How far a worker without a station within the limit may be served from; four times the limit without it.",
        "时限内没有站点的人，最远可以走多久；不填为时限的四倍。",
        unit="s", low=0, above=True, high=14400, models=("pmedian", "pcenter", "cpmedian", "cflp"),
        option="--farthest-min", factor=60.0,
    )  # fmt: skip
    reachable: bool | None = _ask(
        "flag", "只计可达者", "Reachable only",
        "Leave out demand that no site reaches, and say how much; on without floors.",
        "任何站点都到不了的需求不计，并说明有多少；没有最低覆盖率时默认打开。",
        models=MUST_SERVE,
        option="--reachable/--everybody",
    )  # fmt: skip
    spacing_m: float = _ask(
        "number", "最小间距", "Spacing", "Least distance between new stations.",
        "新站点之间的最小距离。",
        default=0.0, unit="m", low=0,
        high=20000, models=LOCATION, option="--spacing-m",
    )  # fmt: skip
    force: tuple[str, ...] = _ask(
        "texts", "必选", "Required", "Candidates that must be chosen.",
        "必须选中的候选点。",
        default=(), models=LOCATION, most=5000,
        option="--require",
    )  # fmt: skip
    veto: tuple[str, ...] = _ask(
        "texts", "否决", "Forbidden", "Candidates that must not be chosen.",
        "不能选中的候选点。",
        default=(), models=LOCATION, most=5000,
        option="--forbid",
    )  # fmt: skip
    exclusive: tuple[tuple[str, ...], ...] = _ask(
        "sets", "互斥", "Exclusive", "Sites of which at most one may open, e.g. C1,C2.",
        "最多只能开一个的几个站点，如 C1,C2。",
        default=(), models=LOCATION,
        most=1000, option="--exclusive",
    )  # fmt: skip
    floors: Mapping[str, float] | None = _ask(
        "shares", "最低覆盖率", "Floors", "Least share of a district ('*': of all), e.g. 宜兴市=0.9.",
        "每个区县的最低覆盖率（*：全市），如 宜兴市=0.9。",
        low=0, high=1, models=LOCATION, option="--floor",
    )  # fmt: skip
    quotas: Mapping[str, tuple[int, int | None]] | None = _ask(
        "bounds", "名额", "Quotas", "Least and most new stations of a district, e.g. 宜兴市=5:20.",
        "每个区县新增站点的下限和上限，如 宜兴市=5:20。",
        low=0, models=LOCATION, option="--quota",
    )  # fmt: skip
    years: tuple[int, ...] = _ask(
        "wholes", "各年新增", "Years", "New stations of each year, e.g. 30,40,41.",
        "每年新增几个站点，如 30,40,41。",
        default=(), low=0, most=20,
        models=("mclp",), option="--years",
    )  # fmt: skip
    yearly_budgets: tuple[float, ...] = _ask(
        "numbers", "各年预算", "Yearly budgets", "Money of each year; what is left goes to the next.",
        "每年的费用；没用完的转入下一年。",
        default=(),
        unit="cost", low=0, most=20, models=("mclp",), option="--yearly-budget",
    )  # fmt: skip
    joint: bool | None = _ask(
        "flag", "各年一起优化", "Joint", "The best of all years together; years by money always are.",
        "各年合计最好；按费用分年时总是如此。",
        models=("mclp",),
        option="--joint",
    )  # fmt: skip
    year_weights: tuple[float, ...] = _ask(
        "numbers", "各年权重", "Year weights", "What a worker covered is worth in each year planned jointly.",
        "一起优化时，各年覆盖一人的价值。",
        default=(), low=0, above=True, most=20, models=("mclp",), option="--year-weights",
    )  # fmt: skip
    pareto: bool | None = _ask(
        "flag", "费用与覆盖", "Front", "The Pareto frontier of cost and coverage.",
        "费用与覆盖的帕累托前沿：每一种预算各覆盖多少。",
        models=("mclp",), option="--pareto",
    )  # fmt: skip
    robust: tuple[str, ...] = _ask(
        "choices", "兼顾时段", "Robust", "Slices in each of which the plan should hold: the best worst case.",
        "方案要在其中每个时段都好：最差的时段最好。",
        default=(), choices=tuple(SLICES), most=6, models=("mclp",), option="--scenarios",
    )  # fmt: skip
    weights: Mapping[str, npt.NDArray[np.float64]] | None = _ask(
        "weights", "情景", "Scenarios", "Demand of each scenario by name, shape (n_demand,).",
        "每个情景的需求。",
        models=("mclp",),
        private=True,
    )  # fmt: skip
    explain: bool | None = _ask(
        "flag", "说明理由", "Explain", "Say why each site is there.",
        "说明每个站点为什么在方案里。",
        models=("mclp",), option="--explain",
    )  # fmt: skip
    near_best: bool | None = _ask(
        "flag", "近优比较", "Near best", "Whether a site stands in every plan within 0.5 % of the best.",
        "站点是否在与最优相差 0.5 % 以内的每个方案里。",
        models=("mclp",), option="--near-best",
    )  # fmt: skip
    price_floors: bool | None = _ask(
        "flag", "最低覆盖率的代价", "Price of floors", "Say what the floors cost.",
        "说明最低覆盖率的代价。",
        models=("mclp",),
        option="--price-floors/--no-price-floors",
    )  # fmt: skip
    slices: tuple[str, ...] = _ask(
        "choices", "计入时段", "Slices", "Slices whose worker-hours count; those that make up a day without it.",
        "计入哪些时段；不填为组成一天的各时段。",
        default=(), choices=tuple(SLICES), most=6, models=(HOURS,), option="--slices",
    )  # fmt: skip
    hour_cost: float | None = _ask(
        "number", "每天多开一小时", "Cost of an hour", "Cost of one more open hour a day at a station.",
        "一个站点每天多开一小时的费用。",
        unit="cost",
        low=0, models=(HOURS,), option="--hour-cost",
    )  # fmt: skip
    all_day_cost: float | None = _ask(
        "number", "改为全天开放", "Cost of all day", "Cost of opening a station around the clock, unmanned.",
        "一个站点改为无人值守、全天开放的费用。",
        unit="cost", low=0, models=(HOURS,), option="--all-day-cost",
    )  # fmt: skip
    build: bool = _ask(
        "flag", "可新建", "New stations too",
        "Candidates may be chosen too, open around the clock, at their own cost and that of --all-day-cost.",
        "也可以选候选点新建，全天开放，费用为候选点费用加全天开放的费用。",
        default=True, models=(HOURS,), option="--build/--no-build",
    )  # fmt: skip
    options: tuple[HourOption, ...] = _ask(
        "changes", "可做的事", "Options", "What may be done where, instead of prices: site, option, slices, cost.",
        "不按单价，而是列出哪里可以做什么：站点、做法、时段、费用。",
        default=(), models=(HOURS,), most=20000, option="--hours",
    )  # fmt: skip
    time_limit_s: float = _ask(
        "number", "求解时限", "Time limit", "Stop then with the best plan and its gap.",
        "到时给出目前最好的方案和差距。",
        default=60.0, unit="s", low=0,
        above=True, high=86400, option="--time-limit-s",
    )  # fmt: skip
    stop_gap: float = _ask(
        "number", "满意差距", "Stop gap", "Gap at which to be content; 0 for the proof.",
        "差距小于它就停止；0 为直到证明最优。",
        default=0.0, low=0, high=0.99,
        models=LOCATION, option="--stop-gap",
    )  # fmt: skip

    @property
    def in_years(self) -> int:
        """Number of years asked for; 0 for all at once."""
        return len(self.years or self.yearly_budgets)

    @property
    def jointly(self) -> bool:
        """Whether all years are planned in one model."""
        return bool(self.joint or self.yearly_budgets)

    @property
    def priced(self) -> bool:
        """Whether the candidates' costs are needed."""
        by_cost = bool(self.by_cost or self.pareto) or self.model == "cflp"
        return self.budget is not None or bool(self.yearly_budgets) or by_cost

    @property
    def plain(self) -> bool:
        """Whether a worker counts once a station is within reach, wholly and surely."""
        return (self.cover_times or 1) == 1 and not self.decay and self.open_probability is None

    @property
    def scenarios(self) -> bool:
        """Whether the plan should hold in several scenarios."""
        return bool(self.robust) or self.weights is not None


def declarations(question: type[Any]) -> tuple[Declared, ...]:
    """Return the declared fields of a question, in order."""
    return tuple(
        Declared(name=field.name, default=field.default, **field.metadata["declared"])
        for field in dataclasses.fields(question)
    )


def given(question: Any, *, private: bool = False) -> dict[str, Any]:
    """Return what a question says beyond the defaults, as plain values that JSON can hold.

    Parameters
    ----------
    question : CoverageQuestion, PlanQuestion or CubeQuestion
        The question.
    private : bool
        Whether fields are included that only a program can give (frames).
    """
    return {
        one.name: _plain(value)
        for one in declarations(type(question))
        if (private or not one.private) and (value := getattr(question, one.name)) is not None and value != one.default
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, HourOption):
        return {name: _plain(getattr(value, name)) for name in ("site", "option", "slices", "cost")}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
