"""Reports: tables, workbooks, charts and map layers that a planner takes to a meeting."""

from geoplan.report.chapters import (
    analysis_chapters,
    coverage_chapter,
    sources_chapter,
)
from geoplan.report.charts import Caption, front_chart, heat_map, lorenz_curve, save_chart, time_chart
from geoplan.report.coverage import coverage_notes, coverage_sheets, write_charts, write_coverage
from geoplan.report.document import Chapter, Picture, Table, document_bytes, write_document
from geoplan.report.fonts import Lettering, chinese_font, lettering, lettering_faults, require_chinese_font
from geoplan.report.layers import coverage_layers, write_geojson, write_geopackage
from geoplan.report.plans import hours_chapter, plan_chapter, robust_chapter
from geoplan.report.staging import written_whole
from geoplan.report.subject import subject_words, when_words, who_words
from geoplan.report.words import in_words
from geoplan.report.workbook import Sheet, write_workbook

__all__ = [
    "Caption",
    "Chapter",
    "Lettering",
    "Picture",
    "Sheet",
    "Table",
    "analysis_chapters",
    "chinese_font",
    "coverage_chapter",
    "coverage_layers",
    "coverage_notes",
    "coverage_sheets",
    "document_bytes",
    "front_chart",
    "heat_map",
    "hours_chapter",
    "in_words",
    "lettering",
    "lettering_faults",
    "lorenz_curve",
    "plan_chapter",
    "require_chinese_font",
    "robust_chapter",
    "save_chart",
    "sources_chapter",
    "subject_words",
    "time_chart",
    "when_words",
    "who_words",
    "write_charts",
    "write_coverage",
    "write_document",
    "write_geojson",
    "write_geopackage",
    "write_workbook",
    "written_whole",
]
