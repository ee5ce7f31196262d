"""Charts of coverage: by hour and district, Lorenz curve, distribution of times. Figures are made, not shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from geoplan.errors import InputError
from geoplan.report.document import Language
from geoplan.report.fonts import Lettering, require_chinese_font
from geoplan.report.words import BANNER_EN, BANNER_ZH

__all__ = ["Caption", "front_chart", "heat_map", "lorenz_curve", "save_chart", "time_chart"]


@dataclass(frozen=True, slots=True)
class Caption:
    """The words around a chart.

    Parameters
    ----------
    title : str
        Title.
    subject : str
        What the figures are of; printed under the chart.
    demonstration : bool
        Whether the data are generated; printed under the chart.
    letters : Lettering, optional
        Font, and language of the axes and the banner; by default Chinese, refused where no font draws it.
    """

    title: str
    subject: str
    demonstration: bool
    letters: Lettering | None = None

    @property
    def language(self) -> Language:
        """Language of the axes and the banner; names of places stay as they are."""
        return "zh" if self.letters is None else self.letters.language

    @property
    def font(self) -> FontProperties:
        """The font, looked for where none was given."""
        return require_chinese_font() if self.letters is None else self.letters.font

    def said(self, zh: str, en: str) -> str:
        """Return the words in the language of the chart."""
        return zh if self.language == "zh" else en


def _dress(figure: Figure, axes: Axes, caption: Caption, font: FontProperties, x: str, y: str) -> None:
    """Give a chart its words in a font that can draw them."""
    axes.set_title(caption.title, fontproperties=font, fontsize=13, pad=10)
    axes.set_xlabel(x, fontproperties=font)
    axes.set_ylabel(y, fontproperties=font)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font)
        label.set_fontsize(9)
    banner = caption.said(f"{BANNER_ZH}　", f"{BANNER_EN.capitalize()}. ")
    footer = f"{banner}{caption.subject}" if caption.demonstration else caption.subject
    width = int(figure.get_figwidth() * 8.5)  # Chinese signs of 8 points that fit side by side
    if caption.language == "zh":
        text = "\n".join(footer[i : i + width] for i in range(0, len(footer), width))
    else:
        text = fill(footer, int(1.8 * width))
    figure.supxlabel(text, fontproperties=font, fontsize=8, color="#444444", x=0.01, ha="left")


def _ink(red: float, green: float, blue: float) -> str:
    """Return black or white, whichever stands out more on a colour (contrast after WCAG 2.1)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "white"


def heat_map(by_hour: pd.DataFrame, caption: Caption, *, level: str = "district") -> Figure:
    """Draw coverage by hour of the day and area.

    Parameters
    ----------
    by_hour : pandas.DataFrame
        ``moment, level, area_name, share``, hours in order.
    caption : Caption
        Words around it.
    level : str
        Level of the areas.
    """
    rows = by_hour[by_hour["level"] == level]
    if rows.empty:
        raise InputError(f"there are no figures of level {level!r} to draw")
    face = caption.font
    table = rows.pivot_table(index="area_name", columns="moment", values="share", aggfunc="first", dropna=False)
    table = table.reindex(index=list(dict.fromkeys(rows["area_name"])), columns=list(dict.fromkeys(rows["moment"])))
    figure = Figure(figsize=(max(7.0, 0.42 * table.shape[1] + 2), 0.42 * table.shape[0] + 2.2), layout="constrained")
    axes = figure.add_subplot()
    values = table.to_numpy(float)
    # cividis reads the same to colour-blind eyes and in grey print; the figure stands in every cell besides
    image = axes.imshow(values, aspect="auto", cmap="cividis", vmin=0.0, vmax=1.0)  # shares: the colour map's own range
    for (i, j), value in np.ndenumerate(values):
        if np.isfinite(value):
            ink = _ink(*image.cmap(float(value))[:3])
            axes.text(j, i, f"{100 * value:.0f}", ha="center", va="center", fontsize=7, color=ink)
    axes.set_xticks(range(table.shape[1]), [str(name)[:2].lstrip("0") or "0" for name in table.columns])
    axes.set_yticks(range(table.shape[0]), list(table.index))
    bar = figure.colorbar(image, ax=axes, shrink=0.9)
    bar.set_label(caption.said("覆盖率", "Share covered"), fontproperties=face)
    _dress(
        figure, axes, caption, face, caption.said("时（各小时平均，%）", "Hour of the day (mean of each hour, %)"), ""
    )
    return figure


