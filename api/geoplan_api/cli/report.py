"""``geoplan report``: everything that a planner takes to a meeting, in one folder."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from geoplan import CityPack, network_of
from geoplan.coverage import Analysis, analyse
from geoplan.errors import InputError
from geoplan.planning import CoverageQuestion, resolve
from geoplan.report import (
    analysis_chapters,
    coverage_chapter,
    lettering_faults,
    sources_chapter,
    subject_words,
    write_charts,
    write_coverage,
    write_document,
    written_whole,
)
from geoplan.report.document import Language
from geoplan_api.cli.asking import asks
from geoplan_api.cli.common import JsonFlag, PackArgument
from geoplan_api.cli.coverage import coverage_lines
from geoplan_api.cli.maps import coverage_page
from geoplan_api.cli.output import Steps, console, demonstration_strip, emit_json, table

__all__ = ["report"]


@asks(CoverageQuestion, only=("at", "profile", "limit_s", "radius_m", "k"))
def report(
    pack: PackArgument,
    asked: CoverageQuestion,
    out: Annotated[Path, typer.Option(help="Folder for workbook, map layers, charts and map.")] = Path("report"),
    docx: Annotated[
        Path | None, typer.Option(help="Also a Word report, written here; --out coverage.docx writes nothing else.")
    ] = None,
    lang: Annotated[str, typer.Option(help="Language of the Word report: zh or en.")] = "zh",
    json: JsonFlag = False,
) -> None:
    """Write the whole coverage report: tests, hours, trades, gaps, key stations, equity, trust; Excel, maps, Word."""
    language = known_language(lang)
    opened = CityPack.open(pack)
    question = resolve(opened, asked)
    with Steps(3, quiet=json) as steps:
        with steps.step("street network"):
            network = network_of(opened, question.profile)
        with steps.step("analysis"):
            measure = {name: getattr(question, name) for name in ("at", "limit_s", "radius_m", "k")}
            analysis = analyse(opened, network, **measure, progress=steps.note)
        with steps.step("writing"):
            files, remarks = write_files(opened, analysis, out, docx, language)
    if json:
        emit_json(
            analysis.coverage.to_dict()
            | {
                "gaps": analysis.gaps.frame.drop(columns="geometry").to_dict("records"),
                "critical": analysis.critical.head(50).to_dict("records"),
                "files": [str(path) for path in files],
                "remarks": remarks,
            }
        )
        return
    show = console()
    demonstration_strip(opened.manifest.is_demonstration, show)
    coverage_lines(analysis.coverage, show, name=opened.manifest.name_zh, notes=False)
    highlights(opened, analysis)
    for line in remarks:
        show.print(f"[yellow]•[/] {line}")
    for path in files:
        show.print(f"written: {path}")


def known_language(text: str) -> Language:
    """Return a language by its code; another is refused by name."""
    if text == "zh":
        return "zh"
    if text == "en":
        return "en"
    raise InputError(f"language {text!r} is not known; use zh or en")


def write_files(
    pack: CityPack, analysis: Analysis, out: Path, docx: Path | None, language: Language
) -> tuple[list[Path], list[str]]:
    """Write what was asked for, all of it or nothing; returns the files, and what a reader should know of them."""
    remarks = [fault.sentence(spoken) for fault in lettering_faults() for spoken in ("zh", "en")]
    word = out if out.suffix.lower() == ".docx" else docx
    with ExitStack() as whole:  # every file is written aside before the first one is moved to its place
        files = []
        if word is not None:
            staged = whole.enter_context(written_whole(word.parent))
            word_report(pack, analysis, staged / word.name, language)
            files.append(word)
        if word != out:
            staged = whole.enter_context(written_whole(out))
            written, _ = write_coverage(pack, analysis, staged)
            page = staged / "coverage.html"
            page.write_text(coverage_page(analysis.coverage, pack), encoding="utf-8")
            files = [*(out / path.name for path in (*written, page)), *files]
    return files, remarks


def word_report(pack: CityPack, analysis: Analysis, path: Path, language: Language) -> Path:
    """Write the Word report with its charts."""
    with TemporaryDirectory(prefix="geoplan-charts-") as folder:
        charts = {file.stem: file for file in write_charts(pack, analysis, Path(folder), language=language)}
        manifest = pack.manifest
        city = manifest.name_zh if language == "zh" else manifest.name_en or manifest.name_zh
        title = f"{city}：户外劳动者服务圈报告" if language == "zh" else f"{city}: service circle of outdoor workers"
        chapters = [
            coverage_chapter(analysis.coverage, language),
            *analysis_chapters(pack, analysis, charts, language),
            sources_chapter(pack, language, analysis.assumptions),
        ]
        subtitle = subject_words(analysis.coverage.subject, language)
        return write_document(
            path, title, subtitle, chapters, demonstration=manifest.is_demonstration, language=language
        )


def highlights(pack: CityPack, analysis: Analysis) -> None:
    """Print the largest gaps, the stations that matter most and those to inspect first."""
    show = console()
    gaps = analysis.gaps.frame.head(8)
    rows = [(g.rank, g.name, f"{g.worker_hours:,.0f}", f"{g.points:,}") for g in gaps.itertuples(index=False)]
    show.print(
        table("空白区 largest gaps (worker-hours a day)", ["#", "where", "worker-hours", "points"], rows, left=2)
    )
    names = dict(zip(pack.stations["station_code"], pack.stations["name"], strict=True))
    key = analysis.critical.head(8)
    losses = [
        (code, names.get(code, ""), f"{n:,.0f}") for code, n in zip(key["station_code"], key["lost"], strict=True)
    ]
    heads = ["code", "name", "worker-hours lost if closed"]
    show.print(table("关键站点 stations that matter most", heads, losses, left=2))
