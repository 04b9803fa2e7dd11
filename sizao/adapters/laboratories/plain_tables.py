"""
Our own layout, and whatever a spreadsheet of a laboratory holds: a row for each tube, as CSV or workbook.

Columns are known by their headings in Chinese and English: the tube, and a result in words or a Ct for each gene.
"""

import re
from collections.abc import Mapping, Sequence

from sizao.adapters import uploads
from sizao.adapters.laboratories.texts import Line, delimiter_of
from sizao.adapters.laboratories.wells import CtUnreadable, InstrumentFile, RowFault, WellRead, ct_of, role_of, well_of
from sizao.protocol.kits import shipped_kits
from sizao.terms import Phrase

HEADINGS: Mapping[str, Sequence[str]] = {
    "tube": ("tube code", "barcode", "sample", "sample id", "sample name", "管码", "采样管", "采样管编号", "样本编号",
             "样本号", "样本条码", "条码", "条码号", "标本编号"),
    "well": ("well position", "position", "孔位", "孔", "位置"),
    "result": ("found", "检测结果", "结果", "结论", "判定", "结果判定"),
}  # fmt: skip
_CT_WORDS = re.compile(r"\s*[\(（]?\s*(ct|cq)\s*(值|value)?\s*[\)）]?$")


def genes_of(header: Sequence[str]) -> dict[int, str]:
    """Say which columns hold the Ct of a gene: headings such as “ORF1ab”, “N Ct” and “内标（Ct值）”."""
    aliases = next(iter(shipped_kits().values())).aliases
    told = {place: _CT_WORDS.sub("", cell.strip().lower()) for place, cell in enumerate(header)}
    return {place: aliases[name] for place, name in told.items() if name in aliases}


def places_of(header: Sequence[str]) -> dict[str, int]:
    """Say in which columns tube, well and result stand; the first of several wins."""
    told = [cell.strip().lower() for cell in header]
    found = {}
    for name, headings in HEADINGS.items():
        place = next((told.index(one) for one in (name, *headings) if one in told), None)
        if place is not None:
            found[name] = place
    return found


def is_ours(header: Sequence[str]) -> bool:
    """Tell whether a header names a tube, and something that was found in it."""
    places = places_of(header)
    return "tube" in places and ("result" in places or bool(genes_of(header)))


def read_text(lines: list[Line]) -> InstrumentFile:
    """Read CSV; a last row without its end is cut off, unless it has all its cells and the last is not needed."""
    delimiter = delimiter_of(lines[0].text)
    header = lines[0].cells(delimiter)
    last_needed = max((*places_of(header).values(), *genes_of(header)))
    rows: list[tuple[int, list[str], str]] = []
    cut: Line | None = None
    for line in lines[1:]:
        cells = line.cells(delimiter)
        if not line.ended and len(cells) < max(len(header), last_needed + 2):
            cut = line
        elif any(cell.strip() for cell in cells):
            rows.append((line.number, cells, line.text))
    wells, faults = _read(header, rows)
    return InstrumentFile("table", wells, faults, cut_at=cut.start if cut else None, cut_text=cut.text if cut else "")


def read_workbook(content: bytes, name: str) -> InstrumentFile:
    """Read the first sheet of a workbook. Raise UploadUnreadable."""
    genes = {gene: names for gene, names in _gene_headings().items() if gene.lower() not in HEADINGS}
    upload = uploads.read(content, name, columns={**HEADINGS, **genes}, needs=("tube",))
    header = list(upload.rows[0])
    rows = [
        (line, [row[column] for column in header], "\t".join(row.values()))
        for line, row in zip(upload.lines, upload.rows, strict=True)
    ]
    wells, faults = _read(header, rows)
    return InstrumentFile("table", wells, faults)


def _gene_headings() -> dict[str, list[str]]:
    aliases = next(iter(shipped_kits().values())).aliases
    found: dict[str, list[str]] = {}
    for alias, gene in aliases.items():
        written = (f"{alias} ct", f"{alias} ct值", f"{alias}(ct)", f"{alias}（ct）", f"{alias}ct值", f"{alias}（ct值）")
        found.setdefault(gene, []).extend((alias, *written))
    return found


def _read(
    header: Sequence[str], rows: Sequence[tuple[int, list[str], str]]
) -> tuple[tuple[WellRead, ...], tuple[RowFault, ...]]:
    places, genes = places_of(header), genes_of(header)
    wells, faults = [], []
    for line, cells, text in rows:
        try:
            wells.append(_well(line, cells, places, genes))
        except CtUnreadable as fault:
            faults.append(RowFault(line, "ct", fault.why, text))
    return tuple(wells), tuple(faults)


def _well(line: int, cells: list[str], places: Mapping[str, int], genes: Mapping[int, str]) -> WellRead:
    def cell(name: str) -> str:
        return cells[places[name]].strip() if name in places and places[name] < len(cells) else ""

    told = {gene: cells[place].strip() if place < len(cells) else "" for place, gene in genes.items()}
    # A row with a result in words may leave its cycles out; one that gives some gives all.
    given = any(told.values())
    if not given and not cell("result"):
        raise CtUnreadable(Phrase("neither a result nor a Ct stands there", "既无结果也无Ct值"))
    ct = {gene: ct_of(one) for gene, one in told.items()} if given else {}
    return WellRead(
        line=line, sample=cell("tube"), role=role_of(cell("tube")), ct=ct, well=well_of(cell("well")),
        said=cell("result"),
    )  # fmt: skip