def lorenz_curve(curve: pd.DataFrame, gini: float, caption: Caption) -> Figure:
    """Draw a Lorenz curve with its Gini coefficient (columns ``workers_share, value_share``)."""
    face = caption.font
    figure = Figure(figsize=(5.6, 5.6), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="#777777", linestyle="--", linewidth=1)
    axes.plot(curve["workers_share"], curve["value_share"], color="#00558c", linewidth=2)
    axes.fill_between(curve["workers_share"], curve["value_share"], curve["workers_share"], color="#00558c", alpha=0.12)
    axes.text(0.05, 0.9, f"{caption.said('基尼系数', 'Gini')} {gini:.3f}", fontproperties=face, fontsize=12)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_aspect("equal")
    workers = caption.said("劳动者累计比例（从最差者起）", "Share of workers, worst served first")
    _dress(figure, axes, caption, face, workers, caption.said("可达性累计比例", "Share of accessibility"))
    return figure


def time_chart(histogram: pd.DataFrame, limit_s: float, caption: Caption) -> Figure:
    """Draw workers by minutes to the nearest open station; the last bar are those beyond the search.

    Parameters
    ----------
    histogram : pandas.DataFrame
        ``start, end, workers`` in seconds, the last row to infinity.
    limit_s : float
        Limit of the standard, marked by a line, seconds.
    caption : Caption
        Words around it.
    """
    face = caption.font
    figure = Figure(figsize=(8.0, 4.4), layout="constrained")
    axes = figure.add_subplot()
    within = histogram[np.isfinite(histogram["end"])]
    width = (within["end"] - within["start"]).to_numpy() / 60
    inside = (within["end"] <= limit_s + 1e-9).to_numpy()
    colours = np.where(inside, "#00558c", "#c8761b")
    axes.bar(within["start"] / 60, within["workers"], width=width, align="edge", color=colours, edgecolor="white")
    beyond = float(histogram.loc[~np.isfinite(histogram["end"]), "workers"].sum())
    last = float(within["end"].max()) / 60
    step = last / 12
    axes.bar([last + step], [beyond], width=step, align="edge", color="#8a8a8a", edgecolor="white", hatch="//")
    axes.axvline(limit_s / 60, color="black", linewidth=1)
    ticks = np.arange(0, last + 1e-9, 5)
    axes.set_xticks(
        [*ticks, last + 1.5 * step], [*(f"{tick:.0f}" for tick in ticks), f"{caption.said('＞', '>')}{last:.0f}"]
    )
    limit = f" {limit_s / 60:.0f} {caption.said('分钟', 'minutes')}"
    axes.text(limit_s / 60, axes.get_ylim()[1], limit, fontproperties=face, va="top")
    minutes = caption.said("到最近开放站点的时间（分钟）", "Minutes to the nearest open station")
    _dress(figure, axes, caption, face, minutes, caption.said("劳动者（人）", "Workers"))
    return figure


def front_chart(front: pd.DataFrame, caption: Caption) -> Figure:
    """Draw covered workers against cost, as the steps of a front: between two points money buys nothing.

    Parameters
    ----------
    front : pandas.DataFrame
        ``cost, covered``, both rising.
    caption : Caption
        Words around it.
    """
    face = caption.font
    figure = Figure(figsize=(8.0, 4.4), layout="constrained")
    axes = figure.add_subplot()
    axes.step(front["cost"], front["covered"], where="post", color="#00558c", linewidth=1.5)
    axes.plot(front["cost"], front["covered"], "o", color="#00558c", markersize=4)
    _dress(
        figure, axes, caption, face, caption.said("费用", "Cost"), caption.said("覆盖的劳动者（人）", "Workers covered")
    )
    return figure


def save_chart(figure: Figure, path: Path, dpi: int = 160) -> Path:
    """Write a chart as PNG, SVG or PDF by the ending of its path; returns the path."""
    endings: Sequence[str] = (".png", ".svg", ".pdf")
    if path.suffix.lower() not in endings:
        raise InputError(f"a chart cannot be written as {path.suffix!r}; use {', '.join(endings)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=dpi)
    return path
