"""Word documents: chapters of paragraphs, tables and pictures, with the demonstration banner on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table as DocxTable
from docx.table import _Cell
from docx.text.run import Run

from geoplan.errors import InputError
from geoplan.report.words import BANNER_EN, BANNER_ZH

__all__ = ["Chapter", "Language", "Picture", "Table", "document_bytes", "write_document"]

Language = Literal["zh", "en"]
# Named, not shipped: a reader's machine takes its own font where it has not this one.
_FONT: Final = "Microsoft YaHei"
_INK, _MUTED, _BLUE = RGBColor(0x22, 0x22, 0x22), RGBColor(0x66, 0x66, 0x66), RGBColor(0x00, 0x55, 0x8C)
_WIDTH: Final = Cm(16.5)  # of an A4 page between its margins


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; texts that begin with a digit or a sign are set to the right.

    Parameters
    ----------
    heads : tuple of str
        Head of each column.
    rows : tuple of tuple of str
        Cells, ready to print.
    note : str
        One sentence under the table: what the figures are a share of.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with a line under it.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    caption : str
        The line.
    """

    path: Path
    caption: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One heading and what stands under it, in this order: paragraphs, tables, pictures.

    Parameters
    ----------
    title : str
        Heading.
    paragraphs : tuple of str
        Texts.
    tables : tuple of Table
        Tables.
    pictures : tuple of Picture
        Pictures.
    """

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()


def document_bytes(
    title: str, subtitle: str, chapters: Sequence[Chapter], *, demonstration: bool, language: Language = "zh"
) -> bytes:
    """Return a document as the bytes of a ``.docx``.

    Parameters
    ----------
    title, subtitle : str
        What stands at the top of the first page.
    chapters : sequence of Chapter
        Content, in order.
    demonstration : bool
        Whether the data are generated: every page's head then says so.
    language : {"zh", "en"}
        Language of the words that this function adds.

    Returns
    -------
    bytes
        The document.
    """
    if language not in ("zh", "en"):
        raise InputError(f"language {language!r} is not known; use zh or en")
    document = Document()
    _page(document, title, demonstration, language)
    heading = document.add_paragraph()
    _run(heading.add_run(title), 20, bold=True)
    line = document.add_paragraph()
    _run(line.add_run(subtitle), 10, colour=_MUTED)
    for number, chapter in enumerate(chapters, start=1):
        _chapter(document, number, chapter)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def write_document(
    path: Path,
    title: str,
    subtitle: str,
    chapters: Sequence[Chapter],
    *,
    demonstration: bool,
    language: Language = "zh",
) -> Path:
    """Write a document; parameters as for :func:`document_bytes`.

    Parameters
    ----------
    path : pathlib.Path
        ``.docx``; replaced if it is there.
    title, subtitle, chapters, demonstration, language
        See there.

    Returns
    -------
    pathlib.Path
        The path.
    """
    if path.suffix.lower() != ".docx":
        raise InputError(f"{path.name}: a Word report is written as .docx")
    body = document_bytes(title, subtitle, chapters, demonstration=demonstration, language=language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


def _page(document: DocumentType, title: str, demonstration: bool, language: Language) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.25)
    section.top_margin = section.bottom_margin = Cm(2.2)
    style = document.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    if demonstration:
        banner = f"{BANNER_ZH} · {BANNER_EN}" if language == "zh" else f"{BANNER_EN} · {BANNER_ZH}"
        head = section.header.paragraphs[0]
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(head.add_run(banner), 9, bold=True, colour=RGBColor(0x7F, 0x60, 0x00))
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot.add_run(f"{title}  ·  "), 8, colour=_MUTED)
    number = foot.add_run()
    _run(number, 8, colour=_MUTED)
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):  # a field: Word fills in the page's number
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        number._r.append(part)
    document.core_properties.title = title
    document.core_properties.author = "geoplan"


def _run(run: Run, size_pt: float, *, bold: bool = False, colour: RGBColor = _INK) -> None:
    run.font.name, run.font.size, run.font.bold, run.font.color.rgb = _FONT, Pt(size_pt), bold, colour
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)


def _chapter(document: DocumentType, number: int, chapter: Chapter) -> None:
    heading = document.add_heading(level=1)
    _run(heading.add_run(f"{number}  {chapter.title}"), 14, bold=True, colour=_BLUE)
    for text in chapter.paragraphs:
        document.add_paragraph(text).paragraph_format.space_after = Pt(6)
    for table in chapter.tables:
        _table(document, table)
    for picture in chapter.pictures:
        document.add_picture(str(picture.path), width=_WIDTH)
        line = document.add_paragraph()
        _run(line.add_run(picture.caption), 9, colour=_MUTED)


def _table(document: DocumentType, table: Table) -> None:
    drawn = document.add_table(rows=1, cols=len(table.heads))
    drawn.style = "Light Grid Accent 1"
    for cell, text in zip(drawn.rows[0].cells, table.heads, strict=True):
        _cell(cell, text, bold=True)
    _repeat_head(drawn)
    for row in table.rows:
        for cell, text in zip(drawn.add_row().cells, row, strict=True):
            _cell(cell, text, right=text[:1].isdigit() or text[:1] in "+-−–")
    if table.note:
        line = document.add_paragraph()
        _run(line.add_run(table.note), 9, colour=_MUTED)


def _cell(cell: _Cell, text: str, *, bold: bool = False, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    _run(paragraph.add_run(text), 9, bold=bold)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _repeat_head(table: DocxTable) -> None:
    """Let the first row stand again on every page that the table runs to."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(mark)
