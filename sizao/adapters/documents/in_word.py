"""A document as a Word file (docx), for offices that edit a text before it is printed and sealed."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import docx as words
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from sizao.adapters.documents.content import Block, Document, Facts, Heading, Picture, Table, Text
from sizao.adapters.documents.on_paper import png

# As offices in China write: the machine that opens the file has these, or replaces them.
_LATIN, _CHINESE, _CHINESE_TITLE = "Times New Roman", "仿宋", "黑体"
_RED, _GREY = RGBColor(0xB3, 0x26, 0x1E), RGBColor(0x60, 0x60, 0x60)
_TEXT_MM = 158  # the width of lines on A4
_CONTROLS = {code: None for code in range(32) if code not in (9, 10, 13)}  # a Word file cannot hold them


def docx(document: Document, *, made_at: datetime) -> bytes:
    """Write a document as docx; `made_at` stands in its properties. Nothing of the content is taken as markup."""
    page = words.Document()
    page.core_properties.title, page.core_properties.author = _plain(document.title)[:255], "sizao"
    page.core_properties.created = page.core_properties.modified = made_at.replace(tzinfo=None)
    section = page.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm((210 - _TEXT_MM) / 2)
    _style(page.styles["Normal"], _CHINESE, 12)
    _head(page, document)
    for block in document.blocks:
        _block(page, block)
    for place, line in enumerate(document.signed):
        signed = _line(page, line, align=WD_ALIGN_PARAGRAPH.RIGHT)
        signed.paragraph_format.space_before = Pt(0 if place else 24)
    if document.seal:
        _line(page, "（盖章）" if document.language == "zh" else "(seal)", align=WD_ALIGN_PARAGRAPH.RIGHT, color=_GREY)
    for note in document.notes:
        _line(page, note, size=9, color=_GREY)
    held = io.BytesIO()
    page.save(held)
    return held.getvalue()


def _head(page: Any, document: Document) -> None:
    if document.drill:
        _line(page, document.drill, size=10, color=RGBColor(0x7A, 0x1F, 0x5C), bold=True)
    if document.issuer:
        _line(page, document.issuer, size=18, color=_RED, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    _line(page, document.title, size=18, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER)
    if document.number:
        _line(page, document.number, size=11, color=_GREY, align=WD_ALIGN_PARAGRAPH.CENTER)
    if document.to:
        _line(page, document.to + ("：" if document.language == "zh" else ":"))
    if document.lead:
        _line(page, document.lead, size=13, bold=True)


def _block(page: Any, block: Block) -> None:
    match block:
        case Heading(text):
            _line(page, text, size=13, bold=True)
        case Text(text):
            _line(page, text).paragraph_format.first_line_indent = Pt(24)
        case Facts(rows):
            _grid(page, rows, head=False, widths=(1, 3))
        case Table(heads, rows, note, widths, numbers):
            _grid(page, (heads, *rows), head=True, numbers=numbers, widths=widths)
            if note:
                _line(page, note, size=9, color=_GREY)
        case Picture(_, caption, width_mm):
            page.add_picture(io.BytesIO(png(block)), width=Mm(width_mm))
            page.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
            _line(page, caption, size=9, color=_GREY, align=WD_ALIGN_PARAGRAPH.CENTER)


def _grid(
    page: Any, rows: tuple[tuple[str, ...], ...], *, head: bool, numbers: bool = False, widths: Sequence[float] = ()
) -> None:  # fmt: skip
    if not rows:
        return
    grid = page.add_table(rows=len(rows), cols=len(rows[0]))
    grid.style = "Table Grid"
    wide = _set_widths(grid, widths)
    for y, row in enumerate(rows):
        for x, (cell, text) in enumerate(zip(grid.rows[y].cells, row, strict=True)):
            _run(cell.paragraphs[0], text, size=10, bold=head and y == 0)
            cell.width = wide[x] if wide else cell.width
        if numbers and y:
            for cell in grid.rows[y].cells[1:]:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if head:  # the heading is repeated on each page
        grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _set_widths(grid: Any, shares: Sequence[float]) -> list[Mm]:
    """Set columns as wide as their shares of a line; without any, an office's programme gives all the same."""
    wide = [Mm(round(_TEXT_MM * share / sum(shares))) for share in shares]
    grid.autofit = not wide
    for column, width in zip(grid.columns, wide, strict=False):
        column.width = width
    return wide


def _line(
    page: Any, text: str, *, size: float = 12, bold: bool = False, color: RGBColor | None = None, align: Any = None
) -> Any:
    line = page.add_paragraph()
    if align is not None:
        line.alignment = align
    line.paragraph_format.space_after = Pt(4)
    _run(line, text, size=size, bold=bold, color=color)
    return line


def _run(line: Any, text: str, *, size: float, bold: bool, color: RGBColor | None = None) -> None:
    run = line.add_run(_plain(text))
    run.bold = bold
    run.font.size = Pt(size)
    if color is not None:
        run.font.color.rgb = color
    _fonts(run._element.get_or_add_rPr(), run.font, _CHINESE_TITLE if bold else _CHINESE)


def _style(style: Any, chinese: str, size: float) -> None:
    style.font.size = Pt(size)
    _fonts(style.element.get_or_add_rPr(), style.font, chinese)


def _fonts(properties: Any, font: Any, chinese: str) -> None:
    font.name = _LATIN
    properties.rFonts.set(qn("w:eastAsia"), chinese)


def _plain(text: str) -> str:
    return text.translate(_CONTROLS)
