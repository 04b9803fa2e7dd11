"""A file of a laboratory: which layout it has, and what it says."""

from enum import StrEnum

from sizao.adapters.laboratories import applied_biosystems, biorad, plain_tables
from sizao.adapters.laboratories.texts import Line, NotText, decoded, delimiter_of, lines_of
from sizao.adapters.laboratories.wells import InstrumentFile
from sizao.errors import SizaoError
from sizao.terms import Phrase

MOST_BYTES = 200_000_000
_NO_RESULTS = Phrase("the section [Results] is missing", "缺少[Results]部分")


class Layout(StrEnum):
    """The layouts that are read."""

    APPLIED_BIOSYSTEMS = "applied-biosystems"
    BIORAD_CFX = "biorad-cfx"
    TABLE = "table"


class LayoutUnknown(SizaoError):
    code = "laboratory.layout.unreadable"
    message = (
        "{name} is in no layout that is read here. Send the text export of an Applied Biosystems instrument with its "
        "section [Results], “Quantification Cq Results” of a Bio-Rad CFX, or a table with a column for the tube and "
        "one for the result or the Ct of each gene."
    )


class InstrumentFileUnreadable(SizaoError):
    code = "laboratory.file.unreadable"
    message = "{name} cannot be read: {reason}. Export it again from the instrument; nothing was kept."


def read_file(content: bytes, name: str, *, layout: Layout | None = None) -> InstrumentFile:
    """
    Read a file of a laboratory, in the layout named or the one it is found to have.

    A file that ends in mid-row is read as far as it goes. Raise LayoutUnknown, InstrumentFileUnreadable, or
    UploadUnreadable for a workbook.
    """
    if len(content) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise InstrumentFileUnreadable(name=name, reason=Phrase(f"it is larger than {most} MB", f"文件超过{most} MB"))
    if content[:2] == b"PK":
        return plain_tables.read_workbook(content, name)
    try:
        lines = list(lines_of(text_of(content)))
    except NotText as fault:
        raise LayoutUnknown(name=name) from fault
    found = layout or _detected(lines)
    if found is None:
        raise LayoutUnknown(name=name)
    try:
        return _read(lines, found, name)
    except (applied_biosystems.NoTable, StopIteration) as fault:
        raise InstrumentFileUnreadable(name=name, reason=fault.args[0] if fault.args else _NO_RESULTS) from fault


def text_of(content: bytes) -> str:
    """Give the text by which a cut-off file is told to be the beginning of a whole one. Raise NotText."""
    return decoded(content)


def _detected(lines: list[Line]) -> Layout | None:
    if applied_biosystems.is_ours(lines):
        return Layout.APPLIED_BIOSYSTEMS
    if biorad.header_of(lines) is not None:
        return Layout.BIORAD_CFX
    if lines and plain_tables.is_ours(lines[0].cells(delimiter_of(lines[0].text))):
        return Layout.TABLE
    return None


def _read(lines: list[Line], layout: Layout, name: str) -> InstrumentFile:
    if layout is Layout.APPLIED_BIOSYSTEMS:
        return applied_biosystems.read(lines)
    if layout is Layout.BIORAD_CFX:
        head = biorad.header_of(lines)
        if head is None:
            raise InstrumentFileUnreadable(
                name=name,
                reason=Phrase(
                    "no row of headings with Well, Fluor, Content, Sample and Cq",
                    "没有含 Well、Fluor、Content、Sample 和 Cq 的表头",
                ),
            )
        return biorad.read(lines, head)
    if not lines or not plain_tables.is_ours(lines[0].cells(delimiter_of(lines[0].text))):
        unnamed = Phrase("its first row names no tube, or nothing that was found in it", "首行没有采样管列或结果列")
        raise InstrumentFileUnreadable(name=name, reason=unnamed)
    return plain_tables.read_text(lines)
