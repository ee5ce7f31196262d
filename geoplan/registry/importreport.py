"""The report of an import as a workbook: a summary, and every row with its outcome, why, and its own cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from geoplan.cells import looks_like_formula
from geoplan.registry.applying import ImportResult
from geoplan.registry.importing import ImportPlan
from geoplan.registry.record import FIELD_BY_NAME

__all__ = ["OUTCOMES_ZH", "text_cells", "write_import_report"]

OUTCOMES_ZH: Final = {"accepted": "已接收", "merged": "已合并", "needs_person": "需人工处理", "rejected": "未接收"}
_COLOURS: Final = {"accepted": "E2F0D9", "merged": "DDEBF7", "needs_person": "FFF2CC", "rejected": "F8CBAD"}
_BASIS_ZH: Final = {
    "proven": "已由吻合度证明",
    "agrees": "按声明，与参照数据不矛盾",
    "declared": "按声明",
    "chosen": "人工指定",
    "none": "无坐标",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MAX_CELL: Final = 32_000


def text_cells(sheet: WriteOnlyWorksheet, values: Iterable[Any], *, bold: bool = False, colour: str = "") -> list[Any]:
    """Return cells that hold text as text: what begins with ``=`` is never a formula, and control characters go.

    Parameters
    ----------
    sheet : WriteOnlyWorksheet
        Where they go.
    values : iterable
        Numbers stay numbers; the rest is text.
    bold : bool
        For a header.
    colour : str
        Fill, RRGGBB.
    """
    cells = []
    for value in values:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        cell = WriteOnlyCell(sheet, value=value if number else None)
        if not number and value not in (None, ""):
            cell.value = _CONTROL.sub("", str(value))[:_MAX_CELL]
            cell.data_type = "s"
            cell.quotePrefix = looks_like_formula(cell.value)  # text, also after somebody edits the cell
        if bold:
            cell.font = Font(bold=True)
        if colour:
            cell.fill = PatternFill("solid", fgColor=colour)
        cells.append(cell)
    return cells


def _summary(plan: ImportPlan, result: ImportResult | None) -> list[Sequence[Any]]:
    counts = plan.counts
    lines: list[Sequence[Any]] = [
        ("文件", plan.file),
        ("SHA-256", plan.sha256),
        (
            "是否已写入登记库",
            "试运行，未写入" if result is None else f"已写入，批次 {result.batch}，修改号 {result.revision or '—'}",
        ),
        ("总行数", len(plan.rows)),
        *((label, counts[outcome]) for outcome, label in OUTCOMES_ZH.items()),
        ("待定位地址", sum(bool(row.geocode) for row in plan.rows)),
        ("坐标系", f"{plan.verdict.crs.upper() or '—'}（{_BASIS_ZH.get(plan.verdict.basis, plan.verdict.basis)}）"),
        ("坐标系依据", plan.verdict.reason_zh),
    ]
    for fit in plan.verdict.fits:
        found = f"平均代价 {fit.cost:.2f}，离路中位 {fit.street_m:.0f} 米"
        lines.append((f"按 {fit.crs.upper()} 读取", f"{found}，在本区 {fit.own_district:.0%}，落水 {fit.in_water}"))
    lines.append(("", ""))
    lines.append(("列名识别（请核对）", ""))
    for match in plan.columns.matches:
        label = FIELD_BY_NAME[match.field].label_zh if match.field in FIELD_BY_NAME else match.field
        lines.append(
            (match.header, f"{label}（{match.confidence:.0%}）" + ("" if match.confidence >= 0.9 else "，请确认"))
        )
    lines += [
        (pair.lon if pair.combined else f"{pair.lon} / {pair.lat}", f"坐标 {pair.crs.upper()}")
        for pair in plan.columns.coordinates
    ]
    lines += [(header, f"服务设施：{code}") for header, code in plan.facility_columns.items()]
    lines += [(header, "未识别，原样留存") for header in plan.columns.unmapped if header not in plan.facility_columns]
    lines += [("提示", remark) for remark in plan.remarks]
    return lines


def write_import_report(plan: ImportPlan, path: str | Path, result: ImportResult | None = None) -> Path:
    """Write the report of an import or of a dry run.

    Parameters
    ----------
    plan : ImportPlan
        What was planned.
    path : str or Path
        The .xlsx to write.
    result : ImportResult, optional
        What was written; None for a dry run.

    Returns
    -------
    Path
        The workbook: sheets 摘要 and 逐行结果. It holds contacts as the file did: it is for staff.
    """
    path = Path(path)
    book = Workbook(write_only=True)
    first = book.create_sheet("摘要")
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 30, 90
    for line in _summary(plan, result):
        first.append(text_cells(first, line))
    sheet = book.create_sheet("逐行结果")
    sheet.freeze_panes = "A2"
    headers = list(plan.rows[0].cells) if plan.rows else []
    sheet.append(text_cells(sheet, ["原行号", "工作表", "结果", "原因", "站点号", "说明（英文）", *headers], bold=True))
    for place, row in enumerate(plan.rows):
        number = row.station_id if result is None else result.station_of.get(place)
        reasons_zh = "；".join(reason.text_zh for reason in row.reasons)
        reasons = "; ".join(reason.text for reason in row.reasons)
        lead = [row.row, row.sheet, OUTCOMES_ZH[row.outcome], reasons_zh, number or "", reasons]
        cells = text_cells(sheet, [*lead, *(row.cells[header] for header in headers)])
        cells[2].fill = PatternFill("solid", fgColor=_COLOURS[row.outcome])
        sheet.append(cells)
    book.save(path)
    return path
